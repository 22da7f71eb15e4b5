# SPDX-License-Identifier: Apache-2.0
# The processes of the server under test.
package InsightsUsed::Server;
use strict;
use warnings;
use Apache::Test ();
use Exporter 'import';
use InsightsUsed::Process;
use InsightsUsed::Test qw(address poll variable);
use IO::Socket::INET;

our @EXPORT = qw(alive children crash descriptors is_sanitized kilobytes parent
    peak_kilobytes reload start stop);

# The process id of the server; undef where it does not run.
sub parent {
    open my $file, '<', variable('t_pid_file') or return;
    my $pid = <$file> // return;
    chomp $pid;
    return alive($pid) ? $pid : undef;
}

# The child processes that serve requests.
sub children {
    my $parent = parent() // return;
    return children_of($parent);
}

# TERM ends at once, WINCH when the requests are done.
sub stop {
    my ($signal) = @_;
    my $pid = parent() // return 0;
    kill $signal // 'TERM', $pid;
    return poll(sub { !alive($pid) }, 30);
}

# Kills the server and all its children at one blow. What is left of its file
# with the process id goes too: httpd would take a zombie, where nobody reaps
# it, for a server that runs.
sub crash {
    my $pid = parent() // return 0;
    kill STOP => $pid; # so that it starts no more children
    my @all = ($pid, children());
    kill KILL => @all;
    return poll(
        sub {
            !grep { alive($_) } @all;
        },
        10
    ) && unlink variable('t_pid_file');
}

# Starts the server that was stopped or has crashed, and waits until it
# listens.
sub start {
    my $command = Apache::Test::config()->server->start_cmd;
    system("$command >>'" . variable('t_logs') . "/restart.log' 2>&1");
    return poll(
        sub {
            IO::Socket::INET->new(PeerAddr => address(), Timeout => 1);
        },
        30
    );
}

sub reload { my $pid = parent() // return 0; return kill USR1 => $pid }

1;
