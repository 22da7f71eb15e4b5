#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Runs the lines of the table, each in its own virtual host, on one server.
# Lines that would affect other virtual hosts have a separate server.
#
#   matrix.t MPM-ORDER        (see run)
use strict;
use warnings;
use FindBin;
use Matrix::Check;
use Matrix::Debian;
use Matrix::Table;
use Test::More;

my ($mpm, $order) = split /-/, $ARGV[0] // die "which MPM and order?\n";
my %lines;    # by server
push @{$lines{$_->{server} // ''}}, $_
    for grep { !$_->{mpm} || $_->{mpm} eq $mpm }
    Matrix::Table::lines("$FindBin::Bin/table",
    split ' ', $ENV{MATRIX} // '');
$SIG{$_} = sub { exit 1 } for qw(INT TERM PIPE);

my $httpd;
for my $server (sort keys %lines) {
    my ($lines, $failed) = ($lines{$server}, failures());
    $httpd
        = Matrix::Debian->new(mpm => $mpm, order => $order, lines => $lines);
    $httpd->start;
    my $check = Matrix::Check->new($httpd);
    for my $line (@$lines) {
        subtest "$line->{name}: $line->{about}" => sub { $check->line($line) };
    }
    my ($usual) = grep { !$_->{alone} && !$_->{credentials} } @$lines;
    subtest "$usual->{name}: after a reload" => sub { $check->reload($usual) }
        if $usual;
    ok $httpd->stop, "the server $server stops";
    $check->log('the end');
    $httpd->clean(failures() == $failed);
    undef $httpd;
}
done_testing;

sub failures { return scalar grep { !$_ } Test::More->builder->summary }

END { $httpd->clean(0) if $httpd }
