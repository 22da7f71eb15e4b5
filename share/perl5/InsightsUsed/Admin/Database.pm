# SPDX-License-Identifier: Apache-2.0
# A database of mod_insights_used, as the commands of an operator use it: opened,
# read in pages, and changed in small transactions that are repeated if others
# were in the way. All values are bytes; texts are UTF-8.
package InsightsUsed::Admin::Database;
use strict;
use warnings;
use Time::HiRes qw(sleep time);

our @COLUMNS = qw(invitation_id id version last_accessed last_modified document digest
    last_stored);
our $COLUMNS = join ', ', @COLUMNS;
our $VERSION_NEEDED = 103;      # of the table's schema; IU_SCHEMA_VERSION
our $PROBES = "\nreadiness";    # the set of the readiness probes: TRIAL_SET

my $RETRIES      = 10;          # of a transaction that the database undid
my $WAIT         = 10_000;      # milliseconds for a lock of SQLite
my $GOOD_TIME    = 0.02;        # seconds that a transaction should take
my $MOST         = 512;         # rows of a transaction

# Differences between the DBI drivers. "text" marks those that take and return
# characters instead of bytes.
my %MARIADB = (
    name    => 'mysql',
    now     => 'UNIX_TIMESTAMP()',
    hash    => 'SHA2(document, 256)',
    skip    => 'ON DUPLICATE KEY UPDATE version = used_insight.version',
    after   => '(invitation_id = ? AND id > ? OR invitation_id > ?)',
    busy    => qr/\A(?:40|HY000:1205)/,
    version => q{SELECT COALESCE(NULLIF(REGEXP_SUBSTR(table_comment,}
        . q{ '(?<=schema version )[0-9]{3,6}'), ''), 101 + (SELECT count(*)}
        . q{ FROM information_schema.columns WHERE table_schema = DATABASE()}
        . q{ AND table_name = 'used_insight'}
        . q{ AND column_name IN ('digest', 'last_stored')))}
        . q{ FROM information_schema.tables WHERE table_schema = DATABASE()}
        . q{ AND table_name = 'used_insight'},
    setup => [
        'SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin',
        q{SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')},
        'SET SESSION wsrep_sync_wait = @@wsrep_sync_wait | 1',
        'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
        'SET SESSION innodb_lock_wait_timeout = 4, lock_wait_timeout = 4',
        'SET SESSION max_statement_time = 0',       # the user's is for requests
    ],
);
my %KINDS = (
    SQLite => {
        name    => 'sqlite3',
        package => 'libdbd-sqlite3-perl',
        now     => 'unixepoch()',
        skip    => 'ON CONFLICT DO NOTHING',
        after   => '(invitation_id, id) > (?, ?)',
        busy    => qr/(?!)/,        # sqlite_busy_timeout waits
        version => q{SELECT CASE WHEN user_version > 100 THEN user_version ELSE 101 +}
            . q{ (SELECT count(*) FROM pragma_table_info('used_insight')}
            . q{ WHERE name IN ('digest', 'last_stored')) END}
            . q{ FROM sqlite_schema, pragma_user_version}
            . q{ WHERE type = 'table' AND name = 'used_insight'},
        setup => ['PRAGMA synchronous = FULL'],
    },
    Pg => {
        name       => 'pgsql',
        package    => 'libdbd-pg-perl',
        attributes => { pg_enable_utf8 => 0, pg_server_prepare => 0 },
        now        => 'CAST(floor(extract(epoch FROM now())) AS bigint)',
        hash       => q{encode(sha256(convert_to(document, 'UTF8')), 'hex')},
        skip       => 'ON CONFLICT DO NOTHING',
        after      => '(invitation_id, id) > (?, ?)',
        busy       => qr/\A(?:40|55P03|57014)/,
        version    => q{SELECT COALESCE(substring(obj_description(oid, 'pg_class')}
            . q{ from 'schema version ([0-9]{3,6})'), CAST(101 + (SELECT count(*)}
            . q{ FROM pg_attribute WHERE attrelid = pg_class.oid}
            . q{ AND attname IN ('digest', 'last_stored')}
            . q{ AND NOT attisdropped) AS text))}
            . q{ FROM pg_class WHERE oid = to_regclass('used_insight')},
        setup => [
            q{SET client_encoding = 'UTF8'},
            q{SET client_min_messages = 'warning'},
            q{SET lock_timeout = '4s'},
            'SET statement_timeout = 0',            # the role's is for requests
            q{SELECT set_config('synchronous_commit',}
                . q{ CASE current_setting('synchronous_commit')}
                . q{ WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END,}
                . q{ false)},
        ],
    },
    mysql => {
        %MARIADB,
        package    => 'libdbd-mysql-perl',
        attributes => {
            mysql_server_prepare    => 1,
            mysql_client_found_rows => 0,
            mysql_auto_reconnect    => 0,
        },
    },
    MariaDB => {
        %MARIADB,
        package    => 'libdbd-mariadb-perl',
        text       => 1,
        attributes => {
            mariadb_server_prepare    => 1,
            mariadb_client_found_rows => 0,
            mariadb_auto_reconnect    => 0,
        },
    },
);

# Loads a module, or dies with the package that has it.
sub load {
    my ($module, $package) = @_;
    return if eval "require $module; 1";    ## no critic: a name from this file
    die "Perl's $module cannot be loaded; on Debian it is in the package $package.\n$@";
}

# The fastest JSON library that is installed; perl itself has the last one.
sub json {
    for my $name (qw(Cpanel::JSON::XS JSON::XS JSON::PP)) {
        return $name->new->utf8->canonical if eval "require $name; 1"; ## no critic
    }
    die "Perl's JSON::PP cannot be loaded\n";
}

# A sentence of DBI without the place in this program.
sub sentence {
    my ($error) = @_;
    return $error =~ s/ at \S+ line \d+.*//sr =~ s/\ADBD::\S+ \w+ failed: //r;
}

# A sentence for the terminal, whatever of a client's text a driver has quoted.
sub printable {
    my ($text) = @_;
    return $text =~ s/([^\n\x20-\x7e])/sprintf '\\x%02x', ord $1/ger;
}

# Opens what an operator names: the path of an SQLite file, or a data source name.
# A missing file is not created. Option: read_only.
sub open {    ## no critic: a method
    my ($class, $name, %option) = @_;
    my ($driver) = $name =~ /\Adbi:(\w+):/i;
    $driver //= 'SQLite';
    my $kind = $KINDS{$driver}
        or die "the database must be a file, or begin with dbi:Pg:, dbi:MariaDB: or"
        . " dbi:mysql:\n";
    $name =~ m{\A dbi: .* (?: pass(?:word)?\s*= | ://[^/@]*:[^/@]*@ )}isx
        and die "a password in the arguments can be seen by every user of this"
        . " machine; see \"Credentials\" in --help\n";
    load('DBI',          'libdbi-perl');
    load("DBD::$driver", $kind->{package});
    my $self = bless {%$kind}, $class;
    $name = _uri_of($name, $option{read_only}) if $driver eq 'SQLite';
    $self->{dbi} = eval {
        DBI->connect($name, undef, undef,
            { RaiseError => 1, PrintError => 0, AutoCommit => 1,
                %{ $kind->{attributes} // {} } });
    } or die sentence($@) . "\n";
    $self->_set_up($driver);
    return $self;
}

sub _uri_of {
    my ($path, $read_only) = @_;
    $path =~ s/\Adbi:SQLite:(?:dbname=)?//;
    stat $path or die "$path: $!\n";
    -f _ or die "$path is not a file\n";
    my $uri = $path =~ s{\A/+}{/}r =~ s{([^A-Za-z0-9/._-])}{sprintf '%%%02X', ord $1}ger;
    return "dbi:SQLite:uri=file:$uri?mode=" . ($read_only ? 'ro' : 'rw');
}

sub _set_up {
    my ($self, $driver) = @_;
    my $dbi = $self->{dbi};
    if ($driver eq 'SQLite') {
        require DBD::SQLite::Constants;
        $dbi->{sqlite_string_mode} =
            DBD::SQLite::Constants::DBD_SQLITE_STRING_MODE_BYTES();
        $dbi->sqlite_busy_timeout($WAIT);
    }
    eval { $dbi->do($_) for @{ $self->{setup} }; 1 }
        or die 'the database cannot be set up: ' . sentence($@) . "\n";
    return;
}

#### Statements ####

# Converts bytes to the form of the driver.
sub _to {
    my ($self, @values) = @_;
    if ($self->{text}) { utf8::decode($_) for @values }
    return @values;
}

# The rows that a query returns.
sub rows {
    my ($self, $sql, @values) = @_;
    my $rows = $self->{dbi}->selectall_arrayref($self->{dbi}->prepare_cached($sql),
        undef, $self->_to(@values));
    for my $row ($self->{text} ? @$rows : ()) { defined && utf8::encode($_) for @$row }
    return @$rows;
}

sub value {
    my ($self, @query) = @_;
    my ($row) = $self->rows(@query);
    return $row && $row->[0];
}

# Returns the number of rows that a statement changed.
sub change {
    my ($self, $sql, @values) = @_;
    return 0 + $self->{dbi}->prepare_cached($sql)->execute($self->_to(@values));
}

sub is_sqlite { my ($self) = @_; return $self->{name} eq 'sqlite3' }

# The time by the database's clock, in seconds since 1970.
sub now { my ($self) = @_; return 0 + $self->value("SELECT $self->{now}") }

# True if a deadlock, a lock, or another node of a cluster has undone the last
# transaction, so that it can be repeated.
sub was_undone {
    my ($self) = @_;
    my $state = ($self->{dbi}->state // '') . ':' . ($self->{dbi}->err // '');
    return $state =~ $self->{busy};
}

# Runs code as one transaction, again if the database has undone it. Dies with
# its error otherwise. Returns what the code returns.
sub transaction {
    my ($self, $code) = @_;
    for my $attempt (1 .. $RETRIES) {
        my $result = eval {
            # DBD::SQLite's begin_work waits for the lock only in the first statement.
            $self->is_sqlite ? $self->{dbi}->do('BEGIN IMMEDIATE') : $self->{dbi}->begin_work;
            my $returned = $code->();
            $self->{dbi}->commit;
            [$returned];
        };
        return $result->[0] if $result;
        my $error = $@;
        my $again = $attempt < $RETRIES && $self->was_undone;
        eval { $self->{dbi}->rollback };
        die $error if !$again;
        sleep rand 0.01 * 2**$attempt;
    }
    return;
}

# Changes items in transactions so short that the server's writers hardly wait:
# change gets some items at a time, within a transaction that may be repeated;
# done gets what it returned and the last item, once that is committed. Then a
# pause follows, as long as the transaction took, without its wait for a turn:
# SQLite has one writer at a time, and the server's children take their turns in
# the pauses.
sub in_turns {
    my ($self, $items, $change, $done) = @_;
    my @left = @$items;
    while (@left) {
        my $size = $self->{size} //= 32;
        my @some = splice @left, 0, $size;
        my $begun;
        my $result =
            $self->transaction(sub { $begun = time; return $change->(@some) });
        my $took = time - $begun;
        $done->($result, $some[-1]);
        $size = int $size / 2 if $took > $GOOD_TIME && $size > 1;
        $size = $size * 2     if $took < $GOOD_TIME / 2 && $size < $MOST;
        $self->{size} = $size;
        sleep($took < 0.005 ? 0.005 : $took);
    }
    return;
}

#### The table ####

# The version of the table's schema; undef: there is no table.
sub schema_version { my ($self) = @_; return $self->value($self->{version}) }

# Dies if the table is missing, or not of this version.
sub check_table {
    my ($self) = @_;
    my $found = eval { $self->schema_version };
    die sentence($@) . "\n" if $@;
    defined $found
        or die "it has no table used_insight that this user can see;"
        . " schema/$self->{name}.sql makes it and names the rights\n";
    $found < $VERSION_NEEDED
        and die "its table used_insight has schema version $found, and"
        . " $VERSION_NEEDED is needed: run insights-used-admin ... upgrade, or"
        . " schema/$self->{name}.sql makes it so\n";
    _hundred($found) > _hundred($VERSION_NEEDED)
        and die "its table used_insight has schema version $found, which only a"
        . " later version of this command knows\n";
    eval { $self->value("SELECT $COLUMNS FROM used_insight WHERE 1 = 0"); 1 }
        or die 'the table used_insight cannot be read: ' . sentence($@)
        . "; schema/$self->{name}.sql makes it and names the rights\n";
    return;
}

sub _hundred { return int $_[0] / 100 }

# A function that returns the rows of the next page each time, in the order of
# their keys; none at the end. columns begin with the two keys; set restricts the
# rows to those of a set. Without it, they are those of clients.
sub pages {
    my ($self, $columns, $most, $set) = @_;
    my $condition = defined $set ? 'invitation_id = ?' : 'invitation_id <> ?';
    my $last;
    return sub {
        my @where = ($condition, $last ? $self->{after} : ());
        my @keys  = $last ? @$last[ 0, 1 ] : ();
        push @keys, $last->[0] if $last && $self->{after} =~ /invitation_id = /;
        my @rows = $self->rows(
            "SELECT $columns FROM used_insight WHERE "
                . join(' AND ', @where)
                . " ORDER BY invitation_id, id LIMIT $most",
            $set // $PROBES, @keys
        );
        $last = $rows[-1] if @rows;
        return @rows;
    };
}

# Inserts rows whose keys are missing, by one statement. Returns their number.
# The rows may lack last columns.
sub insert_missing {
    my ($self, @rows) = @_;
    my $last = $#{ $rows[0] };
    return $self->change(
        'INSERT INTO used_insight (' . join(', ', @COLUMNS[ 0 .. $last ]) . ') VALUES '
            . join(',', ('(?' . ',?' x $last . ')') x @rows) . " $self->{skip}",
        map {@$_} @rows
    );
}

# The set that the options --invitation and --user name, as in the column
# invitation_id; undef: none.
sub set_of {
    my ($option) = @_;
    my ($invitation, $user) = @$option{qw(invitation user)};
    defined $invitation && defined $user
        and die "give either --invitation or --user\n";
    my $id = $user // $invitation // return;
    length $id && utf8::decode(my $copy = $id)
        or die "the id is empty or not UTF-8, as no key of the table is\n";
    return defined $user ? "\t$id" : $id;
}

# The path of a row or, without id, of its set below the service root: each key
# encoded as in a URL, so that it is one word whatever is in it.
sub path_of {
    my ($set, $id) = @_;
    my $kind = $set =~ s/\A\t// ? 'users' : 'invitations';
    return join '/', $kind, map { encoded($_) } $set, $id // ();
}

sub encoded {
    my ($text) = @_;
    return $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger;
}

1;
