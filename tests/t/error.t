# SPDX-License-Identifier: Apache-2.0
# Errors of httpd and of other modules under a service root have the JSON format
# of the module's own errors, regardless of ErrorDocument.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv);

my $not_found = call(GET => '/beta/nothing');
refused('404 of httpd', $not_found, 'IU0084',
    message => "Resource '/beta/nothing' does "
        . 'not exist or one of its queried reference-property objects are '
        . 'not present.'
);
refused('HEAD', call(HEAD => '/beta/nothing'), 'IU0084', method => 'HEAD');
refused('POST, the body unread',
    call(POST => '/beta/nothing', body => 'x' x 5000), 'IU0084');
refused('a path with other directories',
    call(GET => '/beta/a/b/c'), 'IU0084');
like $not_found->body,
    qr/^\{"error":\{"code":"[^"]+","message":"[^"]+","innerError":\{"code":"IU0084",
    "date":"[^"]+","request-id":"[^"]+","client-request-id":"[^"]+"\}\}\}$/x,
    'the order of members';

# A valid client-request-id is echoed.
for my $id ('7b1c2d3e-0000-4000-8000-0123456789ab', 'any-Text_1.2', 'x' x 128) {
    refused(
        "client-request-id $id",
        call(
            GET     => '/beta/nothing',
            headers => ["client-request-id: $id"]
        ),
        'IU0084',
        client_request_id => $id
    );
}
for my $id ('', 'a b', "a\tb", "\x{c3}\x{a4}", 'x' x 129) {
    refused(
        'an invalid client-request-id',
        call(
            GET     => '/beta/nothing',
            headers => ["client-request-id: $id"]
        ),
        'IU0084'
    );
}
refused('quotes in it',
    call(GET => '/beta/nothing', headers => ['client-request-id: a"b\\c<d>']),
    'IU0084', client_request_id => 'a"b\\c<d>');

# Malformed requests
refused(
    'no Host',
    do {
        my $connection = connection();
        $connection->send("GET /beta/x HTTP/1.1\r\n\r\n");
        $connection->response('GET');
    },
    'IU0080'
);
refused('a field without a colon',
    call(GET => '/beta/x', headers => ['nonsense']), 'IU0080');
refused('a broken encoding', call(GET => '/beta/%zz'),            'IU0080');
refused('414',               call(GET => '/beta/' . 'x' x 9000),  'IU0089');
refused('414 in the query',  call(GET => "$set/x?" . 'x' x 9000), 'IU0089');
refused('a field too long',
    call(GET => '/beta/x', headers => ['X-Long: ' . 'x' x 9000]), 'IU0080');
refused('fields too many',
    call(GET => '/beta/x', headers => [map {"X-$_: 1"} 1 .. 150]), 'IU0080');
refused('an expectation',
    call(POST => $set, body => minimal(), headers => ['Expect: x']), 'IU0091');
refused('TRACE', call(TRACE => '/beta/x'), 'IU0085');
refused('%2F under the root is data, declined',
    call(GET => '/beta/a%2Fb'), 'IU0084');
my $long = call(GET => '/beta/' . 'y' x 300);
ok $long->status == 403 || $long->status == 404, 'a name too long for a file';
refused('a name too long for a file',
    $long, $long->status == 403 ? 'IU0083' : 'IU0084');
refused('forbidden', call(GET => '/denied/nothing'), 'IU0083');

# Errors of other modules: mod_alias can return any status.
my %status = (
    400 => 'IU0080',
    403 => 'IU0083',
    404 => 'IU0084',
    406 => 'IU0086',
    408 => 'IU0087',
    410 => 'IU0094',
    413 => 'IU0088',
    415 => 'IU0090',
    422 => 'IU0094',
    429 => 'IU0092',
    431 => 'IU0093',
    500 => 'IU0095',
    501 => 'IU0096',
    502 => 'IU0098',
    503 => 'IU0097',
    504 => 'IU0098',
    507 => 'IU0098'
);
for my $status (sort keys %status) {
    my $response = call(GET => "/beta/redirected/$status");
    refused("$status of another module",
        $response, $status{$status}, status => $status);
    is $response->field('Location'), undef, 'ErrorDocument does not redirect';
}
expect_log(map { $status{$_} } grep { $_ >= 500 && $_ != 501 } keys %status);

# Request headers that never end
for my $text ("GET /beta/x HTTP/1.1\r\nHost: x\r\n", "POST $set HTTP/1.1\r\nX-")
{
    my $connection = connection('slow');
    $connection->send($text);
    refused('an endless header', $connection->response('GET'), 'IU0087');
    is $connection->rest, '', 'and closed';
}

# Outside the service roots httpd's error handling is unchanged.
is call(GET => '/denying-nobody')->status, 404, '404 outside';
unlike call(GET => '/denying-nobody')->body, qr/innerError/,
    'in httpd\'s own format';

# Responses do not reveal server internals.
for my $response (
    call(GET => '/beta/nothing'),
    create($inv, '{'),
    create($inv, undef, type => undef)
    )
{
    unlike $response->body,
        qr{/tmp/|sqlite|pgsql|mysql|\.db|SELECT|INSERT|src/}i,
        'no path, no SQL';
    is $response->field('Cache-Control'), 'no-store', 'not to be stored';
}

# Log lines cannot be forged.
call(GET => '/beta/x%0A[insights_used:error]%20IU0060:%20forged');
create($inv, "{\"a\n[insights_used:error] IU0060: forged\":1}");
create($inv, minimal("x\n[insights_used:error] IU0060: forged" => 1));
ok !(grep {/^\[insights_used:error\] IU0060: forged/} log_lines()),
    'no forged line';

finish();
