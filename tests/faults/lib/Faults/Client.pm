# SPDX-License-Identifier: Apache-2.0
# A client: sends requests sequentially, each on its own connection (httpd may
# close a kept one at any time without fault), and records the outcome of each.
package Faults::Client;
use strict;
use warnings;
use Exporter 'import';
use Faults::History;
use InsightsUsed::Connection;
use Time::HiRes qw(sleep);

my $INVITATIONS = 3;
my $SHARED_IDS  = 400; # used by all clients

# Arguments: name (unique), addresses (of the servers; each request goes to a
# random one), folder (of the histories), size (of previewText), pace (seconds
# between two requests).
sub new {
    my ($class, %given) = @_;
    my $self = bless {number => 0, size => 20, pace => 0, %given}, $class;
    open $self->{history}, '>>', "$given{folder}/$given{name}.history"
        or die "$given{folder}/$given{name}.history: $!\n";
    $self->{history}->autoflush(1);
    return $self;
}

# Of eight requests three have a unique id, one an id that other clients use,
# too, two leave the id to the server, one sends a key instead, and one reads the
# last created record. A request without effect or with unknown outcome is
# repeated with its id or key.
sub step {
    my ($self) = @_;
    my @addresses = @{$self->{addresses}};
    $self->{address} = $addresses[rand @addresses];
    my $kind = $self->{number}++ % 8;
    my $invitation = 'invitation ' . $self->{number} % $INVITATIONS;
    my $again      = delete $self->{again};
    my $request
        = $again     ? $self->_create(@$again{qw(invitation id key)})
        : $kind < 3  ? $self->_create($invitation, $self->_marker)
        : $kind == 3 ? $self->_create($invitation, $self->shared_id)
        : $kind < 6    ? $self->_create($invitation)
        : $kind == 6   ? $self->_create($invitation, undef, $self->_marker)
        : $self->{made} ? $self->_read($self->{made})
        :                $self->_create($invitation);
    $self->_send($request);
    $self->_remember($request);
    sleep $self->{pace} if $self->{pace};
    return $request;
}

sub shared_id { return 'shared-' . int rand $SHARED_IDS }

sub _marker { my ($self) = @_; return "$self->{name}-$self->{number}" }

sub _create {
    my ($self, $invitation, $id, $key) = @_;
    my $marker = $key // $self->_marker;
    my $text   = 'x' x $self->{size};
    return {
        marker     => $self->_marker,
        key        => $key,
        method     => 'POST',
        invitation => $invitation,
        id         => $id,
        document   => '{"lastUsed":'
            . '{"lastAccessedDateTime":"2026-01-02T03:04:05.6789+01:00"},'
            . qq("resourceVisualization":{"title":"$marker",)
            . qq("previewText":"$text"},"resourceReference":{"id":"$marker"}})
    };
}

sub _read {
    my ($self, $made) = @_;
    return {marker => $self->_marker, method => 'GET', %$made};
}

# The bytes of a request.
sub message {
    my ($self, $request) = @_;
    my $path = '/beta/invitations/'
        . $request->{invitation} =~ s/ /%20/gr
        . '/invitedUser/insights/used';
    my $host = "Host: $self->{address}\r\nConnection: close\r\n";
    return "GET $path/$request->{id} HTTP/1.1\r\n$host\r\n"
        if $request->{method} eq 'GET';
    my $body = $request->{document};
    $body =~ s/^\{/{"id":"$request->{id}",/ if defined $request->{id};
    $host .= "Idempotency-Key: $request->{key}\r\n" if defined $request->{key};
    return "POST $path HTTP/1.1\r\n${host}Content-Type: application/json\r\n"
        . 'Content-Length: '
        . length($body)
        . "\r\n\r\n$body";
}

sub _send {
    my ($self, $request) = @_;
    $request->{start} = now();
    my $response = eval {
        my $connection = InsightsUsed::Connection->new($self->{address});
        $self->deliver($connection, $self->message($request));
        $connection->response($request->{method})
            // die "the connection was closed\n";
    };
    my $error = $@;
    $request->{end} = now();
    $self->note($request, $response, $error);
    return;
}

# Sends a request; slow clients override this.
sub deliver {
    my ($self, $connection, $message) = @_;
    $connection->send($message);
    return;
}

sub note {
    my ($self, $request, $response, $error) = @_;
    $request->{status} = $response ? $response->status : 0;
    $request->{body}   = $response ? $response->body   : $error =~ s/\n.*//sr;
    if ($response) {
        $request->{etag}        = $response->field('ETag');
        $request->{retry_after} = $response->field('Retry-After');
        $request->{type}        = $response->field('Content-Type');
        $request->{location}    = $response->field('Location');
    }
    append_request($self->{history}, $request);
    return;
}

sub _remember {
    my ($self, $request) = @_;
    my ($status, $id) = @$request{qw(status id)};
    if ($status == 201) {
        ($id) = $request->{location} =~ m{/([^/]+)$};
        $self->{made} = {invitation => $request->{invitation}, id => $id};
    } elsif ($status == 0 || $status == 500 || $status == 503) {
        $self->{again} = $request
            if defined($id // $request->{key}) && $request->{method} eq 'POST';
        # Without a pause the client would only collect refusals.
        sleep 0.02;
    }
    return;
}

1;
