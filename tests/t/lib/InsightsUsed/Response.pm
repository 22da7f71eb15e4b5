# SPDX-License-Identifier: Apache-2.0
# One HTTP response: status, fields, body.
package InsightsUsed::Response;
use strict;
use warnings;
use JSON::PP;

sub new {
    my ($class, $head) = @_;
    my ($line, @fields) = split /\r\n/, $head;
    my ($status) = $line =~ m{^HTTP/[\d.]+ (\d{3})(?: |$)}
        or die "no status line: '$line'\n";
    return bless {
        status  => $status,
        fields  => [map { [split /:\s*/, $_, 2] } @fields],
        body    => '',
        interim => 0,
    }, $class;
}

sub status { return $_[0]{status} }
sub body   { return $_[0]{body} }

# The number of preceding 1xx responses.
sub interim { return $_[0]{interim} }

# The value of a field, with several lines joined by commas; undef if absent.
sub field {
    my ($self, $name) = @_;
    my @values = map { $_->[1] }
        grep { lc $_->[0] eq lc $name } @{$self->{fields}};
    return @values ? join ', ', @values : undef;
}

sub field_names {
    my ($self) = @_;
    return map { lc $_->[0] } @{$self->{fields}};
}

sub json {
    my ($self) = @_;
    return JSON::PP->new->utf8->decode($self->{body});
}

1;
