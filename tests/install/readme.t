#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Follows the sections "Install" of docs/operations.md (make install) and, after
# its first block, of README.md literally, in a folder with an Apache laid out as
# by Debian: runs the commands and writes the virtual host to the given place.
# Replaces only what a reader replaces (the issuer's address, the certificate),
# paths, ports, and the user unless run by root. tests/package does the same with
# the package.
#
#   HTTPD    the server
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../t/lib", "$FindBin::Bin/lib";
use InsightsUsed::Setup;
use IO::Socket::INET;
use ReadmeSite;
use Test::More;

my $HOST     = $ReadmeSite::HOST;
my @CREATE   = @ReadmeSite::CREATE;
my $checkout = realpath(dirname(__FILE__) . '/../..');
my $root     = tempdir('insights_used-readme.XXXXXX', TMPDIR => 1);
my $etc      = "$root/etc/apache2";
umask 022;
chmod 0755, $root or BAIL_OUT("$root: $!");    # for the server's children
chdir $checkout or BAIL_OUT("$checkout: $!");
chomp(my $debian = `tools/debian-apache2`);
$debian or BAIL_OUT('no package apache2');
my ($plain, $tls) = free_ports(2);

# Edits a file by code that changes $_ and returns true.
sub change {
    my ($name, $code) = @_;
    local $_ = read_file($name);
    $code->() or BAIL_OUT("$name is not as it was expected");
    write_file($name, $_);
    return;
}

my ($install) = ReadmeSite::blocks('docs/operations.md');
like($install, qr/^sudo a2enmod /m, 'the first block installs');
my $readme
    = ReadmeSite->new(root => $root, plain => $plain, tls => $tls);
my ($site, $enable) = @$readme{qw(site enable)};

#### Environment ####

# Commands that replace the system's. apt-get only checks that packages are
# installed; apache2 is unpacked instead. install does not change the owner
# unless run by root.
my %COMMAND = (
    sudo      => 'exec "$@"',
    'apt-get' => <<'END',
[ "$1" = install ] || exit 1
shift
for package; do
    [ "$package" = apache2 ] || dpkg-query -W "$package" >/dev/null || exit 1
done
END
    systemctl => <<'END',
[ "$*" = 'reload apache2' ] || exit 1
apache2ctl graceful
END
    install => <<'END',
if [ "$(id -u)" -ne 0 ] && [ "$2" = -o ]; then
    set -- "$1" "${@:6}"
fi
exec /usr/bin/install "$@"
END
);

sub lay_out {
    system('cp', '-R', "$debian/etc", $root) == 0 or BAIL_OUT('cp failed');
    make_path("$etc/$_-enabled") for qw(mods conf sites);
    make_path(map {"$root/$_"} qw(var/lib var/log/apache2 run/socks lock));
    for my $name (glob '/etc/apache2/mods-available/oauth2.*') {
        write_file($root . $name, read_file($name));
    }
    write_file("$root/bin/$_", "#!/bin/bash\n$COMMAND{$_}", 0755)
        for keys %COMMAND;
    set_user();
    set_paths();
    return;
}

sub set_user {
    my ($user, $group) = ('www-data') x 2;
    if ($> == 0) {
        my ($uid, $gid) = (getpwnam $user)[ 2, 3 ];
        chown $uid, $gid, "$root/run/socks", "$root/lock";
    }
    else {
        ($user, $group) = (scalar getpwuid $>, '#' . (split ' ', $))[0]);
    }
    change("$etc/envvars", sub { $_ .= <<"END" });
export APACHE_RUN_USER=$user APACHE_RUN_GROUP=$group
END
    return;
}

sub set_paths {
    change("$etc/envvars", sub { $_ .= <<"END" });
export APACHE_PID_FILE=$root/run/apache2.pid APACHE_RUN_DIR=$root/run
export APACHE_LOCK_DIR=$root/lock APACHE_LOG_DIR=$root/var/log/apache2
END
    change("$etc/ports.conf", sub { s/^Listen 80$/Listen 127.0.0.1:$plain/m });
    change("$etc/ports.conf", sub { s/Listen 443$/Listen 127.0.0.1:$tls/m });
    change("$etc/apache2.conf", sub { s{ (?=/var/www/>)}{ $root} });
    change("$etc/sites-available/000-default.conf",
        sub { s/:80>/:$plain>/ && s{ (?=/var/www/)}{ $root} });
    change("$etc/mods-available/ssl.conf",
        sub { s{ exec:(?=/usr/share/)}{ exec:$debian} });
    return;
}

