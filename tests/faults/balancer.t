# SPDX-License-Identifier: Apache-2.0
# Two servers with one database behind HAProxy, in the configuration of
# conf/examples. One of them is stopped gracefully and started again, while
# clients send requests: none fails.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;
use IO::Socket::INET;
use InsightsUsed::Setup;
use Test::More;

my $trial = Faults::Trial->new(
    'balancer',
    servers       => 2,
    configuration => [
        '<Location "/ready">', 'SetHandler insights-used-ready',
        '</Location>',         'TransferLog logs/access_log'
    ]
);
my @httpds = @{$trial->{httpds}};
my ($port) = free_ports(1);

# The example, with these addresses.
my $example = read_file("$FindBin::Bin/../../conf/examples/haproxy.cfg");
$example =~ s/127\.0\.0\.1:8080/127.0.0.1:$port/ or die 'no bind';
$example =~ s/check port 8082/check/            or die 'no check';
for my $number (1, 2) {
    my $address = $httpds[$number - 1]->address;
    $example =~ s/192\.0\.2\.1$number:8081/$address/ or die 'no server';
}
write_file("$trial->{folder}/haproxy.cfg", $example);
my $pid = fork // die "no fork: $!\n";
if (!$pid) {
    open STDOUT, '>', "$trial->{folder}/haproxy.log" and open STDERR, '>&',
        \*STDOUT
        or die $!;
    exec 'haproxy', '-db', '-f', "$trial->{folder}/haproxy.cfg";
    die "no haproxy: $!\n";
}
wait_for(sub { IO::Socket::INET->new("127.0.0.1:$port") })
    or die "HAProxy does not listen\n";

$trial->start(6, addresses => ["127.0.0.1:$port"], pace => 0.005);

# How many requests of clients a server had.
sub served {
    my ($httpd) = @_;
    return scalar grep {m{/beta/}} split /^/,
        read_file("$httpd->{folder}/logs/access_log");
}

my $node = $httpds[1];
for my $round (1 .. many(6, 2)) {
    my $before = served($node);
    $trial->run_for(3);
    cmp_ok served($node), '>', $before + 50, "it serves, round $round";
    $trial->cause('graceful stop', sub { $node->stop('WINCH') });
    $trial->recovers("stopped $round");
    $trial->run_for(1);
    $node->start;
    $trial->run_for(4);
}
$trial->finish(
    also => sub {
        my ($history) = @_;
        my %others;
        $others{"$_->{status} $_->{body}"}++
            for grep { $_->{status} !~ /^(?:20[01]|409)$/ } @$history;
        is_deeply \%others, {}, 'no request failed' or diag explain \%others;
    }
);

END {
    local $? = $?;
    kill TERM => $pid and waitpid $pid, 0 if $pid;
}
