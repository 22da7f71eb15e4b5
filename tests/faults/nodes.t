# SPDX-License-Identifier: Apache-2.0
# A Galera cluster of three nodes, two of them with an httpd: nodes are
# restarted, frozen and killed; two are lost, and with them the quorum; all are
# killed. Each time service continues at nodes in the cluster, and resumes at
# the others after they rejoin.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Cluster;
use Faults::Trial;
use Test::More;

# As docs/databases.md recommends for clusters.
my $trial = Faults::Cluster->new('nodes',
    configuration => ['InsightsUsedCommitTimeout 10']);
my $store = $trial->store;

sub restart_each {
    for my $node (1 .. 3) {
        $trial->cause(
            'node restarted',
            sub { $store->nodes($_, $node) for qw(stop start); 1 }
        );
        $trial->together("node $node was restarted");
    }
    return;
}

# Clients of a frozen node wait; service at the others continues when the
# cluster drops it.
sub freeze {
    my ($node, @others) = @_;
    $trial->cause('node frozen', sub { $store->nodes('freeze', $node); 1 });
    $trial->recovers("node $node is frozen", @others);
    $trial->run_for(1);
    $store->nodes('thaw', $node);
    $trial->together("node $node was frozen");
    return;
}

sub kill_node {
    my ($node, @others) = @_;
    $trial->cause('node killed', sub { $store->nodes('kill', $node); 1 });
    $trial->recovers("node $node is killed", @others);
    $store->nodes('start', $node);
    $trial->together("node $node was killed");
    return;
}

# One node of three has no quorum until an operator bootstraps it.
sub lose_quorum {
    $trial->cause('quorum lost', sub { $store->nodes('kill', 2, 3); 1 });
    $trial->loses_cluster('node 1 is alone', 1, 2);
    is $store->state_of(1), 0, 'node 1 is alone, without quorum';
    $store->nodes('bootstrap', 1);
    $trial->recovers('node 1 is the cluster', 1);
    $store->nodes('start', 2, 3);
    $trial->together('the quorum was lost');
    return;
}

sub kill_all {
    $trial->cause('all nodes killed', sub { $store->nodes('kill', 1 .. 3); 1 });
    $trial->meets('IU0060', 'no node is left', $_) for 1, 2;
    $store->start_all;
    $trial->together('all were killed');
    return;
}

# Concurrent writes at two nodes, one of which had to be repeated.
sub judge_conflicts {
    my $repeated = $trial->told('IU0107');
    $trial->cause('repetition after a conflict of nodes', sub {$repeated});
    cmp_ok $repeated, '>', 0, 'nodes conflicted';
    return;
}

$trial->run(
    sub {
        $trial->run_for(2);
        restart_each();
        freeze(3);
        freeze(1, 2);
        kill_node(3);
        kill_node(1, 2);
        lose_quorum();
        kill_all();
    },
    also => \&judge_conflicts
);
