# SPDX-License-Identifier: Apache-2.0
# Create used: the response matches the API page byte for byte.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $guid_v7
    = qr/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
my $guid = qr/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

# The example from the API page.
my $example = shared_file('create-used.json');
is length $example, 883, 'length of the example as on the page';
my $inv    = new_invitation();
my $made   = create($inv, $example);
my $entity = created('the example of the page', $made);
my $id     = $entity->{id};
like $id, qr/^$guid_v7$/, 'the server generated a lower-case UUIDv7';
my ($etag) = $made->body =~ /"\@odata.etag":"W\/\\"([0-9a-f]+)\\""/;
my $expected
    = qq({"\@odata.context":")
    . api_url(
    "/beta/\$metadata#invitations('$inv')/invitedUser/insights/used/\$entity")
    . qq(","\@odata.etag":"W/\\"$etag\\"",)
    . '"@odata.type":"#microsoft.graph.usedInsight","id":"'
    . $id . '",'
    . '"lastUsed":{"@odata.type":"microsoft.graph.usageDetails",'
    . '"lastAccessedDateTime":"2016-12-31T23:58:24.6598438+00:00",'
    . '"lastModifiedDateTime":"2017-01-01T00:01:26.0388723+00:00"},'
    . '"resourceVisualization":{'
    . '"@odata.type":"microsoft.graph.resourceVisualization",'
    . '"title":"Title value","type":"Type value","mediaType":"Media Type '
    . 'value",'
    . '"previewImageUrl":"https://example.com/previewImageUrl/",'
    . '"previewText":"Preview Text value",'
    . '"containerWebUrl":"https://example.com/containerWebUrl/",'
    . '"containerDisplayName":"Container Display Name value",'
    . '"containerType":"Container Type value"},'
    . '"resourceReference":{"@odata.type":"microsoft.graph.resourceReference",'
    . '"webUrl":"https://example.com/webUrl/","id":"Id value"}}';
is $made->body, $expected, 'the whole body';

my $fields = {map { $_ => scalar $made->field($_) } $made->field_names};
json_fields($made);
is $fields->{location}, api_url(set_of($inv) . "/$id"), 'Location';
is $fields->{etag},     qq(W/"$etag"), 'ETag is that of the body';
like $fields->{'request-id'}, qr/^$guid$/, 'request-id';
is $fields->{'client-request-id'}, $fields->{'request-id'},
    'client-request-id is the request-id';
is $fields->{'preference-applied'}, undef,      'no preference, none applied';
is $fields->{'odata-entityid'},     undef,      'OData-EntityId is for 204';
is scalar(grep { $_ eq 'etag' } $made->field_names), 1, 'one ETag';

# Location can be dereferenced.
my ($path) = $fields->{location} =~ m{^http://[^/]+(/.*)};
my $got = call(GET => $path);
is $got->status, 200,         'GET of Location';
is $got->body,   $made->body, 'the same representation';
is $got->field($_), $made->field($_), "the same $_"
    for qw(Content-Type OData-Version ETag Cache-Control);
is $got->field('Location'), undef, 'without Location';
isnt $got->field('request-id'), $made->field('request-id'),
    'its own request-id';
my $head = call(HEAD => $path);
is $head->status, 200, 'HEAD of Location';
is $head->body,   '',  'no body';
is $head->field('Content-Length') // length $got->body, length $got->body,
    'Content-Length is that of GET';
is $head->field($_), $got->field($_), "HEAD: $_"
    for qw(Content-Type OData-Version ETag Cache-Control);

# client-request-id is echoed.
my $mine = 'C0FFEE00-1234-4321-8888-00000000abcd';
is create($inv, undef, headers => ["client-request-id: $mine"])
    ->field('client-request-id'), $mine, 'client-request-id is echoed';
my $long = create($inv, undef, headers => ['client-request-id: ' . 'x' x 3000]);
is $long->status, 201, 'a very long client-request-id does no harm';

# Client-supplied ids.
$made = create($inv, minimal(id => 'mine-1'));
is created('client id', $made)->{id}, 'mine-1',                    'is the key';
is $made->field('Location'), api_url(set_of($inv) . '/mine-1'), 'in Location';
my $again = create(
    $inv,
    minimal(
        id       => 'mine-1',
        lastUsed => {lastAccessedDateTime => '2026-01-01T00:00:00Z'}
    )
);
refused('the same id again', $again, 'IU0050',
    message => "A usedInsight with the id 'mine-1' already exists.");
is $again->field('Location'), $made->field('Location'),
    '409 has the Location of the first';
is call(GET => set_of($inv) . '/mine-1')->body, $made->body,
    'nothing was changed';
created('the same id in another case', create($inv, minimal(id => 'MINE-1')));
created('the same id in another invitation',
    create(new_invitation(), minimal(id => 'mine-1')));

# Absent members stay absent, null is kept, members are in the type's order.
sub document_of {
    my ($response) = @_;
    my ($text)     = $response->body =~ /"id":"[^"]*",?(.*)\}$/s;
    return $text;
}
is document_of(create($inv, minimal())),
      '"lastUsed":{"@odata.type":"microsoft.graph.usageDetails"},'
    . '"resourceVisualization":{'
    . '"@odata.type":"microsoft.graph.resourceVisualization"},'
    . '"resourceReference":{"@odata.type":"microsoft.graph.resourceReference"}',
    'members that were not sent are left out';
is document_of(create(
    $inv,
    '{"resourceReference":{"type":null,"id":"","webUrl":"x"},'
        . '"resourceVisualization":{"containerType":null,"title":null},'
        . '"lastUsed":{"lastModifiedDateTime":null,'
        . '"lastAccessedDateTime":null}}'
    )),
    '"lastUsed":{"@odata.type":"microsoft.graph.usageDetails",'
    . '"lastAccessedDateTime":null,"lastModifiedDateTime":null},'
    . '"resourceVisualization":{'
    . '"@odata.type":"microsoft.graph.resourceVisualization",'
    . '"title":null,"containerType":null},'
    . '"resourceReference":{"@odata.type":"microsoft.graph.resourceReference",'
    . '"webUrl":"x","id":"","type":null}', 'null and empty text are kept';

# Annotations are accepted and ignored, except for the type.
created(
    'types with and without #, @type',
    create(
        $inv,
        '{"@type":"microsoft.graph.usedInsight","@odata.id":"x",'
        . '"@odata.etag":3,'
            . '"lastUsed@odata.navigationLink":{"a":[1]},"@x.y":null,'
            . '"lastUsed":{"@odata.type":"#microsoft.graph.usageDetails",'
            . '"lastAccessedDateTime@odata.type":"#DateTimeOffset"},'
            . '"resourceVisualization":{'
            . '"@type":"#microsoft.graph.resourceVisualization"},'
            . '"resourceReference":{'
            . '"@odata.type":"microsoft.graph.resourceReference"}}'
    )
);

# Any text is returned unchanged.
my %texts = (
    'any script' =>
        "\x{65e5}\x{672c}\x{8a9e} \x{639}\x{631} \x{1f600} e\x{301}",
    'quotes and backslashes' => q("quoted" \\back\\ 'single' \\"),
    'control characters'     => join('', map {chr} 1 .. 31, 127, 0x80, 0x9f),
    'separators'             => "\x{2028}\x{2029}\x{feff}</script>",
    'SQL'                    => q('; DROP TABLE used_insight; -- %s %d),
    'JSON in JSON'  => '{"@odata.type":"x","lastAccessedDateTime":"y"},null',
    'a long text'   => "\x{e4}" x 20_000,
    'white space'   => "  \t\r\n ",
    'noncharacters' => "\x{ffff}\x{10ffff}",
);
for my $name (sort keys %texts) {
    my $sent = {
        map { $_ => $texts{$name} }
            qw(title type mediaType
            previewImageUrl previewText containerWebUrl containerDisplayName
            containerType)
    };
    my $response = create($inv, minimal(resourceVisualization => $sent));
    my $returned = created($name, $response)->{resourceVisualization} // {};
    delete $returned->{'@odata.type'};
    is_deeply $returned, $sent, "$name: comes back unchanged";
    my ($at) = ($response->field('Location') // '') =~ m{^http://[^/]+(/.*)};
    is call(GET => $at)->body, $response->body, "$name: the same by GET";
}
# All escapes of a character are equivalent.
is create($inv,
          '{"lastUsed":{},"resourceVisualization":{"title":'
        . '"\u00e4\ud83d\ude00\/\b\f\n\r\t"},"resourceReference":{}}')
    ->json->{resourceVisualization}{title}, "\xe4\x{1f600}/\b\f\n\r\t",
    'escapes';
created(
    'members in another order than the type\'s',
    create(
        $inv,
        '{"resourceReference":{},"lastUsed":{},"resourceVisualization":{}}'
    )
);

# The database row matches the response.
require InsightsUsed::Database;
my $row = InsightsUsed::Database::row_of($inv, $id);
is $row->{version}, $etag, 'the version in the row is in the ETag';
ok index($expected, substr $row->{document}, 1) > 0,
    'the document in the row is the end of the body';

# Server-generated ids are unique.
my %ids = map { create($inv)->json->{id} => 1 } 1 .. 20;
is scalar keys %ids, 20, 'no id is repeated';

# Required members
is create($inv, '{}', root => '/relaxed')->status, 201, 'Required none: {}';
is document_of(create($inv, '{}', root => '/relaxed')), '',
    'no member is added';
is document_of(create($inv, '{"lastUsed":null}', root => '/relaxed')),
    '"lastUsed":null', 'null is kept there';
is create($inv, '{"lastUsed":{}}', root => '/partly')->status, 201,
    'Required lastUsed: only lastUsed';
refused(
    'Required lastUsed: no lastUsed',
    create($inv, '{"resourceReference":{}}', root => '/partly'), 'IU0041',
    message => "The 'lastUsed' property is required to create a usedInsight.",
    target  => 'lastUsed'
);

finish();
