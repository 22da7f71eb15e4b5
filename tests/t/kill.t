# SPDX-License-Identifier: Apache-2.0
# Children are killed, the server is restarted and crashes while clients post;
# then every 201 is in the database, every row was sent, and no id is there
# twice. Others change a record meanwhile: the last change that was acknowledged,
# or one behind it, is in the database.
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

sub goes_on {
    my ($name) = @_;
    my $before = count_of($inv);
    ok poll(sub { count_of($inv) > $before + 20 }, 30), "$name: it goes on";
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
# Restarts and stops are graceful ones here: where one is not, a child of
# mpm_event that closes its connections may die of a race of httpd's own.
kill USR1 => parent();
goes_on('after a restart');
ok crash(), 'everything is killed at one blow';
ok start(), 'and starts again';
goes_on('after the crash');
ok stop('WINCH'), 'it is stopped in the midst of requests';
ok start(), 'and started';
goes_on('after a stop');
is finish_clients($load,    stop => 1), 0, 'the clients came through';
is finish_clients($changes, stop => 1), 0, 'and those that change';

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
cmp_ok scalar keys %made, '>', 100, 'there was load: ' . keys %made;
is_deeply [grep { !$stored->{$_} } keys %made], [],
    'every 201 is in the database';
is_deeply [grep { !$sent{$_} } keys %$stored], [], 'every row was sent';
is_deeply [grep { $stored->{$_} > 1 } keys %$stored], [],
    'no id is there twice';
is_deeply [grep { !$made{$_} && !$unknown{$_} } keys %$stored], [],
    'nothing that was refused is there';
is_deeply \%others, {},
    'nobody got another answer than 201 while a child was there'
    or diag explain \%others;
ok database()->is_in_order, 'the database is in order';
# The record of a client is that of its last change that was done; of those
# behind it nobody was told what became of them.
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
    cmp_ok $seen->{done}, '>', 20, "$name: there was load: $seen->{done}";
    ok $title == $seen->{done}
        || ($title > $seen->{done} && $seen->{unknown}{$title}),
        "$name: $title is the last that was done, or unknown";
    is_deeply $seen->{others}, undef, "$name: no other answer"
        or diag explain $seen->{others};
}
# What is unknown can be repeated safely.
for my $id ((sort keys %unknown)[0 .. 2]) {
    next unless defined $id;
    is create($inv, minimal(id => $id))->status, $stored->{$id} ? 409 : 201,
        'repeated';
}

finish();
