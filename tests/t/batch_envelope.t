# SPDX-License-Identifier: Apache-2.0
# Batches that are refused as a whole, without any effect; limits of batches, of
# their requests and of their answers.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Batch;
use InsightsUsed::Database;
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv, '');
create(new_invitation()); # makes the database
my $any = post('ok', $set);

# Checks that a batch is refused. reason: what the message says after its
# beginning.
sub malformed {
    my ($name, $requests, $reason, $target, %option) = @_;
    refused($name, batch($requests, %option), 'IU0180',
        message => ref $reason
        ? qr/^Invalid batch payload format\. $reason/
        : "Invalid batch payload format. $reason",
        target => $target);
    return;
}

# --- the text

my $one = '{"id":"1","method":"GET","url":"/me/insights"}';
my %texts = (
    '{'           => qr/Line 1, column 2: /,
    'nonsense'    => qr/Line 1, column 1: /,
    '[]'          => qr/Line 1, column 1: /,
    '"x"'         => qr/Line 1, column 1: /,
    '{}'          => 'It must be an array of requests.',
    '{"requests":{}}'   => 'It must be an array of requests.',
    '{"requests":null}' => 'It must be an array of requests.',
    '{"requests":[]}'   => 'There are no requests.',
    '{"Requests":[]}'   => 'A batch has no such member.',
    '{"requests":[],"more":1}'        => 'A batch has no such member.',
    '{"requests":[],"requests":[]}'   => qr/Line 1, column 16: a name is given/,
    "{\n \"requests\" :[,]}"          => qr/Line 2, column 15: an object/,
    qq({"requests":[$one)             => qr/Line 1, column 60: the text ends/,
    qq({"requests":[$one $one]})      => qr/Line 1, column 61: a comma/,
    qq({"requests":[$one]} x)         => qr/Line 1, column 63: /,
);
my %target_of = (
    "{\n \"requests\" :[,]}"  => 'requests/0',
    '{"Requests":[]}' => 'Requests',
    '{"requests":[],"more":1}' => 'more',
);
for my $text (sort keys %texts) {
    my $reason = $texts{$text};
    malformed($text, $text, $reason,
        $target_of{$text} // (ref $reason ? undef : 'requests'));
}
my $response = batch("{\"requests\":[\xff]}");
is $response->status, 400, 'no UTF-8';
malformed('an empty body', '', 'Line 1, column 1: the text ends too early.');

# --- requests

my @not_ids = (
    [1, 'a number'], [undef, 'null'], ['', 'empty'], ["a\tb", 'a tab'],
    ['x' x 256, '256 bytes'], [[], 'an array']
);
for my $pair (@not_ids) {
    my ($id, $name) = @$pair;
    my $request = post('x', $set);
    $request->{id} = $id;
    malformed("id: $name", [$any, $request],
        'The id must be a string of 1 to 255 bytes without control characters.',
        'requests/1/id');
}
malformed('id: twice, in another case', [$any, post('OK', $set)],
    'Request Id OK has to be unique in a batch.', 'requests/1/id');
for my $member (qw(id method url)) {
    my $request = post('x', $set);
    delete $request->{$member};
    malformed("no $member", [$any, $request], 'It is missing.',
        "requests/1/$member");
}
my %members = (    # of the second request: value, reason, target
    'method: a number'  => [method => 1,     qr/The method must be a token/],
    'method: empty'     => [method => '',    qr/The method must be a token/],
    'method: two words' => [method => 'A B', qr/The method must be a token/],
    'url: null'         => [url => undef, 'The URL must be a string.'],
    'url: empty'        => [url => '', 'The URL is empty.'],
    'url: a tab'        => [url => "/a\tb", qr/The URL must not contain /],
    'url: a line'       => [url => "/a\nb", qr/The URL must not contain /],
    'url: a backslash'  => [url => '/a\\b', qr/.* backslash/],
    'url: a fragment'   => [url => "$set#x", 'The URL must not have a fragment.'],
    (   map {
            ("url: $_" => [url => $_, 'The URL must not have dot segments.'])
        } "$set/../x", '/./x', '/%2e%2E/x', '..', '/.%2e'
    ),
    (   map {
            ("url: $_" => [url => $_, 'The URL is not below the service root.'])
        } 'http://other.example/beta/x', '//other.example/beta/x',
        api_url('/betas/x'), api_url('/plain'), 'https' . substr(api_url('/beta/x'), 4)
    ),
    (   map {
            ("url: $_" => [url => $_, 'A batch must not contain a batch.'])
        } '/$batch', '$batch', '/%24BATCH', '/beta/$batch', '/$batch?x=1',
        '/$batch/x', api_url('/beta/$batch'), '/beta//$batch'
    ),
    'url: too long' => [url => '/' . 'x' x 9000, qr/The URL is longer/],
    'headers: an array' => [headers => [], 'The headers must be an object.'],
    'headers: a number' => [headers => {a => 1},
        qr/The value of a header field must be a string/, 'headers/a'],
    'headers: a line' => [headers => {a => "b\r\nc: d"},
        qr/The value of a header field must be a string/, 'headers/a'],
    'headers: no name' => [headers => {'a b' => 'c'},
        'This cannot be the name of a header field.', 'headers/a b'],
    'headers: one twice' => [headers => {Accept => '*/*', accept => '*/*'},
        'The header field is given twice.', qr/^headers\/accept$/i],
    'dependsOn: a string' => [dependsOn => 'ok',
        'It must be an array of ids and names of groups.'],
    'dependsOn: a number' => [dependsOn => ['ok', 1],
        'It must be an id, or the name of a group.', 'dependsOn/1'],
    'dependsOn: itself' => [dependsOn => ['X'],
        qr/'X' is this request itself\./, 'dependsOn/0'],
    'dependsOn: unknown' => [dependsOn => ['ok', 'y'],
        qr/'y' is neither an id nor a group\./, 'dependsOn/1'],
    'dependsOn: later' => [dependsOn => ['later'],
        qr/'later' is a later request\./, 'dependsOn/0'],
    'dependsOn: a later group' => [dependsOn => ['late'],
        qr/'late' is a group with a later request\./, 'dependsOn/0'],
    'atomicityGroup: a number' => [atomicityGroup => 1,
        'The name of a group must be a string, and not empty.'],
    'atomicityGroup: empty' => [atomicityGroup => '',
        'The name of a group must be a string, and not empty.'],
    'atomicityGroup: an id' => [atomicityGroup => 'OK',
        'The group is named like the id of a request.'],
    'another member' => [other => 1, 'A request of a batch has no such member.'],
    'Method'         => [Method => 'GET',
        'A request of a batch has no such member.'],
);
for my $name (sort keys %members) {
    my ($member, $value, $reason, $target) = @{$members{$name}};
    $target = $member if !defined $target || ref $target;
    $target = 'headers/' . 'accept' if $name eq 'headers: one twice';
    my $text = json_of({requests => [$any, post('x', $set, $member => $value),
        post('later', $set, atomicityGroup => 'late')]});
    malformed($name, $text, $reason, "requests/1/$target");
}
malformed('a GET in a group', [$any, get('x', $set, atomicityGroup => 'g')],
    'A group must not have a GET.', 'requests/1/atomicityGroup');
malformed('groups in a circle', [
    post('1', $set, atomicityGroup => 'a'),
    post('2', $set, atomicityGroup => 'b', dependsOn => ['1']),
    post('3', $set, atomicityGroup => 'a', dependsOn => ['2']),
], 'Groups depend on each other in a circle.', 'requests/1/dependsOn');
malformed("a request that is $_", qq({"requests":[$_]}), qr/.*/, 'requests/0')
    for qw(null 1 "x" [] x);
is count_of($inv), 0, 'nothing was done';

# --- Content-Type and methods of the batch itself

refused('multipart', batch([$any],
    type => 'multipart/mixed; boundary=batch_1'), 'IU0184', message =>
    qr/JSON.*application\/json/);
refused("Content-Type: $_", batch([$any], type => $_), 'IU0020')
    for 'text/plain', 'application/json; charset=iso-8859-1';
refused('no Content-Type', batch([$any], type => undef), 'IU0020');
is batch([$any], type => 'application/json;odata.metadata=minimal')->status, 200,
    'parameters of the type';
for my $method (qw(GET HEAD PUT PATCH DELETE)) {
    my $no = call($method => '/beta/$batch',
        $method =~ /^P/ ? (body => '{}') : ());
    refused($method, $no, 'IU0002', method => $method);
    is_deeply [sort split /, */, $no->field('Allow')], ['OPTIONS', 'POST'],
        "$method: Allow";
}
my $options = call(OPTIONS => '/beta/$batch');
is $options->status, 204, 'OPTIONS';
is $options->field('Allow'), 'POST, OPTIONS', 'Allow';
refused('$batch/x', call(POST => '/beta/$batch/x', body => '{}'), 'IU0084');
refused('$batch elsewhere', call(POST => "/beta$set/\$batch", body => '{}'),
    'IU0084');

# --- limits

is scalar(answers('20', batch([posts(20, $set)]))), 20, '20 requests';
malformed('21 requests', [map { post($_, $set) } 1 .. 21],
    'Number of requests inside batch exceeds the limit of 20.', 'requests');
refused('InsightsUsedBatch 0', batch([$any], root => '/no-batch'), 'IU0084');
malformed('1001 requests', [map { post($_, $set) } 1 .. 1001],
    'Number of requests inside batch exceeds the limit of 1000.', 'requests',
    root => '/large-batch');

my $filler = ' ' x 2001;
refused('InsightsUsedBatchBody', batch(
    json_of({requests => [$any]}) . $filler, root => '/small-batch'), 'IU0030',
    message => qr/2000/);
my $connection = connection();
$connection->send(
    message(POST => '/small-batch/$batch', headers =>
            ['Content-Type: application/json', 'Transfer-Encoding: chunked']),
    sprintf("%x\r\n%s\r\n0\r\n\r\n", length $filler, $filler)
);
refused('chunked, too', $connection->response('POST'), 'IU0030');
my @got = answers('InsightsUsedMaxBody', batch([
    post('1', $set),
    post('2', $set, body => record(resourceVisualization => {title => 'x' x 500})),
    post('3', $set),
], root => '/small-batch'));
is statuses(@got), '1:201 2:413 3:201', 'the body of one request is too large';
item_refused('InsightsUsedMaxBody', $got[1], 'IU0030', message => qr/500/);
refused('no $batch-sized body elsewhere', call(POST => "/small-batch$set",
    body => minimal(resourceVisualization => {title => 'x' x 500})), 'IU0030');

# Sends a batch in whose texts LONG stands for almost 1 MiB. JSON::PP would take
# seconds for such texts.
my $long = 'x' x 1_040_000;

sub large {
    my ($name, @requests) = @_;
    my $response = batch(json_of({requests => \@requests}) =~ s/LONG/$long/gr,
        root => '/large-batch');
    $response->{body} =~ s/x{9999,}/LONG/g;
    return answers($name, $response);
}
my @long = (resourceVisualization => {title => 'LONG'});

@got = large(
    '1 MiB',
    post('1', $set, body => record(id => 'long', @long)),
    post('2', $set, body => record(@long, resourceReference =>
        {id => 'y' x 8576}))
);
is statuses(@got), '1:201 2:413', 'each request has up to 1 MiB';

# --- an answer that would be larger than 16 MiB

my @reads = map { get($_, "$set/long") } 1 .. 18;
@got = large('reads', @reads, get('count', "$set/\$count"));
is statuses(@got), join(' ', map({"$_:200"} 1 .. 16), '17:413', '18:413',
    'count:200'), 'what does not fit is refused, what is small still fits';
item_refused('a read that does not fit', $got[16], 'IU0181',
    message => qr/limited to 16777216 bytes\. Send it alone/);

# A write whose answer might not fit is not done.
my $many = new_invitation();
@got = large('writes', map {
    post($_, set_of($many, ''), body => record(id => "r$_", @long))
} 1 .. 20);
is statuses(@got), join(' ', map({"$_:201"} 1 .. 16), map {"$_:413"} 17 .. 20),
    'as many writes as fit';
item_refused('a write that does not fit', $got[-1], 'IU0181');
is_deeply ids_of($many), {map { ("r$_" => 1) } 1 .. 16}, 'no other is done';
@got = large('changes', map {
    item($_, PATCH => set_of($many, '') . "/r$_",
        body => {resourceReference => {id => 'new'}})
} 1 .. 15);
is scalar(grep { $_->status == 200 } @got), 15, 'small changes of large records';
my $group = new_invitation();
@got = large('a group', map {
    post($_, set_of($group, ''), body => record(@long), atomicityGroup => 'g')
} 1 .. 20);
is statuses(@got), join(' ', map({"$_:424"} 1 .. 15), map {"$_:413"} 16 .. 20),
    'a group that does not fit';
is count_of($group), 0, 'is not done';

finish_batches();
