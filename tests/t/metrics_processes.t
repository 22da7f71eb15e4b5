# SPDX-License-Identifier: Apache-2.0
# Under load, while children are killed and the server is restarted gracefully,
# no counter ever goes back. Gauges forget children that have ended.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Load;
use InsightsUsed::Metrics;
use InsightsUsed::Server;
use InsightsUsed::Setup qw(read_file write_file);

my $inv = new_invitation();
is create($inv, minimal(id => 'before'))->status, 201, 'before';
my $begin = metrics();
my $load  = clients(
    'metrics', 4, $inv,
    sub {
        my ($client, $number) = @_;
        my $id = "$client-$number";
        return ($id, minimal(id => $id));
    }
);

# Gauges: all others must not go back.
my $GAUGE = qr/_(?:waiting|busy|children|open|seconds|bytes|info)$/;

sub key_of {
    my ($sample) = @_;
    return join ' ', $sample->{name},
        map {"$_=$sample->{labels}{$_}"} sort keys %{$sample->{labels}};
}

my (%last, @back, $read);
sub look {
    my $samples = eval { metrics() } // return; # its child was killed
    my %now;
    for my $sample (@$samples) {
        next if $sample->{name} =~ $GAUGE;
        $now{key_of($sample)} = $sample->{value};
    }
    push @back, map {"$_: $last{$_} to " . ($now{$_} // 'nothing')}
        grep { ($now{$_} // -1) < $last{$_} } keys %last;
    %last = %now;
    $read++;
    return sum_of($samples, 'changes_total', change => 'create');
}

# The count goes on after each fault.
sub goes_on {
    my ($name) = @_;
    my $before = wait_for(\&look);
    ok wait_for(sub { (look() // 0) > $before + 20 }, 30), "$name: it goes on";
    return;
}

goes_on('at first');
expect_kills();
for my $round (1 .. 4) {
    my @children = children();
    kill KILL => $ENV{IU_MPM} eq 'prefork' ? @children
        : $children[$round % @children];
    goes_on("after kill $round");
    reload();
    goes_on("after restart $round");
}
is finish_clients($load, stop => 1), 0, 'the clients finished';
is_deeply \@back, [], 'no counter went back';
cmp_ok $read, '>', 20, "in $read looks";

# What was counted: at least each 201 that a client saw, and no more than was
# sent.
my ($made, $unknown) = (0, 0);
for my $outcome (outcomes($load)) {
    $made++    if $outcome->[1] == 201;
    $unknown++ if $outcome->[1] == 0;
}
my $counted = wait_for(
    sub {
        my $number = sum_of(metrics(), 'changes_total', change => 'create')
            - sum_of($begin, 'changes_total', change => 'create');
        return $number >= $made && $number;
    },
    5
);
cmp_ok $counted, '>=', $made, 'each create was counted';
cmp_ok $counted, '<=', $made + $unknown, 'and no more';

# Once the old children have ended, the gauges are those of the living.
sub are_of_the_living {
    my ($name) = @_;
    my $samples;
    ok wait_for(
        sub {
            $samples = metrics();
            my $living = children();
            return sum_of($samples, 'writes_waiting') == 0
                && sum_of($samples, 'readers_busy') == 0
                && !grep { $_->{value} != $living }
                grep { $_->{name} eq 'insights_used_children' } @$samples;
        },
        20
    ), "$name, the gauges are those of the living children"
        or diag explain $samples;
    return;
}
are_of_the_living('at the end');

# So they are for a database that the configuration did not have for a while.
my $file   = state_file('database.conf');
my $before = read_file($file);
my ($main) = $before =~ /^Define iu_main (.*)/m;
for my $conf ($before =~ s/^(Define iu_other ).*/$1$main/mr, $before) {
    my %old = map { $_ => 1 } children();
    write_file($file, $conf);
    reload();
    ok wait_for(
        sub {
            my @now = children();
            return @now && !grep { $old{$_} } @now;
        },
        30
    ), 'all children are new';
}
are_of_the_living('with a database of before');

finish();
