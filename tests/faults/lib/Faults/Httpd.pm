# SPDX-License-Identifier: Apache-2.0
# An httpd on a port of 127.0.0.1, in its own folder.
package Faults::Httpd;
use strict;
use warnings;
use InsightsUsed::Process;
use InsightsUsed::Setup;
use IO::Socket::INET;

my @MODULES = qw(authn_core authz_core reqtimeout unixd insights_used);

# Arguments: folder, parameters (of InsightsUsedDBD); optionally user ([uid,
# gid] of the children), mpm, environment (a hash) and configuration (more
# lines).
sub new {
    my ($class, %given) = @_;
    my $self = bless {environment => {}, mpm => 'event', %given}, $class;
    ($self->{port}) = free_ports(1);
    mkdir $_ or die "$_: $!\n"
        for $self->{folder}, $self->_path('logs'), $self->_path('cores');
    chown @{$self->{user}}, $self->_path('cores') or die $! if $self->{user};
    open my $file, '>', $self->_path('httpd.conf') or die $!;
    print $file $self->_configuration;
    close $file or die $!;
    return $self;
}

sub _path { my ($self, $name) = @_; return "$self->{folder}/$name" }

sub address { my ($self) = @_; return "127.0.0.1:$self->{port}" }

sub _load_lines {
    my ($self) = @_;
    my $built_in = `'$ENV{HTTPD}' -l`;
    my @lines;
    for my $name ("mpm_$self->{mpm}", @MODULES) {
        my $path
            = $name eq 'insights_used'
            ? $ENV{MODULE}
            : "$ENV{MODULES}/mod_$name.so";
        next if !-e $path && $built_in =~ /mod_\Q$name\E\.c/;
        -e $path or die "there is no $path\n";
        push @lines, qq{LoadModule ${name}_module "$path"};
    }
    return @lines;
}

sub _configuration {
    my ($self) = @_;
    my $folder = $self->{folder};
    my @user
        = $self->{user}
        ? ('User #' . $self->{user}[0], 'Group #' . $self->{user}[1])
        : ();
    my $prefork = $self->{mpm} eq 'prefork';
    return join "\n", "ServerRoot \"$folder\"",
        'Listen ' . $self->address,
        'ServerName ' . $self->address,
        $self->_load_lines,
        @user,
        "PidFile \"$folder/logs/httpd.pid\"",
        "DefaultRuntimeDir \"$folder/logs\"",
        "CoreDumpDirectory \"$folder/cores\"",
        "ErrorLog \"$folder/logs/error_log\"",
        'LogLevel info',
        'KeepAlive Off',
        'Timeout 20',
        'ListenBacklog 1000',
        'UseCanonicalName On',
        $prefork
        ? ('StartServers 8', 'ServerLimit 16', 'MaxRequestWorkers 16')
        : ( 'StartServers 2', 'ServerLimit 4', 'ThreadsPerChild 16',
            'MaxRequestWorkers 32', 'MinSpareThreads 16', 'MaxSpareThreads 32'
        ),
        'InsightsUsedDBD ' . $self->{parameters},
        '<Location "/beta">',
        'InsightsUsed On',
        'InsightsUsedAnonymous On',
        '</Location>',
        @{$self->{configuration} // []},
        '';
}

# --- processes

# The process id; undef if it is not running.
sub parent {
    my ($self) = @_;
    open my $file, '<', $self->_path('logs/httpd.pid') or return;
    my $pid = <$file> // return;
    chomp $pid;
    return alive($pid) ? $pid : undef;
}

sub children {
    my ($self) = @_;
    my $parent = $self->parent // return;
    return children_of($parent);
}

sub start {
    my ($self) = @_;
    local %ENV = (%ENV, %{$self->{environment}});
    my $configuration = $self->_path('httpd.conf');
    system("ulimit -S -c \$(ulimit -H -c); '$ENV{HTTPD}' -f '$configuration'"
            . " >>'$self->{folder}/logs/start.log' 2>&1") == 0
        or die "the server does not start: see $self->{folder}/logs\n";
    wait_for(
        sub {
            IO::Socket::INET->new(PeerAddr => $self->address, Timeout => 1);
        },
        30
    ) or die "the server does not listen\n";
    return;
}

# Stops it by a signal (TERM: at once, WINCH: after the current requests) and
# waits.
sub stop {
    my ($self, $signal) = @_;
    my $pid = $self->parent // return 0;
    my @all = ($pid, $self->children);
    kill $signal // 'TERM', $pid;
    return wait_for(
        sub {
            !grep { alive($_) } @all;
        },
        30
    );
}

# Waits until killed processes are gone.
sub wait_for_end {
    my ($self, @pids) = @_;
    return wait_for(
        sub {
            !grep { alive($_) } @pids;
        },
        10
    );
}

# Removes the pid file of a killed server: httpd would take the zombie for a
# running server if nothing reaps it.
sub forget { my ($self) = @_; return unlink $self->_path('logs/httpd.pid') }

# Reloads gracefully. True if new children serve.
sub reload {
    my ($self) = @_;
    my %before = map { $_ => 1 } $self->children;
    kill USR1 => $self->parent // return 0;
    return wait_for(
        sub {
            scalar grep { !$before{$_} } $self->children;
        },
        20
    ) ? 1 : 0;
}

sub open_log {
    my ($self) = @_;
    my $path = $self->_path('logs/error_log');
    open my $file, '<:raw', $path or die "$path: $!\n";
    return $file;
}

1;
