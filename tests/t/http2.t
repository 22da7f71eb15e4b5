# SPDX-License-Identifier: Apache-2.0
# Responses over HTTP/2 are the same. With prefork, which has no HTTP/2, httpd
# ignores the offer of h2c.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Setup;
use InsightsUsed::Test;
use Test::More;

my $inv     = new_invitation();
my $vhost   = 'h2c';
my $url     = api_url(set_of($inv), $vhost);
my $scratch = state_file('http2');

sub curl {
    my (@arguments) = @_;
    open my $curl, '-|', 'curl', '-sS', '--max-time', 20, '-o',
        "$scratch.body", '-D',
        "$scratch.head", '-w', '%{http_version} %{http_code}', @arguments
        or die "no curl: $!\n";
    my $result = do { local $/; <$curl> };
    close $curl;
    my %slurped;
    for my $part (qw(head body)) {
        open my $file, '<:raw', "$scratch.$part" or next;
        local $/;
        $slurped{$part} = <$file> // '';
    }
    my ($last) = $slurped{head} =~ m{.*(^HTTP/.*)}sm;
    my $response = InsightsUsed::Response->new($last);
    $response->{body} = $slurped{body};
    return ($result, $response);
}

# The argument of curl for a body from a file.
sub body_file {
    my ($text) = @_;
    write_file("$scratch.in", $text);
    return "\@$scratch.in";
}
my @json = (-H => 'Content-Type: application/json');

if ($ENV{IU_MPM} eq 'prefork') {
    my ($result, $response)
        = curl('--http2', @json, '--data-binary', minimal(), $url);
    is $result, '1.1 201', 'an offer of h2c is ignored';
    is $response->json->{'@odata.type'}, '#microsoft.graph.usedInsight',
        'and the request answered';
    finish();
    exit;
}

my @h2 = '--http2-prior-knowledge';
my ($result, $response)
    = curl(@h2, @json, '--data-binary', minimal(id => 'one'), $url);
is $result, '2 201', 'create';
my $entity = created('HTTP/2', $response);
is $entity->{id},                'one',      'the entity';
is $response->field('Location'), "$url/one", 'Location';
my $body = $response->body;
($result, $response) = curl(@h2, "$url/one");
is $result,         '2 200', 'GET of Location';
is $response->body, $body,   'the same';
($result, $response) = curl(@h2, '--head', "$url/one");
is $result, '2 200', 'HEAD';
my $etag = $response->field('ETag');
($result, $response) = curl(@h2, -H => "If-None-Match: $etag", "$url/one");
is $result,                  '2 304', 'If-None-Match';
is $response->field('ETag'), $etag,   'its ETag';
my @if_match = (-H => "If-Match: $etag");
($result, $response)
    = curl(@h2, @json, @if_match, -X => 'PATCH', '--data-binary', '{}',
    "$url/one");
is $result, '2 200', 'PATCH';
($result, $response) = curl(@h2, @if_match, -X => 'DELETE', "$url/one");
refused('DELETE with the old ETag', $response, 'IU0052');
($result, $response) = curl(@h2, -X => 'DELETE', "$url/one");
is $result, '2 204', 'DELETE';
($result, $response)
    = curl(@h2, @json, '--data-binary', minimal(id => 'one'), $url);
is $result, '2 201', 'create again';
($result, $response) = curl(@h2, -X => 'OPTIONS', $url);
is $result, '2 204', 'OPTIONS';
($result, $response) = curl('--http2', @json, '--data-binary', minimal(), $url);
like $result, qr/^(?:2|1\.1) 201$/, 'upgrade from HTTP/1.1';

($result, $response)
    = curl(@h2, @json, '--data-binary', minimal(id => 'one'), $url);
refused('409', $response, 'IU0050');
($result, $response) = curl(@h2, @json, '--data-binary', '{', $url);
refused('invalid JSON', $response, 'IU0035');
($result, $response) = curl(@h2, -X => 'DELETE', $url);
refused('405', $response, 'IU0002');
($result, $response) = curl(@h2, api_url('/beta/nothing', $vhost));
refused('404', $response, 'IU0084');

