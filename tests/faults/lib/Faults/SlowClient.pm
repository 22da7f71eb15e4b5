# SPDX-License-Identifier: Apache-2.0
# A client that in turn stalls within the body, sends the rest of it byte by
# byte, or does not read the response for a while.
package Faults::SlowClient;
use strict;
use warnings;
use parent 'Faults::Client';
use Socket      qw(SO_RCVBUF SOL_SOCKET);
use Time::HiRes qw(sleep);

sub deliver {
    my ($self, $connection, $message) = @_;
    my $way  = $self->{number} % 3;
    setsockopt $connection->{socket}, SOL_SOCKET, SO_RCVBUF, 4096 or die $!;
    my $tail = substr $message, -20, 20, '';
    $connection->send($message);
    if ($way == 1) {
        for my $byte (split //, $tail) {
            $connection->send($byte);
            sleep 0.05;
        }
    } elsif ($way == 2) {
        $connection->send($tail);
        sleep 2;
    }
    return;
}

1;
