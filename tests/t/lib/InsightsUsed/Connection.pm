# SPDX-License-Identifier: Apache-2.0
# One TCP connection to the server under test: sends bytes as given, and reads
# responses as framed by RFC 9112.
package InsightsUsed::Connection;
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use InsightsUsed::Response;

# Timeout for the next byte in seconds.
use constant PATIENCE => 20;

sub new {
    my ($class, $hostport) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => $hostport, Timeout => 10)
        or die "no connection to $hostport: $@\n";
    $socket->autoflush(1);
    return bless {socket => $socket, unread => ''}, $class;
}

# Ignores a connection closed by the peer: the caller reads the response or its
# absence.
sub send {
    my ($self, @text) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $text = join '', @text;
    while (length $text) {
        my $sent = syswrite $self->{socket}, $text;
        return unless defined $sent;
        substr($text, 0, $sent) = '';
    }
    return;
}

sub finish_sending { my ($self) = @_; shutdown $self->{socket}, 1; return }

# True if the server sends nothing for that many seconds and keeps the
# connection open.
sub is_quiet {
    my ($self, $seconds) = @_;
    return $self->{unread} eq ''
        && !IO::Select->new($self->{socket})->can_read($seconds);
}

# The next response; undef if the connection ends before its first byte.
sub response {
    my ($self, $method) = @_;
    my $interim = 0;
    while (1) {
        return if $self->{unread} eq '' && !$self->_read;
        my $head     = $self->_until("\r\n\r\n");
        my $response = InsightsUsed::Response->new($head);
        if ($response->status < 200) { $interim++; next }
        $response->{interim} = $interim;
        $response->{body}    = $self->_body($method, $response);
        return $response;
    }
}

# All bytes up to the end of the connection.
sub rest {
    my ($self) = @_;
    1 while $self->_read;
    my $rest = $self->{unread};
    $self->{unread} = '';
    return $rest;
}

sub _body {
    my ($self, $method, $response) = @_;
    my $status = $response->status;
    return '' if $method eq 'HEAD' || $status == 204 || $status == 304;
    if (($response->field('Transfer-Encoding') // '') =~ /chunked/i) {
        my $body = '';
        while (1) {
            my ($size) = $self->_until("\r\n") =~ /^([0-9a-f]+)/i
                or die "a chunk of the response has no size\n";
            last if hex $size == 0;
            $body .= $self->_exactly(hex $size);
            $self->_until("\r\n");
        }
        $self->_until("\r\n");
        return $body;
    }
    my $length = $response->field('Content-Length');
    return defined $length ? $self->_exactly($length) : $self->rest;
}

sub _until {
    my ($self, $mark) = @_;
    my $at;
    while (($at = index $self->{unread}, $mark) < 0) {
        $self->_read or die "the response is cut: '$self->{unread}'\n";
    }
    my $text = substr $self->{unread}, 0, $at + length $mark, '';
    return $text;
}

sub _exactly {
    my ($self, $length) = @_;
    while (length $self->{unread} < $length) {
        $self->_read or die "the response is cut: '$self->{unread}'\n";
    }
    return substr $self->{unread}, 0, $length, '';
}

# Reads available bytes. False at the end of the connection or on reset.
sub _read {
    my ($self) = @_;
    IO::Select->new($self->{socket})->can_read(PATIENCE)
        or die "no answer within @{[PATIENCE]} s; so far '$self->{unread}'\n";
    return sysread $self->{socket}, $self->{unread}, 65536,
        length $self->{unread};
}

1;
