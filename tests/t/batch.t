# SPDX-License-Identifier: Apache-2.0
# Batches: resources and methods, the order of requests, what each answer has.
# Other files: batch_group.t (atomicity groups), batch_envelope.t (what is
# refused as a whole, limits), batch_access.t (who may do what).
use strict;
use warnings;
use Compress::Zlib ();
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Batch;
use InsightsUsed::Database;
use InsightsUsed::Test;
use JSON::PP;
use MIME::Base64;
use Test::More;

my $inv  = new_invitation();
my $set  = set_of($inv, '');
my $user = '/users/user-' . new_invitation() . '/insights/used';

# --- methods and resources

for my $path ($set, $user) {
    my $made = api_url("/beta$path");
    my @got  = answers(
        "all methods, $path",
        batch(
            [
                post(
                    'create', $path,
                    body => record(
                        id => 'x',
                        resourceReference => {type => 't', id => 'thing'}
                    )
                ),
                get('list', $path, dependsOn => ['create']),
                get('one', "$path/x?\$select=id", dependsOn => ['create']),
                get('resource', "$path('x')/resource",
                    dependsOn => ['create']),
                get('count', "$path/\$count", dependsOn => ['create']),
                item(
                    'patch', PATCH => "$path/x",
                    dependsOn => [qw(list one resource count)],
                    body => {resourceVisualization => {title => 'new'}}
                ),
                get('changed', "$path/x", dependsOn => ['patch']),
                item('delete', DELETE => "$path/x", dependsOn => ['changed']),
                get('gone', "$path/x", dependsOn => ['delete']),
            ]
        )
    );
    is statuses(@got),
        'create:201 list:200 one:200 resource:200 count:200 patch:200 '
        . 'changed:200 delete:204 gone:404', 'in the order of the requests';
    item_created('create', $got[0], "$made/x");
    like $got[0]->field('Content-Type'), qr/^application\/json;odata\.metadata=minimal;/,
        'Content-Type of an entity';
    is scalar @{$got[1]->json->{value}}, 1, 'the list';
    is $got[1]->json->{'@odata.context'},
        $got[0]->json->{'@odata.context'} =~ s{/\$entity}{}r, 'its context';
    is_deeply [grep { !/^\@/ } sort keys %{$got[2]->json}], ['id'], '$select';
    is $got[3]->json->{id}, 'thing', 'resource';
    is_deeply $got[4]{value}, '1', '$count is a string';
    like $got[4]->field('Content-Type'), qr{^text/plain}, 'text/plain';
    is $got[5]->json->{resourceVisualization}{title}, 'new', 'PATCH';
    isnt $got[5]->field('ETag'), $got[0]->field('ETag'), 'a new ETag';
    is_deeply $got[6]->json, $got[5]->json, 'is what GET says';
    is $got[7]{value}, undef, 'DELETE has no body';
    is_deeply [sort map {lc} $got[7]->field_names],
        ['odata-version', 'request-id'], 'and no other fields';
    item_refused('GET of what was deleted', $got[8], 'IU0051');
    my %ids = map { $_->field('request-id') => 1 } @got;
    is scalar keys %ids, scalar @got, 'each has its own request-id';
}

my @documents = answers(
    'documents',
    batch(
        [
            get('xml', '/$metadata'),
            get('json', '/$metadata', headers => {accept => 'application/json'}),
            get('openapi', '/openapi.json'),
            get('root', '/'),
        ]
    )
);
is statuses(@documents), 'xml:200 json:200 openapi:200 root:200', 'documents';
is $documents[0]{value}, call(GET => '/beta/$metadata')->body,
    '$metadata in XML is a string';
for my $pair ([1, '/$metadata', 'Accept: application/json'],
    [2, '/openapi.json', 'X: y'], [3, '/', 'X: y'])
{
    my ($index, $path, $header) = @$pair;
    is_deeply $documents[$index]{value},
        call(GET => "/beta$path", headers => [$header])->json,
        "GET $path is the JSON itself";
}

# --- the spelling of requests

my @spelled = answers(
    'methods in any case',
    batch(
        [
            post('1', $set, method => 'post', body => record(id => 'm')),
            get('2', "$set/m", method => 'gEt', dependsOn => ['1']),
            item('3', Patch => "$set/m", body => {}, dependsOn => ['2']),
            item('4', 'delete' => "$set/m", dependsOn => ['3']),
        ]
    )
);
is statuses(@spelled), '1:201 2:200 3:200 4:204', 'methods in any case';

