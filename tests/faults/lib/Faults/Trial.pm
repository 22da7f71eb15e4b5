# SPDX-License-Identifier: Apache-2.0
# Trial of one fault: its own store and server, clients that load it, and
# finally the judge, as a test program in TAP.
package Faults::Trial;
use strict;
use warnings;
use Exporter 'import';
use Faults::Client;
use Faults::History;
use Faults::Httpd;
use Faults::Judge;
use Faults::Shim;
use Faults::Store::Galera;
use Faults::Store::Server;
use Faults::Store::SQLite;
use File::Basename qw(basename);
use File::Temp qw(tempdir);
use InsightsUsed::Setup;
use List::Util qw(max sum);
use Test::More;
use Time::HiRes qw(sleep);

my $running; # the trial

our @EXPORT = qw(cannot is_long many mount_privately now wait_for);

# True for the long form; and the number of times to cause a fault.
sub is_long { return $ENV{FAULTS_LONG} }
sub many { my ($long, $short) = @_; return is_long() ? $long : $short }

# Skips a fault that cannot be caused here; it counts as not run.
sub cannot {
    my ($why) = @_;
    plan skip_all => "not run: $why";
    return;
}

# Runs the program in a mount namespace of its own, so that nothing stays mounted,
# or skips the fault.
sub mount_privately {
    return if $ENV{FAULTS_NAMESPACE};
    cannot('only root can make a small file system') if $> != 0;
    cannot('no file system may be mounted here')
        if system('unshare -m mount -t tmpfs tmpfs /mnt 2>/dev/null') != 0;
    $ENV{FAULTS_NAMESPACE} = 1;
    exec 'unshare', '-m', $^X, $0 or die "unshare: $!\n";
}

