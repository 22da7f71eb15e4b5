# SPDX-License-Identifier: Apache-2.0
# A server of tests/bench/go_peer or go_reader.
package Bench::GoPeer;
use strict;
use warnings;
use parent 'Bench::Server';
use IO::Socket::INET;

# name, folder (made here), program; database (Bench::Database) before start.

sub start {
    my ($self) = @_;
    my $log = "$self->{folder}/log";
    $self->{pid} = fork // die "fork: $!\n";
    if (!$self->{pid}) {
        open STDOUT, '>', $log      or POSIX::_exit(1);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(1);
        exec $self->{program}, $self->address, $self->{database}->parameters
            or POSIX::_exit(1);
    }
    for (1 .. 100) {
        return if IO::Socket::INET->new(PeerAddr => $self->address);
        select undef, undef, undef, 0.1;
    }
    die "$self->{name} does not start\n";
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

1;
