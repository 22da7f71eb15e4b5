# SPDX-License-Identifier: Apache-2.0
# Always runs last: stops the server, then looks for unexpected errors in the
# log and for core files.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Find;
use InsightsUsed::Server;
use InsightsUsed::Test;
use Test::More;

# A test before may have reloaded it a moment ago.
my @children;
ok wait_for(sub { @children = children() }), 'the server has children to stop';
ok stop(), 'the server stops';
ok !wait_for(
    sub {
        grep { alive($_) } @children;
    },
    0
    ),
    'and so do its children';

my %expected;
if (open my $file, '<', state_file('expected_log')) {
    while (my $line = <$file>) {
        chomp $line;
        $expected{$line} = 1;
    }
}

open my $log, '<:raw', variable('t_logs') . '/error_log' or die $!;
my (@warnings, @signals, @sanitizers, $lines);
while (my $line = <$log>) {
    $lines++;
    if ($line =~ /$InsightsUsed::Test::WARNING/) {
        my ($number) = $line =~ /\b(IU\d{4}): /;
        push @warnings, $line unless $number && $expected{$number};
    }
    if ($line =~ /exit signal (.*)/) {
        push @signals, $line unless $1 =~ /^Killed/ && $expected{Killed};
    }
    push @sanitizers, $line
        if $line
        =~ /(?:Address|Leak|Memory|Thread)Sanitizer|runtime error:/;
}
cmp_ok $lines, '>', 0, 'the error log has lines';
is scalar @warnings,   0, 'no unexpected warning' or diag @warnings;
is scalar @signals,    0, 'no child was killed'              or diag @signals;
is scalar @sanitizers, 0, 'no sanitizer report' or diag @sanitizers;

my @cores;
find(sub { push @cores, $File::Find::name if /^core(?:\.\d+)?$/ && -f },
    variable('top_dir'));
is scalar @cores, 0, 'no core' or diag @cores;

done_testing;