create($inv, minimal(id => 'it'));
my @urls = (
    "$set/it", $set =~ s{^/}{}r . '/it', "/beta$set/it",
    api_url("/beta$set/it"), uc(api_url('')) . "/beta$set/it",
    $set =~ s{invitations/(.*?)/}{Invitations('$1')/}r . "(id='it')",
"$set/it?\$select=id ,lastUsed", "$set/it?", "$set/%69%74", "/%62eta$set/it", "$set/it/",
);
my @got = answers('URLs',
    batch([map { get($_, $urls[$_]) } 0 .. $#urls]));
is $got[$_]->status, 200, "URL: $urls[$_]" for 0 .. $#urls;
my @odd = answers(
    'a URL with characters that are not ASCII',
    batch(
        [
            post('1', "/users/\xe4%20%2F%3F%23/insights/used"),
            get('2', '/users/%C3%A4%20%2f%3f%23/insights/used/$count',
                dependsOn => ['1']),
        ]
    )
);
is statuses(@odd), '1:201 2:200', 'a key that is not ASCII';
is $odd[1]{value}, '1', 'is that user\'s';

my @methods = answers(
    'methods that a batch has not',
    batch(
        [
            (map { item($_, $_ => $set) } qw(HEAD OPTIONS PUT TRACE FOO)),
            item('item',     post   => "$set/it", body => record()),
            item('count',    delete => "$set/\$count"),
            item('metadata', post   => '/$metadata'),
        ]
    )
);
item_refused("$_->{id}", $_, 'IU0002') for @methods;
is $_->field('Allow'), 'GET, POST', "$_->{id}: Allow" for @methods[0 .. 4];
is $methods[5]->field('Allow'), 'GET, PATCH, DELETE', 'Allow of a record';
is $methods[$_]->field('Allow'), 'GET', 'Allow of a document' for 6, 7;
my @nowhere = answers('paths that are not there',
    batch([get('1', '/nothing'), get('2', "$set/x/y/z"), get('3', '/plain')]));
item_refused("nothing there: $_->{id}", $_, 'IU0084') for @nowhere;

# --- header fields

my @fields = answers(
    'header fields',
    batch(
        [
            post('full', $set, headers =>
                    {ACCEPT => 'application/json;odata.metadata=full'}),
            post('minimal', $set, headers => {prefer => 'return=minimal'}),
            post('typed', $set, headers =>
                    {'content-TYPE' => 'Application/JSON; charset=UTF-8'}),
            post('type', $set, headers => {'Content-Type' => 'text/plain'}),
            post('accept', $set, headers => {accept => 'text/html'}),
            get('version', $set, headers => {'OData-MaxVersion' => '3.0'}),
            get('null', $set, body => JSON::PP::null),
            get('with', $set, body => {}),
            get('client', "$set/nix",
                headers => {'Client-Request-Id' => 'mine'}),
            get('page', $set, headers => {Prefer => 'odata.maxpagesize=1'}),
            get('unmodified', "$set/it", headers => {
                'if-none-match' => call(GET => "/beta$set/it")->field('ETag')
            }),
            get('language', $set, headers => {'Accept-Language' => 'de',
                'X-Other' => '', 'Accept-Encoding' => 'gzip'}),
            post('gzip', $set, headers => {'content-encoding' => 'gzip'}),
            post('identity', $set,
                headers => {'content-encoding' => 'Identity'}),
            post('base64', $set,
                body => encode_base64(minimal(id => 'coded'), '')),
            post('text', $set, body => 'no object'),
        ]
    )
);
is statuses(@fields), 'full:201 minimal:204 typed:201 type:415 accept:406 '
    . 'version:400 null:200 with:200 client:404 page:200 unmodified:304 '
    . 'language:200 gzip:415 identity:201 base64:201 text:400',
    'header fields of requests count';
ok $fields[0]->json->{'@odata.editLink'}, 'Accept';
is $fields[1]->field('Preference-Applied'), 'return=minimal', 'Prefer';
is $fields[1]->field($_), $fields[1]->field('Location'), $_
    for qw(OData-EntityId);
like $fields[1]->field('ETag'), qr/^W/, 'ETag';
item_refused('another type', $fields[3], 'IU0020');
item_refused('not acceptable', $fields[4], 'IU0023');
item_refused('version', $fields[5], 'IU0024');
item_refused('client-request-id', $fields[8], 'IU0051');
item_refused('coded', $fields[12], 'IU0021');
is $fields[14]->json->{id}, 'coded', 'a body in base64';
is $fields[15]->json->{error}{innerError}{code}, 'IU0043', 'a text';
is $fields[8]->field('client-request-id'), 'mine', 'client-request-id is echoed';
like $fields[9]->json->{'@odata.nextLink'}, qr/skiptoken/, 'maxpagesize';

@fields = answers(
    'inherited',
    batch(
        [
            get('none', "$set/it"),
            get('own', "$set/it",
                headers => {Accept => 'application/json;metadata=minimal'}),
            get('missing', "$set/nix"),
        ],
        headers => [
            'Accept: application/json;odata.metadata=none',
            'client-request-id: ours',
            'Prefer: return=minimal', 'If-None-Match: *',
        ]
    )
);
is statuses(@fields), 'none:200 own:200 missing:404',
    'conditions and preferences of a batch are not of its requests';
is $fields[0]->json->{'@odata.context'}, undef, 'Accept is inherited';
ok $fields[1]->json->{'@odata.context'}, 'or overridden';
item_refused('client-request-id of the batch', $fields[2], 'IU0051');
is $fields[2]->json->{error}{innerError}{'client-request-id'}, 'ours',
    'is in the error of a request';

# --- conditions

my $etag = call(GET => "/beta$set/it")->field('ETag');
my @conditional = answers(
    'If-Match',
    batch(
        [
            item('1', PATCH => "$set/it", body => {},
                headers => {'if-match' => 'W/"stale"'}),
            item('2', PATCH => "$set/it", dependsOn => [],
                body    => {lastUsed => {lastAccessedDateTime => undef}},
                headers => {'If-Match' => $etag}),
            item('3', DELETE => "$set/none", headers => {'If-Match' => '*'}),
            item('4', PATCH => "$set/made", body => record(),
                headers => {'If-None-Match' => '*'}),
        ]
    )
);
is statuses(@conditional), '1:412 2:200 3:412 4:201', 'If-Match in requests';
item_refused('stale', $conditional[0], 'IU0052');
item_refused('must exist', $conditional[2], 'IU0052');
is_deeply [map { $_->status } answers('careful', batch([
    item('1', PATCH => "$set/it", body => {}),
    item('2', PATCH => "$set/it", body => {}, headers => {'If-Match' => '*'}),
], root => '/careful'))], [428, 200], 'InsightsUsedIfMatch Required';

# Changes of one record in one wave: each is done, as if they came at once.
@got = answers(
    'one record in one wave',
    batch(
        [
            map { item($_, PATCH => "$set/it", body => {
                resourceVisualization => {($_ < 5 ? 'title' : "type") => "$_"}
            }) } 1 .. 10
        ]
    )
);
is statuses(@got), join(' ', map {"$_:200"} 1 .. 10), 'ten changes';
my $now = call(GET => "/beta$set/it")->json->{resourceVisualization};
ok $now->{title} && $now->{type}, 'none undid another';
@got = answers('one id in one wave', batch([map {
    post($_, $set, body => record(id => 'once'))
} 1 .. 5]));
is_deeply [sort map { $_->status } @got], [201, (409) x 4], 'one of five';
is $_->field('Location'), api_url("/beta$set/once"), 'Location' for @got;
is ids_of($inv)->{once}, 1, 'stored once';

# --- the order

@got = answers(
    'dependsOn',
    batch(
        [
            post('a', $set, body => record(id => 'a')),
            item('b', PATCH => "$set/a", body => {}, dependsOn => ['A']),
            post('c', $set, body => record(id => 'a'), dependsOn => ['b']),
            get('d', "$set/a", dependsOn => ['c']),
            item('e', DELETE => "$set/a", dependsOn => ['d']),
            get('f', "$set/a", dependsOn => [qw(a b)]),
            post('g', '/$metadata'),
            get('h', "$set/a", dependsOn => [qw(a g)]),
        ]
    )
);
is statuses(@got),
    'a:201 b:200 c:409 d:424 e:424 f:200 g:405 h:424', 'failures spread';
item_refused("depends on a failure: $_->{id}", $_, 'IU0182') for @got[3, 4, 7];
item_refused('the failure', $got[2], 'IU0050');
item_refused('a method that is not there', $got[6], 'IU0002');
is ids_of($inv)->{a}, 1, 'what depends on a failure is not done';
my @chain = map {
    item($_, PATCH => "$set/chain",
        body    => record(resourceVisualization => {title => "$_"}),
        headers => {Prefer => 'create-if-missing'},
        dependsOn => $_ > 1 ? [$_ - 1 . ''] : [])
} 1 .. 20;
@got = answers('a chain of twenty', batch(\@chain));
is statuses(@got), '1:201 ' . join(' ', map {"$_:200"} 2 .. 20), 'a chain';
is call(GET => "/beta$set/chain")->json->{resourceVisualization}{title}, 20,
    'in its order';

# --- bodies

@got = answers(
    'bodies',
    batch(
        [
            post('1', $set, body => record(nonsense => 1)),
            post('2', $set, body => []),
            post('3', $set, body => 'text'),
            item('4', POST => $set),
            post('5', $set, body => record(lastUsed => undef)),
            item('6', PATCH => "$set/it"),
            post('7', $set, body => record(id => "\x{1F600}",
                resourceVisualization => {title => "\x{e4}\x{1F600}\"\\\n"})),
        ]
    )
);
item_refused('an unknown member', $got[0], 'IU0040',
    target => 'nonsense', message => q{The property 'nonsense' does not exist }
    . q{on type 'microsoft.graph.usedInsight'.});
is $got[$_]->status, 400, "a body that is no object: $_" for 1, 2;
is $got[$_]->status, 415, "no body, and no Content-Type: $_" for 3, 5;
is $got[4]->status, 400, 'a member is missing';
is item_created('any text', $got[6])->{resourceVisualization}{title},
    "\x{e4}\x{1F600}\"\\\n", 'any text';
my $text = '{ "requests" : [ {"body" : {"\u006castUsed":{}, "id":"raw",'
    . '"resourceVisualization":{"title":"]}\"{["},"resourceReference":{}},'
    . qq["url":"$set" , "m\\u0065thod":"POST","id":"\\u0031"\n},\t]
    . qq[{"id":"2","\@x":1,"method":"GET","url":"$set/raw",]
    . qq["dependsOn":\["1"\]}\],"\@odata.context":\[{}\]}\n];
