# SPDX-License-Identifier: Apache-2.0
# The system calls that make a commit durable fail at random: first fdatasync,
# then writes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;
use Test::More;

my $trial = Faults::Trial->new('sync', shim => 1);
my $shim  = $trial->shim;
$trial->start(6);

# Makes that many out of a thousand calls fail.
sub fails {
    my ($what, $switch, $count, $in_a_thousand) = @_;
    my $before = $shim->get($count);
    $trial->cause(
        $what,
        sub {
            $shim->set($switch => $in_a_thousand);
            $trial->run_for(many(3, 1));
            $shim->set($switch => 0);
            return $shim->get($count) - $before;
        }
    );
    cmp_ok $shim->get($count), '>', $before, "$what: it happened";
    return;
}

for my $round (1 .. many(8, 1)) {
    fails('failing fdatasync', 'fail_sync', 'failed_sync', 200);
    $trial->recovers("fdatasync works again $round");
    fails('failing write', 'fail_write', 'failed_write', 50);
    $trial->recovers("writing works again $round");
}
$trial->finish(expect => [qw(IU0060 IU0062 IU0067 IU0101)]);
