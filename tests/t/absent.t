# SPDX-License-Identifier: Apache-2.0
# Queries on objects that are null or absent, where InsightsUsedRequired permits
# it: their properties compare as null, and responses return the object as it
# was sent.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv, '/relaxed');

my @objects = qw(lastUsed resourceVisualization resourceReference);
my %full    = (
    lastUsed => {
        lastAccessedDateTime => '2026-01-02T03:04:05Z',
        lastModifiedDateTime => '2026-01-01T00:00:00.5+01:00'
    },
    resourceVisualization => {title => 'Title', type => 'Word'},
    resourceReference     => {id    => 'r', webUrl => 'https://h.example/'}
);
my %sent = (
    absent  => {},
    cleared => \%full,                        # later
    empty   => {map { $_ => {} } @objects},
    full    => \%full,
    null    => {map { $_ => undef } @objects},
    nulls   => {
        map {
            my $object = $_;
            $object => {map { $_ => undef } keys %{$full{$object}}}
        } @objects
    }
);
my %stored = (%sent, cleared => $sent{null});
my @ids    = sort keys %sent;
my $others = join ' ', grep { $_ ne 'full' } @ids;
created($_,
    create($inv, json_of({id => $_, %{$sent{$_}}}), root => '/relaxed'))
    for @ids;
is call(PATCH => "$set/cleared", body => json_of($sent{null}))->status, 200,
    'values set to null';

sub list {
    my (%option) = @_;
    my $query = join '&', map {
        "\$$_=" . $option{$_} =~ s/([^\w.~-])/sprintf '%%%02X', ord $1/ger
    } sort keys %option;
    my $response = call(GET => "$set?$query");
    is $response->status, 200, $query or diag $response->body;
    return $response->json;
}

