# SPDX-License-Identifier: Apache-2.0
# GET …/used: representation, order and pages of a list.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv);
my $url = api_url($set);
my $context
    = api_url("/beta/\$metadata#invitations('$inv')/invitedUser/insights/used");

sub list {
    my ($query, %option) = @_;
    my $response
        = call(GET => defined $query ? "$set?$query" : $set, %option);
    is $response->status, 200, 'list' . (defined $query ? " $query" : '')
        or diag $response->body;
    return $response->json;
}

sub ids {
    my ($query, %option) = @_;
    return join ' ', map { $_->{id} } @{list($query, %option)->{value} // []};
}

# Follows the next links to the last page.
sub pages {
    my ($query, %option) = @_;
    my @pages;
    my $target = "$set?$query";
    while (defined $target) {
        my $response = call(GET => $target, %option);
        is $response->status, 200, "page $target" or diag $response->body;
        my $page = $response->json;
        push @pages, join ' ', map { $_->{id} } @{$page->{value}};
        my $link = $page->{'@odata.nextLink'};
        $target = undef;
        if (defined $link) {
            my $here = api_url('');
            like $link, qr/^\Q$here\E/, 'the link is absolute';
            $target = substr $link, length $here;
        }
        die "more pages than records\n" if @pages > 50;
    }
    return \@pages;
}

# An invitation without records
my $empty = call(GET => $set);
is $empty->status, 200, 'no records: 200';
json_fields($empty);
is $empty->field('ETag'), undef, 'no ETag';
like $empty->field('request-id') // '', qr/^[0-9a-f-]{36}$/, 'request-id';
is_deeply $empty->json, {'@odata.context' => $context, value => []},
    'an empty list';

# Records: id, last access, title
my @records = (
    ['a', '2026-01-01T00:00:00Z',      'one'],
    ['b', '2026-01-01T01:00:00+01:00', 'two'], # same instant as a
    ['c', '2026-03-01T00:00:00.5Z',    'Two'],
    ['d', undef,                       undef],
    ['e', '2026-02-01T00:00:00Z',      ''],
    ['f', '2025-01-01T00:00:00Z',      "\x{df}\x{1f600}"],
);
my %entity;
for my $record (@records) {
    my ($id, $accessed, $title) = @$record;
    my $body = minimal(
        id                    => $id,
        lastUsed              => {lastAccessedDateTime => $accessed},
        resourceVisualization => {title => $title},
        resourceReference     => {
            id     => "doc-$id",
            type   => 'microsoft.graph.driveItem',
            webUrl => "https://example.com/$id"
        }
    );
    $entity{$id} = created("record $id", create($inv, $body));
    delete $entity{$id}{'@odata.context'};
}
is create(new_invitation(), minimal(id => 'z'))->status, 201,
    'a record of another invitation';

my $all = list();
is_deeply [sort keys %$all], ['@odata.context', 'value'], 'members of a list';
is $all->{'@odata.context'}, $context, 'context';
is_deeply $all->{value}, [@entity{qw(c e a b f d)}],
    'the created entities, most recently used first, nulls last';

# Order
my %order = (
    'lastUsed/lastAccessedDateTime asc'            => 'd f a b e c',
    'lastUsed/lastAccessedDateTime'                => 'd f a b e c',
    'LASTUSED/lastaccesseddatetime desc'           => 'c e a b f d',
    'lastUsed/lastAccessedDateTime desc,id desc'   => 'c e b a f d',
    'id'                                           => 'a b c d e f',
    'id desc'                                      => 'f e d c b a',
    'resourceVisualization/title'                  => 'd e c a b f',
    'resourceVisualization/title desc'             => 'f b a c e d',
    'ResourceVisualization/Title desc , id'        => 'f b a c e d',
    'lastUsed/lastModifiedDateTime, id desc'       => 'f e d c b a',
    'resourceReference/webUrl desc'                => 'f e d c b a',
);
for my $order (sort keys %order) {
    my $encoded = $order =~ s/ /%20/gr;
    is ids("\$orderby=$encoded"), $order{$order}, "order by $order";
    my @pages = @{pages("\$orderby=$encoded&\$top=1")};
    is join(' ', @pages), $order{$order}, 'the same in pages of one';
}
is ids('orderby=id+desc'), 'f e d c b a', q(without $, '+' is a space);

# Pages
is ids('$top=2'),                'c e',     'top';
is ids('$top=999'),              'c e a b f d', 'the largest page';
is ids('$skip=4'),               'f d',     'skip';
is ids('$top=2&$skip=1'),        'e a',     'top and skip';
is ids('$skip=6'),               '',        'skip everything';
is ids('$skip=9223372036854775807'), '',    'the largest skip';
is_deeply pages('$top=4'), ['c e a b', 'f d'], 'two pages';
is_deeply pages('$top=3'), ['c e a',   'b f d'],
    'no third page if the second has the last record';
is_deeply pages('$top=2&$skip=1'), ['e a', 'b f', 'd'],
    'skip only once';
is_deeply pages('$top=2&$skip=4'), ['f d'], 'skip and the last page';
is_deeply pages('top=5&%24orderby=id&custom=%26x'), ['a b c d e', 'f'],
    'other spellings, and a custom option';
my $first = list('$top=2&$count=true&custom=%26x&$orderby=id');
like $first->{'@odata.nextLink'},
    qr/^\Q$url\E\?\$top=2&\$count=true&custom=%26x&\$orderby=id&\$skiptoken=[\w~.-]+$/,
    'the link keeps every option';
is $first->{'@odata.count'}, 6, 'count is of all pages';
is list('$top=1&$skip=3&$count=true')->{'@odata.count'}, 6,
    'regardless of skip';
is_deeply list('$top=0&$count=true'),
    {'@odata.context' => $context, '@odata.count' => 6, value => []},
    'only the count';
ok !exists list('$count=false')->{'@odata.count'}, 'no count';

# Preferred page size
for my $prefer ('maxpagesize=4', 'odata.maxpagesize=4',
    'return=minimal, odata.maxpagesize=4')
{
    my $response = call(GET => $set, headers => ["Prefer: $prefer"]);
    is scalar @{$response->json->{value}}, 4, "Prefer: $prefer";
    is $response->field('Preference-Applied'), 'odata.maxpagesize=4',
        'Preference-Applied';
}
is_deeply pages('x=1', headers => ['Prefer: maxpagesize=4']),
    ['c e a b', 'f d'], 'the preference holds for each page';
for my $prefer ('maxpagesize=0', 'maxpagesize=x', 'maxpagesize') {
    my $response = call(GET => $set, headers => ["Prefer: $prefer"]);
    is scalar @{$response->json->{value}}, 6, "Prefer: $prefer is ignored";
    is $response->field('Preference-Applied'), undef, 'no Preference-Applied';
}

# Records are created and deleted between two pages.
{
    my $page = list('$top=3&$orderby=id');
    my $next = substr $page->{'@odata.nextLink'}, length api_url('');
    is create($inv, minimal(id => 'aa'))->status, 201, 'before the next page';
    is create($inv, minimal(id => 'dd'))->status, 201, 'within it';
    is call(DELETE => "$set/c")->status, 204, 'delete the last of the page';
    is call(DELETE => "$set/e")->status, 204, 'delete one of the next';
    my $rest = call(GET => $next)->json;
    is join(' ', map { $_->{id} } @{$rest->{value}}), 'd dd f',
        'nothing twice, nothing missing';
    is $rest->{'@odata.nextLink'}, undef, 'the last page';
    is call(DELETE => "$set/$_")->status, 204, "delete $_" for qw(aa dd);
    is create($inv, minimal(id => $_))->status, 201, "create $_" for qw(c e);
}

# Metadata
for my $accept (
    ['application/json;odata.metadata=none', ['@odata.count', 'value'], 0],
    ['application/json', ['@odata.context', '@odata.count', 'value'], 1],
    [
        'application/json;odata.metadata=full',
        ['@odata.context', '@odata.count', 'value'], 1
    ]
    )
{
    my ($type, $members, $etags) = @$accept;
    my $list = list('$count=true', headers => ["Accept: $type"]);
    is_deeply [sort keys %$list], $members, "Accept: $type";
    my $id   = $list->{value}[0]{id};
    my $item = call(GET => "$set/$id", headers => ["Accept: $type"])->json;
    delete $item->{'@odata.context'};
    is_deeply $list->{value}[0], $item, 'items as by GET of one';
}

# The next link is a valid URL that the server accepts; otherwise the request is
# refused.
{
    my $link = list('$top=1&x="\\<|>')->{'@odata.nextLink'};
    like $link, qr/\?\$top=1&x=%22%5C%3C%7C%3E&\$skiptoken=[\w-]+\z/,
        'characters not permitted in URLs are encoded';
    my $target = sub {
        my ($filler) = @_;
        return substr list('$top=1&x=' . 'x' x $filler)->{'@odata.nextLink'},
            length api_url('');
    };
    my $room = 8190 - length 'GET  HTTP/1.1';
    my $most = $room - length $target->(0);
    is length $target->($most), $room, 'the longest link';
    is call(GET => $target->($most))->status, 200, 'is accepted';
    my $long = "$set?\$top=1&x=" . 'x' x ($most + 1);
    refused('a longer one', call(GET => $long), 'IU0120',
        message => qr/than this server takes, $room bytes/);
    is call(GET => $long =~ s/top=1/top=9/r)->status, 200,
        'accepted if there is no next page';
}

# Isolation is not supported.
for my $field ('OData-Isolation', 'Isolation') {
    for my $method (qw(GET HEAD)) {
        refused(
            "$method: $field",
            call($method => $set, headers => ["$field: snapshot"]),
            'IU0026', method => $method
        );
    }
    refused("PATCH: $field",
        call(
            PATCH   => "$set/a",
            headers => ["$field: snapshot", 'Content-Type: application/json'],
            body    => '{}'
        ), 'IU0026');
}

# HEAD
my $head = call(HEAD => "$set?\$count=true");
is $head->status, 200, 'HEAD';
is $head->body,   '',  'without a body';
is $head->field('Content-Type'), $empty->field('Content-Type'), 'type';
isnt $head->field('Content-Length') // '', '0', 'Content-Length is not 0';
is $head->field('Content-Length'), undef, 'no wrong Content-Length';

# Refused
for my $case (
    ['$top=1000',        'IU0111', '$top'],
    ['$top=-1',          'IU0111', '$top'],
    ['$top=x',           'IU0111', '$top'],
    ['$skip=-1',         'IU0111', '$skip'],
    ['$count=maybe',     'IU0111', '$count'],
    ['$orderby=nothing', 'IU0116', '$orderby'],
    ['$skiptoken=x',     'IU0119', '$skiptoken'],
    ['$search=x',        'IU0004'],
    ['$apply=x',         'IU0004'],
    ['$nonsense=1',      'IU0003'],
    ['$top=1&%24TOP=2',  'IU0005'],
    )
{
    my ($query, $number, $target) = @$case;
    refused($query, call(GET => "$set?$query"), $number, target => $target);
}
refused('an unsupported type',
    call(GET => $set, headers => ['Accept: text/html']), 'IU0023');
refused('an unsupported method', call(PUT => $set, body => '{}'), 'IU0002');
is call(OPTIONS => $set)->field('Allow') =~ s/, TRACE//r,
    'GET, HEAD, POST, OPTIONS', 'Allow';
finish();
