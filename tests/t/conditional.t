# SPDX-License-Identifier: Apache-2.0
# Conditional requests (RFC 9110 section 13).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv  = new_invitation();
my $path = set_of($inv) . '/one';
my $made = create($inv, minimal(id => 'one'));
my $etag = $made->field('ETag');
like $etag, qr{^W/"[0-9a-f]{16}"$}, 'a weak tag';
my ($strong) = $etag =~ m{^W/(.*)};

sub ask {
    my ($method, $header, %option) = @_;
    return call(
        $method => $option{path} // $path,
        headers => [ref $header ? @$header : $header],
        $method eq 'PATCH' ? (body => '{}') : (),
        %option
    );
}

# GET and HEAD, If-None-Match
for my $tags (
    $etag, $strong, '*',
    qq("other", $etag),
    qq($etag,"other"),
    qq( , $strong , )
    )
{
    for my $method (qw(GET HEAD)) {
        my $response = ask($method => "If-None-Match: $tags");
        is $response->status, 304, "$method, If-None-Match: $tags: 304";
        is $response->body,   '',  'no body';
        is $response->field('ETag'),          $etag,      'ETag';
        is $response->field('Cache-Control'), 'no-store', 'Cache-Control';
        is $response->field($_), undef, "no $_"
            for qw(Content-Type Last-Modified Location);
    }
}
my $response
    = ask(GET => ["If-None-Match: \"other\"", "If-None-Match: $etag"]);
is $response->status, 304, 'a list in two lines';
for my $tags ('"other"', 'W/"other"', '"*"', uc $strong . ',"x"') {
    $response = ask(GET => "If-None-Match: $tags");
    is $response->status, 200, "If-None-Match: $tags: 200";
    is $response->body, $made->body, 'with the representation';
}
my $connection = connection();
for my $round (1 .. 2) {
    $connection->send(
        message(
            GET     => $path,
            headers => ["If-None-Match: $etag"],
            keep    => 1
        )
    );
    is $connection->response('GET')->status, 304, 'the connection is kept';
}
refused('If-None-Match on a missing resource',
    ask(GET => 'If-None-Match: *', path => "$path-no"), 'IU0051');
is ask(GET => 'If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT')->status, 200,
    'If-Modified-Since is ignored';
is ask(GET => 'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT')->status,
    200, 'so is If-Unmodified-Since';

# GET, If-Match
is ask(GET => "If-Match: $etag")->status, 200, 'If-Match is true';
refused(
    'If-Match is false',
    ask(GET => 'If-Match: "other"'),
    'IU0052',
    message => 'The condition in the If-Match header does not hold for the'
        . ' resource as it is now.'
);
refused('If-Match comes first',
    ask(GET => ['If-Match: "other"', "If-None-Match: $etag"]), 'IU0052');
refused('also for HEAD', ask(HEAD => 'If-Match: "other"'),
    'IU0052', method => 'HEAD');

# Malformed lists of entity tags
for my $method (qw(GET PATCH DELETE)) {
    for my $tags ('', 'x', substr($strong, 1), "$etag x", "*, $etag") {
        for my $name (qw(If-Match If-None-Match)) {
            refused("$method, $name: $tags", ask($method => "$name: $tags"),
                'IU0054', message =>
                    "The $name header must be '*' or a list of entity tags.");
        }
    }
}
is call(GET => $path)->field('ETag'), $etag, 'nothing was changed';

# PATCH
$response = ask(PATCH => "If-Match: $etag");
is $response->status, 200, 'PATCH with the ETag';
my $next = $response->field('ETag');
for my $stale ($etag, '"other"', '""') {
    refused("PATCH with $stale", ask(PATCH => "If-Match: $stale"), 'IU0052');
}
is call(GET => $path)->field('ETag'), $next, 'nothing was changed';
$response = ask(PATCH => "If-Match: $etag, $next");
is $response->status, 200, 'one of several';
is ask(PATCH => 'If-Match: *')->status, 200, 'any';
refused('PATCH, If-None-Match: *', ask(PATCH => 'If-None-Match: *'),
    'IU0052', message => qr/If-None-Match/);
is ask(PATCH => 'If-None-Match: "other"')->status, 200,
    'PATCH, If-None-Match with another tag';
$next = call(GET => $path)->field('ETag');
refused('PATCH, If-None-Match with the tag',
    ask(PATCH => "If-None-Match: $next"), 'IU0052');
