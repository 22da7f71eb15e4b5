# SPDX-License-Identifier: Apache-2.0
# The database server is restarted, killed, absent when httpd starts, frozen;
# its connections are terminated one by one, and all are taken by others. Each
# time all children serve again without a restart.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::History;
use Faults::Trial;
use Test::More;

my $COMMIT_TIMEOUT = 1;
my $FROZEN         = 4; # seconds
my $CLIENTS        = 16;
my $CONNECTIONS    = 5; # of a child

my $trial = Faults::Trial->new('server',
    configuration => ["InsightsUsedCommitTimeout $COMMIT_TIMEOUT"]);
my ($httpd, $store) = ($trial->httpd, $trial->store);

my %lost; # children whose last report is an outage
my $log;

sub read_log {
    $log //= $httpd->open_log;
    seek $log, 0, 1; # past the previous end
    while (my $line = <$log>) {
        $lost{$1} = $2 eq 'IU0101'
            if $line =~ /\[pid (\d+)\b.*\] (IU010[12]): /;
    }
    return;
}

sub recovers {
    my ($name) = @_;
    $trial->recovers($name);
    ok wait_for(
        sub { read_log(); !grep { $lost{$_} } $httpd->children }, 30
        ),
        "$name: in every child";
    return;
}

sub away {
    my ($what, $action) = @_;
    $trial->cause(
        $what,
        sub {
            $store->server($action);
            $trial->meets('IU0060', $what);
            $store->server('start');
            1;
        }
    );
    return;
}

# httpd starts without the database server, and serves as soon as it is up.
sub away_at_start {
    $trial->outage(
        'httpd started without it',
        sub {
            $httpd->stop('WINCH') or die "httpd does not stop\n";
            $store->server('stop');
            $httpd->start;
        }
    );
    $trial->meets('IU0060', 'httpd started without it');
    $store->server('start');
    return;
}

my @frozen; # [from, to, maximum number of connections] each

sub freeze {
    my $from     = now();
    my @children = $httpd->children;
    $trial->cause('freeze', sub { $store->server('freeze'); 1 });
    $trial->run_for($FROZEN);
    push @frozen, [$from, now(), @children * $CONNECTIONS];
    $store->server('thaw');
    return;
}

# While the server is frozen, each connection blocks one request; all others are
# answered in time. (A prefork child has no others.)
sub judge_frozen {
    my ($history) = @_;
    for my $frozen (@frozen) {
        my ($from, $to, $most) = @$frozen;
        my @during
            = grep { $_->{start} < $to && $_->{end} > $from } @$history;
        my @held = grep { $_->{end} - $_->{start} > $FROZEN - 0.5 } @during;
        my @refused = grep { $_->{status} == 503 && $_->{end} < $to } @during;
        cmp_ok scalar @held, '<=', $most,
            'frozen: at most one request blocked per connection';
        next if $most >= $CLIENTS;
        cmp_ok scalar @refused, '>', 0, 'frozen: the others are answered';
    }
    return;
}

sub end_connections {
    my ($rounds) = @_;
    $trial->cause(
        'ended connection',
        sub {
            my $ended = 0;
            for (1 .. $rounds) {
                $ended += $store->end_connection($_) for $store->connections;
                $trial->run_for(0.05);
            }
            $ended;
        }
    );
    return;
}

sub use_up {
    $trial->cause(
        'no connection left',
        sub {
            $store->use_up;
            $trial->meets('IU0064', 'no connection left');
            $store->give_back;
            1;
        }
    );
    return;
}

$trial->start($CLIENTS, pace => 0.01);
for my $round (1 .. many(10, 1)) {
    away('restart', 'stop');
    recovers("restarted $round");
    away('kill -9 of the server', 'kill');
    recovers("after its crash $round");
    away_at_start();
    recovers("started later $round");
    freeze();
    recovers("thawed $round");
    end_connections(many(20, 8));
    recovers("connections were ended $round");
    use_up();
    recovers("connections are free $round");
}
$trial->finish(
    expect => [qw(IU0060 IU0064 IU0066 IU0067 IU0069 IU0071 IU0101)],
    also   => \&judge_frozen
);
