# SPDX-License-Identifier: Apache-2.0
# 50 graceful reloads under load: no request fails, and neither memory nor
# descriptors grow.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use InsightsUsed::Load;
use InsightsUsed::Server;

my $reloads = 50;
my $inv     = new_invitation();

# Process ids of the serving children: change with each reload.
sub generation {
    my %now = map { $_ => 1 } children();
    return \%now;
}
# A reload is complete when new children are serving.
sub reload_and_wait {
    my $before = generation();
    reload();
    return wait_for(
        sub {
            grep { !$before->{$_} } children();
        },
        20
    );
}
sub measure {
    my $pid     = parent();
    my @serving = children();
    my $largest = 0;
    for my $child (@serving) {
        my $size = kilobytes($child);
        $largest = $size if $size > $largest;
    }
    return {
        parent      => kilobytes($pid),
        child       => $largest,
        descriptors => descriptors($pid)
    };
}

my $load = clients(
    'reload', 3, $inv,
    sub {
        my ($client, $number) = @_;
        my $id = "$client-$number";
        # One connection per request: httpd may close idle ones at any time.
        return ($id, minimal(id => $id), headers => ['Connection: close']);
    }
);
# Maxima over ten reloads: a single sample could hit a server that has just
# cleared its old configuration.
my (%early, %late, $done);
for my $round (1 .. $reloads) {
    $done++ if reload_and_wait();
    my $phase = $round <= 15 ? \%early : \%late;
    next if $round <= 5 || $round > 15 && $round <= $reloads - 10;
    my $measured = measure();
    for my $name (keys %$measured) {
        $phase->{$name} = $measured->{$name}
            if $measured->{$name} > ($phase->{$name} // 0);
    }
}
is $done, $reloads, "$reloads reloads, each with new children";
is finish_clients($load, stop => 1), 0, 'the clients finished';
my %statuses;
$statuses{$_->[1]}++ for outcomes($load);
is_deeply [keys %statuses], [201], 'no request failed'
    or diag explain \%statuses;
my $stored = ids_of($inv);
is scalar keys %$stored, scalar outcomes($load), 'each record is stored';

my $room = is_sanitized(parent()) ? 256 * 1024 : 2048;
cmp_ok $late{parent} - $early{parent}, '<', $room,
    'the parent does not grow (kB)';
cmp_ok $late{child} - $early{child}, '<', 2 * $room, 'nor do its children (kB)';
cmp_ok $late{descriptors}, '<=', $early{descriptors}, 'nor the descriptors';

# Old generations exit.
ok wait_for(sub { scalar(children()) <= ($ENV{IU_MPM} eq 'prefork' ? 24 : 2) }, 20),
    'no old child is left';

finish();
