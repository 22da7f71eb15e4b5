# SPDX-License-Identifier: Apache-2.0
# Another program changes the schema and vacuums, under load.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;

my $trial  = Faults::Trial->new('schema');
my $driver = $ENV{INSIGHTS_TEST_DRIVER} // 'sqlite3';
my %own    = (
    sqlite3 => {
        rebuild    => 'VACUUM',
        drop_index => 'DROP INDEX foreign_index',
        analyze    => 'ANALYZE',
        flush      => 'PRAGMA wal_checkpoint(TRUNCATE)',
    },
    pgsql => {
        rebuild    => 'VACUUM FULL used_insight',
        drop_index => 'DROP INDEX foreign_index',
        analyze    => 'ANALYZE',
        flush      => 'CHECKPOINT',
    },
    mysql => {
        rebuild    => 'OPTIMIZE TABLE used_insight',
        drop_index => 'DROP INDEX foreign_index ON used_insight',
        analyze    => 'ANALYZE TABLE used_insight',
        flush      => 'FLUSH TABLES',
    },
);
my %sql     = %{$own{$driver}};
my @changes = (
    'CREATE INDEX foreign_index ON used_insight (last_accessed)',
    $sql{rebuild},
    $sql{drop_index},
    'CREATE TABLE foreign_one (a integer)',
    $sql{analyze},
    'DROP TABLE foreign_one',
    $sql{flush},
);
$trial->start(6);
for my $round (1 .. many(60, 3)) {
    for my $sql (@changes) {
        my ($what) = $sql =~ /^(\w+(?: INDEX| TABLES?)?)/;
        $trial->cause($what, sub { $trial->store->run($sql) ? 1 : 0 });
        $trial->run_for(0.02);
    }
    $trial->recovers("after round $round");
}
$trial->finish(expect => ['IU0064']);
