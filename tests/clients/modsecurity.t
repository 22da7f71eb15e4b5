#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Runs the examples of docs/api.md (see api.t) on a server with Debian's
# mod_security and Core Rule Set: all of them work with
# conf/examples/modsecurity.conf, and not all without it.
#
#   HTTPD, MODULES    the server and the folder of its modules
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../t/lib";
use InsightsUsed::Setup;
use Test::More;

my $checkout = realpath(dirname(__FILE__) . '/../..');
my $folder   = tempdir('insights_used-waf.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $ETC      = '/etc/modsecurity';
my $CRS      = '/usr/share/modsecurity-crs';

# Runs api.t. Returns its exit status and output.
sub examples {
    my ($level, @example) = @_;
    write_file("$folder/extra.conf", <<"END" =~ s/^ {8}//gmr);
        LoadModule unique_id_module "$ENV{MODULES}/mod_unique_id.so"
        LoadModule security2_module "$ENV{MODULES}/mod_security2.so"
        SecDataDir "$folder"
        @example
        Include "$folder/modsecurity.conf"
        SecAction "id:900000,phase:1,pass,nolog,setvar:tx.paranoia_level=$level"
        Include "$CRS/*.load"
END
    local $ENV{EXTRA} = "$folder/extra.conf";
    my $said = `$^X '$checkout/tests/clients/api.t' 2>&1`;
    return ($?, $said);
}

chmod 0755, $folder or BAIL_OUT("$folder: $!");    # for the server's children

# As configured by an operator who follows the package's README.
write_file("$folder/modsecurity.conf",
    read_file("$ETC/modsecurity.conf-recommended")
        =~ s/^SecRuleEngine \KDetectionOnly$/On/mr
        =~ s{^SecAuditLog \K.*$}{$folder/audit.log}mr
        =~ s{^SecUnicodeMapFile \K}{$ETC/}mr);
my $example = read_file("$checkout/conf/examples/modsecurity.conf");
write_file("$folder/1.conf", $example);
write_file("$folder/$_.conf", $example =~ s/^#(?=SecAction|    ctl)//gmr) for 2, 3;

my ($status, $said) = examples(1);
isnt($status, 0, 'without the example not all calls work');
like($said, qr{^not ok \d+ - docs/api\.md:\d+: status$}m,
    'some are refused');
for my $level (1 .. 3) {
    ($status, $said) = examples($level, qq{Include "$folder/$level.conf"});
    is($status, 0, "all calls work at paranoia level $level") or diag($said);
}
done_testing();
