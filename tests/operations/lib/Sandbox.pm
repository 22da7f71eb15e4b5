# SPDX-License-Identifier: Apache-2.0
# What the commands of docs/ meet in a test: an httpd, its directories, and the
# system's commands, all in one folder.
#
#   HTTPD, MODULES    the server and the folder of its modules
package Sandbox;
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use InsightsUsed::Setup;
use IO::Socket::INET;

my @MODULES  = qw(mpm_event authn_core authz_core authz_host log_config status unixd);
my $CHECKOUT = realpath(dirname(__FILE__) . '/../../..');
my $DOCUMENT = '{"id":"%s","lastUsed":{"lastAccessedDateTime":"2026-01-02T03:04:05Z"},'
    . '"resourceVisualization":{"title":"%s"},"resourceReference":{"id":"1"}}';

# The system's commands. apache2ctl does what Debian's does with these words;
# install does not change the owner unless run by root.
my %COMMAND = (
    sudo => <<'END',
[ "$1" = -u ] || exit 1
user=$2
shift 2
[ "$(id -u)" -eq 0 ] || exec "$@"
exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
END
    apache2ctl => <<'END',
pid=$(cat "$SANDBOX/httpd.pid" 2>/dev/null || :)
case $1 in
configtest) exec "$HTTPD" -f "$SANDBOX/httpd.conf" -t ;;
restart) exec "$HTTPD" -f "$SANDBOX/httpd.conf" -k restart ;;
start) "$HTTPD" -f "$SANDBOX/httpd.conf" -k start ;;
stop)
    "$HTTPD" -f "$SANDBOX/httpd.conf" -k stop
    while [ -e "/proc/${pid:-none}" ]; do sleep 0.05; done
    ;;
*) exit 1 ;;
esac
END
    install => <<'END',
[ "$(id -u)" -eq 0 ] || { [ "$1" = -o ] && shift 4; }
exec /usr/bin/install "$@"
END
);

# environment: further variables of the commands and of httpd.
sub new {
    my ($class, %environment) = @_;
    my $root = tempdir('insights_used-operations.XXXXXX', TMPDIR => 1);
    my $self = bless { root => $root, site => '', more => '' }, $class;
    @$self{qw(port probes)} = free_ports(2);
    chmod 0755, $root or die "$root: $!\n";    # for the server's children
    make_path(map {"$root/$_"} qw(bin data etc home log work));
    chmod 0700, "$root/data";
    if ($> == 0) {
        chown +(getpwnam 'www-data')[ 2, 3 ], "$root/data" or die "$!\n";
    }
    write_file("$root/bin/$_", "#!/bin/bash\n$COMMAND{$_}", 0755) for keys %COMMAND;
    # A copy, since the server's user may not be able to read the checkout.
    system('cp', '-R', "$CHECKOUT/share", $root) == 0
        && system('cp', glob("$CHECKOUT/commands/*"), "$root/bin") == 0
        && system('cp', "$CHECKOUT/mod_insights_used.so", $root) == 0
        or die "cp failed\n";
    $self->{environment} = {
        PATH    => "$root/bin:$ENV{PATH}",
        HOME    => "$root/home",
        SANDBOX => $root,
        %environment
    };
    return $self;
}

sub write_configuration {
    my ($self) = @_;
    my $root     = $self->{root};
    my $built_in = `'$ENV{HTTPD}' -l`;
    my $load     = '';
    for my $name (@MODULES) {
        next if $built_in =~ /mod_$name\.c|\b$name\.c/;
        $load .= qq{LoadModule ${name}_module "$ENV{MODULES}/mod_$name.so"\n};
    }
    # To this group tests/databases opens the folders of its servers.
    my $user   = $> == 0 ? "User www-data\nGroup nogroup\n" : '';
    my $probes = read_file("$CHECKOUT/conf/examples/probes.conf");
    $probes =~ s/127\.0\.0\.1:8082/127.0.0.1:$self->{probes}/g;
    $probes =~ s/^ *InsightsUsedDBD .*\n//m or die "probes.conf has no database\n";
    write_file("$root/httpd.conf", <<"END");
ServerRoot "$root"
ServerName 127.0.0.1:$self->{port}
UseCanonicalName On
Listen 127.0.0.1:$self->{port}
PidFile "$root/httpd.pid"
DefaultRuntimeDir "$root"
ErrorLog "$root/log/error.log"
Define APACHE_LOG_DIR "$root/log"
StartServers 1
${load}LoadModule insights_used_module "$root/mod_insights_used.so"
$user$self->{site}
<Location "/beta">
    InsightsUsed On
    InsightsUsedAnonymous On
</Location>
<Location "/server-status">
    SetHandler server-status
</Location>
$self->{more}
$probes
END
    return;
}

# Runs commands as an operator in the folder "work". Returns their output; $? is
# their status.
sub run {
    my ($self, $script) = @_;
    local %ENV = (%ENV, %{ $self->{environment} });
    write_file("$self->{root}/script", "set -eo pipefail\n$script");
    return scalar `cd '$self->{root}/work' && exec bash '$self->{root}/script' 2>&1 </dev/null`;
}

# Starts httpd, or starts it anew, with this line InsightsUsedDBD.
sub serve {
    my ($self, $site) = @_;
    $self->stop;
    $self->{site} = $site;
    $self->write_configuration;
    my $said = $self->run('apache2ctl start');
    $? == 0 && $self->is_up or die "httpd does not start: $said\n";
    return;
}

sub is_up {
    my ($self) = @_;
    return wait_for(sub { IO::Socket::INET->new("127.0.0.1:$self->{port}") });
}

sub stop {
    my ($self) = @_;
    -e "$self->{root}/httpd.pid" or return;
    my $said = $self->run('apache2ctl stop');
    $? == 0 or die "httpd does not stop: $said\n";
    return;
}

# A further line or section of the configuration, used when serve is called.
sub configure {
    my ($self, $text) = @_;
    $self->{more} .= $text;
    return;
}

#### Requests ####

# Returns the status and the body.
sub get {
    my ($self, $path, $port) = @_;
    $port //= $self->{port};
    my $answer = HTTP::Tiny->new->get("http://127.0.0.1:$port$path");
    return ($answer->{status}, $answer->{content});
}

# set is a path such as invitations/1/invitedUser or users/1.
sub create {
    my ($self, $set, $id) = @_;
    my $url = "http://127.0.0.1:$self->{port}/beta/$set/insights/used";
    return HTTP::Tiny->new->post($url, {
            headers => { 'Content-Type' => 'application/json' },
            content => sprintf($DOCUMENT, $id, $id)
    })->{status};
}

# The ids in a set; the status if it cannot be read.
sub ids {
    my ($self, $set) = @_;
    my ($status, $body) = $self->get("/beta/$set/insights/used?\$select=id");
    return $status if $status != 200;
    return join ' ', sort $body =~ /"id":"([^"]*)"/g;
}

1;
