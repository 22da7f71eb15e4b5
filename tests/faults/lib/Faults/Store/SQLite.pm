# SPDX-License-Identifier: Apache-2.0
# The SQLite database behind the server. What every store has: new(folder,
# user), start, stop, parameters (of InsightsUsedDBD), databases (for the
# judge), disorder and run (SQL, as another program would).
package Faults::Store::SQLite;
use strict;
use warnings;
use DBI;
use Faults::History;

my @PARTS = ('', '-wal', '-shm');

# user: [uid, gid] of the server's children, or undef: who runs this.
sub new {
    my ($class, $folder, $user) = @_;
    my $own = "$folder/db";
    mkdir $own, 0700 or die "$own: $!\n";
    my $self = bless {folder => $own, user => $user, past => []}, $class;
    $self->give($own);
    return $self;
}

# A database of files needs nobody to run it.
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

# A connection as the owner of the files: SQLite makes some where no child of
# the server has the database open, and they must not be root's.
sub _connect {
    my ($self, $path) = @_;
    my $who = $>;
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

# Has code put something else in the place of the database. What was there is
# kept aside, where code or (moved) this moves it, for the judge to find.
sub replace {
    my ($self, $code) = @_;
    my $aside = "$self->{folder}.aside" . @{$self->{past}};
    my $begin = now();
    delete $self->{foreign};
    $code->($aside);
    push @{$self->{past}},
        {
        path => "$aside/used_insight.db",
        from => $self->{since},
        to   => now()
        };
    $self->{since} = $begin;
    return;
}

# Another folder comes in the place of the database's, with what code puts into
# it.
sub replace_folder {
    my ($self, $code) = @_;
    my $new = "$self->{folder}.new";
    mkdir $new, 0700 or die "$new: $!\n";
    $code->("$new/used_insight.db");
    $self->give($_) for $new, glob "$new/*";
    return $self->replace(
        sub {
            my ($aside) = @_;
            rename $self->{folder}, $aside or die "$self->{folder}: $!\n";
            rename $new, $self->{folder} or die "$new: $!\n";
        }
    );
}

# The database loses its name, and keeps a second one elsewhere.
sub unlink_file {
    my ($self) = @_;
    return $self->replace(
        sub {
            my ($aside) = @_;
            mkdir $aside, 0700 or die "$aside: $!\n";
            $self->give($aside);
            for my $part (@PARTS) {
                my $path = $self->path . $part;
                link $path, "$aside/used_insight.db$part"
                    or die "$path: $!\n";
            }
            unlink $self->path or die $!;
        }
    );
}

# A file system of so many KiB under the database; of more, where there is one.
sub make_small {
    my ($self, $kilobytes) = @_;
    my ($uid, $gid) = @{$self->{user}};
    my $options = "size=${kilobytes}k,mode=0700,uid=$uid,gid=$gid";
    my $remount = $self->{mounted} ? 'remount,' : '';
    system('mount', '-t', 'tmpfs', '-o', "$remount$options", 'tmpfs',
        $self->{folder}) == 0
        or die "no file system of $kilobytes KiB can be made\n";
    $self->{mounted} = 1;
    return;
}

# All databases that stood at the place, with their rows.
sub databases {
    my ($self) = @_;
    delete $self->{foreign};
    return [
        (   map {
                {%$_, rows => $self->_rows($_->{path})}
            } @{$self->{past}}
        ),
        {from => $self->{since}, rows => $self->_rows($self->path)}
    ];
}

sub _rows {
    my ($self, $path) = @_;
    my $database = $self->_connect($path);
    return $database->selectall_arrayref(
        'SELECT invitation_id AS invitation, id, version, document'
            . ' FROM used_insight',
        {Slice => {}}
    );
}

# What SQLite finds out of order in all of them.
sub disorder {
    my ($self) = @_;
    my @found;
    for my $path ($self->path, map { $_->{path} } @{$self->{past}}) {
        push @found, "$path: $_"
            for grep { $_ ne 'ok' } @{
            $self->_connect($path)
                ->selectcol_arrayref('PRAGMA integrity_check')};
    }
    return @found;
}

1;
