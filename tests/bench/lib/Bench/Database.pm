# SPDX-License-Identifier: Apache-2.0
# A database to measure: an SQLite file, or a database of a server that a script
# of tests/databases runs. The server has the settings of its package, and syncs
# each commit.
package Bench::Database;
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use IPC::Open2;

our @EXPORT = qw(stop_database_servers);

my $tests = dirname(__FILE__) . '/../../..';
my %server;    # driver => {root, input, pid}

# A server runs until its input is closed.
sub _start {
    my ($driver) = @_;
    local $ENV{TMPDIR} = '/var/tmp';
    my $pid = open2(my $output, my $input, "$tests/databases/$driver",
        'sh', '-c', 'echo "$INSIGHTS_TEST_ROOT"; exec cat');
    $server{$driver} = { input => $input, pid => $pid };
    chomp($server{$driver}{root} = <$output> // die "$driver: no server\n");
    return;
}

sub stop_database_servers {
    for my $s (values %server) {
        close delete $s->{input};
        waitpid $s->{pid}, 0;
    }
    %server = ();
    return;
}

# What the server's script says to a command.
sub _ask {
    my ($driver, $command) = @_;
    local $ENV{INSIGHTS_TEST_ROOT} = $server{$driver}{root};
    my $said = qx('$tests/databases/$driver' $command);
    die "$driver: $command failed\n" if $? != 0;
    chomp $said;
    return $said;
}

# driver; name, of letters, digits and hyphens; folder, where SQLite's file is.
sub new {
    my ($class, %given) = @_;
    my $self = bless {%given}, $class;
    if ($self->{driver} eq 'sqlite3') {
        $self->{parameters} = "$self->{folder}/used.db";
        return $self;
    }
    _start($self->{driver}) if !$server{ $self->{driver} };
    $self->{name} =~ tr/-/_/;
    $self->{parameters} = _ask($self->{driver}, "create $self->{name}");
    return $self;
}

# What apr_dbd opens it by.
sub parameters { my ($self) = @_; return $self->{parameters} }

sub _sql {
    my ($self, $sql) = @_;
    return _ask($self->{driver}, "sql $self->{name} <<'END'\n$sql\nEND\n")
        if $self->{driver} ne 'sqlite3';
    my $said = qx(sqlite3 -bail '$self->{parameters}' <<'END'\n$sql\nEND\n);
    die "$self->{parameters}: sqlite3 failed\n" if $? != 0;
    chomp $said;
    return $said;
}

sub rows {
    my ($self) = @_;
    my $rows = $self->_sql('SELECT count(*) FROM used_insight;');
    $rows =~ /^\d+$/ or die "the rows of $self->{name} cannot be counted\n";
    return $rows;
}

# Of row number i of %1$s: its invitation, one of those that load.lua posts to,
# and an id that is older than the server's.
my %source = (
    sqlite3 => <<'END',
WITH RECURSIVE number(i) AS (
    SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < %1$s)
INSERT INTO used_insight (invitation_id, id, version, last_accessed, last_modified,
    document, digest)
SELECT printf('i-%%d-%%06d', i * 8192 / %1$s / 4096, i * 8192 / %1$s %% 4096),
    printf('00000000-0000-7000-8000-%%012x', i),
    '0123456789abcdef', '', '', '%2$s', '' FROM number;
END
    pgsql => <<'END',
INSERT INTO used_insight (invitation_id, id, version, last_accessed, last_modified,
    document, digest)
SELECT format('i-%%s-%%s', i * 8192 / %1$s / 4096,
        lpad((i * 8192 / %1$s %% 4096)::text, 6, '0')),
    '00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'),
    '0123456789abcdef', '', '', '%2$s', ''
FROM generate_series(0::bigint, %1$s - 1) AS i;
ANALYZE used_insight;
END
    mysql => <<'END',
INSERT INTO used_insight (invitation_id, id, version, last_accessed, last_modified,
    document, digest)
SELECT concat('i-', seq * 8192 DIV %1$s DIV 4096, '-',
        lpad(seq * 8192 DIV %1$s %% 4096, 6, '0')),
    concat('00000000-0000-7000-8000-', lpad(lower(hex(seq)), 12, '0')),
    '0123456789abcdef', '', '', '%2$s', '' FROM seq_0_to_%3$s;
END
);

# Puts rows into it, before anybody else does.
sub fill {
    my ($self, $rows) = @_;
    my $type     = 'microsoft.graph';
    my $document = sprintf '{"lastUsed":{"@odata.type":"%1$s.usageDetails"},'
        . '"resourceVisualization":{"@odata.type":"%1$s.resourceVisualization",'
        . '"previewText":"%2$s"},'
        . '"resourceReference":{"@odata.type":"%1$s.resourceReference"}}',
        $type, 'x' x 580;
    my $sql = sprintf $source{ $self->{driver} }, $rows, $document, $rows - 1;
    if ($self->{driver} ne 'sqlite3') {
        $self->_sql($sql);
        return;
    }
    $self->_sql("PRAGMA synchronous=OFF;\nPRAGMA cache_size=-262144;\n"
            . ".read $tests/../conf/schema/sqlite3.sql\n$sql");
    chown((stat $self->{folder})[ 4, 5 ], $self->{parameters}) == 1
        or die "$self->{parameters}: $!\n";
    return;
}

1;
