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

# True if an upgrade of MariaDB, which has no transactions for this, ended before
# its last statement. Then the columns alone can look like the version needed.
sub _lacks_index {
    my ($database) = @_;
    return $database->{name} eq 'mysql' && !$database->value(
        'SELECT count(*) FROM information_schema.statistics WHERE table_schema ='
            . q{ DATABASE() AND table_name = 'used_insight'}
            . q{ AND index_name = 'used_insight_last_stored'});
}

# Returns what it did. Others may have upgraded the table before this transaction
# had the turn.
sub _upgrade {
    my ($database, $needed) = @_;
    my $from = $database->schema_version
        // die "it has no table used_insight that this user can see;"
        . " schema/$database->{name}.sql makes it\n";
    return "schema version $from: nothing to do"
        if $from > $needed || $from == $needed && !_lacks_index($database);
    for my $step ($STEPS{ $database->{name} }->($from, time)) {
        eval { $database->{dbi}->do($step); 1 }
            or die InsightsUsed::Admin::Database::sentence($@),
            $database->{dbi}->state =~ /\A42/ ? "\nThe table's owner must run this.\n" : "\n";
    }
    return $from < $needed
        ? "from schema version $from to $needed" : "schema version $from: made its index";
}

sub upgrade {
    my ($database, $option) = @_;
    my $needed = $InsightsUsed::Admin::Database::VERSION_NEEDED;
    my $done   = $database->transaction(sub { return _upgrade($database, $needed) });
    $database->check_table;
    print "$done\n" if !$option->{quiet};
    return 0;
}

1;
