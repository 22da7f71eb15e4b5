#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# insights-used-admin with SQLite, or with a real server of tests/databases/pgsql
# or mysql:
#
#   prove tests/commands/admin.t
#   tests/databases/pgsql prove tests/commands/admin.t
#
# as a user with only the rights listed in conf/schema, but for upgrades.
use strict;
use warnings;
use DBI;
use Digest::SHA qw(sha1_hex sha256_hex);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../t/lib", "$FindBin::Bin/../../share/perl5";
use InsightsUsed::Admin::Check;
use InsightsUsed::Admin::Remove;
use InsightsUsed::Setup;
use Test::More;
use Time::HiRes qw(sleep time);

my $PATIENCE = 60;       # seconds to wait for another process
my $WAIT     = 2;        # seconds that a writer may wait: then the module gives up

my $top     = dirname(__FILE__) . '/../..';
my $command = "$top/commands/insights-used-admin";
my $root    = $ENV{INSIGHTS_TEST_ROOT} // '';
my $driver  = $ENV{INSIGHTS_TEST_DRIVER} // 'sqlite3';
my $folder  = tempdir(CLEANUP => 1);
my $file    = "$folder/used insight;1%.db";
my $now     = time;
my $databases = 0;

#### Databases ####

sub sh {
    my (@command) = @_;
    system(@command) == 0 or BAIL_OUT("failed: @command");
    return;
}

# Makes an empty database. Returns what the command names it by, as an ordinary
# user and as the owner; and how DBI opens it as the owner.
my %MAKE = (
    sqlite3 => sub {
        unlink $file, "$file-wal", "$file-shm";
        write_file($file, '', 0600);
        my $uri = 'dbi:SQLite:uri=file:' . $file =~ s/([ ;%])/sprintf '%%%02X', ord $1/ger;
        return $file, $file, [ $uri, '', '' ];
    },
    pgsql => sub {
        my ($name) = @_;
        sh('createdb', '-h', $root, '-U', 'postgres', $name);
        my $dsn = "dbi:Pg:host=$root;dbname=$name";
        return "$dsn;user=insights_used", "$dsn;user=postgres",
            [ "$dsn;user=postgres", '', '' ];
    },
    mysql => sub {
        my ($name) = @_;
        my @client = ('mariadb', '--no-defaults', '-S', "$root/socket", '-u', 'root');
        sh(@client, '-e', "CREATE DATABASE $name; GRANT SELECT, INSERT, UPDATE, DELETE"
                . " ON $name.* TO insights_used\@localhost");
        write_file("$folder/user.cnf", "[client]\nsocket = $root/socket\n"
                . "user = insights_used\npassword = not-to-be-logged\n", 0600);
        write_file("$folder/root.cnf",
            "[client]\nsocket = $root/socket\nuser = root\n", 0600);
        my $dsn = "dbi:MariaDB:database=$name;mariadb_read_default_file=$folder";
        return "$dsn/user.cnf", "$dsn/root.cnf",
            [ "dbi:mysql:database=$name;mysql_socket=$root/socket", 'root', '' ];
    },
);

my ($named, $owned, $dbi);

# A new database, with the schema in a file.
sub begin {
    my ($schema) = @_;
    $dbi->disconnect if $dbi;
    my $open;
    ($named, $owned, $open) = $MAKE{$driver}->('admin' . ++$databases);
    my %option =
          $driver eq 'pgsql'  ? (pg_enable_utf8 => 0, PrintWarn => 0)
        : $driver eq 'mysql'  ? (mysql_multi_statements => 1)
        :                       (sqlite_allow_multiple_statements => 1);
    $dbi = DBI->connect(@$open, { RaiseError => 1, PrintError => 0, %option });
    $dbi->do('PRAGMA journal_mode=WAL')     if $driver eq 'sqlite3';
    $dbi->sqlite_busy_timeout(10_000)       if $driver eq 'sqlite3';
    $dbi->do('SET NAMES utf8mb4')           if $driver eq 'mysql';
    apply($schema);
    return;
}

# Statements end with ";" at the end of a line; lines that begin with a comment
# have examples.
sub apply {
    my ($schema) = @_;
    my $sql = read_file($schema) =~ s/^--.*\n//gmr;
    $dbi->do($_) for grep {/\S/} split /;\n/, $sql;
    $dbi->do('GRANT SELECT, INSERT, UPDATE, DELETE ON used_insight TO insights_used')
        if $driver eq 'pgsql';
    return;
}

