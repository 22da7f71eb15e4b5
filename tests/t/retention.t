# SPDX-License-Identifier: Apache-2.0
# Finding old used insights with dates computed by the database, as an operator
# might write them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use POSIX qw(strftime);

my $inv = new_invitation();
my $day = 86_400;

# The local time that many days ago, in a zone the given hours ahead of UTC.
sub days_ago {
    my ($days, $hours) = @_;
    $hours //= 0;
    return strftime('%Y-%m-%dT%H:%M:%S',
        gmtime time - $days * $day + $hours * 3600)
        . sprintf '%s%02d:00', $hours < 0 ? '-' : '+', abs $hours;
}

# More than a day from the limit, since some statements have dates without time.
my %old = (
    'years ago'   => days_ago(3000),
    'last year'   => days_ago(365),
    'just before' => days_ago(91.1),
    'in the east' => days_ago(91.1, 14),
    'year 1'      => '0001-01-01T00:00:00Z',
    'year 0'      => '0001-01-01T00:00:00+14:00',
);
my %new = (
    'now'         => days_ago(0),
    'just after'  => days_ago(88.9),
    'in the west' => days_ago(88.9, -12),
    'end of 9999' => '9999-12-31T23:59:60Z',
    'end of all'  => '9999-12-31T23:59:59-23:59',
    'none'        => undef,
);

sub fill {
    my %instant = (%old, %new);
    for my $id (sort keys %instant) {
        my $body = minimal(
            id       => $id,
            lastUsed => {lastAccessedDateTime => $instant{$id}}
        );
        my $status = create($inv, $body, vhost => 'other')->status;
        $status == 201 || $status == 409 or die "$id: $status\n";
    }
    return;
}

# Expressions for the limit
my %limits = (
    sqlite3 => [
        q{strftime('%Y-%m-%dT%H:%M:%f', 'now', '-90 days')},
        q{strftime('%Y-%m-%d', 'now', '-90 days')},
        q{strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-90 days')},
        q{date('now', '-90 days')},
        q{datetime('now', '-90 days')},
    ],
    pgsql => [
        q{to_char(now() AT TIME ZONE 'UTC' - interval '90 days', 'YYYY-MM-DD"T"HH24:MI:SS')},
        q{(now() - interval '90 days')::text},
        q{(current_date - 90)::text},
        q{to_char(now() - interval '90 days', 'YYYY-MM-DD')},
    ],
    mysql => [
        q{DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 90 DAY, '%Y-%m-%dT%T')},
        q{DATE_FORMAT(NOW() - INTERVAL 90 DAY, '%Y-%m-%d')},
        q{CAST(NOW() - INTERVAL 90 DAY AS CHAR)},
        q{DATE_SUB(UTC_TIMESTAMP(), INTERVAL 90 DAY)},
        q{CURRENT_DATE - INTERVAL 90 DAY},
    ],
);

# MariaDB compares these as dates. A date that it does not accept, as with
# second 60, is less than all others: the document warns of that.
my $known = $ENV{IU_DATABASE} eq 'mysql' ? " AND id NOT LIKE 'end %'" : '';
fill();
my $other = database('other');
for my $limit (@{$limits{$ENV{IU_DATABASE}}}) {
    my @found = $other->rows(
        'SELECT id FROM used_insight WHERE invitation_id = ?'
            . " AND last_accessed <> '' AND last_accessed < $limit$known",
        $inv
    );
    is_deeply [sort map { $_->[0] } @found], [sort keys %old],
        "before $limit are the old records";
}

finish();
