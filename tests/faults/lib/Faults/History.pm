# SPDX-License-Identifier: Apache-2.0
# The history of the clients' requests: one file per client, with one line per
# request, written as soon as its outcome is known. A client that was killed
# would lose only the request in progress, and clients are not killed.
#
# A request is a hash: marker (unique, also the title in its document, so that a
# row identifies the request that created it), key (of a create that can be
# repeated: the marker of its first request, whose document it sends; undef:
# none), method, invitation, id (undef: left to the server), document (the three objects in the request), start and
# end (by the monotonic clock), status (0: no response), and etag, retry_after,
# type, location and body of the response. Without a response, body has the
# reason.
package Faults::History;
use strict;
use warnings;
use Exporter 'import';
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(append_request now read_history);

my @FIELDS = qw(marker key method invitation id document start end status etag
    retry_after type location body);
my %ESCAPED = ("\\" => '\\\\', "\t" => '\\t', "\n" => '\\n', "\r" => '\\r');
my %MEANT   = reverse %ESCAPED;

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub append_request {
    my ($file, $request) = @_;
    print $file join(
        "\t",
        map {
            my $value = $request->{$_};
            defined $value ? $value =~ s/([\\\t\n\r])/$ESCAPED{$1}/gr : '\\-'
        } @FIELDS
        ),
        "\n"
        or die "the history cannot be written: $!\n";
    return;
}

sub _read_line {
    my ($line) = @_;
    chomp $line;
    my @values = split /\t/, $line, -1;
    @values == @FIELDS or die "a line of the history is cut: '$line'\n";
    my %request;
    for my $at (0 .. $#FIELDS) {
        next if $values[$at] eq '\\-';
        $request{$FIELDS[$at]} = $values[$at] =~ s/(\\.)/$MEANT{$1}/gr;
    }
    return \%request;
}

# The requests of all clients.
sub read_history {
    my (@paths) = @_;
    my @requests;
    for my $path (@paths) {
        open my $file, '<:raw', $path or die "$path: $!\n";
        push @requests, map { _read_line($_) } <$file>;
    }
    return \@requests;
}

1;
