# SPDX-License-Identifier: Apache-2.0
# Checks a history of requests (Faults::History) against the rows in the
# databases, knowing nothing about the origin of either.
package Faults::Judge;
use strict;
use warnings;
use Exporter 'import';
use InsightsUsed::Problem;
use JSON::PP;

our @EXPORT = qw(judge);

my $JSON = JSON::PP->new->canonical->allow_nonref;
my $UTF8 = JSON::PP->new->utf8;

# Problems after which the record may or may not be stored. After all others it
# must not be.
my %UNKNOWN = (IU0067 => 1);

# history    requests
# databases  the successive databases in one place: {from, to (times, or undef:
#            unbounded), rows: [{invitation, id, version, document}], or lost
#            (the file was removed with its rows)}
# outages    [from, to] each: while the server was killed or stopped, requests
#            in progress may have had no response
#
# Returns {faults => [text...], counts => {name => number}}.
sub judge {
    my (%given) = @_;
    my $self = bless {
        outages   => $given{outages} // [],
        databases => [map { _database($_) } @{$given{databases}}],
        faults    => [],
        counts    => {},
    }, __PACKAGE__;
    $self->_index($given{history});
    $self->_judge_request($_) for @{$given{history}};
    $self->_judge_rows($_)    for @{$self->{databases}};
    $self->_fault('there is no request to judge') if !@{$given{history}};
    return {faults => $self->{faults}, counts => $self->{counts}};
}

sub _fault {
    my ($self, @text) = @_;
    push @{$self->{faults}}, join '', @text;
    return;
}

sub _count { my ($self, $name) = @_; $self->{counts}{$name}++; return }

sub _key { my ($invitation, $id) = @_; return "$invitation\n$id" }

# A document as the client sent it, without the server's additions.
sub _sent_form {
    my ($text) = @_;
    my $document = eval { $UTF8->decode($text) };
    return "not JSON: $text" if ref $document ne 'HASH';
    delete $_->{'@odata.type'} for grep { ref eq 'HASH' } values %$document;
    return $JSON->encode($document);
}

# True if a row has the document that was sent. Compares the texts first: that
# is faster, and mostly they are equal.
sub _is_same {
    my ($kept, $sent) = @_;
    return $kept =~ s/"\@odata\.type":"[^"]*",?//gr eq $sent
        || _sent_form($kept) eq _sent_form($sent);
}

# The marker of the request that created a row: the title in its document.
sub _marker_of {
    my ($text) = @_;
    return $text =~ /"title":"([^"]*)"/ ? $1 : '';
}

