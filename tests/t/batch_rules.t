# SPDX-License-Identifier: Apache-2.0
# What httpd and the operator's rules do with a request, they do with a request
# of a batch, and only with that.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my @ruled = (vhost => 'ruled');

# The responses of a batch.
sub batch {
    my @requests = @_;
    my $id       = 0;
    $_->{id} = ++$id . '' for @requests;
    my $response = call(
        POST => '/beta/$batch',
        body => json_of({requests => \@requests}),
        @ruled
    );
    is $response->status, 200, 'the batch is answered';
    is $response->field('Content-Type'), 'application/json', 'with JSON';
    return @{$response->json->{responses}};
}

# A rule may set query options.
my $inv = new_invitation();
my $set = set_of($inv);
created('a record', call(POST => $set, body => minimal(), @ruled)) for 1, 2;
my $first = "invitations/first/$inv/invitedUser/insights/used";
my $alone = call(GET => "/beta/$first?\$select=id", @ruled);
is scalar @{$alone->json->{value}}, 1, 'a rule adds $top';
my ($item) = batch({method => 'GET', url => "/$first?\$select=id"});
is $item->{status}, 200, 'also in a batch';
is_deeply $item->{body}{value}, $alone->json->{value}, 'the same records';

# httpd itself answers TRACE unless another module maps the request.
like call(TRACE => '/beta/nothing', @ruled)->body, qr{^TRACE /beta/nothing },
    'TRACE is enabled';
my @got = batch(
    {method => 'TRACE', url => '/nothing'},
    {method => 'trace', url => "/invitations/$inv/invitedUser/insights/used"},
    {method => 'TRACE', url => '/invitations/secret/invitedUser/insights/used'},
    {method => 'GET', url => "/invitations/$inv/invitedUser/insights/used/\$count"}
);
is_deeply [map { $_->{status} } @got], [404, 405, 403, 200],
    'in a batch it is not answered';
is $got[1]{headers}{Allow}, 'GET, POST', 'Allow names the methods of the path';
is $got[3]{body}, '2', 'and other requests are';

finish();
