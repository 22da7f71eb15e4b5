# SPDX-License-Identifier: Apache-2.0
# Graceful reloads under load: each response is 201, or 409 for an existing key.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;
use InsightsUsed::Process;
use List::Util qw(max);
use Test::More;

my $trial   = Faults::Trial->new('reload');
my $reloads = many($ENV{INSIGHTS_TEST_DRIVER} ? 200 : 1000, 6);
my $done    = 0;
my @memory; # of the parent, after each reload
$trial->start(3);
for my $round (1 .. $reloads) {
    $trial->cause('graceful reload',
        sub { my $came = $trial->httpd->reload; $done += $came; $came });
    push @memory, kilobytes($trial->httpd->parent);
    $trial->run_for(0.05); # so that the next one meets requests
}
is $done, $reloads, "$reloads reloads, each with new children";
# Maxima of a hundred samples each: a single one could hit a server that has
# just cleared its old configuration.
if (is_long()) {
    my $early = max(@memory[50 .. 149]);
    my $late  = max(@memory[-100 .. -1]);
    cmp_ok $late - $early, '<', 2048, "the parent does not grow ($early kB)";
}
$trial->recovers('after the reloads');
$trial->finish(never => [map {"IU006$_"} 0 .. 9]);
