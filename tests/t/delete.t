# SPDX-License-Identifier: Apache-2.0
# DELETE of a usedInsight.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;

my $inv = new_invitation();
my $set = set_of($inv);
create($inv, minimal(id => $_)) for qw(one two three/x);

my $response = call(DELETE => "$set/one");
is $response->status, 204, 'DELETE: 204';
is $response->body,   '',  'no body';
is $response->field('OData-Version'), '4.0',      'OData-Version';
is $response->field('Cache-Control'), 'no-store', 'Cache-Control';
is $response->field('ETag'),          undef,      'no ETag';
like $response->field('request-id') // '', qr/^[0-9a-f-]{36}$/, 'request-id';
refused('a deleted record', call(GET => "$set/one"), 'IU0051');
is_deeply ids_of($inv), {two => 1, 'three/x' => 1}, 'from the table, too';
refused(
    'DELETE of a deleted record',
    call(DELETE => "$set/one"),
    'IU0051',
    message => "Resource 'one' does not exist or one of its queried"
        . ' reference-property objects are not present.'
);
refused('DELETE in another invitation',
    call(DELETE => set_of("$inv-other") . '/two'), 'IU0051');
is call(GET    => "$set/two")->status,         200, 'the others are there';
is call(DELETE => "$set('three%2Fx')")->status, 204, 'a key in parentheses';
is create($inv, minimal(id => 'one'))->status, 201, 'an id can be used again';
refused('an option', call(DELETE => "$set/two?\$select=id"), 'IU0004');
refused('OData-MaxVersion',
    call(DELETE => "$set/two", headers => ['OData-MaxVersion: 3.0']),
    'IU0024');

# A body is ignored, and not parsed as the next request.
my $connection = connection();
$connection->send(
    message(
        DELETE => "$set/two",
        body   => "GET $set/one HTTP/1.1\r\n\r\n",
        keep   => 1
    ),
    message(GET => "$set/two") # and closes
);
is $connection->response('DELETE')->status, 204, 'a DELETE with a body';
refused('the request behind it', $connection->response('GET'), 'IU0051');
is $connection->rest, '', 'and nothing else';
is_deeply ids_of($inv), {one => 1}, 'remaining records';

finish();
