# SPDX-License-Identifier: Apache-2.0
# The server is stopped under load, at once (TERM) and when all are served
# (WINCH), and started again.
#
# In a child of event or worker that is stopped at once, the main thread closes
# the connections of the others (close_worker_sockets): two threads then use
# their pools, which seldom, but now and then, ends in a crash. So one is passed
# over here where no function of the module is in the stack of the thread that
# crashed. What clients were told is judged all the same.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;

my $trial = Faults::Trial->new('stop', shim => 1);
my $httpd = $trial->httpd;
$trial->start(6);
for my $round (1 .. many(20, 2)) {
    my ($signal, $what)
        = $round % 2 ? qw(TERM stop) : ('WINCH', 'graceful stop');
    $trial->outage(
        $what,
        sub {
            $httpd->stop($signal) or die "the server does not stop\n";
            $httpd->start;
        }
    );
    $trial->recovers("after $what $round");
    $trial->run_for(0.2);
}
$trial->finish(stopped => 1);
