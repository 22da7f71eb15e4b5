# SPDX-License-Identifier: Apache-2.0
# The database file is made read-only, overwritten with garbage, replaced and
# removed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;
use InsightsUsed::Setup;
use Test::More;

my $trial = Faults::Trial->new('file');
my ($httpd, $store) = ($trial->httpd, $trial->store);

sub foreign_database {
    my ($path) = @_;
    return system('sqlite3', $path,
        'CREATE TABLE foreign_one (a); INSERT INTO foreign_one VALUES (1)') == 0
        || die "sqlite3 made no database\n";
}

# Processes that have the file open may go on; new children fail. Files that
# SQLite creates beside a read-only database are read-only, too.
sub read_only {
    $trial->cause(
        'file read-only',
        sub {
            chmod 0400, $store->path or die $!;
            $httpd->reload;
            $trial->meets('IU0063', 'while it is read-only');
        }
    );
    $trial->run_for(0.3);
    chmod 0600, glob $store->path . '*' or die $!;
    return;
}

sub garbage {
    $trial->cause(
        'file garbage',
        sub {
            $store->replace_folder(
                sub { write_file($_[0], 'This is not a database. ' x 200) });
            $trial->meets('IU0061', 'while it is garbage');
        }
    );
    $trial->run_for(0.3);
    unlink $store->path or die $!;
    return;
}

$trial->start(6);
for my $round (1 .. many(10, 1)) {
    read_only();
    $trial->recovers("writable again $round");
    garbage();
    $trial->recovers("the garbage is gone $round");
    $trial->cause('file replaced',
        sub { $store->replace_folder(\&foreign_database); 1 });
    $trial->recovers("another database $round");
    $trial->run_for(0.3);
    $trial->cause('file removed', sub { $store->remove_file; 1 });
    $trial->recovers("no file $round");
    $trial->run_for(0.3);
}
$trial->finish(
    expect =>
        [qw(IU0060 IU0061 IU0063 IU0067 IU0101 IU0105 IU0150)]);
