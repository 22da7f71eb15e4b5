# SPDX-License-Identifier: Apache-2.0
# Tells on standard error how far a command is: every second on a terminal,
# otherwise every ten.
package InsightsUsed::Admin::Progress;
use strict;
use warnings;

sub new {
    my ($class, %option) = @_;
    return bless {
        quiet    => $option{quiet},
        interval => -t STDERR ? 1 : 10,
        reported => time,
        count    => 0,
    }, $class;
}

# Counts more of what is done; the last of them is at the path.
sub add {
    my ($self, $doing, $more, $path) = @_;
    $self->{count} += $more;
    return if $self->{quiet} || time < $self->{reported} + $self->{interval};
    $self->{reported} = time;
    print STDERR "$doing $self->{count}, up to $path\n";
    return;
}

sub count { my ($self) = @_; return $self->{count} }

1;
