# SPDX-License-Identifier: Apache-2.0
# Information about a process from /proc.
package InsightsUsed::Process;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(alive children_of descriptors is_sanitized kilobytes
    peak_kilobytes);

sub alive {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/stat" or return 0;
    my $stat = <$file> // return 0;
    return $stat =~ /\) ([A-Z])/ && $1 ne 'Z';
}

sub children_of {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/task/$pid/children" or return;
    return grep { alive($_) } split ' ', <$file> // '';
}

sub _size {
    my ($pid, $name) = @_;
    open my $file, '<', "/proc/$pid/status" or return 0;
    local $/;
    return <$file> =~ /^$name:\s+(\d+) kB/m ? $1 : 0;
}

# Resident memory: current, and its peak.
sub kilobytes      { my ($pid) = @_; return _size($pid, 'VmRSS') }
sub peak_kilobytes { my ($pid) = @_; return _size($pid, 'VmHWM') }

# True if the process runs with a sanitizer, which keeps freed memory.
sub is_sanitized {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/maps" or return 0;
    return scalar grep {/lib[a-z]+san\.so/} <$file>;
}

sub descriptors {
    my ($pid) = @_;
    my @open = glob "/proc/$pid/fd/*";
    return scalar @open;
}

1;
