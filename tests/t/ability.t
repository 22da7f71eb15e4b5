# SPDX-License-Identifier: Apache-2.0
# Checks the server against the capabilities that $metadata declares
# (Org.OData.Capabilities.V1): declared abilities work, abilities declared as
# unsupported are refused. A declared term without a check fails the test. The
# paths and methods in openapi.json match those that the server has.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $csdl = call(
    GET     => '/beta/$metadata',
    headers => ['Accept: application/json']
)->json;
my $graph     = $csdl->{'microsoft.graph'};
my $used      = $graph->{officeGraphInsights}{used};
my $container = $graph->{GraphService};

my $inv = new_invitation();
my $set = set_of($inv);
my $all = json_of({
    id       => 'x',
    lastUsed => {
        lastAccessedDateTime => '2026-03-04T05:06:07Z',
        lastModifiedDateTime => '2026-01-01T00:00:00Z'
    },
    resourceVisualization => {title => ' Title '},
    resourceReference     => {id    => 'drives/1', webUrl => 'https://h/'}
});
is create($inv, $all)->status, 201, 'one record';
is create($inv, minimal(id => 'y'))->status, 201, 'a second record';

# --- requests

sub encoded { return $_[0] =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger }

# GETs the set with one query option.
sub with {
    my ($option, $value) = @_;
    return call(GET => "$set?\$$option=" . encoded($value));
}

sub ids {
    my ($response) = @_;
    return $response->status == 200
        ? join ' ', map { $_->{id} } @{$response->json->{value}}
        : $response->status . ' ' . $response->body;
}

# Paths unknown to the module: the status is httpd's and depends on the method.
my @NO_PATH = (404, 405);

# Checks that the request was refused with one of the statuses and an error of
# the module.
sub is_refused {
    my ($name, $response, @statuses) = @_;
    my $error = eval { $response->json->{error} } // {};
    ok scalar(grep { $response->status == $_ } @statuses), "$name is refused"
        or diag $response->status, ' ', $response->body;
    like $error->{innerError}{code} // '', qr/^IU\d{4}$/, 'with a number';
    return;
}

