# SPDX-License-Identifier: Apache-2.0
# Nodes of a Galera cluster are cut off from each other and rejoined. Service
# continues at the nodes with the majority, and resumes at the others after they
# rejoin, without an operator or a restart.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Cluster;
use Faults::Store::Galera;
use Faults::Trial;
use Test::More;

Faults::Store::Galera::has_network()
    or cannot('to cut nodes off takes root, and network namespaces (ip netns)');

my $trial = Faults::Cluster->new('cut');
my $store = $trial->store;

# Whether the remaining nodes go on is up to the cluster; mostly they do. If
# they do, so must httpd.
sub goes_on {
    my ($name) = @_;
    if (wait_for(sub { $store->state_of(2) == 2 }, 20)) {
        $trial->recovers($name, 2);
    } else {
        $trial->cause('cluster given up by the others', sub {1});
    }
    return;
}

# Cuts the first node, which has an httpd, off from the other two, one of which
# has one.
sub cut_one {
    $trial->cause('node cut off', sub { $store->nodes('cut', 1); 1 });
    $trial->loses_cluster('node 1 is cut off', 1);
    is $store->state_of(1), 0, 'node 1 has no quorum';
    goes_on('node 1 is cut off');
    $store->nodes('join', 1);
    $trial->together('node 1 was cut off');
    return;
}

# The quorum is lost, though all nodes are running.
sub cut_all {
    $trial->cause('all nodes cut off', sub { $store->nodes('cut', 1, 2); 1 });
    $trial->loses_cluster('all are cut off', 1, 2);
    is_deeply [map { $store->state_of($_) } 1 .. 3], [0, 0, 0],
        'no node has a quorum';
    $store->nodes('join', 1, 2);
    $trial->together('all were cut off');
    return;
}

# For less than the time after which the cluster drops a node, and for about
# that time.
sub cut_shortly {
    for my $seconds (0.5, 2, 5) {
        for my $node (1 .. 3) {
            $trial->cause('node cut off for a short time',
                sub { $store->nodes('cut', $node); 1 });
            $trial->run_for($seconds);
            $store->nodes('join', $node);
            $trial->together("node $node was cut off for $seconds s");
        }
    }
    return;
}

# A node loses its last writes when it is cut off; the others go on, then it is
# killed.
sub kill_cut {
    $trial->cause(
        'node cut off and killed',
        sub { $store->nodes($_, 1) for qw(cut kill join); 1 }
    );
    goes_on('node 1 is cut off and killed');
    $store->nodes('start', 1);
    $trial->together('node 1 was cut off and killed');
    return;
}

$trial->run(
    sub {
        cut_one();
        cut_all();
        cut_shortly();
        kill_cut();
    }
);
