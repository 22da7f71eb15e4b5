# SPDX-License-Identifier: Apache-2.0
# The format of an answer: $format, which overrides Accept, and the parameter
# IEEE754Compatible of both. negotiation.t has Accept, description.t $metadata.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv);
created($_, create($inv, minimal(id => $_))) for qw(a b c);
is call(PATCH => "$set/a", body => '{"resourceReference":{"id":"r"}}')->status,
    200, 'a resource';

sub content_type {
    my ($metadata, $ieee754_compatible) = @_;
    return "application/json;odata.metadata=$metadata;odata.streaming=true;"
        . 'IEEE754Compatible='
        . ($ieee754_compatible ? 'true' : 'false')
        . ';charset=utf-8';
}

# Each resource whose answer is OData's JSON; body: of a POST or PATCH.
my @resources = (
    ['GET',   '/beta/'],
    ['GET',   $set],
    ['GET',   "$set/a"],
    ['GET',   "$set/a/resource"],
    ['HEAD',  $set],
    ['POST',  $set,     minimal()],
    ['PATCH', "$set/a", '{}'],
);

sub ask {
    my ($resource, $query, @headers) = @_;
    my ($method, $path, $body) = @$resource;
    return call(
        $method => $query eq '' ? $path : "$path?$query",
        headers => \@headers,
        defined $body ? (body => $body) : ()
    );
}

# Format, metadata, IEEE754Compatible
my @formats = (
    ['application/json;odata.metadata=none',                        'none',    0],
    ['application/json;metadata=full',                              'full',    0],
    ['application/json;odata.metadata=full;IEEE754Compatible=true', 'full',    1],
    ['application/json;ieee754compatible=TRUE;metadata=none',       'none',    1],
    ['application/json;IEEE754Compatible=true',                     'minimal', 1],
    ['application/json;IEEE754Compatible=false',                    'minimal', 0],
    ['application/json;charset=utf-8;odata.streaming=false',        'minimal', 0],
    ['application/json',                                            'minimal', 0],
);
for my $resource (@resources) {
    my ($method, $path) = @$resource;
    my $name = "$method $path";
    for my $case (@formats, ['json', 'minimal', 0], ['JSON', 'minimal', 0]) {
        my ($format, @expected) = @$case;
        for my $query (
            "\$format=$format",
            'format=' . $format =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger
            )
        {
            is ask($resource, $query, 'Accept: text/html')
                ->field('Content-Type'), content_type(@expected),
                "$name: $query";
        }
    }
    for my $case (@formats) {
        my ($format, @expected) = @$case;
        is ask($resource, '', "Accept: $format")->field('Content-Type'),
            content_type(@expected), "$name, Accept: $format";
    }
    for my $format (
        'atom',                             'xml',
        'application/xml',                  'application/atom%2Bxml',
        'application/atom+xml',             'text/html',
        'text/plain',                       '*',
        'json;odata.metadata=full',         '',
        'application/json;metadata=some',   '%20',
        'application/json;IEEE754Compatible=yes', 'csv',
        'application/json;charset=utf-16',  'application/json;v=1'
        )
    {
        refused(
            "$name: \$format=$format",
            ask($resource, "\$format=$format", 'Accept: application/json'),
            'IU0023',
            target => '$format',
            method => $method,
            message =>
                'The resource can be represented as application/json only, '
                . 'which the query option $format rules out.'
        );
    }
    refused(
        "$name: Accept", ask($resource, '', 'Accept: text/html'),
        'IU0023',
        method  => $method,
        message => 'The resource can be represented as application/json only, '
            . 'which the Accept header rules out.'
    );
    refused("$name: twice",
        ask($resource, '$format=json&format=json'),
        'IU0005', method => $method);
}
is call(DELETE => "$set/c?\$format=json")->status, 204, 'DELETE';

# The metadata is that of $format.
is_deeply [sort keys %{
        call(GET => "$set/a?\$format=application/json;metadata=none")->json
}],
    [sort grep { !/@/ } keys %{call(GET => "$set/a")->json}],
    'no annotations';

# The count is a string; the query for the next page keeps the format.
my $query = '$format=application/json;IEEE754Compatible=true'
    . ';odata.metadata=none&$count=true&$top=1';
my $before = call(GET => "$set?\$count=true")->json->{'@odata.count'};
like $before, qr/^[0-9]+$/, 'a count';
for my $case (
    [$query,                            1],
    ['$count=true',                     0],
    ['$count=true&$format=json',        0],
    ['$count=true', 1, 'Accept: application/json;IEEE754Compatible=true'],
    ['$count=true', 0, 'Accept: application/json;IEEE754Compatible=false'],
    [
        '$count=true&$format=json', 0,
        'Accept: application/json;IEEE754Compatible=true'
    ]
    )
{
    my ($options, $as_text, @headers) = @$case;
    like call(GET => "$set?$options", headers => \@headers)->body,
        $as_text ? qr/"\@odata\.count":"$before",/
        : qr/"\@odata\.count":$before,/, "$options @headers: the count";
}
my $link = call(GET => "$set?$query")->json->{'@odata.nextLink'};
like $link, qr/\?\Q$query\E&\$skiptoken=/, 'the link keeps $format';
my $next = call(GET => substr $link, length api_url(''));
is $next->field('Content-Type'), content_type('none', 1), 'the next page';
is $next->json->{'@odata.count'}, $before, 'and its count';

# A count is plain text, whatever Accept says, but not whatever $format says.
for my $format ('text/plain', 'text/plain;charset=utf-8', 'TEXT%2FPLAIN',
    'text/*')
{
    my $response = call(
        GET     => "$set/\$count?\$format=$format",
        headers => ['Accept: application/json']
    );
    is $response->body, $before, "\$count?\$format=$format";
    is $response->field('Content-Type'), 'text/plain;charset=utf-8', 'its type';
}
refused(
    "\$count?\$format=$_", call(GET => "$set/\$count?\$format=$_"),
    'IU0023',
    target  => '$format',
    message => 'The resource can be represented as text/plain only, which the '
        . 'query option $format rules out.'
    )
    for 'json', 'application/json', 'xml', 'text/html',
    'text/plain;charset=utf-16', '';

finish();
