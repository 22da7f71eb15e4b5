# SPDX-License-Identifier: Apache-2.0
# Transfer of request bodies, intact and broken: one response each, after which
# the connection is in sync or closed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use Compress::Zlib qw(memGzip);

my $inv  = new_invitation();
my $set  = set_of($inv);
my $json = "Content-Type: application/json";

sub chunked {
    return join '', map({ sprintf "%x\r\n%s\r\n", length, $_ } @_), "0\r\n\r\n";
}

# Sends bytes followed by a second request. Returns the first response, and
# checks that the second request is answered correctly or not at all.
sub first_of_two {
    my ($name, $bytes, %option) = @_;
    my $connection = connection($option{vhost});
    $connection->send($bytes);
    $connection->send(message(OPTIONS => $set, vhost => $option{vhost}))
        unless $option{alone};
    $connection->finish_sending if $option{cut};
    my $first = $connection->response('POST');
    ok $first, "$name: a response" or return;
    my $second = eval { $connection->response('OPTIONS') };
    is $@, '', "$name: still in sync";

    if ($second) {
        is $second->status, 204,
            "$name: the next request has its own answer";
        is $connection->rest, '', "$name: then the connection ends";
        ok !$option{closed}, "$name: the connection is closed";
    } else {
        pass "$name: the connection is closed";
    }
    return $first;
}

