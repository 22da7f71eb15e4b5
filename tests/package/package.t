#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The life of the Debian package in a fresh Debian, after README.md's "Install":
# installation, site, first create, upgrades, removal. tests/package/run runs it
# in a network of its own.
#
#   SERVER    the root of that Debian; /now and /before in it have two versions
#             of the package, as "make deb" leaves them in a checkout
use strict;
use warnings;
use File::Basename qw(dirname);
use FindBin;
use lib "$FindBin::Bin/../t/lib", "$FindBin::Bin/../install/lib";
use InsightsUsed::Setup;
use IO::Socket::INET;
use ReadmeSite;
use Test::More;

my $NAME  = 'libapache2-mod-insights-used';
my $DATA  = '/var/lib/insights-used';
my $CONF  = '/etc/apache2/mods-available/insights_used.conf';
my $root  = $ENV{SERVER} or BAIL_OUT('tests/package/run runs this');
my $used  = "$ReadmeSite::HOST/beta/invitations/a/invitedUser/insights/used";
chdir "$FindBin::Bin/../.." or BAIL_OUT("no checkout: $!");
my ($version) = (glob "$root/now/build/deb/*.deb")[0] =~ /_([0-9.]+)_/
    or BAIL_OUT('no package');
my $readme = ReadmeSite->new(root => $root, plain => 80, tls => 443);
my (undef, $install, @further) = split /\n/, $readme->{install};

#### Commands ####

# Runs a script in the fresh Debian. Returns its output; its status is in $?.
sub within {
    my ($script) = @_;
    local %ENV = (
        PATH            => '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL          => 'C.UTF-8',
        DEBIAN_FRONTEND => 'noninteractive',
        HOME            => '/root',
    );
    open my $said, '-|', 'chroot', $root, 'bash', '-c',
        "exec 2>&1 </dev/null; $script"
        or BAIL_OUT("chroot: $!");
    my $text = do { local $/; <$said> } // '';
    close $said;
    return $text;
}

sub succeeds {
    my ($name, $script) = @_;
    my $said = within($script);
    is($?, 0, $name) or diag($said);
    return $said;
}

# Installs the package of a "checkout" by the README's command.
sub install {
    my ($name, $checkout) = @_;
    return succeeds($name, "cd $checkout && $install");
}

sub parent {
    my $file = "$root/run/apache2/apache2.pid";
    return -s $file ? read_file($file) =~ /(\d+)/ ? $1 : 0 : 0;
}

# Whether the server has the module loaded.
sub is_loaded {
    my $pid = parent() or return 0;
    return read_file("/proc/$pid/maps") =~ m{/mod_insights_used\.so\b} ? 1 : 0;
}

sub answers {
    my ($port) = @_;
    return wait_for(sub { IO::Socket::INET->new("127.0.0.1:$port") });
}

sub is_up {
    my ($name) = @_;
    ok(answers(80), $name);
    return;
}

sub is_enabled {
    within('a2query -q -m insights_used');
    return $? >> 8;    # 0: yes, 32: disabled by the administrator
}

# The number of used insights; undef: the service does not answer.
sub stored {
    answers(443) or return;
    my ($status, undef, $body)
        = $readme->ask("https://$used/\$count", $readme->with_token);
    return $status == 200 ? $body : undef;
}

END {
    my $status = $?;
    my $pid = $root && parent();
    kill TERM => $pid if $pid;
    $? = $status;
}

#### Installation ####

install('the package can be installed', '/before');
is(is_enabled(), 0, 'the module is enabled');
is_up('the server runs');
ok(is_loaded(), 'with the module');
my (undef, undef, $mode, undef, $user, $group) = stat "$root$DATA";
my @www = (split /:/, within('getent passwd www-data'))[ 2, 3 ];
is_deeply([ $mode & oct 7777, $user, $group ], [ oct 700, @www ],
    'only the server may access the directory of the data');
is(within('insights-used-copy --version'),
    "insights-used-copy (mod_insights_used) "
        . "$version\n", 'the command runs');
