# SPDX-License-Identifier: Apache-2.0
# The faults of shim.c, switched while the server runs; and the stacks that it
# tells of processes that crash.
package Faults::Shim;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(add_frame is_of_others);

# struct control
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
    chmod 0666, $path; # children that are nobody map it, too
    return bless {file => $file, path => $path, library => $library}, $class;
}

# The environment of a server that is under it.
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

# Adds to the stacks, by process id, what a line of the log tells of one.
sub add_frame {
    my ($stacks, $line) = @_;
    $stacks->{$1} .= $2 if $line =~ /^stack of (\d+): (.*)/s;
    return;
}

# Whether there is a stack, and no function of the module in it.
sub is_of_others {
    my ($stack) = @_;
    return defined $stack && $stack !~ m{/mod_insights_used\.so };
}

1;
