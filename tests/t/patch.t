# SPDX-License-Identifier: Apache-2.0
# PATCH of a usedInsight: merges, or creates if requested.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;

my $inv  = new_invitation();
my $set  = set_of($inv);
my $path = "$set/one";

sub patch {
    my ($target, $body, %option) = @_;
    return call(
        PATCH => $target,
        body  => ref $body ? json_of($body) : $body,
        %option
    );
}

# The entity without the annotations that depend on its state.
sub content {
    my ($response) = @_;
    my $entity = $response->json;
    return {
        map { $_ => $entity->{$_} }
            grep { !/^\@odata\.(?:context|etag|type)$/ } keys %$entity
    };
}

my $made = create(
    $inv,
    json_of({
        id       => 'one',
        lastUsed => {lastAccessedDateTime => '2020-01-02T03:04:05+01:00'},
        resourceVisualization => {title => 'a title', type => 'a type'},
        resourceReference     => {webUrl => 'https://example.com/'},
    })
);
created('a record to change', $made);

# Merged member by member; null sets to null; absent members stay.
my $response = patch(
    $path,
    {
        resourceVisualization => {title => "\x{e9}\x{1f600}", mediaType => 'm'},
        resourceReference     => {webUrl => undef},
    }
);
is $response->status, 200, 'PATCH: 200';
my %changed = (
    id       => 'one',
    lastUsed => {
        '@odata.type'        => 'microsoft.graph.usageDetails',
        lastAccessedDateTime => '2020-01-02T03:04:05+01:00',
    },
    resourceVisualization => {
        '@odata.type' => 'microsoft.graph.resourceVisualization',
        title         => "\x{e9}\x{1f600}",
        type          => 'a type',
        mediaType     => 'm',
    },
    resourceReference => {
        '@odata.type' => 'microsoft.graph.resourceReference',
        webUrl        => undef,
    },
);
is_deeply content($response), \%changed, 'the merged entity';
json_fields($response);
is $response->field('Location'),       undef, 'no Location';
is $response->field('OData-EntityId'), undef, 'no OData-EntityId';
is $response->field('Preference-Applied'), undef, 'no preference, none applied';
isnt $response->field('ETag'), $made->field('ETag'), 'a new ETag';
is $response->field('ETag'), $response->json->{'@odata.etag'}, 'in the body';
my $got = call(GET => $path);
is $got->body,          $response->body,          'GET gives the same';
is $got->field('ETag'), $response->field('ETag'), 'and the same ETag';
like $got->body, qr/"title":.*"type":.*"mediaType":/,
    'in the order of the type, as after a create';

# An empty body changes only the version.
my $before = $got;
$response = patch($path, '{}');
is $response->status, 200, 'an empty body: 200';
is_deeply content($response), \%changed, 'changes nothing';
isnt $response->field('ETag'), $before->field('ETag'), 'but the ETag';
$response = patch(
    $path,
    {
        '@odata.type'  => '#microsoft.graph.usedInsight',
        '@odata.etag'  => 'W/"other"',
        id             => 'one',
        lastUsed       => {},
        'lastUsed@x.y' => 1,
    }
);
is_deeply content($response), \%changed,
    'types, annotations, the id and empty objects change nothing';

# The columns for sorting have the instants of the result.
sub instants {
    my ($row)
        = database()
        ->rows('SELECT last_accessed, last_modified FROM used_insight'
            . ' WHERE invitation_id = ? AND id = ?',
        $inv, 'one');
    return join ' ', @$row;
}
is instants(), '2020-01-02T02:04:05.000000000000 ', 'instants are kept';
patch($path,
    {lastUsed => {lastModifiedDateTime => '2021-05-06T07:08:09.5-00:30'}});
is instants(),
    '2020-01-02T02:04:05.000000000000 2021-05-06T07:38:09.500000000000',
    'an instant is added';
patch($path, {lastUsed => {lastAccessedDateTime => undef}});
is instants(), ' 2021-05-06T07:38:09.500000000000', 'an instant is set to null';

# Preferences
$response = patch($path, {}, headers => ['Prefer: return=minimal']);
is $response->status, 204, 'return=minimal: 204';
is $response->body,   '',  'no body';
is $response->field('Preference-Applied'), 'return=minimal', 'applied';
is $response->field('OData-EntityId'),     api_url($path),   'OData-EntityId';
is $response->field('ETag'), call(GET => $path)->field('ETag'), 'ETag';
$response = patch($path, {}, headers => ['Prefer: return=representation']);
is $response->status, 200, 'return=representation: 200';
is $response->field('Preference-Applied'), 'return=representation',
    'applied';
$response
    = patch($path, {}, headers => ['Accept: application/json;metadata=none']);
is_deeply [grep {/\@/} keys %{$response->json}], [], 'metadata=none';
$response = patch("$set('one')", {});
is $response->status, 200, 'the key in parentheses';

