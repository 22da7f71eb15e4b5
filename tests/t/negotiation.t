# SPDX-License-Identifier: Apache-2.0
# Header fields of create: Content-Type, Accept, OData versions, Prefer.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();

# Content-Type
for my $type (
    'application/json',
    'application/json;charset=utf-8',
    'Application/JSON',
    'application/json; charset="UTF-8"',
    'application/json; charset=utf8',
    'application/json;odata.metadata=minimal',
    'application/json ; IEEE754Compatible=true;odata.streaming=true',
    'application/json;charset=utf-8;odata.metadata=full'
    )
{
    is create($inv, undef, type => $type)->status, 201, "Content-Type: $type";
}
for my $type (
    undef,
    '',
    'text/plain',
    'application/json;charset=iso-8859-1',
    'application/json;charset=utf-16',
    'application/xml',
    'text/json',
    'application/jsonx',
    'application/x-www-form-urlencoded',
    'multipart/form-data;boundary=x',
    '*/*',
    'application/json, text/plain',
    'application/json-patch+json'
    )
{
    my $response = create($inv, undef, type => $type);
    refused('Content-Type: ' . ($type // 'none'), $response, 'IU0020',
        message =>
            'The request body must have the Content-Type application/json, '
            . 'in UTF-8.'
    );
}

# Accept
my %metadata = (
    '*/*'                                     => 'minimal',
    '*'                                       => 'minimal',
    'text/html, image/gif, *; q=.2'           => 'minimal',
    ''                                        => 'minimal',
    'application/json'                        => 'minimal',
    'application/*'                           => 'minimal',
    'text/html, */*;q=0.1'                    => 'minimal',
    'application/json;odata.metadata=minimal' => 'minimal',
    'application/json;odata.metadata=none'    => 'none',
    'application/json;metadata=none'          => 'none',
    'application/json; odata.metadata=NONE'   => 'none',
    'application/json;odata.metadata=full'    => 'full',
    'application/json;metadata=full'          => 'full',
    'APPLICATION/JSON;ODATA.METADATA=FULL'    => 'full',
    'application/json;odata.metadata=full;q=0.2, '
    . 'application/json;odata.metadata=none;q=0.9'
        => 'none',
    'application/json;odata.metadata=none;q=0, application/json' => 'minimal',
    'application/json;odata.streaming=true;IEEE754Compatible=false' =>
        'minimal',
    'text/html;q=0.5, application/json;q=0.1'   => 'minimal',
    'application/json;charset=utf-8'            => 'minimal',
    'text/html,application/xml;q=0.9,*/*;q=0.8' => 'minimal',
);
for my $accept (sort keys %metadata) {
    my $response = create($inv, undef, headers => ["Accept: $accept"]);
    is $response->status, 201, "Accept: $accept" or next;
    is $response->field('Content-Type'),
          'application/json;odata.metadata='
        . $metadata{$accept}
        . ';odata.streaming=true;IEEE754Compatible=false;'
        . 'charset=utf-8', "Accept: $accept";
}
for my $accept (
    'text/html',                       'application/xml',
    'application/json;q=0',            '*/*;q=0',
    'application/*;q=0.0',             'application/json;odata.metadata=some',
    'text/*, image/png',               'application/json;charset=utf-16',
    'application/json;q=0, text/html', 'application/jsonx',
    'application/json;q=0, */*',       'application/json;odata=verbose'
    )
{
    my $there = set_of($inv) . '/accepted';
    refused(
        "Accept: $accept",
        create($inv, minimal(id => 'accepted'), headers => ["Accept: $accept"]),
        'IU0023'
    );
    refused('nothing was stored', call(GET => $there), 'IU0051');
}

# One record with the three levels of metadata
my $body
    = '{"id":"forms","lastUsed":{'
    . '"lastAccessedDateTime":"2026-01-02T03:04:05Z"},'
    . '"resourceVisualization":{"title":"\"@odata.type\":\"x\",{"},'
    . '"resourceReference":{"id":"r"}}';
my $none = create($inv, $body,
    headers => ['Accept: application/json;odata.metadata=none']);
is $none->body,
    '{"id":"forms","lastUsed":{"lastAccessedDateTime":"2026-01-02T03:04:05Z"},'
    . '"resourceVisualization":{"title":"\"@odata.type\":\"x\",{"},'
    . '"resourceReference":{"id":"r"}}', 'metadata=none: values only';
ok defined $none->field('ETag'), 'but the ETag is in the header';
my $path = set_of($inv) . '/forms';
is call(GET => $path, headers => ['Accept: application/json;metadata=none'])
    ->body,
    $none->body, 'the same by GET';
my $full = call(
    GET     => $path,
    headers => ['Accept: application/json;odata.metadata=full']
)->json;
is $full->{lastUsed}{'lastAccessedDateTime@odata.type'}, '#DateTimeOffset',
    'metadata=full: types that JSON cannot express';
is $full->{'@odata.id'}, api_url($path), '@odata.id';
ok defined $full->{'@odata.editLink'}, '@odata.editLink';
is $full->{'resource@odata.navigationLink'},
    $full->{'@odata.editLink'} . '/resource', '@odata.navigationLink';
is $full->{resourceVisualization}{title}, '"@odata.type":"x",{',
    'values are not touched';
my $minimal = call(GET => $path)->json;
delete @{$full}{qw(@odata.id @odata.editLink resource@odata.navigationLink)};
delete $full->{lastUsed}{'lastAccessedDateTime@odata.type'};
is_deeply $full, $minimal, 'the rest is as in minimal';
refused('GET: Accept', call(GET => $path, headers => ['Accept: text/html']),
    'IU0023');

# OData versions
is create($inv, undef, headers => ["OData-MaxVersion: $_"])->status, 201,
    "OData-MaxVersion: $_"
    for qw(4.0 4.01 4.02 5.0 4.0;NetFx);
for my $version (qw(3.0 2.0 1.0 0 3.99 3.0;NetFx), 'x', '') {
    refused(
        "OData-MaxVersion: $version",
        create($inv, undef, headers => ["OData-MaxVersion: $version"]),
        'IU0024',
        message => 'The OData-MaxVersion header must be 4.0 or higher.'
    );
}
refused('GET: OData-MaxVersion',
    call(GET => $path, headers => ['OData-MaxVersion: 3.0']), 'IU0024');
is create($inv, undef, headers => ["OData-Version: $_"])->status, 201,
    "OData-Version: $_"
    for qw(4.0 4.01 4.0;NetFx);
refused("OData-Version: $_",
    create($inv, undef, headers => ["OData-Version: $_"]), 'IU0025')
    for qw(3.0 5.0);

# Prefer
my $n = 0;
for my $prefer (
    'return=minimal',
    'Return = Minimal',
    'return="minimal"',
    'odata.continue-on-error, return=minimal',
    'respond-async; wait=10, return=minimal',
    'return=minimal; foo="return=representation"',
    'return=minimal, return=representation'
    )
{
    my $response = create(
        $inv,
        minimal(id => 'prefer' . ++$n),
        headers => ["Prefer: $prefer"]
    );
    is $response->status,                204,   "Prefer: $prefer" or next;
    is $response->body,                  '',    'no body';
    is $response->field('Content-Type'), undef, 'no Content-Type';
    my $url = api_url(set_of($inv) . "/prefer$n");
    is $response->field('Location'),       $url, 'Location';
    is $response->field('OData-EntityId'), $url, 'OData-EntityId';
    is $response->field('Preference-Applied'), 'return=minimal',
        'Preference-Applied';
    is $response->field('OData-Version'), '4.0', 'OData-Version';
    is $response->field('ETag'),
        call(GET => set_of($inv) . "/prefer$n")->field('ETag'), 'ETag';
}
for my $prefer ('return=representation', 'respond-async, return=representation')
{
    my $response = create($inv, undef, headers => ["Prefer: $prefer"]);
    is $response->status, 201, "Prefer: $prefer";
    is $response->field('Preference-Applied'), 'return=representation',
        'applied';
}
for my $prefer (
    'return',               'return=other',
    'IdType="ImmutableId"', 'respond-async',
    '',                     'foo="return=minimal"',
    'xreturn=minimal'
    )
{
    my $response = create($inv, undef, headers => ["Prefer: $prefer"]);
    is $response->status, 201, "Prefer: $prefer is ignored";
    is $response->field('Preference-Applied'), undef, 'and not applied';
}
my $lines = create($inv, undef,
    headers => ['Prefer: respond-async', 'Prefer: return=minimal']);
is $lines->status, 204, 'Prefer on two lines';
refused('Prefer does not hide errors',
    create($inv, '{', headers => ['Prefer: return=minimal']), 'IU0035');

finish();
