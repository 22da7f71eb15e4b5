# SPDX-License-Identifier: Apache-2.0
# More slow clients than there are workers: their bodies come too slowly, or not
# at all, and they read answers slowly. The others are served.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;
use Faults::SlowClient;

my $trial = Faults::Trial->new('slow',
    configuration => ['RequestReadTimeout header=2 body=2', 'SendBufferSize 4096']);
$trial->start(4);
$trial->cause(
    'slow client',
    sub {
        $trial->add_clients(48, class => 'Faults::SlowClient',
            size => 30_000);
        $trial->run_for(many(30, 1));
        48;
    }
);
if (is_long()) {
    my $url = 'http://' . $trial->httpd->address
        . '/beta/invitations/slow/invitedUser/insights/used';
    for my $way (
        ['-H'],
        ['-B', '-t', 'POST', '-f', 'application/json'],
        ['-X', '-t', 'GET', '-w', '10', '-y', '20']
        )
    {
        $trial->cause(
            "slowhttptest $way->[0] of 300 connections",
            sub {
                system('slowhttptest -c 300 -r 200 -i 1 -l 10 '
                        . "@$way -u $url >/dev/null 2>&1") == 0
                    or die "slowhttptest failed\n";
                1;
            }
        );
    }
}
$trial->recovers('after the slow ones');
# A request may have to wait for workers that wait for slow clients.
$trial->finish(patience => 20);
