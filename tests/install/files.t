#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# What "make install" installs and "make uninstall" removes, in a folder; the
# installed commands know their version and print their manual.
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename qw(basename dirname);
use File::Find qw(find);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../t/lib";
use InsightsUsed::Setup;
use Test::More;

my $root = tempdir(CLEANUP => 1);
my $mods = "$root/etc/apache2/mods-available";
my $docs = "$root/usr/share/doc/libapache2-mod-insights-used";
chdir dirname(__FILE__) . '/../..' or BAIL_OUT("no checkout: $!");
delete @ENV{qw(MAKELEVEL MAKEFLAGS)};
my ($version) = read_file('src/text/version.h') =~ /IU_MODULE_VERSION "([0-9.]+)"$/m
    or BAIL_OUT('no version');

# Returns the output; the status is in $?.
sub make { return scalar `make @_ DESTDIR='$root' 2>&1 </dev/null` }

sub files {
    my @found;
    find(sub { -d || push @found, $File::Find::name =~ s/\A\Q$root\E//r }, $root);
    return sort @found;
}

my $said = make('install');
is($?, 0, 'make install') or diag($said);
my @installed = files();
ok(-s "$docs/$_", $_)
    for qw(README.md CHANGES operations.md schema/pgsql.sql examples/oauth2.conf
    examples/apache2.service.override examples/apache2.apparmor);
ok(-s "$mods/insights_used.$_", "insights_used.$_") for qw(load conf);
my ($module) = grep {m{/mod_insights_used\.so\z}} @installed;
ok($module, 'the module');

for my $name (map { basename($_) } glob 'commands/*') {
    my $command = "$root/usr/bin/$name";
    is(`'$command' --version`, "$name (mod_insights_used) $version\n",
        "$name --version");
    is($?, 0, 'its status');
    like(`'$command' --help`, qr/^Name\n +\Q$name\E - /im, "$name --help");
    is($?, 0, 'its status');
    like(read_file("$root/usr/share/man/man1/$name.1"),
        qr/^\.TH .* "mod_insights_used \Q$version\E"/m, 'its manual page');
}
my $page = read_file("$root/usr/share/man/man5/insights_used.conf.5");
like($page, qr/\Q$_\E/, "$_ is in the manual page of the configuration")
    for read_file('README.md') =~ /^\| `(InsightsUsed\w*)/gm;

write_file("$mods/insights_used.conf", "# edited\n");
write_file("$docs/examples/own.conf",  "# the operator's\n");
$said = make('install');
like($said, qr/^kept as it is: .*insights_used\.conf$/m, 'a second make install');
is(read_file("$mods/insights_used.conf"), "# edited\n", 'keeps the configuration');

make_path("$root/etc/apache2/mods-enabled");
my $enabled = "$root/etc/apache2/mods-enabled/insights_used.load";
symlink '../mods-available/insights_used.load', $enabled or BAIL_OUT($!);
$said = make('uninstall');
isnt($?, 0, 'make uninstall refuses while the module is enabled');
like($said, qr/a2dismod insights_used/, 'and says how to disable it');
ok(-e "$root$module", 'the module is still there');
unlink $enabled;

$said = make('uninstall');
is($?, 0, 'make uninstall') or diag($said);
is_deeply(
    [ files() ],
    [
        '/etc/apache2/mods-available/insights_used.conf',
        '/etc/apache2/mods-available/insights_used.load',
        "$docs/examples/own.conf" =~ s/\A\Q$root\E//r,
    ],
    'it leaves the configuration and files of others'
);
like($said, qr{^The configuration and the data were left:\n.*\Q$mods\E/}m,
    'and says so');
unlink "$docs/examples/own.conf";
make('uninstall');
is($?, 0, 'a second make uninstall');
ok(!-e $docs, 'removes the empty folder of the documents');

done_testing();
