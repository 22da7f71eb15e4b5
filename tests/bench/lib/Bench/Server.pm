# SPDX-License-Identifier: Apache-2.0
# An httpd to measure, in its own folder and on its own port.
package Bench::Server;
use strict;
use warnings;
use InsightsUsed::Process;
use IO::Socket::INET;
use POSIX qw(sysconf _SC_CLK_TCK);

# name, folder (made here), mpm, children, threads (of all children), httpd and
# modules (where they are), own (lines of configuration); user and group of its
# children may be left out.
sub new {
    my ($class, %given) = @_;
    my $self  = bless {%given}, $class;
    my $probe = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "no free port: $!\n";
    $self->{port} = $probe->sockport;
    mkdir $_ or die "$_: $!\n" for $self->{folder}, $self->state;
    chmod 0755, $self->{folder};
    chmod 0700, $self->state;
    chown((getpwnam $self->{user})[ 2, 3 ], $self->state) if $self->{user};
    return $self;
}

# Only the children get there.
sub state { my ($self) = @_; return "$self->{folder}/state" }

sub address { my ($self) = @_; return "127.0.0.1:$self->{port}" }

sub _configuration {
    my ($self)    = @_;
    my $per_child = int($self->{threads} / $self->{children});
    my $limit     = $per_child * $self->{children};
    my $identity =
        $self->{user} ? "User $self->{user}\nGroup $self->{group}\n" : '';
    return <<"END";
ServerRoot "$self->{folder}"
PidFile httpd.pid
DefaultRuntimeDir "$self->{folder}"
ServerName @{[ $self->address ]}
Listen @{[ $self->address ]}
ListenBacklog 1024
${identity}ErrorLog "$self->{folder}/error_log"
LogLevel warn
LoadModule mpm_$self->{mpm}_module $self->{modules}/mod_mpm_$self->{mpm}.so
LoadModule authn_core_module $self->{modules}/mod_authn_core.so
LoadModule authz_core_module $self->{modules}/mod_authz_core.so
ServerLimit $self->{children}
StartServers $self->{children}
ThreadLimit $per_child
ThreadsPerChild $per_child
MaxRequestWorkers $limit
MinSpareThreads 1
MaxSpareThreads $limit
<IfModule mpm_event_module>
    AsyncRequestWorkerFactor 8
</IfModule>
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
DocumentRoot "$self->{folder}"
<Directory "/">
    AllowOverride None
    Require all granted
</Directory>
$self->{own}
END
}

sub start {
    my ($self) = @_;
    my $name = "$self->{folder}/httpd.conf";
    open my $file, '>', $name or die "$name: $!\n";
    print $file $self->_configuration;
    close $file or die "$name: $!\n";
    system($self->{httpd}, '-f', $name) == 0
        or die "$self->{name} does not start\n";
    for (1 .. 100) {
        last if -s "$self->{folder}/httpd.pid";
        select undef, undef, undef, 0.1;
    }
    open $file, '<', "$self->{folder}/httpd.pid"
        or die "$self->{name}: no pid file\n";
    chomp($self->{pid} = <$file>);
    return;
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'TERM', $pid;
    for (1 .. 150) {
        last if !alive($pid);
        select undef, undef, undef, 0.1;
    }
    return;
}

sub _processes {
    my ($self) = @_;
    return ($self->{pid}, children_of($self->{pid}));
}

# User and system time of all its processes, in seconds.
sub cpu {
    my ($self) = @_;
    my $ticks = 0;
    for my $pid ($self->_processes) {
        open my $file, '<', "/proc/$pid/stat" or next;
        my @fields = split ' ', (<$file> // next) =~ s/\A.*\) //r;
        $ticks += $fields[11] + $fields[12];
    }
    return $ticks / sysconf(_SC_CLK_TCK);
}

# The resident memory of its largest process: now, and at its peak; in MiB.
sub memory { my ($self) = @_; return $self->_largest(\&kilobytes) }
sub peak   { my ($self) = @_; return $self->_largest(\&peak_kilobytes) }

sub _largest {
    my ($self, $size) = @_;
    my @sizes = map { $size->($_) } $self->_processes;
    my ($largest) = sort { $b <=> $a } @sizes;
    return $largest / 1024;
}

1;
