#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# insights-used-copy to a real server of tests/databases/pgsql or mysql:
#
#   tests/databases/pgsql prove tests/commands
#
# as a user with only the rights listed in conf/schema.
use strict;
use warnings;
use DBI;
use Digest::SHA qw(sha1_hex sha256_hex);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../t/lib";
use InsightsUsed::Setup;
use Test::More;
use Time::HiRes qw(sleep);

my $ROWS     = 10_000;
my $PATIENCE = 60;       # seconds to wait for another process

my $top     = dirname(__FILE__) . '/../..';
my $command = "$top/commands/insights-used-copy";
my $root    = $ENV{INSIGHTS_TEST_ROOT} // '';
my $driver  = $ENV{INSIGHTS_TEST_DRIVER} // '';
my $folder  = tempdir(CLEANUP => 1);
my $source  = "$folder/used insight;1%.db";
my $sqlite;

#### Source and target ####

sub shell {
    my ($line) = @_;
    system('sh', '-c', $line) == 0 or BAIL_OUT("failed: $line");
    return;
}

my %PREPARE = (
    pgsql => sub {
        my $to = "-h '$root' -U postgres";
        shell("createdb $to copied");
        shell("psql $to -q -v ON_ERROR_STOP=1 -1"
                . " -f '$top/conf/schema/pgsql.sql' copied");
        shell("psql $to -q -c 'GRANT SELECT, INSERT ON used_insight"
                . " TO insights_used' copied");
        my $dsn = "dbi:Pg:host=$root;dbname=copied";
        return [ "$dsn;user=postgres", '', '' ], "$dsn;user=insights_used";
    },
    mysql => sub {
        my $client = "mariadb --no-defaults -S '$root/socket' -u root";
        shell("$client -e 'CREATE DATABASE copied'");
        shell("$client copied <'$top/conf/schema/mysql.sql'");
        shell("$client -e 'GRANT SELECT, INSERT, UPDATE ON copied.*"
                . " TO insights_used\@localhost'");
        write_file("$folder/my.cnf", "[client]\nsocket = $root/socket\n"
                . "user = insights_used\npassword = not-to-be-logged\n", 0600);
        my $file = "read_default_file=$folder/my.cnf";
        return [ "dbi:mysql:database=copied;mysql_socket=$root/socket", 'root', '' ],
            "dbi:MariaDB:database=copied;mariadb_$file",
            "dbi:mysql:database=copied;mysql_$file";
    },
);
my $prepare = $PREPARE{$driver}
    or plan skip_all => 'run it by tests/databases/pgsql or mysql';
my ($admin, @targets) = $prepare->();

# As bytes, and with another driver or settings than the command's.
sub open_target {
    my $bytes = $driver eq 'pgsql' ? { pg_enable_utf8 => 0 } : {};
    my $opened = DBI->connect(@$admin, { RaiseError => 1, %$bytes });
    $opened->do('SET NAMES utf8mb4') if $driver eq 'mysql';
    return $opened;
}

sub open_source {
    my $opened = DBI->connect(
        'dbi:SQLite:uri=file:' . $source =~ s/([ ;%])/sprintf '%%%02X', ord $1/ger,
        '', '', { RaiseError => 1, sqlite_allow_multiple_statements => 1 });
    $opened->sqlite_busy_timeout(10_000);
    return $opened;
}

sub add {
    my ($database, @rows) = @_;
    my $insert =
        $database->prepare('INSERT INTO used_insight VALUES (?,?,?,?,?,?,?,?)');
    $insert->execute(@$_) for @rows;
    return;
}

# A row with a unique document of 200 to 1200 bytes.
sub row {
    my ($invitation, $id) = @_;
    my $document = sprintf '{"title":"%s \\\\ \' \" %%s ? $1 %s"}',
        "\xf0\x9f\x92\xa1\xc3\xa4",
        substr sha256_hex($id) x 20, 0, 150 + 50 * (ord($id) % 20);
    return [
        $invitation, $id, substr(sha256_hex("v$id"), 0, 16),
        '2026-01-02T03:04:05.123456789012', '', $document,
        ord($id) % 2 ? sha1_hex($document) : '', 1_700_000_000 + ord $id
    ];
}

