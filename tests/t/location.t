# SPDX-License-Identifier: Apache-2.0
# URLs of records: BaseURL, canonical name, a forged Host.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
sub urls_of {
    my ($response) = @_;
    my ($location) = $response->field('Location');
    my ($context)  = $response->json->{'@odata.context'};
    return map { m{^(.*?)/(?:invitations|\$metadata)} ? $1 : $_ } $location,
        $context;
}

# The Host header is ignored.
for my $host ('evil.example', 'evil.example:81', '127.0.0.1', 'a b', '') {
    my $response = create($inv, undef, host => $host);
    if ($response->status == 201) {
        is_deeply [urls_of($response)], [(api_url('/beta')) x 2],
            "Host '$host' is ignored";
    } else {
        refused("Host '$host'", $response, 'IU0080');
    }
}
my $forged = create(
    $inv, undef,
    headers => [
        'X-Forwarded-Host: evil.example',
        'X-Forwarded-Proto: https',
        'Forwarded: host=evil.example'
    ]
);
is_deeply [urls_of($forged)], [(api_url('/beta')) x 2],
    'proxy headers are ignored';

# Even with UseCanonicalName Off, which makes httpd use it.
is_deeply [
    urls_of(create(
        $inv, undef,
        vhost => 'uncanonical',
        host  => 'evil.example:81'
    ))
    ],
    [(api_url('/beta', 'uncanonical')) x 2],
    'UseCanonicalName Off has no effect';

# InsightsUsedBaseURL is the public URL of the service root.
my $public = create($inv, undef, root => '/public', host => 'evil.example');
is_deeply [urls_of($public)], [('https://graph.example/v2/public') x 2],
    'BaseURL';
my $id = $public->json->{id};
is $public->field('Location'), 'https://graph.example/v2/public/invitations/'
    . "$inv/invitedUser/insights/used/$id", 'the whole Location';
is call(GET => set_of($inv, '/public') . "/$id")->body, $public->body,
    'the record is still found under the root';
my $again = create($inv, minimal(id => $id), root => '/public');
refused('409 under BaseURL', $again, 'IU0050');
is $again->field('Location'), $public->field('Location'),
    'with the public Location';
is create(
    $inv, undef,
    root    => '/public',
    headers => ['Prefer: return=minimal']
    )->field('OData-EntityId') =~ m{^https://graph\.example/v2/public/}, 1,
    'OData-EntityId as well';

# The absolute form of the request target.
my $absolute = call(
    POST => 'http://evil.example' . set_of($inv),
    body => minimal(),
    host => address()
);
is_deeply [urls_of($absolute)], [(api_url('/beta')) x 2],
    'an authority in the request target is ignored';

# A root at "/" has no path.
my $slash = create($inv, undef, root => '', vhost => 'slash');
is $slash->field('Location'),
    api_url(
    "/invitations/$inv/invitedUser/insights/used/" . $slash->json->{id},
    'slash'
    ),
    'a root at "/"';
is $slash->json->{'@odata.context'},
    api_url(
    "/\$metadata#invitations('$inv')" . '/invitedUser/insights/used/$entity',
    'slash'
    ),
    'and its context';
is call(
    GET => "/invitations/$inv/invitedUser/insights/used/" . $slash->json->{id},
    vhost => 'slash'
)->body, $slash->body, 'and a GET of it';

finish();