@got = answers('a text as nobody writes it', batch($text));
is statuses(@got), '1:201 2:200', 'order of members, escapes, white space';
is $got[1]->json->{resourceVisualization}{title}, ']}"{[', 'the body';
@got = answers('a bad body does no harm to others', batch(
    qq({"requests":[{"id":"1","method":"POST","url":"$set","body":{"id":1e}},)
    . qq({"id":"2","method":"GET","url":"$set/it"}]})
));
is statuses(@got), '1:400 2:200', 'the others stand' if @got;

# --- transfer

my $one = [get('1', "$set/it")];
is call(POST => '/beta/%24BATCH', body => json_of({requests => $one}))->status,
    200, '$batch in any spelling';
my $body    = json_of({requests => $one});
my $connection = connection();
$connection->send(
    message(POST => '/beta/$batch', headers =>
            ['Content-Type: application/json', 'Transfer-Encoding: chunked']),
    map({ sprintf "%x\r\n%s\r\n", length, $_ } split //, $body), "0\r\n\r\n"
);
is statuses(answers('chunked', $connection->response('POST'))), '1:200',
    'chunked';
$connection = connection();
for my $round (1 .. 3) {
    $connection->send(
        message(POST => '/beta/$batch', body => $body, keep => 1));
    is statuses(answers("round $round", $connection->response('POST'))),
        '1:200', 'several on one connection';
}
is statuses(
    answers(
        'gzip',
        batch(
            Compress::Zlib::memGzip($body),
            root    => '/gzip',
            headers => ['Content-Encoding: gzip']
        )
    )
), '1:200', 'inflated by a filter of the operator';
is batch($one, root => '/deflate', headers => ['Accept-Encoding: gzip'])
    ->field('Content-Encoding'), 'gzip', 'the answer deflated by another';

# --- logs

my $response = batch([$one->[0], get('2', "$set/nix"), get('3', '/nothing')]);
my $id = $response->field('request-id');
ok wait_for(sub { grep { $_ eq "3 2 $id\n" } log_lines('batch_log') }, 3),
    'the access log has how many requests there were and failed';
my @lines = grep {/IU0146: .* batch $id:/} log_lines();
is scalar @lines, 3, 'the log has a line for each request at level debug';
like $lines[0], qr{: 200 for GET \Q/beta$set/it\E$}, 'with its outcome';

finish_batches();
