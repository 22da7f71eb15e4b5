# SPDX-License-Identifier: Apache-2.0
# Invalid properties, all reported at once, and instants.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv    = new_invitation();
my $entity = 'microsoft.graph.usedInsight';
my %type   = (
    lastUsed              => 'microsoft.graph.usageDetails',
    resourceVisualization => 'microsoft.graph.resourceVisualization',
    resourceReference     => 'microsoft.graph.resourceReference'
);
sub missing {
    return "The '$_[0]' property is required to create a usedInsight.";
}
sub unknown { return "The property '$_[0]' does not exist on type '$_[1]'." }
sub literal {
    return "Cannot convert the literal '$_[0]' to the expected type '$_[1]'.";
}
sub node {
    return
        "An unexpected '$_[0]' node was found when reading from the JSON "
        . "reader. "
        . "A '$_[1]' node was expected.";
}

# Clients that send all members of a type send these two as null.
my $sent = created('null for id and resource',
    create(new_invitation(), minimal(id => undef, resource => undef)));
like $sent->{id} // '', qr/^[0-9a-f-]{36}$/, 'the server makes the id';
ok !exists $sent->{resource}, 'resource is treated as absent';

# Required members
for my $member (sort keys %type) {
    my %record = %{record()};
    delete $record{$member};
    refused(
        "no $member", create($inv, json_of(\%record)), 'IU0041',
        message => missing($member),
        target  => $member
    );
    refused(
        "$member null", create($inv, minimal($member => undef)), 'IU0041',
        message => missing($member),
        target  => $member
    );
    for my $case (
        [[],               'StartArray'],
        ['x',              'PrimitiveValue'],
        [1,                'PrimitiveValue'],
        [JSON::PP::true(), 'PrimitiveValue']
        )
    {
        refused(
            "$member is " . json_of([$case->[0]]),
            create($inv, minimal($member => $case->[0])),
            'IU0043',
            message => node($case->[1], 'StartObject'),
            target  => $member
        );
    }
    # Names
    refused(
        "unknown in $member", create($inv, minimal($member => {nope => 1})),
        'IU0040',
        message => unknown('nope', $type{$member}),
        target  => "$member/nope"
    );
    # Types
    refused(
        "another type in $member",
        create($inv, minimal($member => {'@odata.type' => "#$entity"})),
        'IU0044',
        target  => "$member/\@odata.type",
        message =>
            "A value with the type '#$entity' is not assignable to the "
            . "expected type '$type{$member}'."
    );
}
refused(
    'an empty object', create($inv, '{}'), 'IU0041',
    message => missing('lastUsed'),
    target  => 'lastUsed',
    details => [map { ['IU0041', missing($_), $_] } keys %type]
);
for my $name ('lastused', 'LastUsed', 'x', '', ' id', 'Id', "\x{e4}",
    'lastUsed/lastAccessedDateTime')
{
    refused(
        "unknown '" . ($name =~ s/[^ -~]/?/gr) . "'",
        create($inv, minimal($name => {})),
        'IU0040',
        message => unknown($name, $entity),
        target  => $name
    );
}
my $long = 'n' x 200;
refused(
    'a long name is quoted in part',
    create($inv, minimal($long => 1)),
    'IU0040',
    message => qr/^The property 'n{10,80}\x{2026}' does not/,
    details => [[
        'IU0040',
        unknown('n' x 64 . "\x{2026}", $entity),
        'n' x 64 . "\x{2026}"
    ]],
    target => 'n' x 64 . "\x{2026}"
);
for my $type ('microsoft.graph.user', '#x', '', '#', "##$entity",
    'Microsoft.Graph.UsedInsight', "$entity ")
{
    refused(
        "type '$type'", create($inv, minimal('@odata.type' => $type)), 'IU0044',
        target  => '@odata.type',
        message => "A value with the type '$type' is not "
            . "assignable to the expected type '$entity'."
    );
    refused(
        "\@type '$type'",
        create($inv, minimal('@type' => $type)),
        'IU0044',
        target  => '@type',
        message => qr/'\Q$type\E'/,
        details => [[
            'IU0044',
            "A value with the type '$type' is not assignable to the "
                . "expected type '$entity'.",
            '@type'
        ]]
    );
}

# Values
my %strings = (
    resourceVisualization => [
        qw(title type mediaType previewImageUrl previewText
            containerWebUrl containerDisplayName containerType)
    ],
    resourceReference => [qw(webUrl id type)]
);
for my $member (sort keys %strings) {
    for my $name (@{$strings{$member}}) {
        my $target = "$member/$name";
        refused(
            "$target: a number",
            create($inv, minimal($member => {$name => 12})), 'IU0042',
            message => literal('12', 'Edm.String'),
            target  => $target
        );
        refused(
            "$target: true",
            create($inv, minimal($member => {$name => JSON::PP::true()})),
            'IU0042',
            message => literal('true', 'Edm.String'),
            target  => $target
        );
        refused(
            "$target: an object",
            create($inv, minimal($member => {$name => {}})), 'IU0043',
            message => node('StartObject', 'PrimitiveValue'),
            target  => $target
        );
        refused(
            "$target: an array",
            create($inv, minimal($member => {$name => ['x']})), 'IU0043',
            message => node('StartArray', 'PrimitiveValue'),
            target  => $target
        );
    }
}