ok(-s "$root/usr/share/man/$_.gz", $_)
    for qw(man1/insights-used-copy.1 man5/insights_used.conf.5);
ok(-s "$root/usr/share/doc/$NAME/$_", $_)
    for qw(README.md CHANGES operations.md schema/pgsql.sql examples/oauth2.conf);

# A server that has never had the module loads it by a reload.
succeeds('the module is disabled',
    'a2dismod insights_used && invoke-rc.d apache2 restart');
is_up('the server runs');
ok(!is_loaded(), 'without the module');
my $first = parent();
succeeds('the module is enabled', 'a2enmod insights_used');
succeeds("README: $_", $_) for @further;
$readme->make_certificate;
$readme->publish_keys;
write_file($root . $ReadmeSite::FILE, $readme->filled_in($readme->{site}));
write_file("$root/usr/local/bin/systemctl",
    "#!/bin/sh\nexec invoke-rc.d \"\$2\" \"\$1\"\n", 0755);
succeeds("README: $_", $_) for split /\n/, $readme->{enable};
ok(answers(443) && is_loaded(), 'a reload loads the module');
is(parent(), $first, 'without a restart');
my ($status, $location, $body) = $readme->ask("https://$used",
    $readme->with_token, @ReadmeSite::CREATE);
is($status, 201, 'a create') or diag($body);

#### Upgrade ####

write_file("$root$CONF", read_file("$root$CONF") . "# edited\n");
install('an upgrade', '/now');
like(read_file("$root$CONF"), qr/\A# An earlier version\..*^# edited\n\z/ms,
    'keeps an edited configuration');
unlike(read_file("$root$CONF.dpkg-dist"), qr/An earlier version\.|^# edited/m,
    'and puts the new one beside it');
is_up('the server runs');
isnt(parent(), $first, 'started anew');
is(($readme->ask($location, $readme->with_token))[0], 200, 'the data are there');

# A second one, with the module disabled.
succeeds('a downgrade', 'dpkg -i /before/build/deb/*.deb');
succeeds('the module is disabled',
    'a2dissite insights && a2dismod insights_used && invoke-rc.d apache2 restart');
install('an upgrade', '/now');
is(is_enabled(), 32, 'leaves the module disabled');
is_up('the server runs');
ok(!is_loaded(), 'without the module');
succeeds('the module is enabled again',
    'a2enmod insights_used && a2ensite insights && invoke-rc.d apache2 reload');
is(stored(), 1, 'the data are there');

#### Removal ####

succeeds('the site is disabled', 'a2dissite insights');
succeeds('the package is removed', "apt-get remove $NAME");
is_up('the server runs');
ok(wait_for(sub { !is_loaded() }), 'without the module');
ok(-e "$root$CONF",                   'the configuration was left');
ok(-s "$root$DATA/used_insight.db", 'and the data');

install('the package is installed again', '/now');
is(is_enabled(), 0, 'the module is enabled again');
succeeds('the site, too', 'a2ensite insights && invoke-rc.d apache2 reload');
is(stored(), 1, 'the data are there');

succeeds('the site is disabled', 'a2dissite insights');
my $said = succeeds('the package is purged', "apt-get purge $NAME");
like($said, qr{^The used insights were left in \Q$DATA\E\.$}m, 'which says that');
ok(-s "$root$DATA/used_insight.db", 'the data were left');
ok(!-e "$root$CONF",                  'but not the configuration');
is_up('the server runs');

install('the package is installed once more', '/now');
unlink glob "$root$DATA/*";
$said = succeeds('without data', "apt-get purge $NAME");
unlike($said, qr/were left/, 'a purge leaves nothing');
ok(!-e "$root$DATA", 'not even the directory');

my @warnings = grep {/\[insights_used:(?:warn|error|crit|emerg)\]/} split /^/,
    read_file("$root/var/log/apache2/error.log");
is_deeply(\@warnings, [], 'no warning of the module');

done_testing();
