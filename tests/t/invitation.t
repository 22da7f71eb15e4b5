# SPDX-License-Identifier: Apache-2.0
# Unknown invitations: InsightsUsedInvitationQuery.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;

my $inv = new_invitation();
is create($inv)->status, 201, 'without a query every invitation is accepted';

# Created while the server runs, in the module's own database.
my $database = database();
$database->rows('CREATE TABLE known_invitation (id varchar(255) PRIMARY KEY)');
$database->rows('INSERT INTO known_invitation VALUES (?)', $_)
    for $inv, "it's", "\xc3\xa4", '100%s', 'a/b';
my $message
    = "Resource '%s' does not exist or one of its queried reference-property "
    . 'objects are not present.';

my $made = create($inv, minimal(id => 'x'), root => '/known');
is $made->status, 201, 'a known invitation';
is create($_, undef, root => '/known')->status, 201, "known: $_"
    for 'it%27s', '%C3%A4', '100%25s', 'a%2Fb';

# All reads of an invitation without records: an empty set (known invitation)
# differs from a missing one (unknown).
sub reads_of {
    my ($set) = @_;
    return map {
        my $target = $_;
        map { [$_ => $target] } qw(GET HEAD)
    } $set, "$set?\$count=true&\$top=0", "$set/\$count",
        "$set/\$count?\$filter=false", "$set/x/resource";
}
for my $read (reads_of(set_of($inv, '/known'))) {
    my ($method, $target) = @$read;
    is call($method => $target)->status, $target =~ /resource$/ ? 204 : 200,
        "known, $method $target";
}
$database->rows('INSERT INTO known_invitation VALUES (?)', "$inv-empty");
is_deeply call(GET => set_of("$inv-empty", '/known'))->json->{value}, [],
    'known, without records: an empty list';
is call(GET => set_of("$inv-empty", '/known') . '/$count')->body, '0',
    'and a count of 0';
# Records of an invitation that is not known (any longer) are not served.
is create($inv . 'x', minimal(id => 'x', resourceReference => {id => 'r'}))
    ->status, 201, 'a record of an unknown invitation';
for my $other ('nobody', $inv . 'x', uc $inv, "x' OR '1'='1", '%', '_') {
    my $path = $other =~ s/([^A-Za-z0-9-])/sprintf '%%%02X', ord $1/ger;
    refused(
        "unknown: $other", create($path, undef, root => '/known'), 'IU0051',
        message => sprintf $message,
        $other
    );
    refused(
        "unknown, GET: $other", call(GET => set_of($path, '/known') . '/x'),
        'IU0051',
        message => sprintf $message,
        $other
    );
    refused(
        "unknown, PATCH: $other",
        call(
            PATCH   => set_of($path, '/known') . '/x',
            body    => minimal(),
            headers => ['If-None-Match: *']
        ),
        'IU0051',
        message => sprintf $message,
        $other
    );
    refused(
        "unknown, DELETE: $other",
        call(DELETE => set_of($path, '/known') . '/x'),
        'IU0051',
        message => sprintf $message,
        $other
    );
    for my $read (reads_of(set_of($path, '/known'))) {
        my ($method, $target) = @$read;
        refused(
            "unknown, $method $target: $other",
            call($method => $target),
            'IU0051',
            method  => $method,
            message => sprintf $message,
            $other
        );
    }
}
is scalar keys %{ids_of('nobody')}, 0, 'nothing was stored for it';
is call(GET => set_of($inv, '/known') . '/x')->body,
    $made->body, 'GET under a known invitation';
refused(
    'an unknown id under a known invitation',
    call(GET => set_of($inv, '/known') . '/y'),
    'IU0051',
    message => sprintf $message,
    'y'
);
# The query runs for each request.
$database->rows('DELETE FROM known_invitation WHERE id = ?', $inv);
refused('an invitation that was removed',
    create($inv, undef, root => '/known'), 'IU0051');
$database->rows('INSERT INTO known_invitation VALUES (?)', $inv);
is create($inv, undef, root => '/known')->status, 201, 'and added again';
# A bad body may be reported before an unknown invitation; it is not stored.
refused('a bad body, unknown invitation',
    create('nobody', '{', root => '/known'), 'IU0035');

# A query that the database rejects is the operator's mistake.
my $unready = create($inv, undef, root => '/unready');
my ($number) = $unready->json->{error}{innerError}{code};
like $number, qr/^IU00(?:61|70)$/, 'the number for a failed query';
is $unready->status, $number eq 'IU0061' ? 503 : 500, 'and the status';
unlike $unready->body, qr/no_such|SELECT/, 'no SQL in the answer';
ok scalar(grep {/\b$number: .*no_such_invitation/} log_lines()),
    'but in the log';
expect_log($number);

# Prepared statements survive schema changes by others.
$database->rows('CREATE TABLE somebody_elses (x integer)');
is create($inv)->status, 201, 'after CREATE TABLE';
$database->rows('CREATE INDEX known_id ON known_invitation (id)');
is create($inv, undef, root => '/known')->status, 201,
    'after CREATE INDEX';
$database->rows('DROP TABLE somebody_elses');
$database->rebuild;
is create($inv)->status, 201, 'after the table was rewritten';
is call(GET => set_of($inv, '/known') . '/x')->status, 200, 'reads as well';

finish();
