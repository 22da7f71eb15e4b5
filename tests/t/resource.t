# SPDX-License-Identifier: Apache-2.0
# GET …/used/{id}/resource: the entity of resourceReference.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv);

sub made {
    my ($id, %reference) = @_;
    my $body = minimal(id => $id, resourceReference => \%reference);
    is create($inv, $body)->status, 201, "created $id";
    return;
}
my $path = "drives/b!\x{e9}/items/01";
made(
    'item',
    id     => $path,
    type   => 'microsoft.graph.driveItem',
    webUrl => 'https://contoso.example/"a"'
);

my %entity = (
    '@odata.context' => api_url('/beta/$metadata#microsoft.graph.entity'),
    '@odata.type'    => '#microsoft.graph.driveItem',
    id               => $path,
    webUrl           => 'https://contoso.example/"a"'
);
for my $form ("$set/item/resource", "$set('item')/Resource",
    "$set/item/resource/", "$set(id='item')/%72esource?custom=1")
{
    my $response = call(GET => $form);
    is $response->status, 200, "GET $form";
    is_deeply $response->json, \%entity, 'the entity';
    json_fields($response);
    is $response->field('ETag'), undef, 'no ETag';
}
my $get  = call(GET  => "$set/item/resource");
my $head = call(HEAD => "$set/item/resource");
is $head->status, 200, 'HEAD';
is $head->body,   '',  'no body';
is $head->field('Content-Length'), length $get->body, 'the length of GET';

my $none = call(
    GET     => "$set/item/resource",
    headers => ['Accept: application/json;odata.metadata=none']
);
is_deeply $none->json,
    {id => $entity{id}, webUrl => $entity{webUrl}}, 'no metadata';
like $none->field('Content-Type'), qr/metadata=none/, 'in its type';

# No entity without an id.
made('empty');
made('url', webUrl => 'https://contoso.example/');
made('null', id => undef, type => 'microsoft.graph.driveItem');
for my $id (qw(empty url null)) {
    for my $method (qw(GET HEAD)) {
        my $response = call($method => "$set/$id/resource");
        is $response->status, 204, "$method $id: 204";
        is $response->body, '', 'no body';
        is $response->field('Content-Type'),  undef, 'no Content-Type';
        is $response->field('OData-Version'), '4.0', 'OData-Version';
    }
}
made('nameless', id => '', type => 'microsoft.graph.driveItem');
is call(GET => "$set/nameless/resource")->status, 204, 'an empty id: 204';
is call(GET => "$set/nameless?\$expand=resource")->json->{resource}, undef,
    'or null';
made('typeless', id => 'x', type => '');
is_deeply call(GET => "$set/typeless/resource")->json,
    {'@odata.context' => $entity{'@odata.context'}, id => 'x'},
    'an empty type is omitted';
made('untyped', id => 'x');
is_deeply call(GET => "$set/untyped/resource")->json,
    {'@odata.context' => $entity{'@odata.context'}, id => 'x'},
    'no type and no webUrl if none was given';

# Refusals
refused('no such used insight', call(GET => "$set/nothing/resource"),
    'IU0051', message => qr/^Resource 'nothing' does not exist/);
refused('an invalid key', call(GET => "$set('')/resource"), 'IU0001');
refused('a key without quotes', call(GET => "$set(x)/resource"), 'IU0006');
refused('an option', call(GET => "$set/item/resource?\$select=id"), 'IU0004');
refused(
    'Accept',
    call(GET => "$set/item/resource", headers => ['Accept: text/html']),
    'IU0023'
);
for my $method (qw(POST PUT PATCH DELETE)) {
    my $response = call($method => "$set/item/resource", body => '{}');
    refused($method, $response, 'IU0002');
    is join(',', sort split /,\s*/, $response->field('Allow')),
        'GET,HEAD,OPTIONS', "$method: Allow";
}
my $options = call(OPTIONS => "$set/item/resource");
is $options->status, 204, 'OPTIONS';
is $options->field('Allow'), 'GET, HEAD, OPTIONS', 'Allow';

finish();
