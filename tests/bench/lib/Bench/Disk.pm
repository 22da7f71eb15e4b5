# SPDX-License-Identifier: Apache-2.0
# Measures the longest sync of a disk: a process syncs four KiB every 10 ms.
package Bench::Disk;
use strict;
use warnings;
use IO::Handle;
use POSIX       ();
use Time::HiRes qw(sleep time);

# file: on the disk; it is made.
sub new { my ($class, $file) = @_; return bless { file => $file }, $class }

sub _sync_until_told {
    my ($self, $answer) = @_;
    my $slowest = 0;
    my $ended   = 0;
    local $SIG{TERM} = sub { $ended = 1 };
    open my $file, '+>', $self->{file} or return;
    while (!$ended) {
        my $begin = time;
        syswrite $file, 'p' x 4096;
        $file->sync;
        $slowest = time - $begin if time - $begin > $slowest;
        sysseek $file, 0, 0;
        sleep 0.01;
    }
    syswrite $answer, $slowest * 1000;
    return;
}

# Begins to sync.
sub ask {
    my ($self) = @_;
    pipe $self->{output}, my $answer or die "pipe: $!\n";
    $self->{pid} = fork // die "fork: $!\n";
    if (!$self->{pid}) {
        $self->_sync_until_told($answer);
        POSIX::_exit(0);
    }
    return;
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

# Ends it, and says how long the longest sync took, in ms.
sub answer {
    my ($self) = @_;
    $self->stop;
    return readline($self->{output}) // die "the disk was not asked\n";
}

1;
