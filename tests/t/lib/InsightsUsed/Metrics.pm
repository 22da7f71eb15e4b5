# SPDX-License-Identifier: Apache-2.0
# Reads the server's metrics.
package InsightsUsed::Metrics;
use strict;
use warnings;
use Exporter 'import';
use InsightsUsed::Test;

our @EXPORT = qw(metrics sum_of);

# All samples of a page as a list of {name, labels, value}; by default of the
# page that the server sends now.
sub metrics {
    my ($page) = @_;
    $page //= call(GET => '/metrics')->body;
    my @samples;
    for my $line (split /\n/, $page) {
        next if $line =~ /^#/;
        my ($name, $labels, $value)
            = $line =~ /^([a-z_]+)\{((?:[a-z]+="[^"\\]*",?)*)\} ([0-9.]+)$/
            or die "no sample: '$line'\n";
        push @samples,
            {name => $name, labels => {$labels =~ /([a-z]+)="([^"]*)"/g},
            value => $value};
    }
    return \@samples;
}

# The sum of the samples with this name, without the prefix of all, and these
# labels; undef if there is none.
sub sum_of {
    my ($samples, $name, %labels) = @_;
    my $sum;
    for my $sample (@$samples) {
        next if $sample->{name} ne "insights_used_$name";
        next if grep { ($sample->{labels}{$_} // '') ne $labels{$_} }
            keys %labels;
        $sum += $sample->{value};
    }
    return $sum;
}

1;
