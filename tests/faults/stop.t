# SPDX-License-Identifier: Apache-2.0
# The server is stopped under load, at once (TERM) and gracefully (WINCH), and
# started again.
#
# When a child of event or worker is stopped at once, its main thread closes the
# connections of the others (close_worker_sockets): two threads then use their
# pools, which occasionally crashes. Such a crash is ignored here if no function
# of the module is in the stack of the crashing thread. The responses to clients
# are judged nevertheless.
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