my $schema = "$top/conf/schema/$driver.sql";

sub add {
    my (@rows) = @_;
    $dbi->begin_work;
    my $insert = $dbi->prepare('INSERT INTO used_insight (invitation_id, id, version,'
            . ' last_accessed, last_modified, document, digest, last_stored)'
            . ' VALUES (?,?,?,?,?,?,?,?)');
    $insert->execute(@$_) for @rows;
    $dbi->commit;
    return;
}

# A row as the module makes it, stored so many seconds ago.
sub row {
    my ($set, $id, $age) = @_;
    my $document = '{"lastUsed":{"@odata.type":"microsoft.graph.usageDetails",'
        . '"lastAccessedDateTime":"2026-01-02T04:04:05.5+01:00"},'
        . '"resourceVisualization":{"@odata.type":"microsoft.graph.resourceVisualization",'
        . '"title":"' . "\xf0\x9f\x92\xa1" . ' \\\\ \" %s ? $1 '
        . sha256_hex($id) . '"},"resourceReference":null}';
    return [
        $set, $id, substr(sha256_hex("v$id"), 0, 16),
        '2026-01-02T03:04:05.500000000000', '', $document,
        length($id) % 2 ? sha1_hex($document) : '', int $now - ($age // 0)
    ];
}

# Keys that collations, trimming, quoting or terminals would change or confuse.
my @ODD = map { row(@$_) } (
    [ 'odd', 'a' ], [ 'odd', 'A' ], [ 'odd', 'a ' ], [ 'odd', ' a' ], [ 'odd ', 'a' ],
    [ 'odd', "\xc3\xa9" ], [ 'odd', "e\xcc\x81" ], [ 'odd', "\xf4\x8f\xbf\xbf" ],
    [ 'odd', "\xe2\x80\xae" ], [ 'odd', q{'} ], [ 'odd', q{\\'} ], [ 'odd', q{"; DROP} ],
    [ 'odd', '%s' ], [ 'odd', '?' ], [ 'odd', ':x' ], [ 'odd', '/' ], [ 'odd', '007' ],
    [ "\todd", 'a' ], [ "\t'", 'a' ], [ "\t" . 'i' x 255, 'k' x 255 ],
    [ "\xf0\x9f\x98\x80" x 63, "\xc3\xa4" x 127 ],
);

sub count { return ($dbi->selectrow_array('SELECT count(*) FROM used_insight'))[0] }

sub content {
    my $rows = $dbi->selectall_arrayref('SELECT invitation_id, id, version,'
            . ' last_accessed, last_modified, document, digest, last_stored'
            . ' FROM used_insight');
    return sha256_hex(join "\n", sort map { join "\0", @$_ } @$rows);
}

#### Running the command ####

sub start {
    my (@arguments) = @_;
    my $pid = fork // BAIL_OUT("fork: $!");
    if (!$pid) {
        my $in = $ENV{INPUT} // '/dev/null';
        open STDIN,  '<', $in           or die;
        open STDOUT, '>', $ENV{OUTPUT} // "$folder/out" or die;
        open STDERR, '>', "$folder/err" or die;
        exec $command, @arguments or die;
    }
    return $pid;
}

# Returns the exit status.
sub admin {
    my (@arguments) = @_;
    waitpid start($named, @arguments), 0;
    return $? >> 8;
}

sub said { return read_file("$folder/$_[0]") }

#### List, hostile keys ####

begin($schema);
add(@ODD, row('old', 'x', 1000));
is(admin('list'), 0, 'list') or diag(said('err'));
my %listed = map { my @cells = split /\t/; ($cells[0] => \@cells) } split /\n/, said('out');
is(scalar keys %listed, 7, 'a line for each set');
is($listed{'invitations/odd'}[1], 16, 'the number of rows');
is($listed{'users/%27'}[1], 1, 'a user, encoded');
like($listed{'invitations/old'}[2], qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z/, 'the last change');
is(admin('check'), 0, 'check finds nothing') or diag(said('out'));
like(said('out'), qr/^checked: 22\nwrong:   0$/m, 'in all rows');
unlike(said('out') . said('err'), qr/[^\n\x20-\x7e]/, 'nothing unprintable is printed');
{
    local $ENV{OUTPUT} = '/dev/full';
    is(admin('list'), 2, 'a full disk');
    like(said('err'), qr/^insights-used-admin: standard output: No space left/, 'is told');
}

# The used insight that a readiness probe is about to remove (src/store/health.c).
add([ "\nreadiness", 'trial', '0' x 16, '', '', '{}', '', int $now ]);
is(admin('list'), 0, 'list beside a readiness probe');
is(() = said('out') =~ /\n/g, 7, 'shows only what clients have stored');
is(admin('check'), 0, 'check finds no fault in it');
is(admin('export'), 0, 'export');
rename "$folder/out", "$folder/all" or die;
{
    local $ENV{INPUT} = "$folder/all";
    is(admin('import'), 0, 'can be imported') or diag(said('err'));
}

# As root: the server's user must be able to write what is left beside the file.
if ($driver eq 'sqlite3' && $> == 0) {
    my $user       = getpwnam 'nobody';
    my $owned_file = "$folder/owned.db";
    sh('sqlite3', $owned_file, 'PRAGMA journal_mode=WAL', ".read $schema");
    chown $user, -1, $owned_file;
    ($named, my $other) = ($owned_file, $named);
    is(admin('list'), 0, 'list as root');
    my @left = grep {-e} "$owned_file-wal", "$owned_file-shm";
    is(scalar @left, 2, 'leaves two files');
    is((stat)[4], $user, 'which belong to the owner of the database') for @left;
    $named = $other;
}

#### Check ####

my %faults = (
    'v1'       => [ version       => 'ABC',              'version is not 16 hex digits' ],
    'accessed' => [ last_accessed => '2026-01-02T03:04:05.600000000000',
        "last_accessed is not the document's lastAccessedDateTime" ],
    'form'     => [ last_modified => '2026', 'last_modified has a wrong form' ],
    'modified' => [ last_modified => '2026-01-02T03:04:05.600000000000',
        "last_modified is not the document's lastModifiedDateTime" ],
    'digest' => [ digest      => 'x',    'digest is neither empty nor 40 hex digits' ],
    'future' => [ last_stored => int $now + 86400, 'last_stored is in the future' ],
    'before' => [ last_stored => -1,     'last_stored is not a time' ],
    'text'   => [ document    => '{"lastUsed":',   'the document is not JSON' ],
    'array'  => [ document    => '[]',   'the document is not an object' ],
    'other'  => [ document    => '{"a":1}',
        'the document has no member of a used insight, but others' ],
    'type'  => [ document => '{"resourceReference":{"@odata.type":"x"}}',
        "the document's resourceReference has not the type microsoft.graph.resourceReference" ],
    'nested' => [ document => '{"resourceReference":{"@odata.type":'
            . '"microsoft.graph.resourceReference","webUrl":{}}}',
        "the document's resourceReference has a member that is neither text nor null" ],
    "ta\tb" => [ digest => '', 'id is not a key' ],
);
begin($schema);
add(row('i', $_)) for keys %faults, 'fine';
$dbi->do("UPDATE used_insight SET $faults{$_}[0] = ? WHERE id = ?", undef, $faults{$_}[1], $_)
    for keys %faults;
is(admin('check'), 1, 'check finds damage') or diag(said('err'));
for my $id (sort keys %faults) {
    my $name = InsightsUsed::Admin::Database::encoded($id);
    like(said('out'), qr{^invitations/i/\Q$name: $faults{$id}[2]\E$}m, $faults{$id}[2]);
}
unlike(said('out'), qr{/fine:}, 'and nothing else');
is(admin('check', '--quiet'), 1, 'the same without counts');
unlike(said('out'), qr/^checked/m, 'which are not printed');
$dbi->do('DELETE FROM used_insight');
add(row('i', 'later', -1100));
{
    my $asked = 0;
    no warnings 'redefine';
    local *InsightsUsed::Admin::Database::now = sub { return $now + 1000 * $asked++ };
    is(InsightsUsed::Admin::Check::check(InsightsUsed::Admin::Database->open($named),
        { quiet => 1 }), 0, 'what was stored while it ran is not in the future');
}
$dbi->do('DELETE FROM used_insight');
add(row('i', 'twice'));
if ($driver eq 'sqlite3') {
    $dbi->do('CREATE TABLE copied AS SELECT * FROM used_insight; DROP TABLE used_insight;'
            . ' ALTER TABLE copied RENAME TO used_insight');
}
else {
    $dbi->do('ALTER TABLE used_insight DROP '
            . ($driver eq 'pgsql' ? 'CONSTRAINT used_insight_pkey' : 'PRIMARY KEY'));
}
add(row('i', 'twice'));
is(admin('check'), 1, 'check finds a key twice') or diag(said('err'));
like(said('out'), qr{^invitations/i/twice: is there 2 times$}m, 'and says how often');

#### Export and import ####

my $ROWS = 5_000;
begin($schema);
add(@ODD, map { row('i' . $_ % 7, sprintf 'id-%06d', $_) } 1 .. $ROWS - @ODD);
my $before = content();
is(admin('export'), 0, 'export') or diag(said('err'));
rename "$folder/out", "$folder/all" or die;
is(() = read_file("$folder/all") =~ /\n/g, $ROWS + 1, 'a line for each row, and the last');
is(admin('export', '--user', 'odd'), 0, 'export of a user');
like(said('out'), qr/\A\{[^\n]*"user":"odd"[^\n]*\}\n\{"rows":1\}\n\z/, 'has only that set');
$dbi->do('DELETE FROM used_insight');
$ENV{INPUT} = "$folder/all";
my $pid = start($named, 'import');
my $end = time + $PATIENCE;
sleep 0.01 while count() < 500 && time < $end;
kill 'KILL', $pid;
waitpid $pid, 0;
is($? & 127, 9, 'an import is killed');
my $kept = count();
ok($kept >= 500 && $kept < $ROWS, "when it had imported a part ($kept)");
is(admin('import'), 0, 'it is run again') or diag(said('err'));
like(said('out'), qr/^already there: +[1-9]\d*$/m, 'and finds what was there');
is(count(),   $ROWS,   'every row is there once');
is(content(), $before, 'byte by byte as before');
$dbi->do(q{UPDATE used_insight SET version = 'ffffffffffffffff'}
        . q{ WHERE invitation_id = 'odd' AND id = '/'});
is(admin('import'), 1, 'a row that is there in another version');
like(said('err'), qr{^invitations/odd/%2F: version [0-9a-f]{16} was not imported, f{16} is there$}m,
    'is reported');
is(admin('import', '--quiet'), 1, 'the same without counts');
is(said('out'), '', 'which are not printed');

sub import_of {
    my ($text) = @_;
    write_file("$folder/some", $text);
    local $ENV{INPUT} = "$folder/some";
    return admin('import');
}
my $all = read_file("$folder/all");
is(import_of($all =~ s/\n[^\n]*\n\z/\n/r), 1, 'an export without its last line');
like(said('err'), qr/the export was interrupted/, 'is told');
is(import_of(substr $all, 0, 1500), 1, 'and one that ends within a line');
is(import_of("{\e[31m\n"), 2, 'a line that is not JSON');
unlike(said('err'), qr/\e/, 'is not repeated as it is');
is(import_of($all =~ s/"version":"[^"]*"/"version":"x"/r), 2, 'a row that is damaged');
like(said('err'), qr/^insights-used-admin: line 1: version is not 16 hex digits$/m,
    'with its line');
$dbi->do('DELETE FROM used_insight');
is(import_of($all =~ s/\n.*/\n{\n/sr), 2, 'a damaged line');
is(count(), 1, 'the rows before it are imported');
delete $ENV{INPUT};

#### Expire ####

my %EXPLAIN = (
    sqlite3 => [ 'EXPLAIN QUERY PLAN ', qr/USING INDEX used_insight_last_stored/ ],
    pgsql   => [ 'EXPLAIN ',            qr/Index Scan using used_insight_last_stored/ ],
    mysql   => [ 'EXPLAIN ',            qr/used_insight_last_stored/ ],
);
$dbi->do('DELETE FROM used_insight');
add(map { row('i' . $_ % 7, sprintf('id-%06d', $_), $_ * 100) } 1 .. $ROWS);
$dbi->do($driver eq 'mysql' ? 'ANALYZE TABLE used_insight' : 'ANALYZE');
my ($explain, $index) = @{ $EXPLAIN{$driver} };
my $limit = int $now - 499_050;
my $plan = join ' ', map { map { $_ // '' } @$_ } @{ $dbi->selectall_arrayref(
    $explain . $InsightsUsed::Admin::Remove::OLDEST =~ s/\?/0/r =~ s/\?/$limit/r) };
like($plan, $index, 'an expiry uses the index');
unlike($plan, qr/temp b-tree|filesort|\bSort\b/i, 'and does not sort');

is(admin(qw(expire --older 250050s --dry-run)), 0, 'a dry run') or diag(said('err'));
like(said('out'), qr/^would delete: @{[ $ROWS - 2500 ]} /, 'counts');
is(count(), $ROWS, 'and deletes nothing');
is(admin(qw(expire --older 250050s)), 0, 'an expiry') or diag(said('err'));
like(said('out'), qr/^deleted: @{[ $ROWS - 2500 ]} /, 'counts what it deleted');
is(count(), 2500, 'the rest is left');
is(($dbi->selectrow_array('SELECT min(last_stored) FROM used_insight'))[0],
    int $now - 250_000, 'the older rows are gone');
is(admin(qw(expire --older 250050s --quiet)), 0, 'again');
is(said('out'), '', 'quietly');
$dbi->do(q{UPDATE used_insight SET last_accessed = '' WHERE id < 'id-000101'});
$dbi->do(q{UPDATE used_insight SET last_accessed = '9999-12-31T47:00:00.000000000000'}
        . q{ WHERE id = 'id-000200'});
is(admin(qw(expire --older 1d --by accessed --dry-run)), 0, 'by the last access');
my $old = $now > 1_767_409_445 ? 2399 : 0;      # of 2026-01-02, as of a day later
like(said('out'), qr/^would delete: $old /, 'it counts');
is(admin(qw(expire --older 400000d --by accessed)), 2, 'by one more than 1000 years ago');
is(count(), 2500, 'it deletes nothing');
is(admin(qw(expire --older 1d --by accessed)), 0, 'deletes');
is(count(), 2500 - $old, 'and leaves rows without an access, or with one to come');
is(admin(@$_), 2, "refused: @$_")
    for [qw(expire)], [qw(expire --older 90)], [qw(expire --older 1d --by x)],
    [qw(expire --older 0d)], [qw(expire --older -1d)], [ qw(expire --older), '90 d' ],
    [ qw(wipe --user), '' ], [ qw(export --invitation), '' ],
    [qw(expire --older 1d more)], [qw(wipe)], [qw(wipe --user a --invitation b)], ['none'];
is(admin('wipe', '--user', "\xe9"), 2, 'refused: an id of a terminal that is not UTF-8');

#### Wipe ####

begin($schema);
my $secret = 'SECRET-OF-A-PERSON';
add(map { row('i' . $_ % 7, "id-$_") } 1 .. 500);
add(map { my $row = row("\tperson", "id-$_"); $row->[5] =~ s/\$1/$secret/; $row } 1 .. 300);
add(row('person', 'of the invitation'));

# What the files of an SQLite database have. Read by another process: closing one
# would end the locks that this one has on it.
sub on_disk {
    open my $cat, '-|', 'cat', grep {-e} $file, "$file-wal" or BAIL_OUT("cat: $!");
    local $/;
    return scalar <$cat>;
}
if ($driver eq 'sqlite3') {
    $dbi->do('PRAGMA wal_checkpoint(TRUNCATE)');
    like(on_disk(), qr/$secret/, 'the file has the rows of a person');
}
is(admin(qw(wipe --user person)), 0, 'wipe') or diag(said('err'));
like(said('out'), qr{^deleted: 300 of users/person$}m, 'says what it deleted');
like(said('out'), qr/backups/i, 'and what it cannot delete');
is(count(), 501, 'other sets are left');
if ($driver eq 'sqlite3') {
    unlike(on_disk(), qr/$secret/, 'nothing is left in the files');
    add(map { my $row = row("\tperson", "id-$_"); $row->[5] =~ s/\$1/$secret/; $row } 1 .. 9);
    $dbi->do('PRAGMA wal_checkpoint(TRUNCATE)');
    my $reader = DBI->connect("dbi:SQLite:$dbi->{Name}", '', '', { RaiseError => 1 });
    my $reading = $reader->prepare('SELECT * FROM used_insight');
    $reading->execute;
    $reading->fetch;
    is(admin(qw(wipe --user person --quiet)), 0, 'wipe, while others read');
    like(on_disk(), qr/$secret/, 'the file has them still');
    like(said('err'), qr/^But others use the database now: .*so has the file/ms, 'and it says so');
    $reading->finish;
    $reader->disconnect;
    is(admin(qw(wipe --user person)), 0, 'again, after that');
    unlike(on_disk(), qr/$secret/, 'nothing is left');
}

# A trigger that keeps a row.
my %KEEP = (
    sqlite3 => q{CREATE TRIGGER keep BEFORE DELETE ON used_insight WHEN OLD.id = 'kept'}
        . q{ BEGIN SELECT RAISE(IGNORE); END},
    pgsql => 'CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS'
        . q{ $$ BEGIN RETURN CASE WHEN OLD.id <> 'kept' THEN OLD END; END $$;}
        . ' CREATE TRIGGER keep BEFORE DELETE ON used_insight'
        . ' FOR EACH ROW EXECUTE FUNCTION keep()',
);
if ($KEEP{$driver}) {
    $dbi->do('DELETE FROM used_insight');
    add(row('kept', 'b', 1000), map { row("k$_", 'kept', 2000) } 1 .. 1001);
    $dbi->do($KEEP{$driver});
    is(admin(qw(expire --older 500s)), 1, 'an expiry that cannot delete a row');
    like(said('out'), qr/^deleted: 1 /,        'says how many it deleted');
    like(said('err'), qr/^1001 rows are left: /m, 'and how many it left');
    $dbi->do(q{UPDATE used_insight SET last_accessed = '2000-01-01T00:00:00.000000000000'});
    is(admin(qw(expire --older 1d --by accessed)), 1, 'the same by the last access');
    is(admin(qw(wipe --invitation k1)), 1, 'a wipe that cannot');
    like(said('err'), qr/^1 rows are left: /m, 'says so');
}

# Limits of statements that operators set for the server's requests.
my %SLOW = (
    pgsql => [
        q{ALTER ROLE insights_used SET statement_timeout = '100ms'},
        'CREATE OR REPLACE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS'
            . ' $$ BEGIN PERFORM pg_sleep(0.3); RETURN OLD; END $$',
        'ALTER ROLE insights_used RESET statement_timeout'
    ],
    mysql => [
        'ALTER USER insights_used@localhost WITH MAX_STATEMENT_TIME 0.1',
        'CREATE TRIGGER slow BEFORE DELETE ON used_insight FOR EACH ROW DO SLEEP(0.3)',
        'ALTER USER insights_used@localhost WITH MAX_STATEMENT_TIME 0'
    ],
);
if (my $slow = $SLOW{$driver}) {
    $dbi->do('DELETE FROM used_insight');
    add(row('slow', 'a'));
    $dbi->do($_) for @$slow[ 0, 1 ];
    is(admin(qw(wipe --invitation slow)), 0, 'a statement that takes longer than a request may')
        or diag(said('err'));
    $dbi->do($slow->[2]);
}

#### A server that writes meanwhile ####

# Inserts rows one by one, as a child of the server does. Prints how many, and
# the longest time in seconds that one took.
sub write_until {
    my ($stop, $to) = @_;
    my $other = DBI->connect("dbi:SQLite:$dbi->{Name}", '', '', { RaiseError => 1 });
    $other->sqlite_busy_timeout(10_000);
    my $insert = $other->prepare('INSERT INTO used_insight (invitation_id, id, version,'
            . q{ last_accessed, last_modified, document) VALUES ('w', ?, '', '', '', '{}')});
    my ($written, $longest) = (0, 0);
    while (!-e $stop) {
        my $begun = time;
        $insert->execute($written++);
        $longest = time - $begun if time - $begun > $longest;
        sleep 0.001;
    }
    write_file($to, "$written $longest");
    return;
}

# Has the writer's turn most of the time, each turn for longer than a transaction
# of the command should take.
sub occupy_until {
    my ($stop) = @_;
    my $other = DBI->connect("dbi:SQLite:$dbi->{Name}", '', '', { RaiseError => 1 });
    $other->sqlite_busy_timeout(10_000);
    while (!-e $stop) {
        $other->do('BEGIN IMMEDIATE');
        write_file("$stop.begun", '');
        sleep 0.04;
        $other->do('COMMIT');
        sleep 0.01;
    }
    return;
}

# Runs code in another process until it is told to stop, or the test has died.
# Returns its id.
sub beside {
    my ($code) = @_;
    unlink "$folder/stop";
    my $pid = fork // BAIL_OUT("fork: $!");
    return $pid if $pid;
    alarm $PATIENCE;
    $dbi->{InactiveDestroy} = 1;
    $code->("$folder/stop");
    require POSIX;
    POSIX::_exit(0);
}

if ($driver eq 'sqlite3') {
    begin($schema);
    my $occupier = beside(\&occupy_until);
    sleep 0.01 while !-e "$folder/stop.begun";
    my $database = InsightsUsed::Admin::Database->open($named);
    my $turns    = 0;
    my $nothing  = 'DELETE FROM used_insight WHERE 1 = 0';
    $database->in_turns([ 1 .. 300 ],
        sub { $turns++; return $database->change($nothing) }, sub { });
    write_file("$folder/stop", '');
    waitpid $occupier, 0;
    cmp_ok($turns, '<', 10, 'transactions that wait for their turn do not become smaller');

    begin($schema);
    add(map { row('i' . $_ % 7, "id-$_", 1000) } 1 .. 20_000);
    my $writer = beside(sub { write_until(@_, "$folder/written") });
    is(admin(qw(expire --older 500s)), 0, 'an expiry beside a writer') or diag(said('err'));
    write_file("$folder/stop", '');
    waitpid $writer, 0;
    my ($written, $longest) = split / /, read_file("$folder/written");
    is(count(), $written, 'deleted all, and kept what was written');
    cmp_ok($written, '>', 20,    "$written commits of the writer meanwhile");
    cmp_ok($longest, '<', $WAIT, sprintf 'the longest took %.0f ms', $longest * 1000);
}

#### Upgrade ####

# The columns and indexes of the table.
my %SHAPE = (
    sqlite3 => q{SELECT (SELECT group_concat(name || type || "notnull" || pk)}
        . q{ FROM pragma_table_info('used_insight')),}
        . q{ (SELECT group_concat(name) FROM pragma_index_list('used_insight')),}
        . q{ (SELECT user_version FROM pragma_user_version)},
    pgsql => q{SELECT (SELECT string_agg(concat_ws(' ', column_name, data_type,}
        . q{ is_nullable, column_default, collation_name), ',' ORDER BY ordinal_position)}
        . q{ FROM information_schema.columns WHERE table_name = 'used_insight'),}
        . q{ (SELECT string_agg(indexdef, ',' ORDER BY indexname) FROM pg_indexes}
        . q{ WHERE tablename = 'used_insight'), obj_description('used_insight'::regclass)},
    mysql => 'SELECT (SELECT group_concat(column_name, column_type, is_nullable,'
        . q{ coalesce(column_default, '-'), coalesce(collation_name, '-')}
        . ' ORDER BY ordinal_position) FROM information_schema.columns'
        . q{ WHERE table_schema = DATABASE() AND table_name = 'used_insight'),}
        . ' (SELECT group_concat(index_name, column_name ORDER BY 1)'
        . ' FROM information_schema.statistics WHERE table_schema = DATABASE()'
        . q{ AND table_name = 'used_insight'), (SELECT table_comment}
        . ' FROM information_schema.tables WHERE table_schema = DATABASE()'
        . q{ AND table_name = 'used_insight')},
);
sub shape { return join ' | ', $dbi->selectrow_array($SHAPE{$driver}) }

my @schemas = sort glob "$top/tests/data/schema/$driver-*.sql";
cmp_ok(scalar @schemas, '>', 2, 'there were earlier schemas');
for my $earlier (@schemas) {
    my $name = $earlier =~ s{.*/}{}r;
    begin($earlier);
    $dbi->do('INSERT INTO used_insight (invitation_id, id, version, last_accessed,'
            . q{ last_modified, document) VALUES ('i', 'a', '0123456789abcdef', '', '', '{}')});
    is(admin('list'), 2, "$name: too old");
    like(said('err'), qr/has schema version 10[12].* run insights-used-admin .* upgrade/,
        "$name: the remedy");
    if ($driver ne 'sqlite3') {
        is(admin('upgrade'), 2, "$name: the module's user may not upgrade it");
        like(said('err'), qr/The table's owner must run this/, "$name: but the owner");
    }
    $named = $owned;
    is(admin('upgrade'), 0, "$name: upgraded") or diag(said('err'));
    like(said('out'), qr/^from schema version 10[12] to 103$/, "$name: and from which version");
    my ($stored) = $dbi->selectrow_array('SELECT last_stored FROM used_insight');
    ok($stored >= int $now && $stored <= time + 5, "$name: the time of the upgrade");
    my $shape = shape();
    is(admin('upgrade'), 0, "$name: again");
    like(said('out'), qr/^schema version 103: nothing to do$/, "$name: nothing to do");
    is(admin('check'), 0, "$name: the row is as it should be") or diag(said('out'));
    next if $driver eq 'sqlite3';
    apply($schema);
    is(shape(), $shape, "$name: the schema file does the same");
}
if ($driver eq 'mysql') {
    my $shape = shape();
    $dbi->do(q{ALTER TABLE used_insight DROP KEY used_insight_last_stored, COMMENT = ''});
    is(admin('upgrade'), 0, 'an upgrade that was killed half way is run again');
    like(said('out'), qr/^schema version 103: made its index$/m, 'says what was missing');
    is(shape(), $shape, 'and makes it');

    begin($schemas[0]);
    my $count = 'SELECT count(*) FROM used_insight';
    $dbi->begin_work;
    $dbi->do($count);
    my $waiting = start($owned, 'upgrade');
    sleep 1;
    my $other = $dbi->clone;
    $other->do('SET SESSION lock_wait_timeout = 10');
    ok(eval { $other->do($count) }, 'nobody waits long behind an upgrade that waits');
    $other->disconnect;
    $dbi->commit;
    waitpid $waiting, 0;
    is($? >> 8, 0, 'which is repeated') or diag(said('err'));
}
if ($driver eq 'sqlite3') {
    begin($schemas[0]);
    $dbi->do('BEGIN IMMEDIATE');
    my $second = start($named, 'upgrade');
    sleep 1;    # it waits for its turn
    my @columns = ("digest TEXT NOT NULL DEFAULT ''", 'last_stored INTEGER NOT NULL DEFAULT 0');
    $dbi->do("ALTER TABLE used_insight ADD COLUMN $_") for @columns;
    $dbi->do('PRAGMA user_version = 103');
    $dbi->do('COMMIT');
    waitpid $second, 0;
    is($? >> 8, 0, 'an upgrade while another process makes the same') or diag(said('err'));
    like(said('out'), qr/^schema version 103: nothing to do$/m, 'finds it done');
    begin($schemas[0]);
    $dbi->do('ALTER TABLE used_insight ADD COLUMN last_stored TEXT');
    is(admin('upgrade'), 2, 'an upgrade that fails');
    like(said('err'), qr/: duplicate column name: last_stored\n\z/, 'for what reason');
}
begin($schema);
$dbi->do(
    $driver eq 'sqlite3' ? 'PRAGMA user_version = 200'
    : $driver eq 'pgsql' ? q{COMMENT ON TABLE used_insight IS 'schema version 200'}
    :                      q{ALTER TABLE used_insight COMMENT = 'schema version 200'}
);
is(admin('list'),    2, 'a later schema');
is(admin('upgrade'), 2, 'is not changed');
like(said('err'), qr/schema version 200, which only a later version/, 'but reported');
$dbi->do('DROP TABLE used_insight');
is(admin('list'), 2, 'no table');
like(said('err'), qr{schema/$driver\.sql makes it}, 'and its remedy');

#### Arguments ####

$named = "$folder/none.db";
is(admin('list'), 2, 'no file');
like(said('err'), qr/none\.db: No such file or directory$/m, 'and why');
ok(!-e $named, 'none is created');
for my $with (qw(host=none;password= host=none;sslpassword= postgresql://u:)) {
    $named = "dbi:Pg:${with}not-to-be-logged\@none";
    is(admin('list'), 2, "a password in the arguments, $with");
    like(said('err'), qr/a password in the arguments can be seen/, 'is refused');
    unlike(said('err'), qr/not-to-be-logged/, 'and not repeated');
}
$named = 'dbi:Oracle:x';
is(admin('list'), 2, 'another kind of database');
waitpid start('--help'), 0;
like(said('out'), qr/EXIT STATUS/, '--help');
waitpid start('--version'), 0;
like(said('out'), qr/^insights-used-admin \(mod_insights_used\) /, '--version');
done_testing;