# A batch
my $batch = json_of({requests => [
    {id => '1', method => 'POST', url => set_of($inv, ''), body => record()},
    {id => '2', method => 'GET', url => set_of($inv, '') . '/one'},
    {id => '3', method => 'GET', url => '/nothing'},
]});
($result, $response) = curl(@h2, @json, '--data-binary', $batch,
    api_url('/beta/$batch', $vhost));
is $result, '2 200', 'a batch';
is_deeply [map { $_->{status} } @{$response->json->{responses}}],
    [201, 200, 404], 'the statuses in it';
like $response->json->{responses}[0]{headers}{Location},
    qr/^\Q$url\E/, 'Location in it';
($result, $response) = curl(@h2, api_url('/beta/$batch', $vhost));
refused('GET of $batch', $response, 'IU0002');

# A body without Content-Length
my $file = body_file(minimal());
($result, $response) = curl(
    @h2, @json,
    -X => 'POST',
    -T => substr($file, 1),
    -H => 'Content-Length:',
    $url
);
is $result, '2 201', 'no Content-Length';

# Responses sent before the body was read: curl 7.88 reports the end of the
# stream (RST_STREAM, NO_ERROR) as an error; nghttp shows the response.
sub nghttp {
    my ($bytes, @arguments) = @_;
    my $input = body_file($bytes);
    open my $stderr, '>&', \*STDERR         or die $!;
    open STDERR,     '>',  "$scratch.error" or die $!;
    open my $nghttp, '-|', 'nghttp', '--no-dep', '-v', '-t', '20s', '-d',
        substr($input, 1),
        -H => 'content-type: application/json',
        @arguments, $url
        or die "no nghttp: $!\n";
    my $text = do { local $/; <$nghttp> };
    close $nghttp;
    open STDERR, '>&', $stderr or die $!;
    return $text;
}
my $text = nghttp(minimal());
like $text, qr/:status: 201/, 'nghttp: 201';
$text = nghttp(minimal(), -H => 'accept: text/html');
like $text, qr/:status: 406/, 'refused by a header field';
like $text, qr/IU0023/,       'with the module\'s error';
is scalar(() = $text =~ /:status:/g), 1, 'one response';
$text = nghttp(minimal(resourceVisualization => {title => 'x' x 2000}));
like $text, qr/:status: 413/, 'too large, by Content-Length';
like $text, qr/IU0030/,       'with the module\'s error';
is scalar(() = $text =~ /:status:/g), 1, 'one response';
$text = nghttp(minimal(resourceVisualization => {title => 'x' x 200_000}),
    '--no-content-length');
like $text, qr/:status: 413/, 'too large, without Content-Length';
is scalar(() = $text =~ /:status:/g), 1, 'one response';
$text = nghttp(minimal(), '--trailer', 'x-sum: 1');
like $text, qr/:status: 201/, 'trailers';
$text = nghttp(minimal(), -H => 'content-length: 3');
unlike $text, qr/:status: 2/,
    'a Content-Length that does not match the body fails';

# Many streams on one connection
open my $load, '-|', 'nghttp', '-s', '-n', '-m', 50, '-d',
    body_file(minimal()) =~ s/^@//r,
    -H => 'content-type: application/json',
    $url
    or die $!;
my $statistics = do { local $/; <$load> };
close $load;
is scalar(() = $statistics =~ /^\s*\d+\s.*\s201\s/mg), 50,
    '50 streams on one connection';

# Header fields too large
($result, $response) = curl(@h2, '-H', 'X-Long: ' . 'x' x 9000, "$url/one");
is $result, '2 431', 'a field that is too long';
refused('431', $response, 'IU0093');
# mod_http2 drops a path that is too long, which might be under the root.
($result, $response) = curl(@h2, "$url/" . 'x' x 9000);
is $result, '2 414', 'a path that is too long';
refused('414', $response, 'IU0089');
finish();