sub post {
    my ($fields, $body, %option) = @_;
    my $version = $option{version} // '1.1';
    return join("\r\n",
        'POST ' . ($option{set} // $set) . " HTTP/$version",
        'Host: ' . address($option{vhost}),
        $json, @$fields, '', '')
        . $body;
}

# Valid bodies
my $body     = minimal();
my $response = first_of_two('Content-Length',
    post(['Content-Length: ' . length $body], $body));
is $response->status, 201, 'Content-Length: 201';
$response = first_of_two('chunked',
    post(['Transfer-Encoding: chunked'], chunked($body)));
is $response->status, 201, 'chunked: 201';
$response = first_of_two('a byte a chunk',
    post(['Transfer-Encoding: Chunked'], chunked(split //, $body)));
is $response->status, 201, 'a byte a chunk: 201';
$response = first_of_two(
    'chunk extensions and trailers',
    post(
        ['Transfer-Encoding: chunked', 'Trailer: X-Sum'],
        sprintf(
            "%x;a=b\r\n%s\r\n0\r\nX-Sum: 1\r\nContent-Type: text/plain\r\n\r\n",
            length $body, $body
        )
    )
);
is $response->status, 201, 'trailers do not change the header: 201';

for my $split (1, length($body) - 1) { # in two pieces, with a pause
    my $connection = connection();
    $connection->send(
        post(['Content-Length: ' . length $body], substr $body, 0, $split));
    ok $connection->is_quiet(0.1), 'the server waits for the rest';
    $connection->send(substr $body, $split);
    is $connection->response('POST')->status, 201, 'in two pieces: 201';
}

# Expect: 100-continue
my $connection = connection();
$connection->send(
    post(
        [   'Content-Length: ' . length $body,
            'Expect: 100-continue',
            'Connection: close'
        ],
        ''
    )
);
ok !$connection->is_quiet(5), '100 Continue comes before the body';
$connection->send($body);
$response = $connection->response('POST');
is $response->status,  201, 'Expect: 201';
is $response->interim, 1,   'after one 100';
$connection = connection();
$connection->send(
    post(
        ['Content-Length: 100', 'Expect: 100-continue', 'Accept: text/html'],
        ''
    )
);
$response = $connection->response('POST');
refused('Expect, refused by a field', $response, 'IU0023');
is $response->interim, 0,  'without a 100';
is $connection->rest,  '', 'and closed';
$connection = connection();
$connection->send(post(
    ['Content-Length: 2000000', 'Expect: 100-continue'], ''));
$response = $connection->response('POST');
refused('Expect, too large',
    $response, 'IU0030',
    message => 'The request body is larger than the limit of 1048576 bytes.');
is $response->interim, 0, 'without a 100';
refused(
    'another expectation',
    first_of_two(
        'Expect: foo',
        post(['Content-Length: ' . length $body, 'Expect: foo'], $body)
    ),
    'IU0091'
);

# Limits of the module, default and configured
my $room = 1024 * 1024
    - length minimal(resourceVisualization => {previewText => ''});
my $largest = minimal(resourceVisualization => {previewText => 'x' x $room});
is length $largest,                1024 * 1024, 'a body exactly at the limit';
is create($inv, $largest)->status, 201,         'is accepted';
refused(
    'one byte more',
    first_of_two(
        'one byte more',
        post(['Content-Length: ' . (1 + length $largest)], "$largest ")
    ),
    'IU0030',
    message => 'The request body is larger than the limit of 1048576 bytes.'
);
for my $vhost (undef, 'limits') {
    my $limit   = $vhost ? 1000              : 1024 * 1024;
    my $name    = $vhost ? 'a limit of 1000' : 'the default limit';
    my $message = "The request body is larger than the limit of $limit bytes.";
    # Answered before any of the body was sent.
    $connection = connection($vhost);
    $connection->send(
        post(['Content-Length: ' . ($limit + 1)], '', vhost => $vhost));
    refused(
        "$name, by Content-Length",
        $connection->response('POST'),
        'IU0030', message => $message
    );
    is $connection->rest, '', 'and closed';
    refused(
        "$name, chunked",
        first_of_two(
            "$name, chunked",
            post(
                ['Transfer-Encoding: chunked'],
                chunked(('x' x 1000) x ($limit / 1000 + 2)),
                vhost => $vhost
            ),
            vhost => $vhost
        ),
        'IU0030',
        message => $message
    );
    # Does not wait for the end of an endless body.
    $connection = connection($vhost);
    $connection->send(post(
        ['Transfer-Encoding: chunked'],
        sprintf("%x\r\n", 1 << 30) . 'x' x ($limit + 8192),
        vhost => $vhost
    ));
    refused(
        "$name, a chunk without end",
        $connection->response('POST'),
        'IU0030', message => $message
    );
    is $connection->rest, '', 'and closed';
}
is create(
    $inv,
    minimal(resourceVisualization => {title => 'x' x 1000}),
    vhost => 'limits'
    )->status,
    413, 'a limit of 1000: 1,100 bytes';
is create($inv, minimal(), vhost => 'limits')->status, 201,
    'a limit of 1000: less';
# LimitRequestBody of httpd, lower than the module's limit
for my $case (
    ['by Content-Length', ['Content-Length: 5000'], 'x' x 5000],
    ['chunked', ['Transfer-Encoding: chunked'],     chunked(('x' x 100) x 50)]
    )
{
    my ($name, $fields, $bytes) = @$case;
    refused(
        "LimitRequestBody $name",
        first_of_two(
            "LimitRequestBody $name",
            post($fields, $bytes, vhost => 'guarded'),
            vhost => 'guarded'
        ),
        'IU0088'
    );
}

# Truncated and malformed
$response = first_of_two(
    'cut short', post(['Content-Length: 100'], '{'),
    cut   => 1,
    alone => 1
);
refused('cut short', $response, 'IU0032',
    message => 'The request body is incomplete or its coding is broken.');
$response = first_of_two(
    'cut in a chunk', post(['Transfer-Encoding: chunked'], "64\r\n{"),
    cut   => 1,
    alone => 1
);
refused('cut in a chunk', $response, 'IU0032');
$response = first_of_two(
    'cut between chunks', post(['Transfer-Encoding: chunked'], "2\r\n{}\r\n"),
    cut   => 1,
    alone => 1
);
refused('cut between chunks', $response, 'IU0032');
for my $bad (
    "x\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n",
    "2{}\r\n\r\n",          "2\r\n{}x\r\n0\r\n\r\n"
    )
{
    my $name = 'bad chunk ' . ($bad =~ s/[^ -~]+/./gr);
    refused($name,
        first_of_two($name, post(['Transfer-Encoding: chunked'], $bad)),
        'IU0080');
}
refused(
    'a chunk size that overflows',
    first_of_two(
        'a chunk size that overflows',
        post(['Transfer-Encoding: chunked'], 'f' x 17 . "\r\n{}\r\n0\r\n\r\n")
    ),
    'IU0088'
);
for my $length ('abc', '-5', '1, 2', '99999999999999999999999', '') {
    my $name   = "Content-Length '$length'";
    my $number = 'IU0080';
    refused($name, first_of_two($name, post(["Content-Length: $length"], '')),
        $number);
}
refused(
    'two lengths',
    first_of_two(
        'two lengths', post(['Content-Length: 2', 'Content-Length: 3'], '{}')
    ),
    'IU0080'
);
$response = first_of_two(
    'both length and chunks',
    post(['Content-Length: 3', 'Transfer-Encoding: chunked'], chunked($body)),
    closed => 1
);
is $response->status, 201, 'both: chunked wins, then the server closes';
for my $coding ('gzip, chunked', 'identity, chunked') {
    refused(
        "TE $coding",
        first_of_two(
            "TE $coding", post(["Transfer-Encoding: $coding"], chunked($body))
        ),
        'IU0022'
    );
}
$response = first_of_two('TE gzip', post(['Transfer-Encoding: gzip'], $body));
ok $response->status == 400 || $response->status == 501,
    'the final coding is not chunked';
refused('a length and no body',
    first_of_two('length 0', post(['Content-Length: 0'], '')), 'IU0034');
refused('no length', first_of_two('no length', post([], '')), 'IU0034');

# Stalled
$connection = connection('slow');
$connection->send(
    post(['Content-Length: 100'], '{"lastUsed":', vhost => 'slow'));
refused('stalled', $connection->response('POST'),
    'IU0031', message => 'The request body did not arrive in time.');
is $connection->rest, '', 'and closed';
# Errors in header fields are reported without waiting for the body.
$connection = connection('slow');
$connection->send(
    post(['Content-Length: 100', 'Accept: text/html'], '{', vhost => 'slow'));
refused('stalled after a header error', $connection->response('POST'),
    'IU0023');
is $connection->rest, '', 'and closed';

# gzip
my $packed = memGzip($body);
my $gzip   = 'Content-Encoding: gzip';
refused('gzip without the filter',
    create($inv, $packed, headers => [$gzip]), 'IU0021');
refused("Content-Encoding: $_",
    create($inv, $body, headers => ["Content-Encoding: $_"]), 'IU0021')
    for 'br', 'gzip, gzip', 'nonsense';
is create($inv, $body, headers => ['Content-Encoding: identity'])->status, 201,
    'identity';
my $there = set_of($inv, '/gzip');
is create($inv, $packed, root => '/gzip', headers => [$gzip])->status, 201,
    'gzip with the filter';
is create($inv, $body, root => '/gzip')->status, 201, 'plain with the filter';
is first_of_two(
    'gzip, chunked',
    post(
        [$gzip, 'Transfer-Encoding: chunked'],
        chunked($packed =~ /(.{1,7})/gs),
        set => $there
    )
)->status, 201, 'gzip in chunks';
refused(
    'another coding with the filter',
    create(
        $inv, $body,
        root    => '/gzip',
        headers => ['Content-Encoding: br']
    ),
    'IU0021'
);
my %broken = (
    'not gzip'  => $body,
    'truncated' => substr($packed, 0, length($packed) - 12),
    'a bad sum' => substr($packed, 0, -8) . "\1\2\3\4" . substr($packed, -4),
    'empty'          => '',
    'no data'        => substr($packed, 0, 10)
);

for my $name (sort keys %broken) {
    my $sent = $broken{$name};
    $response = first_of_two(
        "gzip: $name",
        post([$gzip, 'Content-Length: ' . length $sent], $sent, set => $there)
    );
    refused("gzip: $name", $response, $sent eq '' ? 'IU0034' : 'IU0032');
}
my $bomb = memGzip(' ' x 20_000_000);
$response = first_of_two('a gzip bomb',
    post([$gzip, 'Content-Length: ' . length $bomb], $bomb, set => $there));
refused('a gzip bomb: mod_deflate gives up', $response, 'IU0032');
$bomb = memGzip(
    minimal(resourceVisualization => {title => join ',', 1 .. 300_000}));
cmp_ok length $bomb, '<', 1024 * 1024, 'compressed it is below the limit';
refused('inflated too large',
    create($inv, $bomb, root => '/gzip', headers => [$gzip]), 'IU0030');

finish();
