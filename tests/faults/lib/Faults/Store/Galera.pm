# SPDX-License-Identifier: Apache-2.0
# A database in the cluster started by tests/databases/galera, with an httpd
# each at the first and the second node, and faults of the nodes.
package Faults::Store::Galera;
use strict;
use warnings;
use parent 'Faults::Store::Server';
use File::Basename qw(dirname);
use File::Copy     qw(copy);
use InsightsUsed::Setup;

my @NODES = (1 .. 3);

sub new {
    my ($class, $folder) = @_;
    my $self = $class->SUPER::new;
    $self->{folder} = $folder;
    return $self;
}

# Keeps the logs of the nodes with the others.
sub stop {
    my ($self) = @_;
    for my $node (@NODES) {
        copy(_path("$node/log"), "$self->{folder}/node$node.log") or die $!;
    }
    return;
}

# A path in the common folder of the nodes.
sub _path { return dirname($ENV{INSIGHTS_TEST_ROOT}) . "/$_[0]" }

sub parameters {
    my ($self) = @_;
    my $first = $self->SUPER::parameters;
    return $first, $first =~ s{/1/socket}{/2/socket}r;
}

# A new connection each time, since the node may have been killed.
sub _at {
    my ($self, $node) = @_;
    my $connection
        = $self->connect_to(_path($node));
    # Reads see all prior commits of all nodes.
    $connection->do('SET SESSION wsrep_sync_wait = 1');
    return $connection;
}

# Runs an action on nodes, one after the other: start, stop, kill, freeze, thaw,
# cut, join, bootstrap.
sub nodes {
    my ($self, $action, @nodes) = @_;
    for my $node (@nodes) {
        system($ENV{INSIGHTS_TEST_SERVER}, $action, $node) == 0
            or die "node $node: cannot $action\n";
    }
    return;
}

# Starts the cluster after all nodes have stopped.
sub start_all {
    system($ENV{INSIGHTS_TEST_SERVER}, 'bootstrap') == 0
        or die "the cluster cannot be started\n";
    return;
}

# True if nodes can be cut off from each other.
sub has_network { return -e _path('cut') }

# The number of nodes that a node sees; 0 unless it serves.
sub state_of {
    my ($self, $node) = @_;
    my $state = `'$ENV{INSIGHTS_TEST_SERVER}' state $node 2>&1`;
    return $? == 0 && $state =~ /^ON\t(\d)\tPrimary$/ ? $1 : 0;
}

# Waits until each node sees all nodes.
sub wait_for_all {
    my ($self) = @_;
    return wait_for(
        sub {
            @NODES == grep { $self->state_of($_) == @NODES } @NODES;
        },
        60
    );
}

sub databases {
    my ($self) = @_;
    return [{rows => $self->rows_of($self->_at(1))}];
}

sub _texts_at {
    my ($self, $node) = @_;
    return
        map { join "\t", @$_{qw(invitation id version document)} }
        @{$self->rows_of($self->_at($node))};
}

# Rows that differ between nodes, and faults in the table of each.
sub disorder {
    my ($self) = @_;
    my @found;
    $self->wait_for_all or push @found, 'the nodes are not together';
    my @first = $self->_texts_at(1);
    for my $node (@NODES) {
        my %rows    = map  { $_ => 1 } $self->_texts_at($node);
        my $missing = grep { !delete $rows{$_} } @first;
        push @found, "node $node: $missing rows are missing" if $missing;
        push @found, "node $node: it alone has $_" for sort keys %rows;
        push @found, $self->disorder_in($self->_at($node));
    }
    return @found;
}

1;