# Keys that collations, trimming or quoting would change or confuse.
my @ODD = map { row(@$_) } (
    [ 'odd', 'a' ], [ 'odd', 'A' ], [ 'odd', 'a ' ], [ 'odd', ' a' ], [ 'Odd', 'a' ],
    [ 'odd ', 'a' ], [ 'odd', "\xc3\xa9" ], [ 'odd', "e\xcc\x81" ], [ 'odd', 'e' ],
    [ 'odd', "\xf0\x9f\x98\x80" ], [ 'odd', "\xf0\x9f\x98\x81" ],
    [ 'odd', "\xf4\x8f\xbf\xbf" ], [ 'odd', "\xef\xbf\xbf" ],
    [ 'odd', "\xc3\x9f" ],
    [ 'odd', 'ss' ], [ 'odd', q{'} ], [ 'odd', q{''} ], [ 'odd', q{\\} ],
    [ 'odd', q{\\'} ], [ 'odd', '%s' ], [ 'odd', '$1' ], [ 'odd', '?' ], [ 'odd', ':x' ],
    [ 'odd', 'NULL' ], [ 'odd', '007' ], [ 'odd', '7' ], [ 'odd', '1e3' ], [ 'odd', '/' ],
    [ "\todd", 'a' ], [ "\t'", 'a' ], [ "\t" . 'i' x 255, 'k' x 255 ],
    [ 'i' x 255, 'k' x 255 ], [ "\xf0\x9f\x98\x80" x 63, "\xc3\xa4" x 127 ],
);

sub make_source {
    unlink glob "'$source'*";
    write_file($source, '', 0600);
    my $database = open_source();
    $database->do('PRAGMA journal_mode=WAL');
    open my $schema, '<', "$top/conf/schema/sqlite3.sql" or BAIL_OUT("$!");
    $database->do(do { local $/; <$schema> });
    $database->begin_work;
    add($database, @ODD, map { row('i' . $_ % 7, sprintf 'id-%06d', $_) }
            1 .. $ROWS - @ODD);
    $database->commit;
    return $database;
}

#### Running the command ####

sub run_copy {
    my (@arguments) = @_;
    my $pid = fork // BAIL_OUT("fork: $!");
    if (!$pid) {
        open STDOUT, '>', "$folder/out" or die;
        open STDERR, '>', "$folder/err" or die;
        exec $command, @arguments or die;
    }
    return $pid;
}

# Without the reports of a slow run's progress.
sub said { return read_file("$folder/$_[0]") =~ s/^\w+ \d+, up to .*\n//gmr }

sub copied {
    my (@arguments) = @_;
    waitpid run_copy(@arguments), 0;
    return $? >> 8;
}

sub count {
    my ($database) = @_;
    return ($database->selectrow_array('SELECT count(*) FROM used_insight'))[0];
}

# Waits until the server has finished the statements of a killed client.
sub wait_for_server {
    my ($database) = @_;
    my $sessions = $driver eq 'pgsql'
        ? "pg_stat_activity WHERE usename = 'insights_used'"
        : "information_schema.processlist WHERE user = 'insights_used'";
    for (1 .. $PATIENCE * 100) {
        my $select = "SELECT count(*) FROM $sessions";
        return if !($database->selectrow_array($select))[0];
        sleep 0.01;
    }
    BAIL_OUT('the server keeps the session of a client that was killed');
}

# Hash of a table's content, ordered by its bytes.
sub content {
    my ($database) = @_;
    my $rows = $database->selectall_arrayref('SELECT invitation_id, id, version,'
            . ' last_accessed, last_modified, document, digest, last_stored'
            . ' FROM used_insight');
    return sha256_hex(join "\n", sort map { join "\0", @$_ } @$rows);
}

sub is_the_same {
    my ($target, $what) = @_;
    is(count($target), count($sqlite), "$what: the same number of rows");
    is(content($target), content($sqlite), "$what: the same bytes");
    return;
}

for my $dsn (@targets) {
    my ($name) = $dsn =~ /\A(dbi:\w+)/;
    my $target = open_target();
    $target->do('DELETE FROM used_insight');
    $sqlite = make_source();

    # Killed while copying
    my $pid = run_copy('--batch', 10, $source, $dsn);
    my $end = time + $PATIENCE;
    sleep 0.01 while count($target) < 1000 && time < $end;
    kill 'KILL', $pid;
    waitpid $pid, 0;
    is($? & 127, 9, "$name: killed before its end");
    wait_for_server($target);
    my $kept = count($target);
    cmp_ok($kept, '>=', 1000,  "$name: committed rows are there");
    cmp_ok($kept, '<',  $ROWS, "$name: but not all");
    is($kept % 10, 0, "$name: batches are complete");
    is(copied('--verify', $source, $dsn), 1,
        "$name: --verify reports missing rows");
    like(said('out'), qr/^not in the target: +@{[$ROWS - $kept]}$/m,
        "$name: and their number");
    is(count($target), $kept, "$name: --verify copies nothing");

    # Run again
    is(copied($source, $dsn), 0,
        "$name: the second run succeeds") or diag(said('err'));
    like(said('out'), qr/^copied: +@{[$ROWS - $kept]}\nalready there: $kept$/m,
        "$name: it copied the rest");
    like(said('out'), qr/^the same in both: +$ROWS$/m, "$name: it compared all");
    is(said('err'), '', "$name: no error output");
    is_the_same($target, $name);
    is(copied($source, $dsn), 0, "$name: the third run succeeds");
    like(said('out'), qr/^copied: +0\nalready there: $ROWS$/m,
        "$name: it copied nothing");
    add($sqlite, [ "\nreadiness", 'trial', '0' x 16, '', '', '{}', '', time ]);
    is(copied($source, $dsn), 0, "$name: what a readiness probe stores is not copied");
    is(count($target), $ROWS, "$name: nor missed");
    $sqlite->do(q{DELETE FROM used_insight WHERE id = 'trial'});

    # Additional rows in the target, and rows that differ from the source
    add($target, row('elsewhere', 'x'));
    is(copied($source, $dsn), 0, "$name: additional rows in the target are permitted");
    like(said('out'), qr/has $ROWS rows, the target has @{[$ROWS + 1]}$/m,
        "$name: counted");
    $target->do(q{UPDATE used_insight SET version = 'ffffffffffffffff'}
            . q{ WHERE invitation_id = 'odd' AND id = 'a '});
    $target->do(q{UPDATE used_insight SET document = concat(document, ' ')}
            . q{ WHERE invitation_id = 'odd' AND id = '/'});
    $target->do(q{UPDATE used_insight SET digest = 'other'}
            . q{ WHERE invitation_id = 'odd' AND id = ' a'});
    my $before = content($target);
    is(copied($source, $dsn), 1, "$name: differing rows are reported");
    like(said('err'), qr{^invitations/odd/a%20: version [0-9a-f]{16} in the source, f{16} in the target$}m,
        "$name: the version");
    like(said('err'), qr{^invitations/odd/%2F: the same version, but not the same document$}m,
        "$name: the content");
    like(said('err'), qr{^invitations/odd/%20a: the same version, but not the same digest$}m,
        "$name: the digest");
    is(() = said('err') =~ /\n/g, 3, "$name: no other row");
    is(content($target), $before, "$name: they are unchanged");

    # Rows are added to the source meanwhile, before and after the current
    # position
    $target->do('DELETE FROM used_insight');
    $pid = run_copy('--batch', 50, $source, $dsn);
    my $added = 0;
    while (waitpid($pid, 1) == 0) {    # WNOHANG
        add($sqlite, row('!', "before-$added"), row('~', "behind-$added"));
        $added++;
    }
    cmp_ok($added, '>', 10, "$name: $added times two rows while it ran");
    ok($? == 0 || $? == 256, "$name: it finished") or diag(said('err'));
    is(copied($source, $dsn), 0, "$name: the next run copies the rest");
    is_the_same($target, "$name, written to");

    # A source of an earlier version
    $target->do('DELETE FROM used_insight');
    $sqlite->do('DROP INDEX used_insight_last_stored');
    $sqlite->do("ALTER TABLE used_insight DROP COLUMN $_") for qw(last_stored digest);
    my $now = time;
    is(copied($source, $dsn), 0, "$name: a source without digests and times")
        or diag(said('err'));
    is(copied('--verify', $source, $dsn), 0, "$name: compared again");
    my ($least, $most) = $target->selectrow_array(
        'SELECT min(last_stored), max(last_stored) FROM used_insight');
    ok($least >= $now - 5 && $most <= time + 5,
        "$name: its rows have the time of the copy");
    $sqlite->do(q{ALTER TABLE used_insight ADD COLUMN digest TEXT NOT NULL DEFAULT ''});
    $sqlite->do('ALTER TABLE used_insight ADD COLUMN last_stored INTEGER NOT NULL'
            . ' DEFAULT 0');
    $sqlite->do("UPDATE used_insight SET last_stored = $now");
    $target->do("UPDATE used_insight SET last_stored = $now");
    is_the_same($target, "$name, without digests and times");

    # Refused arguments and data
    is(copied("$folder/none.db", $dsn), 2, "$name: no source");
    ok(!-e "$folder/none.db", "$name: none is created");
    is(copied($source, "$dsn;password=not-to-be-logged"), 2,
        "$name: a password in the arguments");
    is(copied('--batch', 0, $source, $dsn), 2, "$name: no batch");
    add($sqlite, row('zero', "a\0b"));
    is(copied($source, $dsn), 2, "$name: U+0000, which drivers would cut");
    like(said('err'), qr{zero/a%00b cannot be copied}, "$name: with its key");
    $target->do('ALTER TABLE used_insight DROP COLUMN digest');
    is(copied($source, $dsn), 2, "$name: a target of an earlier version");
    like(said('err'), qr{schema/\w+\.sql makes it}, "$name: and its remedy");
    $target->do('DROP TABLE used_insight');
    is(copied($source, $dsn), 2, "$name: no table");
    like(said('err'), qr{schema/\w+\.sql makes it}, "$name: and its remedy");
    $target->disconnect;
    if ($dsn ne $targets[-1]) {
        shell("mariadb --no-defaults -S '$root/socket' -u root copied"
                . " <'$top/conf/schema/mysql.sql'");
    }
}
# A missing driver
for my $dsn (@targets) {
    my ($name) = $dsn =~ /\Adbi:(\w+)/;
    -d "$folder/DBD" or mkdir "$folder/DBD" or BAIL_OUT("$!");
    write_file("$folder/DBD/$name.pm", "die qq{not here\\n};\n");
    local $ENV{PERL5LIB} = $folder;
    is(copied($source, $dsn), 2, "$name is missing");
    like(said('err'), qr/in the package libdbd-@{[lc $name]}-perl\.$/m, 'and its package');
}

waitpid run_copy('--help'), 0;
like(said('out'), qr/EXIT STATUS/, '--help');
is($?, 0, 'its status');
is(copied('one'), 2, 'too few arguments');
is(copied('one', 'dbi:SQLite:dbname=x'), 2, 'another kind of target');
done_testing;
