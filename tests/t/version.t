# SPDX-License-Identifier: Apache-2.0
# At each start and reload the error log has one line with the version of the
# module and those of the libraries.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Server;
use InsightsUsed::Setup;
use InsightsUsed::Test;
use Test::More;

sub version_in {
    my ($file, $pattern) = @_;
    my ($version) = read_file($file) =~ $pattern;
    return $version // die "$file has no version";
}

# Lines of the module, and lines of httpd that report a start or a reload.
sub reports {
    my $log = read_file(variable('t_logs') . '/error_log');
    my @own    = $log =~ /:notice\] .* (IU0160: .*)/g;
    my @httpds = $log =~ /(resuming normal operations)/g;
    return (\@own, \@httpds);
}

my $module = version_in("$ENV{IU_DOCS}/../src/text/version.h",
    qr/MODULE_VERSION "([0-9.]+)"/);
my $json = version_in('/usr/include/json-c/json_c_version.h',
    qr/JSON_C_VERSION "(.*)"/);
my ($sqlite) = `sqlite3 --version` =~ /\A(\S+)/;

my ($own, $httpds) = reports();
cmp_ok scalar @$own, '>', 0, 'the start is reported';
is scalar @$own, scalar @$httpds, 'once, as httpd does';
is $own->[0], "IU0160: mod_insights_used/$module, json-c $json, SQLite $sqlite",
    'the versions';

my $before = @$httpds;
reload();
ok wait_for(
    sub {
        ($own, $httpds) = reports();
        @$httpds > $before;
    },
    20
    ),
    'a reload';
is scalar @$own, scalar @$httpds, 'is reported once, too';

done_testing;
