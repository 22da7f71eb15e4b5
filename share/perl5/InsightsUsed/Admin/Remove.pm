# SPDX-License-Identifier: Apache-2.0
# insights-used-admin expire and wipe.
package InsightsUsed::Admin::Remove;
use strict;
use warnings;
use POSIX qw(strftime);
use InsightsUsed::Admin::Database;
use InsightsUsed::Admin::Progress;

my $PAGE  = 1000;    # rows of a query
my %UNITS = (s => 1, m => 60, h => 3600, d => 86400, w => 7 * 86400);

# Seconds of "90d"; undef if it is not of that form, or none: all rows are older.
sub seconds {
    my ($text) = @_;
    my ($number, $unit) = $text =~ /\A([1-9][0-9]{0,8})([smhdw])\z/ or return;
    return $number * $UNITS{$unit};
}

# Deletes those rows, given by their keys, for which the condition holds: others
# may have changed them since they were read. Returns their number. In the order
# of the keys, as the module writes them, there are no deadlocks.
sub _delete {
    my ($database, $progress, $rows, $condition, @values) = @_;
    my $deleted = 0;
    $database->in_turns(
        [ sort { $a->[0] cmp $b->[0] || $a->[1] cmp $b->[1] } @$rows ],
        sub {
            my $some = 0;
            $some += $database->change('DELETE FROM used_insight'
                    . " WHERE invitation_id = ? AND id = ? AND $condition",
                @$_[ 0, 1 ], @values) for @_;
            return $some;
        },
        sub {
            my ($some, $last) = @_;
            $deleted += $some;
            $progress->add('deleted', $some,
                InsightsUsed::Admin::Database::path_of(@$last[ 0, 1 ]));
        }
    );
    return $deleted;
}

#### Expire ####

# Its index has the oldest rows at its beginning.
our $OLDEST = 'SELECT invitation_id, id, last_stored FROM used_insight'
    . " WHERE last_stored >= ? AND last_stored < ? ORDER BY last_stored LIMIT $PAGE";

# The next two return the number of rows that are older than an instant. Given a
# progress, they delete them first: then it is the number of those left.
sub _stored {
    my ($database, $before, $progress) = @_;
    my $from = -999_999_999_999;
    while ($progress && (my @rows = $database->rows($OLDEST, $from, $before))) {
        $from = $rows[-1][2];
        # A trigger may keep rows, more of them than a page has.
        _delete($database, $progress, \@rows, 'last_stored < ?', $before) or $from++;
    }
    return $database->value('SELECT count(*) FROM used_insight WHERE last_stored < ?',
        $before);
}

# last_accessed has no index: each page is read and judged here.
sub _accessed {
    my ($database, $before, $progress) = @_;
    my $next = $database->pages('invitation_id, id, last_accessed', $PAGE);
    my $count = 0;
    while (my @rows = $next->()) {
        my @old = grep { $_->[2] ne '' && $_->[2] lt $before } @rows;
        $count += @old;
        $count -= _delete($database, $progress, \@old,
            q{last_accessed <> '' AND last_accessed < ?}, $before) if $progress;
    }
    return $count;
}

sub expire {
    my ($database, $option) = @_;
    my $age = seconds($option->{older} // '')
        // die "expire needs --older with a number and s, m, h, d or w, as 90d\n";
    my $by = $option->{by} // 'stored';
    $by =~ /\A(?:stored|accessed)\z/ or die "--by must be stored or accessed\n";
    my $limit = $database->now - $age;
    $limit >= 0 or die "--older goes back to before 1970\n";
    my $before = strftime('%Y-%m-%dT%H:%M:%S', gmtime $limit);
    my $old =
        $by eq 'stored'
        ? sub { return _stored($database, $limit, @_) }
        : sub { return _accessed($database, $before, @_) };
    my $progress = InsightsUsed::Admin::Progress->new(%$option);
    # Not deleted are also rows that others have just changed: hence the second look.
    my $left = $option->{'dry-run'} ? $old->() : $old->($progress) && $old->();
    my ($did, $count) =
        $option->{'dry-run'} ? ('would delete', $left) : ('deleted', $progress->count);
    print "$did: $count (last $by before ${before}Z)\n" if !$option->{quiet};
    return $option->{'dry-run'} ? 0 : _report_left($left);
}

# Returns the exit status: 1 if rows could not be deleted.
sub _report_left {
    my ($count) = @_;
    return 0 if $count == 0;
    print STDERR "$count rows are left: a trigger or a policy of the table keeps them,",
        " or others have made them meanwhile. Run the command again.\n";
    return 1;
}

#### Wipe ####

my %LEFT = (
    pgsql => <<'END',
PostgreSQL keeps the deleted rows in the table's file until a vacuum has taken
them out and the space is used again. To rewrite the file without them (nobody
can use the table meanwhile): VACUUM FULL used_insight
They are also in the WAL and its archive, on standbys until these have replayed
it, and in backups, until you remove those.
END
    mysql => <<'END',
MariaDB keeps the deleted rows in the table's file until the purge has run and
the space is used again. To rewrite the file without them:
OPTIMIZE TABLE used_insight
They are also in the redo and undo log until these are overwritten, in the binary
log until it is purged, on replicas until they have applied it, and in backups,
until you remove those.
END
    sqlite3 => <<'END',
The rows were overwritten in the database file. What a PATCH or DELETE left of
them in unused space before may still be there. To rewrite the file without it,
with httpd stopped: sqlite3 FILE "VACUUM" "PRAGMA wal_checkpoint(TRUNCATE)"
Backups and exports have them until you remove those.
END
);

# Empties SQLite's log, which has the rows, too. Does not wait: as long as
# somebody reads or writes, the log is kept. Returns whether it is empty.
sub _empty_log {
    my ($database) = @_;
    my $wait = $database->{dbi}->sqlite_busy_timeout;
    $database->value('PRAGMA wal_checkpoint(PASSIVE)');
    $database->{dbi}->sqlite_busy_timeout(0);
    my ($result) = eval { $database->rows('PRAGMA wal_checkpoint(TRUNCATE)') };
    $database->{dbi}->sqlite_busy_timeout($wait);
    return $result && $result->[0] == 0;
}

sub wipe {
    my ($database, $option) = @_;
    my $set = InsightsUsed::Admin::Database::set_of($option);
    defined $set or die "wipe needs --invitation or --user\n";
    my $progress = InsightsUsed::Admin::Progress->new(%$option);
    $database->value('PRAGMA secure_delete = ON') if $database->is_sqlite;
    my $next = $database->pages('invitation_id, id', $PAGE, $set);
    while (my @rows = $next->()) {
        _delete($database, $progress, \@rows, '1 = 1');
    }
    my $emptied = !$database->is_sqlite || _empty_log($database);
    my $status  = _report_left($database->value(
        'SELECT count(*) FROM used_insight WHERE invitation_id = ?', $set));
    print 'deleted: ', $progress->count, ' of ',
        InsightsUsed::Admin::Database::path_of($set), "\n\n", $LEFT{ $database->{name} }
        if !$option->{quiet};
    print STDERR <<'END' if !$emptied;
But others use the database now: the log (the -wal file) still has the rows, and
until it has been carried over, so has the file. Run the command again to try
that, or stop httpd, which does it.
END
    return $status;
}

1;