# Instants: kept exactly as sent.
my @good
    = qw(2016-12-31T23:58:24.6598438+00:00 2026-01-02T03:04:05Z
    2026-01-02T03:04Z
    2026-01-02t03:04:05z 2026-01-02T03:04:05.123456789012Z
    2026-01-02T03:04:05.1+14:00
    2024-02-29T00:00:00Z 2000-02-29T00:00:00-00:00 0001-01-01T00:00:00Z
    9999-12-31T23:59:59.999999999999-23:59 2016-12-31T23:59:60Z
    2026-01-02T23:59:59+05:30
    0001-01-01T00:00:00+14:00 2026-01-02T03:04:05.000Z);
for my $text (@good) {
    for my $name (qw(lastAccessedDateTime lastModifiedDateTime)) {
        my $response = create($inv, minimal(lastUsed => {$name => $text}));
        is created("$name $text", $response)->{lastUsed}{$name}, $text,
            'comes back as sent';
    }
}
my @bad = (
    '',                                   ' ',
    'x',                                  '2026-01-02',
    '2026-01-02T03:04:05',                '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',               '2026-01-32T00:00:00Z',
    '2026-02-29T00:00:00Z',               '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',               '0000-01-01T00:00:00Z',
    '10000-01-01T00:00:00Z',              '-2026-01-01T00:00:00Z',
    '2026-01-02T24:00:00Z',               '2026-01-02T03:60:00Z',
    '2026-01-02T03:04:61Z',               '2026-01-02T03:04:05.Z',
    '2026-01-02T03:04:05.1234567890123Z', '2026-01-02T03:04:05+24:00',
    '2026-01-02T03:04:05+0000',           '2026-01-02T03:04:05+00',
    '2026-01-02T03:04:05 Z',              ' 2026-01-02T03:04:05Z',
    '2026-01-02 03:04:05Z',               '2026-1-2T03:04:05Z',
    '2026-01-02T03:04:05Zx',              '2026-01-02T03:04:05,5Z',
    '2026-01-02T03Z',                     '1767323045',
    '/Date(1767323045000)/',              "2026-01-02T03:04:05Z\n",
    '2026-01-02T03:04:05+00:60',          "\x{662}026-01-02T03:04:05Z"
);
for my $text (@bad) {
    refused(
        'instant ' . json_of([$text]),
        create($inv, minimal(lastUsed => {lastAccessedDateTime => $text})),
        'IU0042',
        message => literal($text, 'Edm.DateTimeOffset'),
        target  => 'lastUsed/lastAccessedDateTime'
    );
}
refused(
    'an instant as a number',
    create($inv, minimal(lastUsed => {lastModifiedDateTime => 1})),
    'IU0042',
    message => literal('1', 'Edm.DateTimeOffset'),
    target  => 'lastUsed/lastModifiedDateTime'
);

# All faults are reported at once, the first one at the top level.
my $all = create($inv,
          '{"id":3,"nope":1,"lastUsed":{"lastAccessedDateTime":"yesterday",'
        . '"lastModifiedDateTime":[],"more":{}},"resourceVisualization":{'
        . '"title":1,'
        . '"@odata.type":"x"},"resourceReference":null}');
refused(
    'eight faults',
    $all, 'IU0040',
    message => unknown('nope', $entity),
    target  => 'nope',
    details => [
        ['IU0040', unknown('nope', $entity),   'nope'],
        ['IU0042', literal('3', 'Edm.String'), 'id'],
        [   'IU0042',
            literal('yesterday', 'Edm.DateTimeOffset'),
            'lastUsed/lastAccessedDateTime'
        ],
        [   'IU0043',
            node('StartArray', 'PrimitiveValue'),
            'lastUsed/lastModifiedDateTime'
        ],
        ['IU0040', unknown('more', $type{lastUsed}), 'lastUsed/more'],
        ['IU0042', literal('1', 'Edm.String'), 'resourceVisualization/title'],
        [   'IU0044',
            "A value with the type 'x' is not assignable to the expected type "
                . "'$type{resourceVisualization}'.",
            'resourceVisualization/@odata.type'
        ],
        ['IU0041', missing('resourceReference'), 'resourceReference'],
    ]
);
# At most 20 are reported, with their total.
my %many     = map { sprintf('x%02d', $_) => $_ } 1 .. 25;
my $response = create($inv, minimal(%many));
refused(
    '25 faults',
    $response,
    'IU0040',
    target  => 'x01',
    message => qr/20 of 25/,
    details => [
        map { ['IU0040', unknown($_, $entity), $_] }
        map { sprintf 'x%02d', $_ } 1 .. 20
    ]
);
is scalar @{$response->json->{error}{details}}, 20, '20 details';

# None of the bad records was stored.
require InsightsUsed::Database;
is scalar keys %{InsightsUsed::Database::ids_of($inv)}, 2 * @good,
    'only the valid records are stored';
finish();
