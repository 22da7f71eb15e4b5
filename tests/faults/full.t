# SPDX-License-Identifier: Apache-2.0
# The disk becomes full, then has space again.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;
use Test::More;

mount_privately();

my $trial = Faults::Trial->new('full');
$trial->store->make_small(64);
$trial->start(6, size => 500);
for my $round (1 .. many(12, 2)) {
    $trial->run_for(0.3);
    $trial->cause(
        'full disk',
        sub {
            $trial->store->fill_disk;
            $trial->meets('IU0062', "disk $round is full");
        }
    );
    $trial->run_for(0.3);
    $trial->store->free_disk;
    $trial->recovers("space again $round");
}
$trial->finish(expect => [qw(IU0060 IU0062 IU0067 IU0101)]);
