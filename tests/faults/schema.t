# SPDX-License-Identifier: Apache-2.0
# Another program changes the schema and vacuums, under load.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;

my $trial   = Faults::Trial->new('schema');
my @changes = (
    'CREATE INDEX foreign_index ON used_insight (last_accessed)',
    'VACUUM',
    'DROP INDEX foreign_index',
    'CREATE TABLE foreign_one (a)',
    'ANALYZE',
    'DROP TABLE foreign_one',
    'PRAGMA wal_checkpoint(TRUNCATE)',
);
$trial->start(6);
for my $round (1 .. many(60, 3)) {
    for my $sql (@changes) {
        my ($what) = $sql =~ /^(\w+(?: INDEX| TABLE)?)/;
        $trial->cause($what, sub { $trial->store->run($sql) ? 1 : 0 });
        $trial->run_for(0.02);
    }
    $trial->recovers("after round $round");
}
$trial->finish(expect => ['IU0064']);
