# SPDX-License-Identifier: Apache-2.0
# Batches: their requests, and checks of their responses.
package InsightsUsed::Batch;
use strict;
use warnings;
use Exporter 'import';
use InsightsUsed::Problem;
use InsightsUsed::Response;
use InsightsUsed::Test;
use JSON::PP;
use Test::More;

our @EXPORT = qw(answers batch finish_batches get item item_created
    item_refused post posts statuses);

# A request of a batch. Options: its other members.
sub item {
    my ($id, $method, $url, %member) = @_;
    return {id => "$id", method => $method, url => $url, %member};
}

sub get { my ($id, $url, %member) = @_; return item($id, GET => $url, %member) }

# A create. Options: those of item; body is a record.
sub post {
    my ($id, $url, %member) = @_;
    return item($id, POST => $url, body => record(), %member);
}

# That many creates in a set, whose records are called as the requests.
sub posts {
    my ($count, $url, %member) = @_;
    return
        map { post("r$_", $url, body => record(id => "r$_"), %member) }
        1 .. $count;
}

# Sends a batch: a list of requests, or the text of the body. Options: those of
# call, and root.
sub batch {
    my ($requests, %option) = @_;
    my $root = delete $option{root} // '/beta';
    return call(
        POST => "$root/\$batch",
        body => ref $requests ? json_of({requests => $requests}) : $requests,
        %option
    );
}

# The answers of a batch that was read, as responses in the order in which they
# came. Fails unless they are in the form of the contract.
sub answers {
    my ($name, $response) = @_;
    my $id   = $response->field('request-id') // '';
    my $body = eval { $response->json } // {};
    my $ok   = subtest "$name: a batch" => sub {
        is $response->status, 200, 'status';
        is $response->field('Content-Type'),  'application/json', 'type';
        is $response->field('Cache-Control'), 'no-store', 'Cache-Control';
        is $response->field('OData-Version'), '4.0',      'OData-Version';
        is $response->field('X-Content-Type-Options'), 'nosniff', 'nosniff';
        is_deeply [keys %$body], ['responses'], 'one member, responses';
        for my $answer (@{$body->{responses} // []}) { _has_form($answer) }
    };
    diag $response->status, ' ', substr $response->body, 0, 2000 unless $ok;
    return map { _response($_, $id) } @{$body->{responses} // []};
}

sub _has_form {
    my ($answer) = @_;
    my $fields   = $answer->{headers} // {};
    my @members  = qw(headers id status);
    push @members, 'body' if exists $answer->{body};
    is_deeply [sort keys %$answer], [sort @members], 'members';
    like $answer->{status}, qr/^[2-5]\d\d$/, 'status';
    is exists $answer->{body}, exists $fields->{'Content-Type'},
        'Content-Type, in this spelling, is there with a body only';
    is scalar(grep {ref} values %$fields), 0, 'fields are strings';
    is scalar(grep {/^(?:vary|cache-control|content-length|allow-.*)$/i}
            keys %$fields), 0, 'none is for HTTP itself';
    is $fields->{'OData-Version'}, '4.0', 'OData-Version';
    ok $fields->{'request-id'}, 'request-id';
    return;
}

# The answer as a response of its own. id: the request-id of the batch.
sub _response {
    my ($answer, $id) = @_;
    my $body   = $answer->{body};
    my %fields = %{$answer->{headers} // {}};
    return bless {
        id     => $answer->{id},
        batch  => $id,
        status => $answer->{status},
        fields => [map { [$_, $fields{$_}] } keys %fields],
        value  => $body,
        body   => ref $body ? json_of($body) : $body // '',
    }, 'InsightsUsed::Response';
}

# As "1:200 2:404".
sub statuses { return join ' ', map { $_->{id} . ':' . $_->status } @_ }

sub item_created {
    my ($name, $answer, $url) = @_;
    is $answer->status, 201, "$name: 201" or diag $answer->body;
    is $answer->json->{'@odata.type'}, '#microsoft.graph.usedInsight',
        "$name: the entity";
    like $answer->field('ETag'), qr{^W/"}, "$name: ETag";
    is $answer->field('Location'), $url, "$name: Location" if defined $url;
    return $answer->json;
}

my @refusals; # of this test: name, number, id, batch

# Checks that the answer is the error with that number. Options: those of
# has_error_body of InsightsUsed::Test, and status and code.
sub item_refused {
    my ($name, $answer, $number, %option) = @_;
    return fail("$name: no answer") if !$answer;
    my ($status, $code) = problem($number);
    $status = $option{status} // $status;
    $code   = $option{code}   // $code;
    my $id = $answer->field('request-id') // '';
    my $ok = subtest "$name: $status $number" => sub {
        is $answer->status,                $status,            'status';
        is $answer->field('Content-Type'), 'application/json', 'type';
        like $answer->field('Retry-After') // '', qr/^[1-9]\d*$/, 'Retry-After'
            if $status == 503 || $status == 429;
        like $answer->field('WWW-Authenticate') // '', qr/^Bearer/,
            'WWW-Authenticate'
            if $status == 401 || $number eq 'IU0013';
        InsightsUsed::Test::has_error_body(_with_client_id($answer),
            $number, $code, %option);
    };
    diag $answer->status, ' ', $answer->body unless $ok;
    push @refusals, [$name, $number, $id, $answer->{batch}];
    return $ok;
}

# An answer without client-request-id has that of the batch in its error.
sub _with_client_id {
    my ($answer) = @_;
    my $inner = $answer->json->{error}{innerError} // {};
    my %copy  = %$answer;
    $copy{fields} = [
        @{$copy{fields}},
        defined $answer->field('client-request-id')
        ? ()
        : ['client-request-id', $inner->{'client-request-id'}]
    ];
    return bless \%copy, ref $answer;
}

# Ends a test: each refused request was logged once, with its number, its
# request-id and that of its batch.
sub finish_batches {
    my %lines;
    for my $line (log_lines()) {
        push @{$lines{"$1 $2"}}, $line
            if $line =~ / request-id (\S+) .* batch (\S+?):/
            && $line !~ /IU0146/;
    }
    for my $refusal (@refusals) {
        my ($name, $number, $id, $batch) = @$refusal;
        my @found = @{$lines{"$id $batch"} // []};
        ok @found == 1 && $found[0] =~ /\b$number: /,
            "$name: one log line, with $number, request-id and batch"
            or diag @found;
    }
    finish();
    return;
}

1;
