# SPDX-License-Identifier: Apache-2.0
# While clients post, children are killed and the server is restarted and
# crashes. Afterwards each 201 is in the database, each row was sent, and no id
# is stored twice. Other clients meanwhile change a record: the database has the
# last acknowledged change or a later one.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use InsightsUsed::Load;
use InsightsUsed::Server;

my $inv = new_invitation();
is create($inv, minimal(id => 'before'))->status, 201, 'before';
my $load = clients(
    'kill', 6, $inv,
    sub {
        my ($client, $number) = @_;
        my $id = "$client-$number";
        return ($id, minimal(id => $id));
    }
);

# Each request is sent three times.
my $repeated = new_invitation();
my $repeats  = clients(
    'repeat', 2,
    $repeated,
    sub {
        my ($client, $number) = @_;
        my $key = "$client-" . int $number / 3;
        return ($key, titled($key), headers => ["Idempotency-Key: $key"]);
    }
);

my $changes = clients(
    'change', 2, $inv,
    sub {
        my ($client, $number) = @_;
        return (
            "changed-$client/$number",
            minimal(resourceVisualization => {title => "$number"}),
            method  => 'PATCH',
            path    => "/changed-$client",
            headers => ['Prefer: create-if-missing']
        );
    }
);

sub titled {
    my ($title) = @_;
    return minimal(resourceVisualization => {title => $title});
}

sub goes_on {
    my ($name) = @_;
    my $before = count_of($inv);
    ok wait_for(sub { count_of($inv) > $before + 20 }, 30), "$name: it goes on";
    return;
}
expect_kills();
my $killed = 0;
for my $round (1 .. 6) {
    my @children = children();
    for my $child (
        $ENV{IU_MPM} eq 'prefork' ? @children : $children[$round % @children])
    {
        $killed += kill KILL => $child;
    }
    goes_on("after kill $round");
}
cmp_ok $killed, '>=', 6, 'children were killed';
# Graceful restart and stop only: otherwise a child of mpm_event that is closing
# its connections may crash in a race within httpd.
kill USR1 => parent();
goes_on('after a restart');
ok crash(), 'all processes are killed at once';
ok start(), 'the server starts again';
goes_on('after the crash');
ok stop('WINCH'), 'the server stops gracefully under load';
ok start(), 'and starts';
goes_on('after a stop');
is finish_clients($load,    stop => 1), 0, 'the posting clients finished';
is finish_clients($changes, stop => 1), 0, 'the changing clients finished';
is finish_clients($repeats, stop => 1), 0, 'the repeating clients finished';

my (%made, %unknown, %sent, %others);
for my $outcome (outcomes($load)) {
    my ($id, $status) = @$outcome;
    $sent{$id} = 1;
    if    ($status == 201) { $made{$id} = 1 }
    elsif ($status == 0)   { $unknown{$id} = 1 }
    else                   { $others{$status}++ }
}
my $stored = ids_of($inv);
delete $stored->{$_} for 'before', 'changed-1', 'changed-2';
cmp_ok scalar keys %made, '>', 100, 'load: ' . keys %made;
is_deeply [grep { !$stored->{$_} } keys %made], [],
    'every 201 is in the database';
is_deeply [grep { !$sent{$_} } keys %$stored], [], 'every row was sent';
is_deeply [grep { $stored->{$_} > 1 } keys %$stored], [],
    'no id is stored twice';
is_deeply [grep { !$made{$_} && !$unknown{$_} } keys %$stored], [],
    'no refused record is stored';
is_deeply \%others, {},
    'no response other than 201'
    or diag explain \%others;
ok database()->is_in_order, 'the database is intact';
# A client's record has its last acknowledged change, or a later one whose
# outcome is unknown.
my %changed;
for my $outcome (outcomes($changes)) {
    my ($id,   $status) = @$outcome;
    my ($name, $number) = split m{/}, $id;
    if ($status == 200 || $status == 201) { $changed{$name}{done} = $number }
    elsif ($status == 0) { $changed{$name}{unknown}{$number} = 1 }
    else                 { $changed{$name}{others}{$status}++ }
}
for my $name ('changed-1', 'changed-2') {
    my $seen    = $changed{$name};
    my ($title) = row_of($inv, $name)->{document} =~ /"title":"(\d+)"/;
    cmp_ok $seen->{done}, '>', 20, "$name: load: $seen->{done}";
    ok $title == $seen->{done}
        || ($title > $seen->{done} && $seen->{unknown}{$title}),
        "$name: $title is the last acknowledged change or a later one";
    is_deeply $seen->{others}, undef, "$name: no other status"
        or diag explain $seen->{others};
}
# A client that repeats until it has an answer ends with exactly one record.
my %answers;
for my $outcome (outcomes($repeats)) {
    my ($key, $status) = @$outcome;
    $answers{$key}{$status}++;
}
my @unanswered = grep { !$answers{$_}{201} } sort keys %answers;
for my $key (@unanswered) {
    is create($repeated, titled($key), headers => ["Idempotency-Key: $key"])
        ->status, 201, "$key is repeated";
}
cmp_ok scalar keys %answers, '>', 20, 'repeated: ' . keys %answers;
is_deeply [grep { !/^(?:0|201)$/ } map { keys %$_ } values %answers], [],
    'no other status';
is count_of($repeated), scalar keys %answers, 'each is stored once';

# Requests with unknown outcome can be repeated safely.
for my $id ((sort keys %unknown)[0 .. 2]) {
    next unless defined $id;
    is create($inv, minimal(id => $id))->status, $stored->{$id} ? 409 : 201,
        'repeated';
}

finish();
