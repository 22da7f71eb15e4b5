# SPDX-License-Identifier: Apache-2.0
# The clock is repeatedly set forward and back by an hour under load. No request
# hangs or is refused because of that.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;

my $trial = Faults::Trial->new('clock', shim => 1);
my $HOUR  = 3600 * 1_000_000_000;
$trial->start(8);
for my $round (1 .. many(60, 6)) {
    for my $shift ($HOUR, 0, -$HOUR, 0) {
        $trial->cause('clock step of an hour',
            sub { $trial->shim->set(shift => $shift); 1 });
        $trial->run_for(0.05);
    }
    $trial->recovers("after round $round");
}
$trial->finish(
    patience => 3,
    never    => [map {"IU006$_"} 0 .. 9]
);