# A bad body changes nothing.
$before = call(GET => $path);
my @faults = (
    ['another id', '{"id":"two"}', 'IU0046', 'id'],
    ['an invalid id', '{"id":""}', 'IU0045', 'id'],
    ['a resource', '{"resource":{}}', 'IU0049', 'resource'],
    ['a required member set to null', '{"lastUsed":null}', 'IU0047',
        'lastUsed'],
    ['an unknown member', '{"x":1}', 'IU0040', 'x'],
    ['one in an object', '{"lastUsed":{"x":1}}', 'IU0040', 'lastUsed/x'],
    ['not an instant', '{"lastUsed":{"lastAccessedDateTime":"now"}}', 'IU0042',
        'lastUsed/lastAccessedDateTime'],
    ['another type', '{"lastUsed":{"@odata.type":"x"}}', 'IU0044',
        'lastUsed/@odata.type'],
    ['not an object', '{"lastUsed":[]}', 'IU0043', 'lastUsed'],
);
for my $fault (@faults) {
    my ($name, $body, $number, $target) = @$fault;
    my $refused = patch($path, $body);
    refused($name, $refused, $number,
        message => $refused->json->{error}{message},
        target  => $target);
}
refused('invalid JSON', patch($path, '{'),  'IU0035');
refused('an array',  patch($path, '[]'), 'IU0043', message => qr/StartArray/,
    details => [['IU0043', patch($path, '[]')->json->{error}{message}]]);
refused('no body', patch($path, ''), 'IU0034');
refused('another Content-Type', patch($path, '{}', type => 'text/plain'),
    'IU0020');
refused('Accept', patch($path, '{}', headers => ['Accept: text/html']),
    'IU0023');
is call(GET => $path)->body, $before->body, 'nothing was changed';
$response = patch("/relaxed/invitations/$inv/invitedUser/insights/used/one",
    '{"resourceReference":null}');
is $response->status, 200, 'a member that is not required: 200';
is $response->json->{resourceReference}, undef, 'is set to null';
$response = patch($path, {resourceReference => {id => 'x'}});
is_deeply $response->json->{resourceReference},
    {'@odata.type' => 'microsoft.graph.resourceReference', id => 'x'},
    'and created again';

# The whole record is limited like the body of a create.
my $vhost = 'limits';
is create($inv, minimal(id => 'grows'), vhost => $vhost)->status, 201, 'small';
for my $name (qw(title previewText)) {
    $response = patch("$set/grows",
        {resourceVisualization => {$name => 'x' x 400}}, vhost => $vhost);
    is $response->status, 200, "with $name" or diag $response->body;
}
my %too_much = (resourceReference => {webUrl => 'x' x 400});
refused(
    'a record that would become too large',
    patch("$set/grows", \%too_much, vhost => $vhost),
    'IU0048',
    message => 'The record as changed would be larger than the limit of'
        . ' 1192 bytes.'
);
is patch("$set/grows", {resourceVisualization => {title => undef}},
    vhost => $vhost)->status, 200, 'a member is removed';
is patch("$set/grows", \%too_much, vhost => $vhost)->status, 200,
    'then another may grow';
refused('a body beyond the limit',
    patch("$set/grows", ' ' x 1001, vhost => $vhost), 'IU0030');

# A missing record
refused(
    'PATCH of a missing record',
    patch("$set/missing", '{}'),
    'IU0051',
    message => "Resource 'missing' does not exist or one of its queried"
        . ' reference-property objects are not present.'
);
is_deeply ids_of($inv)->{missing}, undef, 'creates nothing';

# Upsert
for my $header ('If-None-Match: *', 'Prefer: create-if-missing') {
    my ($id) = $header =~ /^(\w+)/;
    my $target = "$set/$id-made";
    my @ask    = (headers => [$header]);
    for my $missing (qw(lastUsed resourceVisualization resourceReference)) {
        my $body = record();
        delete $body->{$missing};
        refused(
            "$header: without $missing", patch($target, $body, @ask),
            'IU0041',
            message =>
                "The '$missing' property is required to create a usedInsight.",
            target => $missing
        );
    }
    refused(
        "$header: another id",
        patch($target, record(id => 'x'), @ask),
        'IU0046',
        message => q(The property 'id' cannot be changed: it must be the key)
            . ' of the URL, or absent.',
        target => 'id'
    );
    $response = patch($target, record(), @ask);
    my $entity = created($header, $response);
    is $entity->{id}, "$id-made", 'the id is that of the URL';
    is $response->field('Location'), api_url($target), 'Location';
    is call(GET => $target)->body, $response->body, 'it is stored';
}
$response = patch(
    "$set/If-made",
    {lastUsed => {lastAccessedDateTime => '2020-01-01T00:00Z'}},
    headers => ['Prefer: return=minimal, create-if-missing']
);
is $response->status, 204, 'create-if-missing changes an existing record';
is call(GET => "$set/If-made")->json->{lastUsed}{lastAccessedDateTime},
    '2020-01-01T00:00Z', 'merged';
$response = patch("$set/minimal-made", record(id => 'minimal-made'),
    headers => ['If-None-Match: *', 'Prefer: return=minimal']);
is $response->status, 204, 'an upsert with return=minimal: 204';
is $response->field('Location'), api_url("$set/minimal-made"), 'Location';

finish();
