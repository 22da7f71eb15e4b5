# SPDX-License-Identifier: Apache-2.0
# Controls the faults of shim.c while the server runs, and parses the stacks
# that it logs for crashing processes.
package Faults::Shim;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(add_frame is_of_others);

# Layout of struct control
my @FIELDS = (
    [shift        => 0,  'q'],
    [fail_sync    => 8,  'L'],
    [fail_write   => 12, 'L'],
    [calls        => 16, 'Q'],
    [failed_sync  => 24, 'Q'],
    [failed_write => 32, 'Q'],
);
my $SIZE   = 40;
my %FIELDS = map { $_->[0] => $_ } @FIELDS;

sub new {
    my ($class, $path, $library) = @_;
    -e $library or die "there is no $library: make\n";
    open my $file, '+>:raw', $path or die "$path: $!\n";
    syswrite $file, "\0" x $SIZE or die "$path: $!\n";
    chmod 0666, $path; # mapped by children of any user, too
    return bless {file => $file, path => $path, library => $library}, $class;
}

# Environment for a server that runs with the shim.
sub environment {
    my ($self) = @_;
    my $before = $ENV{LD_PRELOAD};
    return (
        LD_PRELOAD => join(':', grep {defined} $before, $self->{library}),
        FAULTS_CONTROL => $self->{path}
    );
}

sub set {
    my ($self, %value) = @_;
    for my $name (keys %value) {
        my (undef, $at, $format) = @{$FIELDS{$name}};
        sysseek $self->{file}, $at, 0;
        syswrite $self->{file}, pack $format, $value{$name} or die $!;
    }
    return;
}

sub get {
    my ($self, $name) = @_;
    my (undef, $at, $format) = @{$FIELDS{$name}};
    sysseek $self->{file}, $at, 0;
    sysread $self->{file}, my $bytes, 8 or die $!;
    return unpack $format, $bytes;
}

# Adds a line of the log to the stacks, by process id, if it is a stack frame.
sub add_frame {
    my ($stacks, $line) = @_;
    $stacks->{$1} .= $2 if $line =~ /^stack of (\d+): (.*)/s;
    return;
}

# True if there is a stack without a function of the module.
sub is_of_others {
    my ($stack) = @_;
    return defined $stack && $stack !~ m{/mod_insights_used\.so };
}

1;
