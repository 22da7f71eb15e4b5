# SPDX-License-Identifier: Apache-2.0
# The operator's directives for a service root work: rewriting, redirects,
# access by key. An Alias or FallbackResource for the whole host does not affect
# the module.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use InsightsUsed::Token;
use Test::More;

my $vhost = 'ruled';

sub ruled {
    my ($method, $target, %option) = @_;
    $option{body} = minimal() if $method eq 'POST' && !$option{body};
    return call($method => $target, vhost => $vhost, %option);
}

my $inv  = new_invitation();
my $made = ruled(POST => set_of($inv), body => minimal(id => 'a%2Fb'));
created('beside FallbackResource and ScriptAlias /', $made);
for my $path (set_of($inv), set_of($inv) . '/$count', '/beta/$metadata') {
    is ruled(GET => $path)->status, 200, "GET $path";
}
refused('another path is left to ScriptAlias',
    ruled(GET => '/beta/no-such-program'), 'IU0084');

# Rewriting: refusals and redirects
for my $method (qw(GET POST)) {
    refused("[F], $method", ruled($method => set_of('blocked')), 'IU0083');
    refused("[G], $method",
        ruled($method => set_of('gone')), 'IU0094', status => 410);
    refused("[R=503], $method",
        ruled($method => set_of('maintained')), 'IU0097');
    is_deeply [ruled($method => set_of('maintained'))->field('Retry-After')],
        [29], 'with only the operator\'s Retry-After';
    my $moved = ruled($method => set_of('moved'));
    is $moved->status, 301, "[R=301], $method";
    is $moved->field('Location'), 'https://elsewhere.example' . set_of('moved'),
        'with its Location';
    my $redirected = ruled($method => set_of('redirected'));
    is $redirected->status, 301, "Redirect, $method";
    like $redirected->field('Location'), qr{^https://elsewhere\.example/},
        'with its Location';
}
expect_log('IU0097');
my ($hint) = grep {/IU0083: /} log_lines();
like $hint, qr/Require.*mod_security/, 'the log gives a hint';

# Rewriting: out of the root, to another root, into the root
is ruled(GET => set_of('away'))->status, 404, 'rewritten out of the root';
unlike ruled(GET => set_of('away'))->body, qr/innerError/, 'httpd\'s error';
like ruled(GET => set_of('file'))->body, qr/This is the site itself/, 'to a file';
refused('rewritten to a closed root',
    ruled(POST => set_of('closed')), 'IU0010');
expect_log('IU0010');
my $led = ruled(POST => "/in/$inv", body => minimal(id => 'led'));
is created('rewritten into the root', $led)->{id}, 'led', 'the record';
is $led->field('Location'), api_url(set_of($inv) . '/led', $vhost),
    'its Location is the resource\'s own';
is ruled(GET => set_of($inv) . '/led')->body, $led->body, 'where it is found';
is ruled(GET => "/closed/in/$inv")->status, 200,
    'with the access rules of the target';
is scalar @{ruled(GET => "/in/$inv?\$top=9")->json->{value}}, 2, 'query kept';
is scalar @{ruled(GET => "/first/$inv")->json->{value}}, 1,
    'and extended by the rule';
is ruled(GET => "/in/$inv/%61%252Fb")->status, 404, 'decoded by a rule';
is ruled(GET => set_of($inv) . '/a%252Fb')->body, $made->body,
    'without a rule %2F is data';

# Access control by key, in all spellings
for my $spelling (qw(/secret /%73ecret ('secret') (id='secret')),
    '(%27secret%27)')
{
    for my $name (qw(invitations INVITATIONS %69nvitations)) {
        my $path = "/beta/$name$spelling/invitedUser/insights/used";
        refused("no invitation $name$spelling, $_", ruled($_ => $path),
            'IU0083')
            for qw(GET POST);
    }
}
my $set = set_of($inv);
for my $key ('/a%2Fb', '/a%2fb', '(\'a%2Fb\')', '(id=\'a%2Fb\')') {
    refused("no id $key", ruled(GET => "$set$key"), 'IU0083');
}
is ruled(GET => "$set/a%252Fb")->status, 200, 'another key';
refused('an invalid key', ruled(GET => "$set('')"), 'IU0001');

# An internal redirect within one configuration keeps the claims.
sub with_token {
    my ($method, $inv, %claim) = @_;
    return ruled(
        $method => set_of($inv, '/claims'),
        headers => [bearer({}, %claim)]
    );
}
my $id = created('claims', with_token(POST => 'old'))->{id};
like with_token(GET => 'new')->body, qr/"id":"$id"/,
    'the record is at the target';
refused('a redirect adds no scope',
    with_token(POST => 'old', scp => 'Insights.Read.All'), 'IU0013');
my $caller = ruled(
    POST    => '/claims/users/myself/insights/used',
    headers => [bearer({}, oid => "user-$inv")]
);
created('me, behind a redirect', $caller);
like $caller->field('Location'), qr{/claims/me/insights/used/},
    'Location names the target';
is ruled(
    GET     => "/claims/users/user-$inv/insights/used/\$count",
    headers => [bearer({})]
)->body, 1, 'is the user of the claim';

# A refusal keeps the connection if the body has already arrived.
my $connection = connection($vhost);
for my $round (1 .. 3) {
    $connection->send(
        message(
            POST => set_of('secret'),
            body => minimal(),
            keep => 1
        )
    );
    refused("a small body, round $round", $connection->response('POST'),
        'IU0083');
}
$connection->send(
    message(
        POST    => set_of('secret'),
        keep    => 1,
        headers => ['Content-Type: application/json', 'Content-Length: 10']
    )
);
my $stalled = $connection->response('POST');
refused('a body that does not arrive', $stalled, 'IU0083');
is $stalled->field('Connection'), 'close', 'closes the connection';

finish();
