# SPDX-License-Identifier: Apache-2.0
# A trial of a Galera cluster of three nodes; the first two have an httpd each.
package Faults::Cluster;
use strict;
use warnings;
use Faults::RacingClient;
use Faults::Trial;
use Test::More;

our @ISA = ('Faults::Trial');

# Runs code once per round, under load, and judges.
sub run {
    my ($self, $code, %option) = @_;
    $self->start(16, pace => 0.01, class => 'Faults::RacingClient');
    $code->() for 1 .. many(3, 1);
    $self->finish(
        expect   => [qw(IU0060 IU0064 IU0066 IU0067 IU0069 IU0071 IU0101)],
        patience => 20,
        %option
    );
    return;
}

sub together {
    my ($self, $name) = @_;
    ok $self->store->wait_for_all, "$name: the nodes are together";
    $self->recovers($name);
    return;
}

# The nodes of these servers have no quorum: IU0060, or IU0064 for reads, which
# wait for the other nodes.
sub loses_cluster {
    my ($self, $name, @servers) = @_;
    $self->meets('IU006[04]', $name, $_) for @servers;
    return;
}

1;
