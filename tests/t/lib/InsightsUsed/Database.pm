# SPDX-License-Identifier: Apache-2.0
# The SQLite database behind the server, read and disturbed from outside.
package InsightsUsed::Database;
use strict;
use warnings;
use DBI;
use Exporter 'import';
use InsightsUsed::Test qw(state_file);

our @EXPORT = qw(count_of database ids_of);

# A connection to the database of the main server or, by its file, another.
sub database {
    my ($file) = @_;
    my $path = state_file('db/' . ($file // 'used_insight.db'));
    -e $path or die "the module has made no $path\n";
    return _as_owner_of(
        $path,
        sub {
            my $database = DBI->connect("dbi:SQLite:dbname=$path", '', '',
                {RaiseError => 1, PrintError => 0, AutoCommit => 1});
            $database->sqlite_busy_timeout(10_000);
            $database->do('SELECT count(*) FROM sqlite_master');
            return $database;
        }
    );
}

# Where no child of the server has the database open, SQLite makes files
# beside it now; they must not be root's.
sub _as_owner_of {
    my ($path, $code) = @_;
    my $self = $>;
    $> = (stat $path)[4] if $self == 0;
    my $result = eval { $code->() };
    my $error  = $@;
    $> = $self;
    return $result // die $error;
}

# How often each id is stored for an invitation.
sub ids_of {
    my ($invitation, $file) = @_;
    my %times;
    $times{$_}++
        for @{
        database($file)->selectcol_arrayref(
            'SELECT id FROM used_insight WHERE invitation_id = ?', {},
            $invitation
        )
        };
    return \%times;
}

sub count_of {
    my ($invitation) = @_;
    return
        scalar database()
        ->selectrow_array(
        'SELECT count(*) FROM used_insight WHERE invitation_id = ?',
        {}, $invitation);
}

1;
