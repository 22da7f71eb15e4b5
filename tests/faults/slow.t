# SPDX-License-Identifier: Apache-2.0
# More slow clients than workers: they send bodies too slowly or not at all, and
# read responses slowly. Other clients are served.
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
$trial->recovers('after the slow clients');
# A request may wait until a worker is done with a slow client.
$trial->finish(patience => 20);
