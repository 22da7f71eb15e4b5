# SPDX-License-Identifier: Apache-2.0
# Files, ports and waiting, for the test programs of all folders.
package InsightsUsed::Setup;
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use File::Path     qw(make_path);
use IO::Socket::INET;
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);

our @EXPORT = qw(free_ports read_file wait_for write_file);

sub read_file {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar <$file> // '';
}

# Also makes the folder. mode is optional.
sub write_file {
    my ($path, $text, $mode) = @_;
    make_path(dirname($path));
    open my $file, '>:raw', $path or die "$path: $!\n";
    print $file $text and close $file or die "$path: $!\n";
    !defined $mode or chmod $mode, $path or die "$path: $!\n";
    return;
}

# Ports of 127.0.0.1, chosen by the kernel, which does not soon reuse them.
sub free_ports {
    my ($number) = @_;
    my @sockets = map {
        IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
            or die "no port: $!\n"
    } 1 .. $number;
    return map { $_->sockport } @sockets;
}

# Waits until code returns true, and returns its value; false after a timeout.
sub wait_for {
    my ($code, $seconds) = @_;
    my $end = clock_gettime(CLOCK_MONOTONIC) + ($seconds // 15);
    while (1) {
        my $result = $code->();
        return $result if $result || clock_gettime(CLOCK_MONOTONIC) > $end;
        sleep 0.01;
    }
}

1;
