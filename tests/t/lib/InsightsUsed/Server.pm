# SPDX-License-Identifier: Apache-2.0
# Processes of the server under test.
package InsightsUsed::Server;
use strict;
use warnings;
use Apache::Test ();
use Exporter 'import';
use InsightsUsed::Process;
use InsightsUsed::Test qw(address variable wait_for);
use IO::Socket::INET;

our @EXPORT = qw(alive children crash descriptors is_sanitized kilobytes parent
    peak_kilobytes reload start stop);

# The server's process id; undef if it is not running.
sub parent {
    open my $file, '<', variable('t_pid_file') or return;
    my $pid = <$file> // return;
    chomp $pid;
    return alive($pid) ? $pid : undef;
}

# Children that serve requests.
sub children {
    my $parent = parent() // return;
    return children_of($parent);
}

# TERM stops at once, WINCH after the current requests.
sub stop {
    my ($signal) = @_;
    my $pid = parent() // return 0;
    kill $signal // 'TERM', $pid;
    return wait_for(sub { !alive($pid) }, 30);
}

# Kills the server and all its children at once. Removes the pid file: httpd
# would take the zombie for a running server if nothing reaps it.
sub crash {
    my $pid = parent() // return 0;
    kill STOP => $pid; # no more children
    my @all = ($pid, children());
    kill KILL => @all;
    return wait_for(
        sub {
            !grep { alive($_) } @all;
        },
        10
    ) && unlink variable('t_pid_file');
}

# Starts the server after a stop or crash, and waits until it listens.
sub start {
    my $command = Apache::Test::config()->server->start_cmd;
    system("$command >>'" . variable('t_logs') . "/restart.log' 2>&1");
    return wait_for(
        sub {
            IO::Socket::INET->new(PeerAddr => address(), Timeout => 1);
        },
        30
    );
}

sub reload { my $pid = parent() // return 0; return kill USR1 => $pid }

1;
