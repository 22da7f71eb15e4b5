# SPDX-License-Identifier: Apache-2.0
# A database on the server started by a program of tests/databases, and faults
# of that server.
package Faults::Store::Server;
use strict;
use warnings;
use parent 'Faults::Store';
use DBI;
use Faults::History;

# Statements that differ between databases. %s: the server's folder, the
# database.
my %DIALECT = (
    pgsql => {
        source      => 'dbi:Pg:host=%s;dbname=%s',
        owner       => 'postgres',
        connections =>
            "SELECT pid FROM pg_stat_activity WHERE usename = 'insights_used'",
        end => sub {
            my ($database, $number) = @_;
            return $database->selectrow_array('SELECT pg_terminate_backend(?)',
                undef, $number);
        },
        check => [
            'SET client_min_messages = warning',
            'CREATE EXTENSION IF NOT EXISTS amcheck',
            "SELECT bt_index_check('used_insight_pkey', true)",
        ],
    },
    mysql => {
        source      => 'dbi:MariaDB:mariadb_socket=%s/socket;database=%s',
        owner       => 'root',
        connections => 'SELECT ID FROM information_schema.PROCESSLIST'
            . " WHERE USER = 'insights_used'",
        # Fails if the connection has ended by itself.
        end => sub {
            my ($database, $number) = @_;
            return eval { $database->do("KILL $number"); 1 };
        },
        check => ['CHECK TABLE used_insight EXTENDED'],
    },
);

sub new {
    my ($class) = @_;
    my $name = "faults_$$";
    my $parameters = `'$ENV{INSIGHTS_TEST_SERVER}' create $name`;
    die "no database can be made\n" if $?;
    chomp $parameters;
    return bless {
        dialect    => $DIALECT{$ENV{INSIGHTS_TEST_DRIVER}},
        name       => $name,
        parameters => $parameters
    }, $class;
}

# The program that started the server stops it.
sub start { return }
sub stop  { return }

sub parameters {
    my ($self) = @_;
    return qq($ENV{INSIGHTS_TEST_DRIVER} "$self->{parameters}");
}

# A connection as owner of the server.
sub _connect {
    my ($self) = @_;
    return $self->connect_to($ENV{INSIGHTS_TEST_ROOT});
}

# The same, to the server in a folder.
sub connect_to {
    my ($self, $folder) = @_;
    my ($source, $owner) = @{$self->{dialect}}{qw(source owner)};
    return DBI->connect(
        sprintf($source, $folder, $self->{name}),
        $owner, '',
        {   RaiseError          => 1,
            PrintError          => 0,
            PrintWarn           => 0,
            AutoCommit          => 1,
            AutoInactiveDestroy => 1
        }
    );
}

sub _connection {
    my ($self) = @_;
    return $self->{connection} //= $self->_connect;
}

sub run { my ($self, $sql) = @_; $self->_connection->do($sql); return 1 }

# start, stop, kill, freeze or thaw.
sub server {
    my ($self, $action) = @_;
    delete $self->{connection} if $action =~ /\A(?:stop|kill)\z/;
    system($ENV{INSIGHTS_TEST_SERVER}, $action) == 0
        or die "the server of the database: cannot $action\n";
    return;
}

# Ids of the module's connections.
sub connections {
    my ($self) = @_;
    return @{$self->_connection->selectcol_arrayref(
        $self->{dialect}{connections})};
}

# Terminates a connection. True if it existed.
sub end_connection {
    my ($self, $number) = @_;
    return $self->{dialect}{end}->($self->_connection, $number) ? 1 : 0;
}

# Takes all connections of the server, including the module's.
sub use_up {
    my ($self) = @_;
    my $end = now() + 30;
    while (my @found = $self->connections) {
        $self->end_connection($_) for @found;
        while (my $taken = eval { $self->_connect }) {
            push @{$self->{taken}}, $taken;
        }
        now() < $end or die "the module keeps a connection\n";
    }
    return;
}

sub give_back { my ($self) = @_; delete $self->{taken}; return }

# A single database, always the same.
sub databases {
    my ($self) = @_;
    return [{rows => $self->rows_of($self->_connection)}];
}

# Faults that the server finds in the table.
sub disorder {
    my ($self) = @_;
    return $self->disorder_in($self->_connection);
}

sub disorder_in {
    my ($self, $connection) = @_;
    my @check = @{$self->{dialect}{check}};
    my $last  = pop @check;
    $connection->do($_) for @check;
    my $rows = eval { $connection->selectall_arrayref($last) };
    return $@ if !$rows;
    return grep { $_ !~ /\A(?:OK)?\z/ } map { $_->[-1] // '' } @$rows;
}

1;
