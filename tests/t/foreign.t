# SPDX-License-Identifier: Apache-2.0
# Documents that something other than this module wrote into the table.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use InsightsUsed::Database;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv);

# Creates a used insight and replaces its document.
sub stored {
    my ($id, $document) = @_;
    is create($inv, minimal(id => $id))->status, 201, "created $id";
    database()->rows(
        'UPDATE used_insight SET document = ?'
            . ' WHERE invitation_id = ? AND id = ?',
        $document, $inv, $id
    );
    return "$set/$id";
}

# With white space, as MariaDB's JSON_SET and PostgreSQL's jsonb print it.
my $spaced = stored('spaced', '{"lastUsed": {"lastAccessedDateTime": null}}');
is call(GET => $spaced)->status, 200, 'a whole document is sent as it is';
for my $query ('?$select=lastUsed', '?$expand=resource', '/resource',
    '?$select=id&$expand=resource')
{
    refused("GET $query", call(GET => "$spaced$query"), 'IU0070');
}
refused(
    'no metadata',
    call(
        GET     => $spaced,
        headers => ['Accept: application/json;odata.metadata=none']
    ),
    'IU0070'
);
refused('a list', call(GET => "$set?\$select=lastUsed"), 'IU0070');
is call(DELETE => $spaced)->status, 204, 'DELETE';

# With a member and a property that a later version has added.
my $later = stored('later',
    '{"lastUsed":{"@odata.type":"microsoft.graph.usageDetails",'
        . '"lastAccessedDateTime":null,"later":"x"},"later":{"a":"b"}}');
my $response = call(GET => "$later?\$select=lastUsed");
is $response->status, 200, 'unknown members are ignored';
is_deeply $response->json->{lastUsed},
    {
    '@odata.type'        => 'microsoft.graph.usageDetails',
    lastAccessedDateTime => undef
    },
    'known properties are shown';

expect_log('IU0070');
finish();
