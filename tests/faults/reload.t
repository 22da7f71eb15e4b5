# SPDX-License-Identifier: Apache-2.0
# Graceful reloads under load: every request is answered 201, or 409 for a key
# that is there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;
use Test::More;

my $trial   = Faults::Trial->new('reload');
my $reloads = many(1000, 10);
my $done    = 0;
$trial->start(3);
for my $round (1 .. $reloads) {
    $trial->cause('graceful reload',
        sub { my $came = $trial->httpd->reload; $done += $came; $came });
}
is $done, $reloads, "$reloads reloads, each with new children";
$trial->recovers('after the reloads');
$trial->finish(never => [map {"IU006$_"} 0 .. 9]);
