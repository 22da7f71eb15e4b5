#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# One server, in which each line of the table is a virtual host:
#
#   matrix.t MPM ORDER        (see run)
use strict;
use warnings;
use FindBin;
use Matrix::Check;
use Matrix::Debian;
use Matrix::Table;
use Test::More;

my ($mpm, $order) = @ARGV;
my @lines = grep { !$_->{mpm} || $_->{mpm} eq $mpm }
    Matrix::Table::lines("$FindBin::Bin/table", split ' ', $ENV{LINES} // '');
my $httpd
    = Matrix::Debian->new(mpm => $mpm, order => $order, lines => \@lines);
$SIG{INT} = $SIG{TERM} = sub { exit 1 };
$httpd->start;

my $check = Matrix::Check->new($httpd);
for my $line (@lines) {
    subtest "$line->{name}: $line->{about}" => sub { $check->line($line) };
}
ok $httpd->stop, 'the server ends';
$check->log('the end');
done_testing;

END { $httpd->clean(Test::More->builder->is_passing) if $httpd }