# Runs a script with one command per line, as a test.
sub run_in {
    my ($name, $script) = @_;
    local %ENV = (
        %ENV,
        APACHE_CONFDIR            => $etc,
        APACHE_STATE_DIRECTORY    => "$root/var/lib/apache2",
        APACHE_HTTPD              => $ENV{HTTPD},
        APACHE_STARTED_BY_SYSTEMD => 1,    # even if it runs
        DESTDIR                   => $root,
        PATH                      => "$root/bin:$debian/usr/sbin:$ENV{PATH}",
    );
    delete $ENV{MAKELEVEL};
    # Of the flags of an outer make, keeps only variables (CC=...).
    $ENV{MAKEFLAGS} = ($ENV{MAKEFLAGS} // '') =~ s/\A.*?(?=-- |\z)//r;
    write_file("$root/script", $script =~ s/(?<=[^\\\n])$/ || exit 1/mgr);
    my $said = `bash '$root/script' 2>&1 </dev/null`;
    is($?, 0, $name) or diag($said);
    return $said;
}

# What Debian's package does on installation.
sub start_as_installed {
    my $functions = join ';', map {"/^$_()/,/^}/p"}
        qw(is_fresh_install enable_default_mpm enable_default_modules
        enable_default_conf);
    run_in("Debian's Apache starts", <<"END");
eval "\$(sed -n '$functions' '$debian/DEBIAN/postinst')"
enable_default_mpm configure
enable_default_modules configure
enable_default_conf configure
a2ensite -q 000-default
apache2ctl start
END
    return;
}

# The pages' text, as completed by a reader.
sub filled_in {
    my ($text) = @_;
    $text =~ s{/(?=var/lib/|etc/ssl/)}{$root/}g;
    $text =~ s{\*:443}{*:$tls};
    return $readme->filled_in($text);
}

#### Requests ####

sub ask        { return $readme->ask(@_) }
sub with_token { return $readme->with_token(@_) }

sub answers {
    my ($port) = @_;
    return wait_for(sub { IO::Socket::INET->new("127.0.0.1:$port") });
}

sub check_service {
    my $used = "$HOST/beta/invitations/a%2Fb/invitedUser/insights/used";
    my ($status, $location, $body)
        = ask("https://$used", with_token(), @CREATE);
    is($status, 201, 'a create with a token over TLS') or diag($body);
    like($location, qr{\Ahttps://\Q$used\E/[^/]+\z}, 'its Location');
    is((ask($location, with_token()))[0], 200, 'GET of Location');
    is((ask("https://$used", @CREATE))[0], 401, 'without a token');
    is((ask("https://$used", with_token(aud => 'https://x'), @CREATE))[0], 401,
        'with a token for another audience');
    is((ask("https://$used", with_token(scp => 'Insights.Read'), @CREATE))[0],
        403, 'with a read scope');
    is((ask("http://$used", with_token(), @CREATE))[0], 404,
        'not on the default site');

    # The Location is included in a host without TLS by mistake.
    my $open = filled_in($site) =~ s/\*:$tls/*:$plain/r;
    $open =~ s/^\s*SSL(?:Engine|Certificate).*\n//mg;
    write_file("$etc/sites-enabled/open.conf", $open);
    run_in('a host without TLS', 'apache2ctl graceful');
    ok(wait_for(sub { (ask("http://$used"))[0] != 404 }), 'is active');
    is((ask("http://$used", with_token(), @CREATE))[0], 403, 'is refused');
    is((ask("https://$used/\$count", with_token()))[2], 1, 'one is stored');
    return;
}

sub stop {
    my $name = "$root/run/apache2.pid";
    -s $name or return 0;
    my ($pid) = read_file($name) =~ /(\d+)/ or return 0;
    kill TERM => $pid;
    return wait_for(sub { !-e $name });
}

$SIG{INT} = $SIG{TERM} = sub { exit 1 };
my $done;

END {
    my $status = $?;
    stop();
    if ($done && Test::More->builder->is_passing) {
        system 'rm', '-rf', $root;
    }
    else {
        print STDERR "# see $root\n";
    }
    $? = $status;
}

#### Run ####

lay_out();
$readme->publish_keys;
start_as_installed();
ok(answers($plain), 'the server responds');
my $said = run_in('the first block', filled_in($install));
for my $step (grep { !/make|apt-get/ } split /\n/, "$install$enable") {
    like($said, qr/^ +\Q${\($step =~ s{sudo }{}gr)}\E$/m,
        "make install prints the step: $step");
}
change("$etc/mods-available/insights_used.load",
    sub {s{ (?=/)}{ $root}});    # DESTDIR
$readme->make_certificate;
write_file($root . $ReadmeSite::FILE, filled_in($site));
run_in('the block that enables the site', $enable);
ok(answers($tls), 'TLS is enabled');
check_service();
my @warnings = grep {/\[insights_used:(?:warn|error|crit)\]/} split /^/,
    read_file("$root/var/log/apache2/error.log");
is_deeply(\@warnings, [], 'no warning of the module');
ok(stop(), 'the server stops');
$done = 1;
done_testing();
