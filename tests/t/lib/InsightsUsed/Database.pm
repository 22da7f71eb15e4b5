# SPDX-License-Identifier: Apache-2.0
# The databases behind the server, read and disturbed from outside: by the
# client that each kind of database brings, which runs for as long as it is
# needed, so that what it locks stays locked.
package InsightsUsed::Database;
use strict;
use warnings;
use Exporter 'import';
use InsightsUsed::Test qw(state_file);
use IPC::Open2;

our @EXPORT = qw(count_of database database_server ids_of row_of);

# What each calls in its own way.
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
    mysql => { # that of all rows and of the gaps between them
        lock    => 'BEGIN; SELECT count(*) FROM used_insight FOR UPDATE',
        rebuild => 'OPTIMIZE TABLE used_insight',
        inserts => "SELECT concat('KILL ', id)"
            . ' FROM information_schema.processlist'
            . " WHERE info LIKE 'INSERT INTO used_insight%'",
        check   => 'CHECK TABLE used_insight EXTENDED',
    },
);
my $own = $SQL{$ENV{IU_DATABASE}};

# Printed after the rows of each statement; no value is like that.
my $END = ':end of rows:';

my %clients; # by name of the database, for looking at it

# The client for a database, that of the main server or another by its name.
sub database {
    my ($name) = @_;
    $name //= 'used_insight';
    return $clients{$name} //= __PACKAGE__->new($name);
}

# A client of one's own, which holds what it locks until it unlocks, or ends.
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
    # Where no child of the server has the database open, SQLite makes files
    # beside it now; they must not be root's.
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

# Runs SQL with values for its question marks: the rows, as lists of values.
# (Neither keys nor documents have tabs or ends of lines in them.)
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

# Nobody else can write from lock to unlock; all can read.
sub lock   { my ($self) = @_; $self->rows($own->{lock}); return }
sub unlock { my ($self) = @_; $self->rows('ROLLBACK');   return }

# Ends the connections of a server that insert at this moment. Returns how many
# there were.
sub end_inserts {
    my ($self) = @_;
    my @connections = $self->rows($own->{inserts});
    $self->rows($_->[0]) for @connections;
    return scalar @connections;
}

# Writes all tables, or that of the module, anew.
sub rebuild { my ($self) = @_; $self->rows($own->{rebuild}); return }

# Whether the table and its index are whole.
sub is_in_order {
    my ($self) = @_;
    my @rows = $self->rows($own->{check});
    return lc $rows[-1][-1] eq 'ok';
}

# Does to the server of the database what tests/databases/* can do.
sub database_server {
    my ($action) = @_;
    %clients = (); # which would not survive that
    system($ENV{INSIGHTS_TEST_SERVER}, $action) == 0
        or die "the server of the database: cannot $action\n";
    return;
}

# How often each id is stored for an invitation.
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