sub ids {
    my (%option) = @_;
    return join ' ', map { $_->{id} } @{list(%option)->{value} // []};
}

# Drops annotations from an item or one of its objects.
sub plain {
    my ($value) = @_;
    return $value unless ref $value eq 'HASH';
    return {map { $_ => plain($value->{$_}) } grep { !/\@/ } keys %$value};
}

# Representation: as sent
is_deeply [map { plain($_) } @{list(orderby => 'id')->{value}}],
    [map { {id => $_, %{$stored{$_}}} } @ids], 'absent, null and empty differ';

# Filters
my $title    = 'resourceVisualization/title';
my $accessed = 'lastUsed/lastAccessedDateTime';
my $modified = 'lastUsed/lastModifiedDateTime';
my $web_url  = 'resourceReference/webUrl';
my %kept     = ( # null equals null and is neither less nor greater
    (map { ("$_ eq null" => $others, "$_ ne null" => 'full') }
            $title, $accessed, $modified, $web_url, 'resourceReference/id'),
    "$title eq 'Title'"                    => 'full',
    "$title ne 'Title'"                    => $others,
    "$title gt ''"                         => 'full',
    "not ($title gt '')"                   => $others,
    "$title eq resourceReference/type"     => $others,
    "$title in ('Title','x')"              => 'full',
    "$title in (null,'x')"                 => $others,
    "contains($title,'')"                  => 'full',
    "not contains($title,'x')"             => 'full',
    "contains($title,'x') eq null"         => $others,
    "length($title) eq 5"                  => 'full',
    "length($title) eq null"               => $others,
    "concat($title,'x') eq null"           => $others,
    "tolower($web_url) eq null"            => $others,
    "$accessed lt 2030-01-01T00:00:00Z"    => 'full',
    "$accessed eq 2026-01-02T03:04:05Z"    => 'full',
    "$modified le $accessed"               => "@ids",
    "$modified lt $accessed"               => 'full',
    "year($modified) eq 2026"              => 'full',
    "year($modified) eq null"              => $others,
    "date($accessed) eq null"              => $others,
    "$title eq null and $accessed eq null" => $others,
    "$title eq null or $web_url ne null"   => "@ids",
    "$title eq null and id ne 'null'"      => $others =~ s/null //r
);
for my $filter (sort keys %kept) {
    is ids(filter => $filter, orderby => 'id'), $kept{$filter}, $filter;
    is call(GET => "$set/\$count?\$filter=" . $filter =~ s/ /%20/gr)->body,
        scalar split(/ /, $kept{$filter}), 'the same count';
}

# The objects themselves are null only if they are null or absent.
my $null = 'absent cleared null';
my $not  = 'empty full nulls';
for my $object (@objects, 'LASTUSED', 'resourcereference') {
    my %as_null = (
        "$object eq null"                         => $null,
        "$object ne null"                         => $not,
        "null eq $object"                         => $null,
        "null NE $object"                         => $not,
        "not ($object eq null)"                   => $not,
        "$object eq null and id ne 'null'"        => 'absent cleared',
        "$object eq null or id eq 'full'"         => 'absent cleared full null',
        "not ($object ne null and id eq 'full')"  => $others,
        "$object ne null and $title eq null"      => 'empty nulls',
        "$object eq null eq false"                => $not,
        "not (not (not (not (not (not (not ($object eq null)))))))" => $not
    );
    for my $filter (sort keys %as_null) {
        is ids(filter => $filter, orderby => 'id'), $as_null{$filter}, $filter;
        is call(GET => "$set/\$count?\$filter=" . $filter =~ s/ /%20/gr)->body,
            scalar split(/ /, $as_null{$filter}), 'the same count';
    }
}
is ids(
    filter => 'lastUsed ne null and resourceReference eq null'
        . ' or resourceVisualization ne null',
    orderby => 'id'
    ), $not, 'all three';
is call(PATCH => "$set/cleared", body => '{"lastUsed":{}}')->status, 200,
    'one object is set again';
is ids(filter => 'lastUsed ne null', orderby => 'id'), "cleared $not",
    'it is not null any more';
is call(PATCH => "$set/cleared", body => '{"lastUsed":null}')->status, 200,
    'and is set to null';

# Order: null first, or last when descending; ties by key
is ids(), "full $others", 'most recently used first';
for my $property ($title, $accessed, $modified, $web_url) {
    is ids(orderby => $property), "$others full", "$property: null first";
    is ids(orderby => "$property desc"), "full $others", 'descending: last';
    is ids(orderby => "$property,id desc"),
        join(' ', reverse('full', split / /, $others)), 'and a second key';
}
for my $order ((map { ($_, "$_ desc") } $title, $accessed, $web_url),
    "$modified,$web_url desc")
{
    my @pages;
    my $page = list(orderby => $order, top => 1);
    while ($page && @pages <= @ids) {
        push @pages, map { $_->{id} } @{$page->{value}};
        my $link = $page->{'@odata.nextLink'};
        $page = $link
            && call(GET => substr $link, length api_url(''))->json;
    }
    is "@pages", ids(orderby => $order), "$order: the same in pages of one";
}

# Selections
my %selected = (
    lastUsed   => {lastUsed => [keys %{$full{lastUsed}}]},
    "id,$title" => {id => 1, resourceVisualization => ['title']},
    "$modified,resourceReference/id" =>
        {lastUsed => ['lastModifiedDateTime'], resourceReference => ['id']},
    'resourceReference/type' => {resourceReference => ['type']},
    'resource'               => {}
);

# The part of a record that a selection returns.
sub selection_of {
    my ($id, $members) = @_;
    my %left;
    for my $name (keys %$members) {
        if ($name eq 'id') { $left{id} = $id; next }
        next unless exists $stored{$id}{$name};
        my $object = $stored{$id}{$name};
        $left{$name} = $object && {
            map { $_ => $object->{$_} }
            grep { exists $object->{$_} } @{$members->{$name}}
        };
    }
    return \%left;
}
for my $select (sort keys %selected) {
    my $items = list(select => $select, orderby => 'id')->{value};
    for my $i (0 .. $#ids) {
        my $expected = selection_of($ids[$i], $selected{$select});
        is_deeply plain($items->[$i]), $expected, "$select of $ids[$i]";
        is_deeply plain(call(GET => "$set/$ids[$i]?\$select=$select")->json),
            $expected, 'and alone';
    }
}

# The referenced resource
my $items = list(expand => 'resource', orderby => 'id')->{value};
for my $i (0 .. $#ids) {
    my $id       = $ids[$i];
    my $resource = $id eq 'full' ? $full{resourceReference} : undef;
    my $expected = {id => $id, %{$stored{$id}}, resource => $resource};
    is_deeply plain($items->[$i]), $expected, "expand of $id";
    is_deeply plain(call(GET => "$set/$id?\$expand=resource")->json),
        $expected, 'and alone';
    is call(GET => "$set/$id/resource")->status, $resource ? 200 : 204,
        'and the resource';
}
is_deeply plain(
    list(
        expand  => 'resource',
        filter  => 'resourceReference/id eq null',
        orderby => 'id',
        select  => "id,$title",
        top     => 1
    )->{value}[0]
    ),
    {id => 'absent', resource => undef}, 'all at once';

finish();
