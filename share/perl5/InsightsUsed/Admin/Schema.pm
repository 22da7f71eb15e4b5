# SPDX-License-Identifier: Apache-2.0
# insights-used-admin upgrade: brings the table of an earlier version to the
# schema of this one. The same statements as in conf/schema, and for SQLite as
# in src/dialect/dialect_sqlite3.c.
package InsightsUsed::Admin::Schema;
use strict;
use warnings;
use InsightsUsed::Admin::Database;

my $INDEX = 'CREATE INDEX IF NOT EXISTS used_insight_last_stored'
    . ' ON used_insight (last_stored)';

# Statements of an upgrade from a version. PostgreSQL and MariaDB skip what is
# there.
my %STEPS = (
    sqlite3 => sub {
        my ($from, $now) = @_;
        my $add = 'ALTER TABLE used_insight ADD COLUMN';
        return (
            $from < 102 ? "$add digest TEXT NOT NULL DEFAULT ''" : (),
            $from < 103 ? "$add last_stored INTEGER NOT NULL DEFAULT $now" : (),
            $INDEX,
            'PRAGMA user_version=103'
        );
    },
    pgsql => sub {
        return (
            'ALTER TABLE used_insight ADD COLUMN IF NOT EXISTS digest text'
                . q{ COLLATE "C" NOT NULL DEFAULT '',}
                . ' ADD COLUMN IF NOT EXISTS last_stored bigint'
                . ' NOT NULL DEFAULT floor(extract(epoch FROM now()))',
            $INDEX,
            q{COMMENT ON TABLE used_insight IS 'schema version 103'}
        );
    },
    mysql => sub {
        return (
            'ALTER TABLE used_insight MODIFY invitation_id varchar(256) NOT NULL,'
                . q{ ADD COLUMN IF NOT EXISTS digest varchar(40) NOT NULL DEFAULT '',}
                . ' ADD COLUMN IF NOT EXISTS last_stored bigint'
                . ' NOT NULL DEFAULT (UNIX_TIMESTAMP())',
            'ALTER TABLE used_insight ADD KEY IF NOT EXISTS'
                . ' used_insight_last_stored (last_stored),'
                . q{ COMMENT = 'schema version 103'}
        );
    },
);

sub upgrade {
    my ($database, $option) = @_;
    my $needed = $InsightsUsed::Admin::Database::VERSION_NEEDED;
    my $from = $database->schema_version
        // die "it has no table used_insight that this user can see;"
        . " schema/$database->{name}.sql makes it\n";
    if ($from >= $needed) {
        $database->check_table;
        print "schema version $from: nothing to do\n" if !$option->{quiet};
        return 0;
    }
    my @steps = $STEPS{ $database->{name} }->($from, time);
    $database->transaction(
        sub {
            for my $step (@steps) {
                eval { $database->{dbi}->do($step); 1 }
                    or die InsightsUsed::Admin::Database::sentence($@)
                    . "\nThe table's owner must run this.\n";
            }
        }
    );
    $database->check_table;
    print "from schema version $from to $needed\n" if !$option->{quiet};
    return 0;
}

1;
