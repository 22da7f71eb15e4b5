# SPDX-License-Identifier: Apache-2.0
# insights-used-admin check: what is wrong with the rows of a table.
package InsightsUsed::Admin::Check;
use strict;
use warnings;
use InsightsUsed::Admin::Database;
use InsightsUsed::Admin::Progress;

my $PAGE    = 200;
my $AHEAD   = 300;    # seconds that a clock may have been wrong
my %MEMBERS = (
    lastUsed              => 'microsoft.graph.usageDetails',
    resourceVisualization => 'microsoft.graph.resourceVisualization',
    resourceReference     => 'microsoft.graph.resourceReference',
);
my $INSTANT = qr/\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{12}\z/;
my $json;

sub _days_in_month {
    my ($year, $month) = @_;
    return 30 + (($month + ($month > 7)) % 2) if $month != 2;
    return $year % 4 == 0 && ($year % 100 != 0 || $year % 400 == 0) ? 29 : 28;
}

# The instant of a DateTimeOffset as the columns have it, by the rules of
# src/graph/date_time_offset.c; undef if it is none.
sub instant {
    my ($text) = @_;
    my ($year, $month, $day, $hour, $minute, $second, $fraction, $zone) = $text =~ m/\A
        ([0-9]{4}) - ([0-9]{2}) - ([0-9]{2}) [Tt] ([0-9]{2}) : ([0-9]{2})
        (?: : ([0-9]{2}) (?: \. ([0-9]{1,12}) )? )? ([Zz] | [+-][0-9]{2}:[0-9]{2})
        \z/x or return;
    my ($sign, $hours, $minutes) = $zone =~ /\A([+-])(..):(..)/ ? ($1, $2, $3) : ('+', 0, 0);
    $second //= 0;
    return if $year < 1 || $month < 1 || $month > 12 || $day < 1
        || $day > _days_in_month($year, $month)
        || $hour > 23 || $minute > 59 || $second > 60 || $hours > 23 || $minutes > 59;
    my $time = $hour * 60 + $minute - ($hours * 60 + $minutes) * ($sign eq '-' ? -1 : 1);
    if ($time < 0) {
        $time += 1440;
        --$day or --$month or ($month = 12, $year--);
        $day ||= _days_in_month($year, $month);
    }
    elsif ($time >= 1440 && "$year$month$day" ne '99991231') {
        $time -= 1440;
        if (++$day > _days_in_month($year, $month)) {
            $day = 1;
            ++$month > 12 and ($month = 1, $year++);
        }
    }
    return sprintf '%04d-%02d-%02dT%02d:%02d:%02d.%s', $year, $month, $day,
        int $time / 60, $time % 60, $second, substr +($fraction // '') . '0' x 12, 0, 12;
}

sub _is_key {
    my ($text) = @_;
    return length $text >= 1 && length $text <= 255 && utf8::decode($text)
        && $text !~ /\p{Cc}/;
}

# What is wrong with the three members of a document.
sub _shape_faults {
    my ($document) = @_;
    my @faults;
    for my $name (sort keys %MEMBERS) {
        my $member = $document->{$name};
        if (ref $member ne 'HASH') {
            push @faults, "the document's $name is not an object" if defined $member;
            next;
        }
        my $type = $member->{'@odata.type'} // '';
        push @faults, "the document's $name has not the type $MEMBERS{$name}"
            if $type ne $MEMBERS{$name};
        push @faults, "the document's $name has a member that is neither text nor null"
            if grep {ref} values %$member;
    }
    push @faults, 'the document has no member of a used insight, but others'
        if %$document && !grep { exists $document->{$_} } keys %MEMBERS;
    return @faults;
}

sub _document_faults {
    my ($row) = @_;
    my ($accessed, $modified, $text) = @$row[ 3 .. 5 ];
    $json //= InsightsUsed::Admin::Database::json();
    my $document = eval { $json->decode($text) };
    return 'the document is not JSON' if $@;
    return 'the document is not an object' if ref $document ne 'HASH';
    my @faults = _shape_faults($document);
    my $used = $document->{lastUsed};
    for ([ last_accessed => lastAccessedDateTime => $accessed ],
        [ last_modified => lastModifiedDateTime => $modified ]) {
        my ($column, $name, $stored) = @$_;
        my $sent = ref $used eq 'HASH' ? $used->{$name} : undef;
        my $said = !defined $sent ? '' : ref $sent ? undef : instant($sent);
        push @faults,
            !defined $said ? "the document's $name is not a DateTimeOffset"
            : $said ne $stored ? "$column is not the document's $name"
            :                    ();
    }
    return @faults;
}

# What is wrong with a row; empty if nothing is. Quotes nothing of it.
sub faults {
    my ($row) = @_;
    my ($set, $id, $version, $accessed, $modified, undef, $digest, $stored) = @$row;
    my @faults;
    push @faults, 'invitation_id is not a key, nor a tab and a key'
        if !_is_key($set =~ s/\A\t//r);
    push @faults, 'id is not a key' if !_is_key($id);
    push @faults, 'version is not 16 hex digits' if $version !~ /\A[0-9a-f]{16}\z/;
    push @faults, 'last_accessed has a wrong form'
        if $accessed ne '' && $accessed !~ $INSTANT;
    push @faults, 'last_modified has a wrong form'
        if $modified ne '' && $modified !~ $INSTANT;
    push @faults, 'digest is neither empty nor 40 hex digits'
        if $digest !~ /\A(?:[0-9a-f]{40})?\z/;
    push @faults, 'last_stored is not a time' if $stored !~ /\A[0-9]{1,12}\z/;
    return @faults, _document_faults($row);
}

# Keys that the table has more than once, which its primary key should prevent.
sub _report_repeated {
    my ($database) = @_;
    my @repeated = $database->rows('SELECT invitation_id, id, count(*) FROM used_insight'
            . ' GROUP BY invitation_id, id HAVING count(*) > 1');
    print InsightsUsed::Admin::Database::path_of(@$_[ 0, 1 ]), ": is there $_->[2] times\n"
        for @repeated;
    return scalar @repeated;
}

sub check {
    my ($database, $option) = @_;
    my $progress = InsightsUsed::Admin::Progress->new(%$option);
    my $next  = $database->pages($InsightsUsed::Admin::Database::COLUMNS, $PAGE);
    my $wrong = _report_repeated($database);
    my $limit = $database->now + $AHEAD;
    while (my @rows = $next->()) {
        for my $row (@rows) {
            my @faults = faults($row);
            push @faults, 'last_stored is in the future'
                if !@faults && $row->[7] > $limit
                && $row->[7] > ($limit = $database->now + $AHEAD);
            my $path = InsightsUsed::Admin::Database::path_of(@$row[ 0, 1 ]);
            print "$path: $_\n" for @faults;
            $wrong++ if @faults;
        }
        $progress->add('checked', scalar @rows,
            InsightsUsed::Admin::Database::path_of(@{ $rows[-1] }[ 0, 1 ]));
    }
    print 'checked: ', $progress->count, "\nwrong:   $wrong\n" if !$option->{quiet};
    return $wrong ? 1 : 0;
}

1;
