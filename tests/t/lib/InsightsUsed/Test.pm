# SPDX-License-Identifier: Apache-2.0
# Shared by all tests: requests, checks of errors, logs.
package InsightsUsed::Test;
use strict;
use warnings;
use Apache::Test       ();
use Apache::TestConfig ();
use Exporter 'import';
use InsightsUsed::Connection;
use InsightsUsed::Problem;
use InsightsUsed::Setup;
use JSON::PP;
use Test::More;

our @EXPORT
    = qw(address api_url call connection create created expect_kills expect_log
    finish json_fields json_of log_lines message minimal new_invitation
    record refused set_of shared_file state_file variable wait_for);

my $GUID = qr/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

# --- locations

sub variable { my ($name) = @_; return Apache::Test::vars($name) }

# Host and port of the main server or a virtual host, as in "127.0.0.1:8529".
sub address {
    my ($vhost) = @_;
    my $config = Apache::Test::config();
    return $config->hostport unless defined $vhost;
    return $config->{vhosts}{$vhost}{hostport}
        // die "there is no virtual host $vhost\n";
}

sub state_file { my ($name) = @_; return variable('t_state') . "/$name" }

sub shared_file {
    my ($name) = @_;
    my $path = variable('top_dir') . "/data/$name";
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

# The URL of a path as the server generates it.
sub api_url {
    my ($path, $vhost) = @_;
    return 'http://' . address($vhost) . $path;
}

# Path of an invitation's used insights. The invitation is percent-encoded.
sub set_of {
    my ($invitation, $root) = @_;
    $root //= '/beta';
    return "$root/invitations/$invitation/invitedUser/insights/used";
}

# An unused invitation.
my $invitations = 0;
sub new_invitation {
    my ($test) = $0 =~ m{([^/]+)\.t$};
    return join '-', $test, $$, ++$invitations;
}

# --- requests

sub connection {
    my ($vhost) = @_;
    return InsightsUsed::Connection->new(address($vhost));
}

# The bytes of a request. Options: body, type (of the body; undef: none),
# headers (list of lines), host, version, keep (the connection).
sub message {
    my ($method, $target, %option) = @_;
    my @lines = ("$method $target HTTP/" . ($option{version} // '1.1'));
    push @lines, 'Host: ' . ($option{host} // address($option{vhost}));
    push @lines, 'Connection: close' unless $option{keep};
    my $body = $option{body};
    if (defined $body) {
        my $type = exists $option{type} ? $option{type} : 'application/json';
        push @lines, "Content-Type: $type" if defined $type;
        push @lines, 'Content-Length: ' . length $body;
    }
    push @lines, @{$option{headers} // []};
    return join("\r\n", @lines, '', '') . ($body // '');
}

# Sends one request on its own connection; dies unless exactly one response
# arrives. Options: those of message, and vhost.
sub call {
    my ($method, $target, %option) = @_;
    my $connection = connection($option{vhost});
    $connection->send(message($method, $target, %option));
    my $response = $connection->response($method)
        // die "$method $target: no response\n";
    my $rest = $connection->rest;
    die "$method $target: after the response came '$rest'\n" if $rest ne '';
    return $response;
}

sub json_of {
    my ($value) = @_;
    return JSON::PP->new->utf8->canonical->encode($value);
}

# A minimal record, with members added or replaced.
sub record {
    my (%member) = @_;
    return {
        lastUsed              => {},
        resourceVisualization => {},
        resourceReference     => {},
        %member
    };
}

sub minimal { return json_of(record(@_)) }

# Creates a record of an invitation; body is the text of the request.
sub create {
    my ($invitation, $body, %option) = @_;
    return call(
        POST => set_of($invitation, $option{root}),
        body => $body // minimal(),
        %option
    );
}

# Checks that a create succeeded. Returns the entity.
sub created {
    my ($name, $response) = @_;
    is $response->status, 201, "$name: 201" or diag $response->body;
    return $response->status == 201 ? $response->json : {};
}

# The header fields of each answer with an entity or a list.
sub json_fields {
    my ($response) = @_;
    is $response->field('Content-Type'),
        'application/json;odata.metadata=minimal;odata.streaming=true;'
        . 'IEEE754Compatible=false;charset=utf-8', 'Content-Type';
    is $response->field('OData-Version'), '4.0',      'OData-Version';
    is $response->field('Cache-Control'), 'no-store', 'Cache-Control';
    return;
}

# --- errors

my @refusals; # of this test: name, number, id, note; to be found in the logs

# Checks that the response is the error with that number, in the format of all
# errors. Options: message (text or pattern), target, details (list of [number,
# message, target]), method, client_request_id, and status and code, for numbers
# that have several.
sub refused {
    my ($name, $response, $number, %option) = @_;
    my ($status, $code) = problem($number);
    $status = $option{status} // $status;
    $code   = $option{code}   // $code;
    my $ok = subtest "$name: $status $number" => sub {
        is $response->status,                    $status,            'status';
        is $response->field('Content-Type'),     'application/json', 'type';
        is $response->field('Content-Language'), 'en',               'language';
        is $response->field('X-Content-Type-Options'), 'nosniff',    'nosniff';
        is $response->field('OData-Version'), '4.0', 'OData-Version';
        like $response->field('request-id') // '', qr/^$GUID$/, 'request-id';
        like $response->field('Retry-After') // '', qr/^[1-9][0-9]*$/,
            'Retry-After'
            if $status == 503 || $status == 429;
        is $response->field('client-request-id'),
            $option{client_request_id} // $response->field('request-id'),
            'client-request-id';
        if (($option{method} // '') eq 'HEAD') {
            is $response->body, '', 'no body';
            cmp_ok $response->field('Content-Length') // 1, '>', 0,
                'not said to be empty';
        } else {
            has_error_body($response, $number, $code, %option);
        }
    };
    diag $response->status, ' ', $response->body unless $ok;
    my $id = $response->field('request-id') // '';
    push @refusals,
        {
        name   => $name,
        number => $number,
        id     => $id,
        note   => join(' ', $response->status, $number, $id) . "\n"
        };
    return $ok;
}

# Sorts faults by target: their order is unspecified.
sub _in_order {
    my @faults
        = sort { ($a->[2] // '') cmp($b->[2] // '') || $a->[1] cmp $b->[1] } @_;
    return \@faults;
}

sub has_error_body {
    my ($response, $number, $code, %option) = @_;
    if ($number =~ /^IU004[0-79]/ && !$option{details}) { # one body fault
        $option{details} = [[$number, $option{message}, $option{target}]];
    }
    my $body = eval { $response->json } // {};
    is_deeply [keys %$body], ['error'], 'one member, error';
    my $error   = $body->{error} // {};
    my @members = qw(code message);
    push @members, 'target'  if defined $option{target};
    push @members, 'details' if $option{details};
    is_deeply [sort keys %$error], [sort @members, 'innerError'], 'members';
    is $error->{code}, $code, 'code';
    my $message = $error->{message} // '';
    if    (ref $option{message}) { like $message, $option{message}, 'message' }
    elsif (defined $option{message}) {
        is $message, $option{message}, 'message';
    }
    else { cmp_ok length $message, '>', 0, 'message' }
    is $error->{target}, $option{target}, 'target';
    is_deeply _in_order(map { [@$_{qw(code message target)}] }
            @{$error->{details} // []}),
        _in_order(map { [(problem($_->[0]))[1], $_->[1], $_->[2]] }
            @{$option{details}}), 'details'
        if $option{details};
    my $inner = $error->{innerError} // {};
    is_deeply [sort keys %$inner],
        [qw(client-request-id code date request-id)], 'members of innerError';
    is $inner->{code}, $number, 'number';
    like $inner->{date}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'date';
    is $inner->{"$_"}, $response->field($_), "$_ within"
        for qw(request-id client-request-id);
    return;
}

# --- logs

# A line of the module that needs the operator's attention.
our $WARNING
    = qr/^\[[^\]]*\] \[insights_used:(?:warn|error|crit|alert|emerg)\]/;

my %log_at;   # size of each log when this test started
my @expected; # numbers this test makes the server warn of

# Persistent faults of the database: the first request is logged as an error,
# and then periodically a count of the others (IU0151).
our $STATE = qr/^IU006(?:[0-6]|9)$/;

# Declares that this test makes the server log these numbers as warnings or
# worse. Each must be logged, and no other.
sub expect_log { push @expected, @_; return }

# Tells the last test that this one kills children.
sub expect_kills { return _note_expected('Killed') }

sub _note_expected {
    my (@expected) = @_;
    open my $file, '>>', state_file('expected_log') or die $!;
    print $file "$_\n" for @expected;
    close $file or die $!;
    return;
}

sub _log_path { my ($log) = @_; return variable('t_logs') . "/$log" }

# Lines of a log since the test started.
sub log_lines {
    my ($log) = @_;
    $log //= 'error_log';
    open my $file, '<:raw', _log_path($log) or return;
    seek $file, $log_at{$log} // 0, 0;
    my @lines = <$file>;
    return @lines;
}

# The module's lines by request-id.
sub _by_request {
    my (@lines) = @_;
    my %by_request;
    for my $line (@lines) {
        push @{$by_request{$1}}, $line
            if $line =~ /\[insights_used:\w+\] .*? IU0\d{3}: request-id (\S+)/;
    }
    return %by_request;
}

# Ends a test with checks common to all, then done_testing. Each refusal was
# logged once with its number and request-id, and is in the access log; the
# module logged only expected warnings.
sub finish {
    subtest 'logs' => sub {
        my %logged = _by_request(log_lines());
        my %noted;
        wait_for(
            sub {
                %noted = map { $_ => 1 } log_lines('access_log');
                return !grep { !$noted{$_->{note}} } @refusals;
            },
            3
        );
        for my $refusal (@refusals) {
            my ($name, $number) = @$refusal{qw(name number)};
            my @lines = @{$logged{$refusal->{id}} // []};
            ok @lines == 1 && $lines[0] =~ /\b$number: /,
                "$name: one log line, with $number and request-id"
                or diag @lines;
            ok $noted{$refusal->{note}}, "$name: logged in the access log";
        }
        my @all      = log_lines();
        my @warnings = grep {/$WARNING/} @all;
        for my $number (@expected) {
            # Only the first is a warning, possibly in an earlier test.
            my @where = $number =~ $STATE ? @all : @warnings;
            ok scalar(grep {/\b$number: /} @where), "$number was logged";
        }
        push @expected, 'IU0151' if grep {/$STATE/} @expected;
        my $expected = join '|', 'none', @expected;
        my @others   = grep { !/\b(?:$expected): / } @warnings;
        is scalar @others, 0, 'no unexpected warning'
            or diag @others;
        _note_expected(@expected);
    };
    done_testing;
    return;
}

for my $log (qw(error_log access_log)) {
    $log_at{$log} = -s _log_path($log) // 0;
}

1;
