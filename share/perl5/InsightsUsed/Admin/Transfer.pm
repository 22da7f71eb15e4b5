# SPDX-License-Identifier: Apache-2.0
# insights-used-admin export and import: one row a line, as JSON.
package InsightsUsed::Admin::Transfer;
use strict;
use warnings;
use InsightsUsed::Admin::Check;
use InsightsUsed::Admin::Database;
use InsightsUsed::Admin::Progress;

my $PAGE  = 200;        # rows of a page, and of a statement
my $BYTES = 1 << 20;    # of documents in a statement

# The members of a line, and the columns after the keys that they have.
my @MEMBERS = qw(version lastAccessed lastModified document digest lastStored);

sub _characters {
    my ($bytes, $row) = @_;
    utf8::decode($bytes)
        or die InsightsUsed::Admin::Database::path_of(@$row[ 0, 1 ])
        . " cannot be exported: it is not UTF-8 (run check)\n";
    return $bytes;
}

sub _line_of {
    my ($row) = @_;
    my ($set, @values) = map { _characters($_, $row) } @$row;
    my $kind = $set =~ s/\A\t// ? 'user' : 'invitation';
    my %line = ($kind => $set, id => shift @values);
    @line{@MEMBERS} = @values;
    $line{lastStored} += 0;
    return \%line;
}

sub export {
    my ($database, $option) = @_;
    my $set = InsightsUsed::Admin::Database::set_of($option);
    my $json     = InsightsUsed::Admin::Database::json();
    my $progress = InsightsUsed::Admin::Progress->new(%$option);
    my $next     = $database->pages($InsightsUsed::Admin::Database::COLUMNS, $PAGE, $set);
    binmode STDOUT;
    while (my @rows = $next->()) {
        print $json->encode(_line_of($_)), "\n" or die "standard output: $!\n" for @rows;
        $progress->add('exported', scalar @rows,
            InsightsUsed::Admin::Database::path_of(@{ $rows[-1] }[ 0, 1 ]));
    }
    print $json->encode({ rows => $progress->count }), "\n";
    return 0;
}

#### Import ####

# The row of a line; dies with what is wrong with it.
sub _row_of {
    my ($line) = @_;
    ref $line eq 'HASH' or die "it is not an object\n";
    my ($kind, @more) = grep { exists $line->{$_} } qw(invitation user);
    $kind && !@more or die "it has no invitation, or both invitation and user\n";
    for my $name ($kind, 'id', @MEMBERS) {
        defined $line->{$name} && !ref $line->{$name} or die "it has no $name\n";
    }
    my @row = (
        ($kind eq 'user' ? "\t" : '') . $line->{$kind},
        @$line{ 'id', @MEMBERS }
    );
    utf8::encode($_) for @row;
    my @faults = InsightsUsed::Admin::Check::faults(\@row);
    @faults and die "$faults[0]\n";
    return \@row;
}

# Reports rows that were there already in another version. Returns their number.
sub _report_others {
    my ($database, @rows) = @_;
    my $others = 0;
    for my $row (@rows) {
        my $version = $database->value('SELECT version FROM used_insight'
                . ' WHERE invitation_id = ? AND id = ?', @$row[ 0, 1 ]);
        next if defined $version && $version eq $row->[2];
        print STDERR InsightsUsed::Admin::Database::path_of(@$row[ 0, 1 ]),
            defined $version
            ? ": version $row->[2] was not imported, "
            . InsightsUsed::Admin::Database::encoded($version) . " is there\n"
            : ": it was deleted meanwhile\n";
        $others++;
    }
    return $others;
}

# Inserts a statement's rows.
sub _store {
    my ($database, $count, $progress, @rows) = @_;
    my $stored = 0;
    $database->in_turns(
        \@rows,
        sub { return $database->insert_missing(@_) },
        sub { $stored += $_[0] }
    );
    $count->{imported} += $stored;
    $count->{others}   += _report_others($database, @rows) if $stored < @rows;
    $progress->add('imported', scalar @rows,
        InsightsUsed::Admin::Database::path_of(@{ $rows[-1] }[ 0, 1 ]));
    return;
}

# Reads the rows of standard input. Returns the number of rows that its last line
# promises; undef if there is no such line.
sub _read {
    my ($store) = @_;
    my $json = InsightsUsed::Admin::Database::json();
    my ($bytes, $promised, @rows) = (0);
    my $refuse = sub {
        my ($line, $reason) = ($., @_);
        $store->(@rows) if @rows;
        die "line $line: $reason";
    };
    while (defined(my $text = <STDIN>)) {
        defined $promised and $refuse->("it is after the last line\n");
        my $line = eval { $json->decode($text) };
        my $reason = $@ =~ s/ at \S+ line \d+.*//sr;
        if (!defined $line) {
            eof STDIN && $text !~ /\n\z/ and last;      # an export that was cut off
            $refuse->("it is not JSON: $reason\n");
        }
        if (ref $line eq 'HASH' && exists $line->{rows}) {
            $promised = $line->{rows};
            next;
        }
        my $row = eval { _row_of($line) } // $refuse->($@);
        push @rows, $row;
        $bytes += length $row->[5];
        next if @rows < $PAGE && $bytes < $BYTES;
        $store->(@rows);
        ($bytes, @rows) = (0);
    }
    $store->(@rows) if @rows;
    return $promised;
}

sub import_rows {
    my ($database, $option) = @_;
    my $progress = InsightsUsed::Admin::Progress->new(%$option);
    my %count = (imported => 0, others => 0);
    binmode STDIN;
    my $promised = _read(sub { _store($database, \%count, $progress, @_) });
    my $read     = $progress->count;
    print "imported:        $count{imported}\n",
        'already there:   ', $read - $count{imported} - $count{others}, "\n",
        "another version: $count{others}\n"
        if !$option->{quiet};
    if (!defined $promised || $promised != $read) {
        print STDERR "the input has $read rows and ",
            defined $promised ? "says it has $promised" : 'no last line:'
            . ' the export was interrupted', "\n";
        return 1;
    }
    return $count{others} ? 1 : 0;
}

1;
