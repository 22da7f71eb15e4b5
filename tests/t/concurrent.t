# SPDX-License-Identifier: Apache-2.0
# Many concurrent clients post valid, invalid and duplicate records: the
# responses match the table.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use InsightsUsed::Load;

my $inv     = new_invitation();
my $clients = 10;
my $each    = 60;

# Out of six requests one has a unique id, two have ids that all clients use,
# two leave the id to the server, and one is invalid.
sub next_request {
    my ($client, $number) = @_;
    return if $number > $each;
    my $kind = $number % 6;
    my $id
        = $kind == 0 ? "own-$client-$number"
        : $kind < 3  ? "wanted-$number"
        : $kind < 5  ? undef
        :              "bad-$client-$number";
    my %record = defined $id ? (id => $id) : ();
    $record{nonsense} = 1 if $kind == 5;
    return (
        $id // '-',
        minimal(%record, resourceVisualization => {title => "$client/$number"})
    );
}
my $load = clients('concurrent', $clients, $inv, \&next_request);
is finish_clients($load), 0, 'all clients finished';

my (%statuses, %created);
for my $outcome (outcomes($load)) {
    my ($id, $status) = @$outcome;
    my ($kind) = $id =~ /^([a-z]+|-)/;
    $statuses{$kind}{$status}++;
    $created{$id}++ if $status == 201;
}
my $wanted = grep { $_ % 6 == 1 || $_ % 6 == 2 } 1 .. $each;
my $rest   = $each / 6;
is_deeply \%statuses,
    {
    own    => {201 => $clients * $rest},
    '-'    => {201 => $clients * $rest * 2},
    bad    => {400 => $clients * $rest},
    wanted => {201 => $wanted, 409 => ($clients - 1) * $wanted},
    },
    'each request has the expected status'
    or diag explain \%statuses;
is_deeply [grep { $_ ne '-' && $created{$_} > 1 } keys %created], [],
    'no id was created twice';

my $stored = ids_of($inv);
is_deeply [grep { $stored->{$_} > 1 } keys %$stored], [],
    'no id is stored twice';
is scalar keys %$stored, $clients * $rest * 3 + $wanted,
    'no record is missing or extra';
is_deeply [grep { $_ ne '-' && !$stored->{$_} } keys %created], [],
    'each 201 is stored';
is_deeply [grep {/^bad/} keys %$stored], [], 'no bad record is stored';

# A contested record comes from the client that got the 201.
my $path  = set_of($inv) . '/wanted-1';
my $title = call(GET => $path)->json->{resourceVisualization}{title};
like $title, qr{^\d+/1$}, 'the title of one client';
like row_of($inv, 'wanted-1')->{document}, qr/"title":"\Q$title\E"/,
    'is in the table';

finish();
