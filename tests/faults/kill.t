# SPDX-License-Identifier: Apache-2.0
# kill -9 of children, of the parent only, and of all processes at once, under
# load.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;

my $kills = many(200, 8);
my $trial = Faults::Trial->new('kill');
my $httpd = $trial->httpd;
$trial->start(6);

sub kill_child {
    my @children = $httpd->children;
    my $child    = $children[rand @children];
    $trial->outage(
        'killed child',
        sub { kill KILL => $child; $httpd->wait_for_end($child) }
    );
    return;
}

# The children continue without the parent until they are killed, too.
sub kill_parent_first {
    my @children = $httpd->children;
    my $parent   = $httpd->parent;
    $trial->cause(
        'killed parent',
        sub { kill KILL => $parent; $httpd->wait_for_end($parent); 1 }
    );
    $trial->run_for(0.1);
    $trial->outage(
        'killed child',
        sub {
            kill KILL => @children;
            $httpd->wait_for_end(@children);
            $httpd->forget;
            $httpd->start;
        }
    );
    return;
}

sub kill_all {
    my $parent = $httpd->parent;
    $trial->outage(
        'killed server with all its children',
        sub {
            kill STOP => $parent; # no more children
            my @all = ($parent, $httpd->children);
            kill KILL => @all;
            $httpd->wait_for_end(@all);
            $httpd->forget;
            $httpd->start;
        }
    );
    return;
}

for my $round (1 .. $kills) {
    if    ($round % 8 == 0) { kill_all() }
    elsif ($round % 8 == 4) { kill_parent_first() }
    else                    { kill_child() }
    $trial->recovers("after kill $round");
}
$trial->finish(killed => 1);
