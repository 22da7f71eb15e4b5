# SPDX-License-Identifier: Apache-2.0
# $filter, $count, $select and $expand over HTTP. Other tests check that the
# database evaluates filters as parsed.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv);

sub encoded {
    my ($text) = @_;
    return encode_utf8($text) =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger;
}

# id, last access, last change, title, type
for my $record (
    ['a', '2026-01-01T00:00:00Z',          undef, 'Report',  'Word'],
    ['b', '2026-01-01T01:00:00.000+01:00', undef, 'report',  'Word'],
    ['c', '2026-03-01T23:30:15.25-02:00',  undef, 'Größe 😀', 'Excel'],
    ['d', undef, '2026-05-06T07:08:09Z', q(it's),  undef],
    ['e', undef, undef,                  '',       'null'],
    ['f', undef, undef,                  undef,    '  x '],
    )
{
    my ($id, $accessed, $modified, $title, $type) = @$record;
    created(
        $id,
        create(
            $inv,
            minimal(
                id       => $id,
                lastUsed => {
                    lastAccessedDateTime => $accessed,
                    $modified ? (lastModifiedDateTime => $modified) : ()
                },
                resourceVisualization => {title => $title, type => $type},
                resourceReference     => $id eq 'a'
                ? {
                    id     => 'doc',
                    type   => 'microsoft.graph.driveItem',
                    webUrl => 'https://example.com/?a=%20'
                    }
                : $id eq 'b' ? {id => 'bare'}
                :              {webUrl => 'https://example.com/none'}
            )
        )
    );
}

my $title    = 'resourceVisualization/title';
my $type     = 'resourceVisualization/type';
my $accessed = 'lastUsed/lastAccessedDateTime';
my %kept     = (
    "$title eq 'Report'"                  => 'a',
    "RESOURCEVISUALIZATION/Title EQ 'Report'" => 'a',
    "$title ne 'Report'"                  => 'b c d e f',
    "$title eq null"                      => 'f',
    "null eq $title"                      => 'f',
    "$title ne null"                      => 'a b c d e',
    "$title eq ''"                        => 'e',
    "$title eq 'it''s'"                   => 'd',
    "$type eq 'null'"                     => 'e',
    "$title gt 'R'"                       => 'a b d',
    "$title ge 'Report'"                  => 'a b d',
    "$title lt 'Report'"                  => 'c e',
    "$title le 'Report'"                  => 'a c e',
    "not ($title le 'Report')"            => 'b d f',
    "$title eq 'Report' or $title eq 'report' and $type eq 'x'" => 'a',
    "($title eq 'Report' or $title eq 'report') and $type eq 'Word'" => 'a b',
    "$title in ('Report','it''s', 'nobody')" => 'a d',
    "$title in (null,'Report')"           => 'a f',
    "contains($title,'ep')"               => 'a b',
    "contains($title,'ö') eq true"        => 'c',
    "not contains($title,'ep')"           => 'c d e',
    "contains($title,'ep') eq null"       => 'f',
    "startswith($title,'Rep')"            => 'a',
    "endswith($title,'😀')"               => 'c',
    "endswith($title,'')"                 => 'a b c d e',
    "tolower($title) eq 'report'"         => 'a b',
    "toupper($title) eq 'REPORT'"         => 'a b',
    "toupper($title) eq 'GRößE 😀'"       => 'c',
    "length($title) eq 7"                 => 'c',
    "length($title) gt 5"                 => 'a b c',
    "concat($title,$type) eq 'ReportWord'" => 'a',
    "concat(concat('[',$title),']') eq '[]'" => 'e',
    "trim($type) eq 'x'"                  => 'f',
    "indexof($title,'😀') eq 6"           => 'c',
    "indexof($title,'zzz') eq -1"         => 'a b c d e',
    "substring($title,1) eq 'eport'"      => 'a b',
    "substring($title,2,3) eq 'por'"      => 'a b',
    "substring($title,6) eq '😀'"         => 'c',
    "$accessed eq 2026-01-01T00:00:00Z"   => 'a b',
    "$accessed eq 2025-12-31T14:00:00.0-10:00" => 'a b',
    "$accessed gt 2026-01-01T00:00:00.000000000001Z" => 'c',
    "$accessed eq null"                   => 'd e f',
    "$accessed lt 2030-01-01T00:00:00Z"   => 'a b c',
    "lastUsed/lastModifiedDateTime ge 2026-05-06T07:08:09.000Z" => 'd',
    "year($accessed) eq 2026"             => 'a b c',
    "month($accessed) eq 3"               => 'c',
    "day($accessed) eq 1"                 => 'a b c',
    "hour($accessed) eq 1"                => 'b',
    "minute($accessed) eq 30"             => 'c',
    "second($accessed) eq 15"             => 'c',
    "date($accessed) eq 2026-03-01"       => 'c',
    "date($accessed) lt 2026-03-01"       => 'a b',
    "id eq 'a'"                           => 'a',
    "id in ('a','f','A')"                 => 'a f',
    "resourceReference/id eq 'doc'"       => 'a',
    "contains(resourceReference/webUrl,'%')" => 'a',
    "lastUsed eq null"                    => '',
    "LastUsed ne NULL"                    => 'a b c d e f',
    "null eq resourceReference"           => '',
    "not (resourceVisualization eq null) and id eq 'a'" => 'a',
    "true"                                => 'a b c d e f',
    "false"                               => '',
);
for my $filter (sort keys %kept) {
    my $query    = '$filter=' . encoded($filter);
    my $response = call(GET => "$set?$query&\$orderby=id&\$count=true");
    my $name     = encode_utf8($filter);
    is $response->status, 200, $name or diag $response->body;
    my $json = $response->json;
    is join(' ', map { $_->{id} } @{$json->{value}}), $kept{$filter},
        "$name: records";
    my $count = scalar split ' ', $kept{$filter};
    is $json->{'@odata.count'}, $count, "$name: \@odata.count";
    is call(GET => "$set/\$count?$query")->body, $count, "$name: \$count";
}

# Pages of a filtered list
{
    my $filter = '$filter=' . encoded("$type ne 'Excel'") . '&$top=2';
    my $page   = call(GET => "$set?$filter&\$orderby=id")->json;
    my $rest   = call(
        GET => substr $page->{'@odata.nextLink'}, length api_url('')
    )->json;
    is join(' ', map { $_->{id} } @{$page->{value}}, @{$rest->{value}}),
        'a b d e', 'two pages of a filtered list';
    my ($token) = $page->{'@odata.nextLink'} =~ /(\$skiptoken=.*)/;
    refused('a token from another filter',
        call(GET => "$set?\$orderby=id&$token"),
        'IU0119', target => '$skiptoken');
    refused('a token from another order',
        call(GET => "$set?$filter&\$orderby=id%20desc&$token"),
        'IU0119', target => '$skiptoken');
}

# /$count
my $count = call(GET => "$set/\$count");
is $count->status, 200, 'count';
is $count->body,   '6', 'all records';
is $count->field('OData-Version'), '4.0', 'version';
is call(GET => set_of(new_invitation()) . '/%24COUNT')->body, '0',
    'of an unknown invitation';
is call(HEAD => "$set/\$count")->body, '', 'HEAD';

# The count is text/plain whatever the client accepts, and never a 406.
for my $accept (
    undef,                       'text/plain',
    'text/xml',                  'text/html;q=0.5',
    'application/json',          'application/json;odata.metadata=none',
    'application/json;q=0, */*', 'text/plain;q=0',
    'text/plain;charset=utf-16', '*/*;q=0'
    )
{
    my @headers = defined $accept ? "Accept: $accept" : ();
    my $name    = 'count, Accept: ' . ($accept // 'none');
    for my $method (qw(GET HEAD)) {
        my $response = call(
            $method => "$set/\$count?\$filter=true",
            headers => \@headers
        );
        is $response->status, 200, "$method, $name";
        is $response->body, $method eq 'GET' ? '6' : '', 'the number';
        is $response->field('Content-Type'), 'text/plain;charset=utf-8',
            'is plain text';
        is $response->field('Content-Length'), 1, 'of one digit';
    }
}

# Options of a list have no effect on it, nor are their values read (OData 4.01
# Protocol 11.2.10).
for my $option (
    qw($top=1 $top=0 $skip=1 $orderby=id $select=id $expand=resource top=1
    %24TOP=1 $top=x $skip=-1 $orderby=nothing $select $expand=nothing),
    '$top=1&$skip=5&$orderby=id%20desc&$select=id&$expand=resource'
    )
{
    is call(GET => "$set/\$count?$option")->body, '6', "a count with $option";
    is call(GET => "$set/\$count?\$filter=id%20eq%20'a'&$option")->body, '1',
        'and a filter';
}
refused('a count with two sizes',
    call(GET => "$set/\$count?\$top=1&top=2"), 'IU0005');
refused('a count with a size that is not UTF-8',
    call(GET => "$set/\$count?\$top=%ff"), 'IU0110');

# Other OData options are refused; custom options are permitted.
for my $option (
    qw($search=x $count=true $skiptoken=x $apply=x $compute=x $index=1)
    )
{
    my ($name) = $option =~ s/%24/\$/r =~ /^([^=]+)/;
    for my $query ($option, "\$filter=false&$option") {
        refused("a count with $query", call(GET => "$set/\$count?$query"),
            'IU0004', message =>
                "The query option '$name' is not supported on this resource."
        );
    }
}
refused('a count with $nonsense', call(GET => "$set/\$count?\$nonsense=1"),
    'IU0003');
refused('a count with two filters',
    call(GET => "$set/\$count?\$filter=true&filter=false"), 'IU0005');
is call(
    GET     => "$set/\$count?filter=false&custom=1",
    headers => ['Prefer: odata.maxpagesize=1']
    )->body, '0', 'filter without $, an option of the client and a preference';
is call(GET => "$set/\$count", headers => ['Prefer: odata.maxpagesize=1'])
    ->field('Preference-Applied'), undef, 'a count has no pages';
refused('a count in OData 3',
    call(GET => "$set/\$count", headers => ['OData-MaxVersion: 3.0']),
    'IU0024');
refused('POST to a count', call(POST => "$set/\$count", body => '{}'),
    'IU0002');

# Errors in a filter give the position.
for my $case (
    ["$title eq", qr/at character \d+: /],
    ["$title eq 'x", qr/at character 32: /],
    ["nothing eq 'x'", qr/at character 1: .*nothing/],
    ["lastUsed eq 'x'", qr/at character 10: An object can be compared by /],
    ['lastUsed gt null', qr/at character 10: An object .* with null only/],
    ['lastUsed', qr/at character 1: .*, not an object/],
    ['lastUsed eq resourceReference', qr/at character 10: An object /],
    ['lastUsed in (null)', qr/at character 10: An object /],
    ["$accessed eq 'x'", qr/at character \d+: /],
    ["$title eq 2026-01-01T00:00:00Z", qr/at character \d+: /],
    ["$title", qr/at character \d+: /],
    ['', qr/at character 1: /],
    )
{
    my ($filter, $message) = @$case;
    my $response = call(GET => "$set?\$filter=" . encoded($filter));
    is $response->status, 400, "'$filter': 400" or diag $response->body;
    like $response->json->{error}{message},
        qr/^Invalid filter clause $message/, 'where';
}
refused('order by an object',
    call(GET => "$set?\$orderby=resourceVisualization"),
    'IU0116', target => '$orderby');
for my $case (
    ['$filter',  'resource eq null',              1,  'resource'],
    ['$filter',  "id eq 'x' or resource eq null", 14, 'resource'],
    ['$filter',  "resource/id eq 'x'",            1,  'resource/id'],
    ['$orderby', 'resource',                      1,  'resource'],
    ['$orderby', 'id desc,resource/id',           9,  'resource/id'],
    )
{
    my ($option, $value, $at, $what) = @$case;
    refused(
        "$option=$value", call(GET => "$set?$option=" . encoded($value)),
        'IU0112', target => $option, message => "'$what' at character $at of "
            . "the query option '$option' is not supported."
    );
}
is call(GET => "$set?\$filter=%ff")->status, 400, 'not UTF-8';
is call(GET => "$set?\$filter=%zz")->status, 400, 'not percent-encoded';

# Select
my %selected = (
    'id'                          => ['id'],
    'lastUsed'                    => ['lastUsed'],
    'LASTUSED,ID'                 => ['id', 'lastUsed'],
    'resourceVisualization/title' => ['resourceVisualization'],
    '*' => [qw(id lastUsed resourceReference resourceVisualization)],
);
for my $select (sort keys %selected) {
    my $entity = call(GET => "$set/a?\$select=$select")->json;
    is_deeply [sort grep { !/@/ } keys %$entity], $selected{$select},
        "select $select";
    my $list = call(GET => "$set?\$select=$select&\$orderby=id")->json;
    delete $entity->{'@odata.context'};
    is_deeply $list->{value}[0], $entity, 'in a list, too';
}
is_deeply call(GET => "$set/a?\$select=$title")
    ->json->{resourceVisualization},
    {
    '@odata.type' => 'microsoft.graph.resourceVisualization',
    title         => 'Report'
    },
    'one property of an object';
like call(GET => "$set?\$select=id,$title")->json->{'@odata.context'},
    qr/used\(id,resourceVisualization\/title\)$/, 'the context names them';
is call(GET => "$set/a?\$select=nothing")->status, 400, 'an unknown property';

# $expand, and the resource on its own
my $resource = {
    '@odata.type' => '#microsoft.graph.driveItem',
    id            => 'doc',
    webUrl        => 'https://example.com/?a=%20'
};
is_deeply call(GET => "$set/a?\$expand=resource")->json->{resource}, $resource,
    'expand';
is_deeply call(GET => "$set/b?\$expand=resource")->json->{resource},
    {id => 'bare'}, 'a resource without a type';
my $none = call(GET => "$set/c?\$expand=resource")->json;
ok exists $none->{resource}, 'no resource';
is $none->{resource}, undef, 'is null';
is_deeply call(GET => "$set?\$expand=resource&\$orderby=id")
    ->json->{value}[0]{resource}, $resource, 'expand in a list';
my $alone = call(GET => "$set/a/resource");
is $alone->status, 200, 'the resource alone';
my $alone_json = $alone->json;
like delete $alone_json->{'@odata.context'}, qr/\$metadata#/, 'context';
is_deeply $alone_json, $resource, 'the same resource';
is call(GET => "$set/c/resource")->status, 204, 'none: 204';
refused('of a missing record',
    call(GET => "$set/nobody/resource"), 'IU0051');
is call(GET => "$set/a?\$expand=nothing")->status, 400, 'unknown';
refused('expand with options',
    call(GET => "$set/a?\$expand=resource(\$select=id)"),
    'IU0112', target => '$expand');
finish();