for my $tags ('*', $etag) {
    refused("PATCH of a missing resource, If-Match: $tags",
        ask(PATCH => "If-Match: $tags", path => "$path-no"), 'IU0052');
    refused(
        'even if it may be created',
        ask(
            PATCH => ["If-Match: $tags", 'Prefer: create-if-missing'],
            path  => "$path-no",
            body  => minimal()
        ),
        'IU0052'
    );
}
refused(
    'If-None-Match with a tag does not create',
    ask(PATCH => 'If-None-Match: "x"', path => "$path-no", body => minimal()),
    'IU0051'
);
refused('a condition is checked before the body',
    ask(PATCH => 'If-Match: "other"', body => '{"x":1}'), 'IU0052');

# DELETE
refused('DELETE with a stale tag', ask(DELETE => "If-Match: $etag"), 'IU0052');
refused('DELETE, If-None-Match: *', ask(DELETE => 'If-None-Match: *'),
    'IU0052');
refused('DELETE of a missing resource, If-Match: *',
    ask(DELETE => 'If-Match: *', path => "$path-no"), 'IU0052');
is call(GET => $path)->field('ETag'), $next, 'nothing was deleted';
is ask(DELETE => "If-Match: $next")->status, 204, 'DELETE with the tag';
create($inv, minimal(id => 'one'));
is ask(DELETE => 'If-Match: *')->status, 204, 'DELETE, If-Match: *';

# POST ignores conditions.
is create($inv, minimal(id => 'one'), headers => ['If-Match: "x"'])->status,
    201, 'POST ignores them';

# InsightsUsedIfMatch Required
my $careful = set_of($inv, '/careful');
$made = create($inv, minimal(id => 'careful'), root => '/careful');
for my $method (qw(PATCH DELETE)) {
    for my $headers ([], ['Prefer: create-if-missing'],
        ['If-None-Match: "x"'])
    {
        refused(
            "$method without If-Match: @$headers",
            ask($method => $headers, path => "$careful/careful"),
            'IU0053',
            message => 'The request must have an If-Match header with the'
                . ' ETag of the resource.'
        );
    }
    refused("$method, If-None-Match: *",
        ask($method => 'If-None-Match: *', path => "$careful/careful"),
        'IU0052');
    refused("$method of a missing resource",
        ask($method => [], path => "$careful/no"), 'IU0051');
}
for my $header ('If-None-Match: *', 'Prefer: create-if-missing') {
    my ($id) = $header =~ /(\w+)$/ ? 'preferred' : 'none-matched';
    is ask(
        PATCH => $header,
        path  => "$careful/$id",
        body  => minimal()
        )->status, 201, "careful: $header creates";
}
$response = ask(
    PATCH => 'If-Match: ' . $made->field('ETag'),
    path  => "$careful/careful"
);
is $response->status, 200, 'careful: PATCH with If-Match';
is ask(
    DELETE => 'If-Match: ' . $response->field('ETag'),
    path   => "$careful/careful"
    )->status, 204, 'careful: DELETE with If-Match';
is ask(DELETE => 'If-Match: *', path => "$careful/preferred")->status, 204,
    'If-Match: * suffices';

# Compressing filters append a suffix to the entity tag.
for my $root (qw(/deflate /brotli)) {
    my $set      = set_of(new_invitation(), $root);
    my @encoding = 'Accept-Encoding: br, gzip';
    my $text     = 'text ' x 100;
    my $sent     = call(
        POST    => $set,
        body    => minimal(id => 'x', resourceReference => {webUrl => $text}),
        headers => \@encoding
    );
    my $compressed = $sent->field('ETag');
    like $compressed, qr{^W/"[0-9a-f]{16}-(?:gzip|br)"$}, "$root: the tag";
    like $sent->field('Vary'), qr/Accept, ?Prefer, ?Accept-Encoding/,
        "$root: Vary";
    is call(
        GET     => "$set/x",
        headers => ["If-None-Match: $compressed", @encoding]
    )->status, 304, "$root: If-None-Match";
    is call(
        PATCH   => "$set/x",
        body    => '{}',
        headers => ["If-Match: $compressed"]
    )->status, 200, "$root: If-Match";
    refused(
        "$root: an outdated version",
        call(DELETE => "$set/x", headers => ["If-Match: $compressed"]),
        'IU0052'
    );
}

finish();
