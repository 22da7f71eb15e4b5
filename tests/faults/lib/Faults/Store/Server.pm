# SPDX-License-Identifier: Apache-2.0
# A database of the server that a program of tests/databases runs around this;
# and what can be done to such a server.
package Faults::Store::Server;
use strict;
use warnings;
use parent 'Faults::Store';
use DBI;
use Faults::History;

# What each calls in its own way. %s: the server's folder, the database.
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
        # An error: it has ended by itself.
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

# Who runs the server ends it.
sub start { return }
sub stop  { return }

sub parameters {
    my ($self) = @_;
    return qq($ENV{INSIGHTS_TEST_DRIVER} "$self->{parameters}");
}

# A connection of the server's owner.
sub _connect {
    my ($self) = @_;
    return $self->connect_to($ENV{INSIGHTS_TEST_ROOT});
}

# The same, to the server of a folder.
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

# The numbers of the connections that the module has.
sub connections {
    my ($self) = @_;
    return @{$self->_connection->selectcol_arrayref(
        $self->{dialect}{connections})};
}

# Whether there was such a connection to be ended.
sub end_connection {
    my ($self, $number) = @_;
    return $self->{dialect}{end}->($self->_connection, $number) ? 1 : 0;
}

# Takes all connections that the server has to give, also those that the module
# had.
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

# One that was there all the time, whatever became of its server.
sub databases {
    my ($self) = @_;
    return [{rows => $self->rows_of($self->_connection)}];
}

# What the server finds out of order in the table.
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
