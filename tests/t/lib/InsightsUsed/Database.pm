# SPDX-License-Identifier: Apache-2.0
# Inspects and disturbs the databases behind the server, through the client
# program of each database. The client keeps running, so its locks persist.
package InsightsUsed::Database;
use strict;
use warnings;
use Exporter 'import';
use InsightsUsed::Test qw(state_file);
use IPC::Open2;

our @EXPORT = qw(count_of database database_server ids_of row_of);

# Statements that differ between databases.
my %SQL = (
    sqlite3 => {
        lock    => 'BEGIN IMMEDIATE',
        rebuild => 'VACUUM',
        check   => 'PRAGMA integrity_check',
    },
    pgsql => {
        lock    => 'BEGIN; LOCK TABLE used_insight IN EXCLUSIVE MODE',
        rebuild => 'VACUUM FULL',
        inserts => "SELECT 'SELECT pg_terminate_backend(' || pid || ')'"
            . ' FROM pg_stat_activity'
            . " WHERE query LIKE 'INSERT INTO used_insight%'"
            . " AND state = 'active'",
        check   => 'SET client_min_messages = warning;'
            . 'CREATE EXTENSION IF NOT EXISTS amcheck;'
            . "SELECT bt_index_check('used_insight_pkey', true); SELECT 'ok'",
    },
    mysql => { # locks all rows and the gaps between them
        lock    => 'BEGIN; SELECT count(*) FROM used_insight FOR UPDATE',
        rebuild => 'OPTIMIZE TABLE used_insight',
        inserts => "SELECT concat('KILL ', id)"
            . ' FROM information_schema.processlist'
            . " WHERE info LIKE 'INSERT INTO used_insight%'",
        check   => 'CHECK TABLE used_insight EXTENDED',
    },
);
my $own = $SQL{$ENV{IU_DATABASE}};

# Printed after the rows of each statement; never a value.
my $END = ':end of rows:';

my %clients; # shared clients, by database

# The shared client of a database, by default that of the main server.
sub database {
    my ($name) = @_;
    $name //= 'used_insight';
    return $clients{$name} //= __PACKAGE__->new($name);
}

# A separate client, which holds its locks until it unlocks or exits.
sub new {
    my ($class, $name) = @_;
    my $self = bless {}, $class;
    open2($self->{rows}, $self->{sql}, _command($name));
    return $self;
}

sub _command {
    my ($name) = @_;
    return ($ENV{INSIGHTS_TEST_SERVER}, 'sql', $name)
        if $ENV{IU_DATABASE} ne 'sqlite3';
    my $path = state_file("db/$name.db");
    -e $path or die "the module has made no $path\n";
    # SQLite creates files beside the database if no child has it open; root
    # must not own them.
    my ($user, $group) = (stat $path)[4, 5];
    my @as_owner
        = $> == 0
        ? ('setpriv', "--reuid=$user", "--regid=$group", '--clear-groups')
        : ();
    return (
        @as_owner, qw(stdbuf -oL sqlite3 -batch -bail -list -separator),
        "\t", '-cmd', '.timeout 10000', $path
    );
}

# Runs SQL with values for its question marks. Returns the rows as lists of
# values. (Keys and documents have neither tabs nor newlines.)
sub rows {
    my ($self, $sql, @values) = @_;
    $sql =~ s{\?}{"'" . (shift(@values) =~ s/'/''/gr) . "'"}ge;
    local $SIG{PIPE} = 'IGNORE';
    print {$self->{sql}} "$sql;\nSELECT '$END';\n";
    my @rows;
    while (defined(my $line = readline $self->{rows})) {
        chomp $line;
        return @rows if $line eq $END;
        push @rows, [split /\t/, $line, -1];
    }
    die "the database's client has ended, at: $sql\n";
}

# The first value of the first row.
sub value {
    my ($self, $sql, @values) = @_;
    my ($row) = $self->rows($sql, @values);
    return $row->[0];
}

# Between lock and unlock no other client can write; all can read.
sub lock   { my ($self) = @_; $self->rows($own->{lock}); return }
sub unlock { my ($self) = @_; $self->rows('ROLLBACK');   return }

# Terminates the server's connections that are inserting. Returns their number.
sub end_inserts {
    my ($self) = @_;
    my @connections = $self->rows($own->{inserts});
    $self->rows($_->[0]) for @connections;
    return scalar @connections;
}

# Rewrites the module's table, or all.
sub rebuild { my ($self) = @_; $self->rows($own->{rebuild}); return }

# True if the table and its index are intact.
sub is_in_order {
    my ($self) = @_;
    my @rows = $self->rows($own->{check});
    return lc $rows[-1][-1] eq 'ok';
}

# Runs an action of tests/databases/* on the database server.
sub database_server {
    my ($action) = @_;
    %clients = (); # they would lose their connection
    system($ENV{INSIGHTS_TEST_SERVER}, $action) == 0
        or die "the server of the database: cannot $action\n";
    return;
}

# The number of rows per id of an invitation.
sub ids_of {
    my ($invitation, $name) = @_;
    my %times;
    $times{$_->[0]}++
        for database($name)
        ->rows('SELECT id FROM used_insight WHERE invitation_id = ?',
        $invitation);
    return \%times;
}

sub count_of {
    my ($invitation) = @_;
    return database()
        ->value('SELECT count(*) FROM used_insight WHERE invitation_id = ?',
        $invitation);
}

# The version and the document of a record.
sub row_of {
    my ($invitation, $id) = @_;
    my ($row) = database()->rows(
        'SELECT version, document FROM used_insight'
            . ' WHERE invitation_id = ? AND id = ?',
        $invitation, $id
    );
    return {version => $row->[0], document => $row->[1]};
}

1;