# Arguments: name; shim (true: the servers run with shim.c), configuration (of
# httpd), servers (how many httpds; default: 1). The database is that of the
# calling program of tests/databases, or SQLite's. A cluster has two httpds, each
# at its own node.
sub new {
    my ($class, $name, %option) = @_;
    my $database = basename($ENV{INSIGHTS_TEST_SERVER} // 'sqlite3');
    my $kind
        = {sqlite3 => 'SQLite', galera => 'Galera'}->{$database} // 'Server';
    my $folder = tempdir('insights_used-faults.XXXXXX', TMPDIR => 1);
    chmod 0755, $folder; # the children run as nobody and need access
    my $user = $> == 0 ? [(getpwnam 'nobody')[2, 3]] : undef;
    my $store = "Faults::Store::$kind"->new($folder, $user);
    my $shim = $option{shim}
        && Faults::Shim->new("$folder/shim", $ENV{FAULTS_SHIM});
    my @httpds;
    for my $parameters (($store->parameters) x ($option{servers} // 1)) {
        push @httpds,
            Faults::Httpd->new(
            folder        => "$folder/httpd" . (@httpds + 1),
            parameters    => $parameters,
            user          => $user,
            mpm           => $ENV{IU_MPM} // 'event',
            environment   => {$shim ? $shim->environment : ()},
            configuration => $option{configuration}
            );
    }
    $SIG{$_} = sub { exit 1 }
        for qw(HUP INT PIPE TERM); # to run END
    return $running = bless {
        name    => $database eq 'sqlite3' ? $name : "$name with $database",
        folder  => $folder,
        process => $$,
        begun   => now(),
        store   => $store,
        shim    => $shim,
        httpds  => \@httpds,
        clients => [],
        outages => [],
        caused  => {},
    }, $class;
}

sub store { return $_[0]{store} }
sub httpd { return $_[0]{httpds}[0] }
sub shim  { return $_[0]{shim} }

# Starts the store, the servers and count clients. Options: those of
# Faults::Client, and class (of the clients).
sub start {
    my ($self, $count, %option) = @_;
    $self->{store}->start;
    $_->start for @{$self->{httpds}};
    for my $httpd (@{$self->{httpds}}) {
        push @{$self->{probers}},
            $self->_client(
            'probe' . @{$self->{probers} // []},
            addresses => [$httpd->address],
            %option
            );
    }
    $self->recovers('before the fault');
    $self->add_clients($count, %option);
    return;
}

sub _client {
    my ($self, $name, %option) = @_;
    return ($option{class} // 'Faults::Client')->new(
        name      => $name,
        folder    => $self->{folder},
        addresses => [map { $_->address } @{$self->{httpds}}],
        %option
    );
}

sub add_clients {
    my ($self, $count, %option) = @_;
    for (1 .. $count) {
        my $name = 'c' . @{$self->{clients}};
        my $pid  = fork // die "no fork: $!\n";
        if (!$pid) {
            my $done = eval { $self->_run_client($name, %option); 1 };
            print STDERR "$name: $@" if !$done;
            require POSIX;
            POSIX::_exit($done ? 0 : 1);
        }
        push @{$self->{clients}}, $pid;
    }
    return;
}

sub _run_client {
    my ($self, $name, %option) = @_;
    my $client = $self->_client($name, %option);
    delete @SIG{qw(HUP INT PIPE TERM)};
    srand $$;
    $client->step
        while !-e "$self->{folder}/stop" && getppid() == $self->{process};
    return;
}

# Causes a fault and counts it by name: as often as code returns, or once.
sub cause {
    my ($self, $what, $code) = @_;
    my $times = $code->();
    $self->{caused}{$what} += $times // 1;
    return;
}

# Causes a fault in which requests in progress may get no response.
sub outage {
    my ($self, $what, $code) = @_;
    my $from = now();
    $self->cause($what, sub { $code->(); 1 });
    push @{$self->{outages}}, [$from, now()];
    return;
}

sub run_for {
    my ($self, $seconds) = @_;
    sleep $seconds;
    return;
}

# Checks that servers (numbered from 1; default: all) store records again
# without a restart.
sub recovers {
    my ($self, $name, @servers) = @_;
    my $begin = now();
    for my $number (@servers ? @servers : 1 .. @{$self->{httpds}}) {
        my $served = wait_for(
            sub {
                my $request = $self->{probers}[$number - 1]->step;
                $request->{method} eq 'POST' && $request->{status} == 201;
            },
            30
        );
        ok $served, "$name (httpd $number)";
    }
    my $took = now() - $begin;
    $self->{longest} = $took if $took > ($self->{longest} // 0);
    return;
}

# Checks that a server (default: the first) responds with an error of that
# number.
sub meets {
    my ($self, $number, $name, $server) = @_;
    my $prober = $self->{probers}[($server // 1) - 1];
    return ok wait_for(sub { $prober->step->{body} =~ /"$number"/ }, 30),
        "$name: $number";
}

# How often the servers have logged a number.
sub told {
    my ($self, $number) = @_;
    return sum map {
        my $log = $_->open_log;
        scalar grep {/\] \Q$number\E: /} <$log>
    } @{$self->{httpds}};
}

# Stops clients and servers, and checks the results. expect: numbers that the
# module may log as warnings or worse; never: numbers that no client may get;
# patience: maximum seconds of a request; killed: children may have been killed
# by SIGKILL; stopped: children may have crashed outside the module, with the
# servers under shim.c; also: additional check of the history.
sub finish {
    my ($self, %option) = @_;
    $self->_finish_clients;
    $self->run_for(0.2); # connections close: see stop.t
    ok $_->stop, 'the server stops' for @{$self->{httpds}};
    my $history   = read_history(glob "$self->{folder}/*.history");
    my $judgement = judge(
        history   => $history,
        databases => $self->{store}->databases,
        outages   => $self->{outages}
    );
    my @faults  = @{$judgement->{faults}};
    my $longest = max map { $_->{end} - $_->{start} } @$history;
    is scalar @faults, 0, 'the history and the rows agree'
        or diag join "\n", @faults[0 .. (@faults > 20 ? 19 : $#faults)];
    cmp_ok $longest, '<', $option{patience} // 15, 'no request took too long';
    $option{also}->($history) if $option{also};
    is_deeply [grep { $judgement->{counts}{$_} } @{$option{never} // []}], [],
        'no avoidable error';
    is_deeply [$self->{store}->disorder], [], 'the database is intact';
    $self->_judge_log($_, %option) for @{$self->{httpds}};
    $self->{store}->stop;
    $self->_print_counts($judgement->{counts}, $longest);
    done_testing;
    $self->{process} = 0;
    if (Test::More->builder->is_passing) {
        system 'rm', '-rf', $self->{folder};
    } else {
        diag "logs and histories are in $self->{folder}";
    }
    return;
}

sub _finish_clients {
    my ($self) = @_;
    open my $file, '>', "$self->{folder}/stop" or die $!;
    close $file;
    my $failed = 0;
    for my $pid (@{$self->{clients}}) {
        waitpid $pid, 0;
        $failed++ if $?;
    }
    $self->{clients} = [];
    is $failed, 0, 'the clients finished';
    return;
}

sub _judge_log {
    my ($self, $httpd, %option) = @_;
    # IU0151: the number of further refusals
    my $expected = join '|', 'none', 'IU0151', @{$option{expect} // []};
    my $log      = $httpd->open_log;
    my (@others, @signals, @sanitizers, %stacks);
    while (my $line = <$log>) {
        add_frame(\%stacks, $line);
        push @others, $line
            if $line =~ /^\[[^\]]*\] \[insights_used:(?:warn|error|crit)\]/
            && $line !~ /\b(?:$expected): /;
        if ($line =~ /child pid (\d+) exit signal (\w+)/) {
            if ($option{stopped} && is_of_others($stacks{$1})) {
                $self->{caused}{"crash of httpd's own"}++;
            } elsif ($2 ne 'Killed' || !$option{killed}) {
                push @signals, $line;
            }
        }
        push @sanitizers, $line if $line =~ /Sanitizer|runtime error:/;
    }
    is scalar @others, 0, 'no other warning of the module'
        or diag @others[0 .. (@others > 9 ? 9 : $#others)];
    is scalar @signals,    0, 'no child died otherwise' or diag @signals;
    is scalar @sanitizers, 0, 'no sanitizer report'     or diag @sanitizers;
    return;
}

# One line, collected by tests/faults/run.
sub _print_counts {
    my ($self, $counts, $longest) = @_;
    my @caused = map {"$self->{caused}{$_} x $_"} sort keys %{$self->{caused}};
    my @counts = map {"$counts->{$_} $_"} sort keys %$counts;
    note sprintf 'COUNTS %s (%.0f s): %s. %s; back'
        . ' within %.1f s, no request longer than %.1f s',
        $self->{name}, now() - $self->{begun}, join(', ', @caused),
        join(', ', @counts), $self->{longest} // 0, $longest;
    return;
}

# Leaves no process behind in any case; files only after a failure.
END {
    if ($running && $running->{process} == $$) {
        local $? = $?;
        $running->_abandon;
    }
}

sub _abandon {
    my ($self) = @_;
    kill KILL => @{$self->{clients}};
    waitpid $_, 0 for @{$self->{clients}};
    $_->stop for @{$self->{httpds}};
    $self->{store}->stop;
    print STDERR "logs and histories are in $self->{folder}\n";
    return;
}

1;
