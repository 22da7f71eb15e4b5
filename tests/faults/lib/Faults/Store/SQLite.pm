# SPDX-License-Identifier: Apache-2.0
# The SQLite database behind the server.
package Faults::Store::SQLite;
use strict;
use warnings;
use parent 'Faults::Store';
use DBD::SQLite;
use DBI;
use Errno;
use Faults::History;

my @PARTS = ('', '-wal', '-shm');

# user: [uid, gid] of the server's children; undef: the current user.
sub new {
    my ($class, $folder, $user) = @_;
    my $own = "$folder/db";
    mkdir $own, 0700 or die "$own: $!\n";
    my $self = bless {folder => $own, user => $user, past => []}, $class;
    $self->give($own);
    return $self;
}

# There is no server to start.
sub start { return }

sub stop {
    my ($self) = @_;
    system 'umount', $self->{folder} if delete $self->{mounted};
    return;
}

sub give {
    my ($self, $path) = @_;
    return if !$self->{user};
    chown @{$self->{user}}, $path or die "$path: $!\n";
    return;
}

sub path       { my ($self) = @_; return "$self->{folder}/used_insight.db" }
sub parameters { my ($self) = @_; return 'sqlite3 "' . $self->path . '"' }

# Connects as owner of the files: SQLite creates some if no child has the
# database open, and root must not own them. That user may lack access to the
# folders of @INC; emptying it makes a module that is loaded too late fail
# everywhere.
sub _connect {
    my ($self, $path) = @_;
    my $who = $>;
    local @INC = ();
    $> = $self->{user}[0] if $self->{user};
    my $database = eval {
        my $connected = DBI->connect("dbi:SQLite:dbname=$path", '', '',
            {RaiseError => 1, PrintError => 0, AutoCommit => 1});
        $connected->sqlite_busy_timeout(10_000);
        $connected->selectrow_array('SELECT count(*) FROM sqlite_master');
        $connected;
    };
    my $error = $@;
    $> = $who;
    return $database // die $error;
}

sub run {
    my ($self, $sql) = @_;
    $self->{foreign} //= $self->_connect($self->path);
    my $done = eval { $self->{foreign}->do($sql); 1 };
    my $error = $@;
    die $error if !$done && $error !~ /locked/;
    return $done;
}

# Replaces the folder of the database by another, filled by code. The old one is
# kept for the judge.
sub replace_folder {
    my ($self, $code) = @_;
    my $aside = "$self->{folder}.aside" . @{$self->{past}};
    my $new   = "$self->{folder}.new";
    mkdir $new, 0700 or die "$new: $!\n";
    $code->("$new/used_insight.db");
    $self->give($_) for $new, glob "$new/*";
    $self->_succeed(
        {path => "$aside/used_insight.db"},
        sub {
            rename $self->{folder}, $aside or die "$self->{folder}: $!\n";
            rename $new, $self->{folder} or die "$new: $!\n";
        }
    );
    return;
}

# Removes the database file, but not SQLite's files beside it, which the next
# database finds.
sub remove_file {
    my ($self) = @_;
    $self->_succeed({lost => 1}, sub { unlink $self->path or die $!; });
    return;
}

# Runs code that replaces the database, and records when.
sub _succeed {
    my ($self, $database, $code) = @_;
    my $begin = now();
    delete $self->{foreign};
    $code->();
    push @{$self->{past}}, {%$database, from => $self->{since}, to => now()};
    $self->{since} = $begin;
    return;
}

# Mounts a separate file system of that many MiB for the database.
sub make_small {
    my ($self, $megabytes) = @_;
    my ($uid, $gid) = @{$self->{user}};
    system('mount', '-t', 'tmpfs', '-o',
        "size=${megabytes}m,mode=0700,uid=$uid,gid=$gid",
        'tmpfs', $self->{folder}) == 0
        or die "no file system of $megabytes MiB can be made\n";
    $self->{mounted} = 1;
    return;
}

# Fills the file system with another file.
sub fill_disk {
    my ($self) = @_;
    open my $file, '>:raw', "$self->{folder}/ballast" or die $!;
    for my $size (65_536, 4096) {
        1 while syswrite $file, 'b' x $size;
        $!{ENOSPC} or die "the disk is not full: $!\n";
    }
    return;
}

sub free_disk {
    my ($self) = @_;
    unlink "$self->{folder}/ballast" or die $!;
    return;
}

# All databases, past and present, with their rows.
sub databases {
    my ($self) = @_;
    delete $self->{foreign};
    return [
        (   map {
                {%$_, $_->{path} ? (rows => $self->_rows($_->{path})) : ()}
            } @{$self->{past}}
        ),
        {from => $self->{since}, rows => $self->_rows($self->path)}
    ];
}

sub _rows {
    my ($self, $path) = @_;
    return $self->rows_of($self->_connect($path));
}

# Faults found by SQLite in any of them.
sub disorder {
    my ($self) = @_;
    my @found;
    for my $path ($self->path, grep {defined} map { $_->{path} } @{$self->{past}})
    {
        push @found, "$path: $_"
            for grep { $_ ne 'ok' } @{
            $self->_connect($path)
                ->selectcol_arrayref('PRAGMA integrity_check')};
    }
    return @found;
}

1;