# Paths of all properties of a usedInsight in $metadata.
sub paths {
    my @paths;
    my $type = $graph->{usedInsight};
    for my $name (sort grep { /^\w/ } keys %$type) {
        next if $type->{$name}{'$Kind'};
        my ($complex) = ($type->{$name}{'$Type'} // '') =~ /([^.]+)$/;
        push @paths, $complex
            ? map {"$name/$_"} sort grep { /^\w/ } keys %{$graph->{$complex}}
            : $name;
    }
    return @paths;
}

# Returns a declared Boolean, and fails unless it is one.
sub declared {
    my ($record, $name) = @_;
    my $value = delete $record->{$name};
    ok defined $value && ref $value && "$value" =~ /^[01]$/,
        "$name is declared";
    return $value;
}

# Checks that an ability is declared as missing, and that its use is refused.
sub lacks {
    my ($record, $name, $request, $response, @statuses) = @_;
    ok !declared($record, $name), "$name: no";
    is_refused($request, $response, @statuses);
    return;
}

# --- checks of the collection's terms

# For each function a filter that matches only x. OData functions that are not
# declared must be refused.
my %function = (
    contains   => "contains(resourceVisualization/title,'itl')",
    startswith => "startswith(resourceVisualization/title,' T')",
    endswith   => "endswith(resourceVisualization/title,'e ')",
    tolower    => "tolower(resourceVisualization/title) eq ' title '",
    toupper    => "toupper(resourceVisualization/title) eq ' TITLE '",
    length     => 'length(resourceVisualization/title) eq 7',
    concat     => "concat(resourceVisualization/title,'!') eq ' Title !'",
    trim       => "trim(resourceVisualization/title) eq 'Title'",
    indexof    => "indexof(resourceVisualization/title,'i') eq 2",
    substring  => "substring(resourceVisualization/title,1,2) eq 'Ti'",
    year       => 'year(lastUsed/lastAccessedDateTime) eq 2026',
    month      => 'month(lastUsed/lastAccessedDateTime) eq 3',
    day        => 'day(lastUsed/lastAccessedDateTime) eq 4',
    hour       => 'hour(lastUsed/lastAccessedDateTime) eq 5',
    minute     => 'minute(lastUsed/lastAccessedDateTime) eq 6',
    second     => 'second(lastUsed/lastAccessedDateTime) eq 7',
    date       => 'date(lastUsed/lastAccessedDateTime) eq 2026-03-04',
    matchesPattern     => "matchesPattern(resourceVisualization/title,'T')",
    round              => 'round(1.5) eq 2',
    floor              => 'floor(1.5) eq 1',
    ceiling            => 'ceiling(1.5) eq 2',
    time               => 'time(lastUsed/lastAccessedDateTime) eq 05:06:07',
    now                => 'lastUsed/lastAccessedDateTime lt now()',
    mindatetime        => 'lastUsed/lastAccessedDateTime gt mindatetime()',
    maxdatetime        => 'lastUsed/lastAccessedDateTime lt maxdatetime()',
    fractionalseconds  => 'fractionalseconds(lastUsed/lastAccessedDateTime)'
        . ' eq 0',
    totaloffsetminutes => 'totaloffsetminutes(lastUsed/lastAccessedDateTime)'
        . ' eq 0',
    cast => "cast(resourceVisualization/title,Edm.String) eq ' Title '",
    isof => 'isof(microsoft.graph.usedInsight)'
);

sub filter_functions {
    my ($names) = @_;
    my %declared = map { $_ => 1 } @$names;
    ok exists $function{$_}, "$_ has a check" for @$names;
    for my $name (sort keys %function) {
        my $response = with(filter => $function{$name});
        if ($declared{$name}) {
            is ids($response), 'x', "\$filter with $name";
        } else {
            is_refused("\$filter with $name", $response, 400, 501);
        }
    }
    return;
}

sub filter_restrictions {
    my ($record) = @_;
    ok declared($record, 'Filterable'), '$filter';
    for my $path (paths()) {
        is ids(with(filter => "$path eq null or $path ne null")), 'x y',
            "\$filter on $path";
    }
    ok !declared($record, 'RequiresFilter'), 'a filter is not required';
    is ids(call(GET => $set)), 'x y', 'a list without $filter';
    is_refused("\$filter on $_", with(filter => "$_ eq 'x'"), 400, 501)
        for @{delete $record->{NonFilterableProperties}};
    return;
}

sub sort_restrictions {
    my ($record) = @_;
    ok declared($record, 'Sortable'), '$orderby';
    for my $path (paths()) {
        my $ascending = ids(with(orderby => $path));
        like $ascending, qr/^(?:x y|y x)$/, "\$orderby on $path";
        is ids(with(orderby => "$path asc")), $ascending, 'is ascending';
        like ids(with(orderby => "$path desc")), qr/^(?:x y|y x)$/,
            'descending, too';
    }
    is ids(with(orderby => 'id')),      'x y', 'by id';
    is ids(with(orderby => 'id desc')), 'y x', 'by id, descending';
    is_refused("\$orderby on $_", with(orderby => $_), 400, 501)
        for @{delete $record->{NonSortableProperties}};
    return;
}

sub select_support {
    my ($record) = @_;
    ok declared($record, 'Supported'), '$select';
    for my $path (paths()) {
        my ($member, $name) = split m{/}, $path;
        my $item = with(select => $path)->json->{value}[0];
        is_deeply [grep { !/\@/ && $_ ne $member } keys %$item], [],
            "\$select of $path";
        next unless $name && ref $item->{$member};
        is_deeply [grep { !/\@/ && $_ ne $name } keys %{$item->{$member}}], [],
            'nothing else within';
    }
    return;
}

sub expand_restrictions {
    my ($record) = @_;
    ok declared($record, 'Expandable'), '$expand';
    my ($x, $y) = sort { $a->{id} cmp $b->{id} }
        @{with(expand => 'resource')->json->{value}};
    is $x->{resource}{id}, 'drives/1', '$expand of resource';
    ok exists $y->{resource} && !defined $y->{resource}, 'or null';
    is delete $record->{MaxLevels}, 1, 'one level';
    is_refused('another', with(expand => 'resource($expand=x)'), 400, 501);
    return;
}

sub read_restrictions {
    my ($record) = @_;
    ok declared($record, 'Readable'), 'the set';
    is call(GET => $set)->status, 200, 'GET of the set';
    ok declared($record->{ReadByKeyRestrictions}, 'Readable'), 'by key';
    is_deeply delete $record->{ReadByKeyRestrictions}, {}, 'nothing else';
    is call(GET => "$set/x")->status, 200, 'GET by key';
    lacks($record, 'TypecastSegmentSupported', 'GET with a cast',
        call(GET => "$set/microsoft.graph.usedInsight"), 404);
    return;
}

sub insert_restrictions {
    my ($record) = @_;
    ok declared($record, 'Insertable'), 'POST';
    is create($inv, minimal(id => 'inserted'))->status, 201, 'POST of the set';
    is call(DELETE => "$set/inserted")->status, 204, 'removed again';
    is_refused("POST with $_", create($inv, minimal($_ => {id => 'x'})), 400)
        for @{delete $record->{NonInsertableNavigationProperties}};
    lacks($record, 'TypecastSegmentSupported', 'POST with a cast',
        call(POST => "$set/microsoft.graph.usedInsight", body => minimal()),
        405);
    for my $header (@{delete $record->{CustomHeaders}}) {
        my $name = $header->{Name};
        ok !declared($header, 'Required'), "$name is not required";
        is_refused("a bad $name",
            create($inv, minimal(), headers => ["$name: " . 'x' x 256]), 400);
    }
    return;
}

sub update_restrictions {
    my ($record) = @_;
    my $ask = sub {
        my ($method, $path, $body, @headers) = @_;
        return call(
            $method => "$set$path",
            body    => json_of($body),
            headers => [@headers]
        );
    };
    my $change = {resourceVisualization => {type => 'Web'}};
    ok declared($record, 'Updatable'), 'PATCH';
    is $ask->(PATCH => '/y', $change)->json->{resourceVisualization}{type},
        'Web', 'PATCH of an item';
    ok declared($record, 'Upsertable'), 'upsert';
    is $ask->(PATCH => '/made', record(), 'If-None-Match: *')->status, 201,
        'PATCH that creates';
    is call(DELETE => "$set/made")->status, 204, 'removed again';
    is delete $record->{UpdateMethod}, 'PATCH', 'by PATCH';
    is_refused('PUT', $ask->(PUT => '/y', record()), 405);
    lacks($record, 'DeltaUpdateSupported', 'PATCH of the set',
        $ask->(PATCH => '', {value => []}), 405);
    lacks($record, 'FilterSegmentSupported', 'PATCH of filtered records',
        $ask->(PATCH => "/\$filter(id%20eq%20'y')/\$each", $change),
        @NO_PATH);
    lacks($record, 'TypecastSegmentSupported', 'PATCH with a cast',
        $ask->(PATCH => '/microsoft.graph.usedInsight/$each', $change),
        @NO_PATH);
    is_refused("PATCH of $_", $ask->(PATCH => '/y', {$_ => {id => 'x'}}), 400)
        for @{delete $record->{NonUpdatableNavigationProperties}};
    like delete $record->{Description}, qr/If-None-Match/, 'how to upsert';
    return;
}

sub delete_restrictions {
    my ($record) = @_;
    ok declared($record, 'Deletable'), 'DELETE';
    is create($inv, minimal(id => 'old'))->status,  201, 'one to delete';
    is call(DELETE => "$set/old")->status,          204, 'DELETE of an item';
    lacks($record, 'FilterSegmentSupported', 'DELETE of filtered records',
        call(DELETE => "$set/\$filter(id%20eq%20'y')/\$each"), @NO_PATH);
    lacks($record, 'TypecastSegmentSupported', 'DELETE with a cast',
        call(DELETE => "$set/microsoft.graph.usedInsight/\$each"), @NO_PATH);
    return;
}

my %collection = (
    FilterFunctions    => \&filter_functions,
    FilterRestrictions => \&filter_restrictions,
    SortRestrictions   => \&sort_restrictions,
    SearchRestrictions => sub {
        lacks($_[0], 'Searchable', '$search', with(search => 'Title'), 501);
    },
    SelectSupport     => \&select_support,
    CountRestrictions => sub {
        ok declared($_[0], 'Countable'), '$count';
        is with(count => 'true')->json->{'@odata.count'}, 2, '$count=true';
        is call(GET => "$set/\$count")->body,             2, '/$count';
    },
    ExpandRestrictions => \&expand_restrictions,
    ChangeTracking     => sub {
        ok !declared($_[0], 'Supported'), 'no changes';
        my $response
            = call(GET => $set, headers => ['Prefer: odata.track-changes']);
        is $response->field('Preference-Applied'), undef, 'not applied';
        ok !exists $response->json->{'@odata.deltaLink'}, 'no delta link';
    },
    TopSupported => sub {
        ok $_[0], '$top';
        is scalar @{with(top => 1)->json->{value}}, 1, '$top=1';
    },
    SkipSupported => sub {
        ok $_[0], '$skip';
        is scalar @{with(skip => 1)->json->{value}}, 1, '$skip=1';
    },
    ComputeSupported => sub {
        ok !$_[0], 'no $compute';
        is_refused('$compute', with(compute => 'id as x'), 501);
    },
    IndexableByKey => sub {
        ok $_[0], 'a key in parentheses';
        is call(GET => "$set('x')")->status, 200, "used('x')";
    },
    ReadRestrictions   => \&read_restrictions,
    InsertRestrictions => \&insert_restrictions,
    DeepInsertSupport  => sub {
        lacks($_[0], 'Supported', 'a deep insert',
            create($inv, minimal(resource => {id => 'x'})), 400);
    },
    UpdateRestrictions => \&update_restrictions,
    DeleteRestrictions => \&delete_restrictions
);

# --- checks of the container's children, which are only paths to collections

# set: the entity set itself; undef: a singleton. entity: one of it.
sub child {
    my ($set, $entity) = @_;
    my %terms = (
        ReadRestrictions => sub {
            ok !declared($_[0], 'Readable'), 'not readable';
            is_refused("GET $_", call(GET => "/beta/$_"), 404)
                for $set // (), $entity;
        },
        UpdateRestrictions => sub {
            lacks($_[0], 'Updatable', 'PATCH',
                call(PATCH => "/beta/$entity", body => '{}'), @NO_PATH);
        },
        DeleteRestrictions => sub {
            lacks($_[0], 'Deletable', 'DELETE',
                call(DELETE => "/beta/$entity"), @NO_PATH);
        },
        NavigationRestrictions => sub {
            lacks_paths($entity, delete $_[0]{RestrictedProperties});
        }
    );
    $terms{InsertRestrictions} = sub {
        lacks($_[0], 'Insertable', 'POST',
            call(POST => "/beta/$set", body => '{}'), 404);
        }
        if defined $set;
    return \%terms;
}

sub lacks_paths {
    my ($entity, $ways) = @_;
    for my $way (@$ways) {
        my $path = delete $way->{NavigationProperty};
        ok !declared(delete $way->{ReadRestrictions}, 'Readable'),
            "$path is not readable";
        is_refused("GET $path", call(GET => "/beta/$entity/$path"), 404);
        ok !declared(delete $way->{UpdateRestrictions}, 'Updatable'),
            "$path is not updatable";
        is_refused("PATCH $path",
            call(PATCH => "/beta/$entity/$path", body => '{}'), @NO_PATH);
        is_deeply $way, {}, 'nothing else';
    }
    return;
}

# --- checks of the container's terms

sub batch_as {
    my ($type, $body) = @_;
    return call(POST => '/beta/$batch', type => $type, body => $body);
}

# POSTs a batch.
sub batch {
    my (@items) = @_;
    return batch_as('application/json', json_of({requests => \@items}));
}

sub item {
    my ($id, %members) = @_;
    return {id => $id, method => 'GET', %members};
}

sub with_type {
    my ($path, $type) = @_;
    my $response = call(GET => $path, headers => ["Accept: $type"]);
    is $response->status, 200, "Accept: $type";
    is index($response->field('Content-Type'), $type), 0, 'is the Content-Type';
    return;
}

my %service = (
    ConformanceLevel => sub { is $_[0], 'Minimal', 'conformance level' },
    SupportedFormats => sub { with_type("$set/x", $_) for @{$_[0]} },
    SupportedMetadataFormats =>
        sub { with_type('/beta/$metadata', $_) for @{$_[0]} },
    KeyAsSegmentSupported => sub {
        ok $_[0], 'a key as a segment';
        is call(GET => "$set/x")->status, 200, 'used/x';
    },
    BatchSupported => sub {
        ok $_[0], 'batches';
        is_refused('an empty batch', batch(), 400);
    },
    BatchSupport => sub {
        my ($record) = @_;
        ok declared($record, 'Supported'), 'supported';
        is_deeply delete $record->{SupportedFormats}, ['application/json'],
            'as JSON';
        is_refused('multipart/mixed',
            batch_as('multipart/mixed; boundary=b', '--b--'), 415);
        ok declared($record, 'ContinueOnErrorSupported'), 'after an error';
        my $goes_on = batch(item('a', url => "$set/none"),
            item('b', url => "$set/x"));
        is_deeply [map { $_->{status} } @{$goes_on->json->{responses}}],
            [404, 200], 'it goes on';
        my $create = item('a', method => 'POST', url => $set,
            body => record(id => 'batch'));
        my $delete = item('b', method => 'DELETE', dependsOn => ['a']);
        ok !declared($record, 'ReferencesInRequestBodiesSupported'),
            'no references in bodies';
        ok !declared($record, 'ReferencesAcrossChangeSetsSupported'),
            'nor to other requests';
        my $refers = batch($create, {%$delete, url => '/$a'});
        is_deeply [map { $_->{status} } @{$refers->json->{responses}}],
            [201, 404], '$a is a path, and no reference';
        ok !declared($record, 'EtagReferencesSupported'),
            'no references to ETags';
        $refers = batch(
            item('a', url => "$set/batch"),
            {   %$delete,
                url     => "$set/batch",
                headers => {'If-Match' => '$a'}
            }
        );
        is_deeply [map { $_->{status} } @{$refers->json->{responses}}],
            [200, 400], '$a is no ETag';
        lacks($record, 'RequestDependencyConditionsSupported',
            'a request with if', batch(item('a', url => "$set/x", if => 1)),
            400);
        is call(DELETE => "$set/batch")->status, 204, 'tidied up';
    },
    AsynchronousRequestsSupported => sub {
        ok !$_[0], 'nothing asynchronous';
        is call(GET => "$set/x", headers => ['Prefer: respond-async'])->status,
            200, 'answered at once';
    },
    CrossJoinSupported => sub {
        ok !$_[0], 'no cross join';
        is_refused('$crossjoin',
            call(GET => '/beta/$crossjoin(invitations)'), 404);
    },
    QuerySegmentSupported => sub {
        ok !$_[0], 'no query in a body';
        is_refused(
            '$query',
            call(
                POST => "$set/\$query",
                body => '$top=1',
                type => 'text/plain'
            ),
            404
        );
    },
    AnnotationValuesInQuerySupported => sub {
        ok !$_[0], 'no annotations in a query';
        is_refused('one',
            with(filter => q(@odata.etag ne null)), 400, 501);
    }
);

# --- run the checks

sub ask {
    my ($name, $declared, $questions) = @_;
    my %terms = map { /^\@Org\.OData\.Capabilities\.V1\.(.*)/ ? ($1, $_) : () }
        keys %$declared;
    is_deeply [sort keys %terms], [sort keys %$questions],
        "$name: each declared term has a check";
    for my $term (sort keys %terms) {
        subtest "$name: $term" => sub {
            my $value = $declared->{$terms{$term}};
            $questions->{$term}->($value);
            is_deeply $value, {}, 'all properties' if ref $value eq 'HASH';
        };
    }
    return;
}

ask('used',        $used,                     \%collection);
ask('invitations', $container->{invitations},
    child('invitations', "invitations/$inv"));
ask('users',       $container->{users},       child('users', "users/$inv"));
ask('me',          $container->{me},          child(undef, 'me'));
ask('service',     $container,                \%service);
is $container->{'@Org.OData.Core.V1.ODataVersions'},
    call(GET => "$set/x")->field('OData-Version'), 'the OData version';

# --- paths and methods in openapi.json

my $openapi = call(GET => '/beta/openapi.json')->json;
my %key     = (
    'invitation-id'  => $inv,
    'user-id'        => $inv,
    'usedInsight-id' => 'x'
);
for my $path (sort keys %{$openapi->{paths}}) {
    my $target = '/beta' . $path =~ s/\{([^}]+)\}/$key{$1}/gr;
    my %has    = map { uc $_ => 1 } keys %{$openapi->{paths}{$path}};
    $has{HEAD} = 1 if $has{GET};
    is_deeply [sort split /,\s*/, call(OPTIONS => $target)->field('Allow')],
        [sort 'OPTIONS', keys %has], "openapi.json: methods of $path";
}
my %option = map { $_->{name} =~ /^\$(.*)/ ? ($1 => $_) : () }
    values %{$openapi->{components}{parameters}};
my $top = $option{top}{schema};
is with(top => $top->{maximum})->status, 200, 'the largest page';
is_refused('a larger one', with(top => $top->{maximum} + 1), 400);

finish();
