# SPDX-License-Identifier: Apache-2.0
# Concurrent clients, each a process that records its requests and their
# outcomes.
package InsightsUsed::Load;
use strict;
use warnings;
use Exporter 'import';
use InsightsUsed::Connection;
use InsightsUsed::Test qw(address message set_of state_file);
use Time::HiRes        qw(sleep);

our @EXPORT = qw(clients finish_clients outcomes);

# Starts count processes that send requests until finish_clients stops them.
# Each calls next_request(client number, request number), which returns the id,
# the body and options (of message, and method and path within the set), or an
# empty list to end. A request whose connection breaks is recorded as unknown.
sub clients {
    my ($name, $count, $invitation, $next_request, %option) = @_;
    unlink state_file("$name.stop");
    my @pids;
    for my $client (1 .. $count) {
        my $pid = fork // die "no fork: $!\n";
        if (!$pid) {
            $SIG{__DIE__} = 'DEFAULT';
            eval {
                _client($name, $client, $invitation, $next_request, %option);
                1;
            }
                or print STDERR "client $client: $@";
            require POSIX;
            POSIX::_exit($@ ? 1 : 0);
        }
        push @pids, $pid;
    }
    return {name => $name, pids => \@pids};
}

# Stops clients that do not end by themselves (option stop), waits for all, and
# returns the number that failed.
sub finish_clients {
    my ($clients, %option) = @_;
    if ($option{stop}) {
        open my $file, '>', state_file("$clients->{name}.stop") or die $!;
        close $file;
    }
    my $failed = 0;
    for my $pid (@{$clients->{pids}}) {
        waitpid $pid, 0;
        $failed++ if $?;
    }
    return $failed;
}

# The outcome of each request: [id, status, error number]; status 0: unknown.
sub outcomes {
    my ($clients) = @_;
    my @outcomes;
    for my $path (glob state_file("$clients->{name}.*.sent")) {
        open my $file, '<', $path or die "$path: $!\n";
        while (my $line = <$file>) {
            chomp $line;
            push @outcomes, [split / /, $line];
        }
    }
    return @outcomes;
}

sub _outcome {
    my ($response) = @_;
    return 0                 if !$response;
    return $response->status if $response->status < 400;
    my $error = eval { $response->json->{error} } // {};
    return ($response->status, $error->{innerError}{code} // '-');
}

sub _client {
    my ($name, $client, $invitation, $next_request, %option) = @_;
    open my $sent, '>', state_file("$name.$client.sent") or die $!;
    $sent->autoflush(1);
    my $connection;
    for (my $number = 1; !-e state_file("$name.stop"); $number++) {
        my ($id, $body, %more) = $next_request->($client, $number) or last;
        my $method = delete $more{method} // 'POST';
        my $path   = set_of($invitation) . (delete $more{path} // '');
        my $response = eval {
            $connection //= InsightsUsed::Connection->new(address());
            $connection->send(message(
                $method => $path,
                body    => $body,
                keep => 1,
                %more
            ));
            $connection->response($method);
        };
        my $closes = !$response
            || ($response->field('Connection') // '') =~ /close/i;
        undef $connection if $closes;
        print $sent join(' ', $id, _outcome($response)), "\n";
        sleep 0.01 unless $response;
    }
    close $sent or die $!;
    return;
}

1;