sub _database {
    my ($given) = @_;
    my %database = (%$given, by_key => {}, by_marker => {});
    for my $row (@{$given->{rows} // []}) {
        my $key    = _key(@$row{qw(invitation id)});
        my $marker = _marker_of($row->{document});
        push @{$database{by_key}{$key}},       $row;
        push @{$database{by_marker}{$marker}}, $row;
    }
    return \%database;
}

sub _index {
    my ($self, $history) = @_;
    for my $request (@$history) {
        my $marker = $request->{marker};
        $self->_fault("$marker: sent twice") if $self->{sent}{$marker};
        $self->{sent}{$marker} = $request;
    }
    return;
}

# The databases in use at some time in the interval.
sub _databases_during {
    my ($self, $from, $to) = @_;
    return grep {
               (!defined $_->{from} || $_->{from} <= $to)
            && (!defined $_->{to} || $_->{to} >= $from)
    } @{$self->{databases}};
}

# The marker of the row that a request creates: a repeat finds or creates that
# of the first request.
sub _title_of { my ($request) = @_; return $request->{key} // $request->{marker} }

sub _rows_of {
    my ($self, $request) = @_;
    return
        map { @{$_->{by_marker}{_title_of($request)} // []} }
        @{$self->{databases}};
}

# --- responses

sub _judge_request {
    my ($self, $request) = @_;
    my ($status, $method) = @$request{qw(status method)};
    $self->_count('requests');
    if    (!$status) { $self->_judge_silence($request) }
    elsif ($method eq 'GET' && $status == 200) { $self->_judge_found($request) }
    elsif ($method eq 'POST' && $status == 201) {
        $self->_judge_stored($request);
    }
    else { $self->_judge_error($request) }
    return;
}

sub _judge_silence {
    my ($self, $request) = @_;
    $self->_count('no answer');
    for my $outage (@{$self->{outages}}) {
        return
               if $request->{start} <= $outage->[1]
            && $request->{end} >= $outage->[0]
            && $request->{body} !~ /no answer within/;
    }
    $self->_fault("$request->{marker}: no answer while the server ran: ",
        $request->{body});
    return;
}

# True if a response has the version and document of a row.
sub _tells_row {
    my ($request, $row) = @_;
    my $document = substr $row->{document}, 1, -1;
    return $request->{etag} eq qq{W/"$row->{version}"}
        && index($request->{body}, $document) >= 0;
}

sub _judge_stored {
    my ($self, $request) = @_;
    my $marker = $request->{marker};
    $self->_count('201');
    my $entity = eval { $UTF8->decode($request->{body}) };
    my $id     = ref $entity eq 'HASH' ? $entity->{id} : undef;
    if (!defined $id || defined $request->{id} && $id ne $request->{id}) {
        return $self->_fault("$marker: 201 without its id: $request->{body}");
    }
    $self->_fault("$marker: 201 without its Location")
        if ($request->{location} // '') !~ m{/\Q$id\E$};
    my $key  = _key($request->{invitation}, $id);
    my @rows = map { @{$_->{by_key}{$key} // []} }
        $self->_databases_during(@$request{qw(start end)});
    return if grep {
               _marker_of($_->{document}) eq _title_of($request)
            && _tells_row($request, $_)
    } @rows;
    return $self->_count('201 lost with a removed file')
        if $self->_may_be_lost($request);
    return $self->_fault("$marker: 201, but there is no row $id") if !@rows;
    return $self->_fault("$marker: 201, but the row $id tells otherwise");
}

sub _judge_found {
    my ($self, $request) = @_;
    $self->_count('200');
    my $key  = _key(@$request{qw(invitation id)});
    my @rows = map { @{$_->{by_key}{$key} // []} }
        $self->_databases_during(@$request{qw(start end)});
    $self->_fault("$request->{marker}: 200, but no row tells the same")
        if !grep { _tells_row($request, $_) } @rows
        and !$self->_may_be_lost($request);
    return;
}

# True if the record may have been in a database that was removed.
sub _may_be_lost {
    my ($self, $request) = @_;
    return
        grep { $_->{lost} } $self->_databases_during(@$request{qw(start end)});
}

sub _judge_error {
    my ($self, $request) = @_;
    my ($marker, $status) = @$request{qw(marker status)};
    my $body   = eval { $UTF8->decode($request->{body}) };
    my $error  = ref $body eq 'HASH' ? $body->{error} // {} : {};
    my $number = $error->{innerError}{code} // '';
    my ($due, $code) = is_problem($number) ? problem($number) : (0, '');
    ($due, $code) = (500, 'InternalServerError')
        if $UNKNOWN{$number} && !defined($request->{id} // $request->{key});
    $self->_count($number || "status $status");
    if (   $status != $due
        || ($error->{code} // '') ne $code
        || !$error->{message}
        || ($request->{type} // '') ne 'application/json')
    {
        $self->_fault("$marker: no answer of the contract: $status ",
            $request->{body});
    }
    if ($status == 503) {
        $self->_fault("$marker: 503 without Retry-After")
            if ($request->{retry_after} // '') !~ /^[1-9]\d*$/;
        $self->_fault("$marker: $number says nothing of its effect")
            if $error->{message} !~ /had no effect|repeat/;
    }
    $self->_judge_effect($request, $number);
    return;
}

sub _judge_effect {
    my ($self, $request, $number) = @_;
    my $marker = $request->{marker};
    if ($request->{method} eq 'GET') {
        $self->_judge_not_found($request) if $number eq 'IU0051';
        return;
    }
    return if $UNKNOWN{$number};
    # Another request with its key may have created the record.
    return if defined $request->{key};
    $self->_fault("$marker: $number, but its record is there")
        if $self->_rows_of($request);
    $self->_judge_conflict($request) if $request->{status} == 409;
    return;
}

# A conflict needs a row created by an earlier or concurrent request.
sub _judge_conflict {
    my ($self, $request) = @_;
    my $key = _key($request->{invitation}, $request->{id} // '');
    for my $row (
        map { @{$_->{by_key}{$key} // []} }
        $self->_databases_during(@$request{qw(start end)})
        )
    {
        my $maker = $self->{sent}{_marker_of($row->{document})} // next;
        return if $maker->{start} <= $request->{end};
    }
    return if $self->_may_be_lost($request);
    $self->_fault("$request->{marker}: 409, but the key was not there");
    return;
}

# 404 is wrong if the record was stored before and still is.
sub _judge_not_found {
    my ($self, $request) = @_;
    my $key = _key(@$request{qw(invitation id)});
    my @at  = $self->_databases_during(@$request{qw(start end)});
    my @has = grep {
        my ($row) = @{$_->{by_key}{$key} // []};
        my $maker = $row && $self->{sent}{_marker_of($row->{document})};
        $maker && $maker->{status} == 201 && $maker->{end} < $request->{start}
    } @at;
    $self->_fault("$request->{marker}: not found, but it was there")
        if @has == @at;
    return;
}

# --- rows

sub _judge_rows {
    my ($self, $database) = @_;
    for my $key (sort keys %{$database->{by_key}}) {
        my @rows = @{$database->{by_key}{$key}};
        $self->_fault(scalar @rows, " rows of the id $rows[0]{id}")
            if @rows > 1;
        $self->_judge_row($_) for @rows;
    }
    for my $marker (sort keys %{$database->{by_marker}}) {
        my $times = @{$database->{by_marker}{$marker}};
        $self->_fault("$marker: stored $times times") if $times > 1;
    }
    return;
}

sub _judge_row {
    my ($self, $row) = @_;
    my $request = $self->{sent}{_marker_of($row->{document})};
    $self->_count('rows');
    if (  !$request
        || $request->{method} ne 'POST'
        || $request->{invitation} ne $row->{invitation}
        || ($request->{id} // $row->{id}) ne $row->{id})
    {
        return $self->_fault("nobody sent the row $row->{id}");
    }
    $self->_fault("$request->{marker}: its row holds another document")
        if !_is_same($row->{document}, $request->{document});
    $self->_count('rows without an answer') if !$request->{status};
    return;
}

1;
