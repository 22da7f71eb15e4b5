# SPDX-License-Identifier: Apache-2.0
# Descriptions of the service: $metadata, the service document, openapi.json.
# ability.t checks the declared capabilities.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Setup;
use InsightsUsed::Test;
use JSON::PP;
use Test::More;

my %type = (
    xml  => 'application/xml',
    json => 'application/json'
);

sub metadata {
    my ($form, $root) = @_;
    my $response = call(
        GET     => "$root/\$metadata",
        headers => ["Accept: $type{$form}"]
    );
    is $response->status, 200, "$root/\$metadata as $form" or return '{}';
    is $response->field('Content-Type'), "$type{$form};charset=utf-8",
        'Content-Type';
    is $response->field('OData-Version'), '4.0', 'OData-Version';
    is $response->field('Cache-Control'), 'no-store',
        'not cacheable: it depends on the configuration';
    return $response->body;
}

# --- validation by other implementations

my $clients = $ENV{IU_CLIENTS} // die "IU_CLIENTS is not set\n";
for my $root ('/beta', '/relaxed', '/careful', '/partly') {
    my $folder = state_file('description' . $root =~ tr{/}{_}r);
    mkdir $folder or die "$folder: $!\n";
    write_file("$folder/metadata.$_", metadata($_, $root)) for qw(xml json);
    write_file("$folder/openapi.json", call(GET => "$root/openapi.json")->body);
    my $check  = variable('top_dir') . '/clients/description.mjs';
    my $faults = qx(cd '$clients' && node '$check' '$folder' 2>&1);
    is $?,      0,  "$root: the documents are valid and agree";
    is $faults, '', 'no messages';
}

# --- $metadata

my $csdl  = decode_json(metadata('json', '/beta'));
my $graph = $csdl->{'microsoft.graph'};
is $csdl->{'$Version'}, '4.0', 'OData 4.0';
my $xml = call(GET => '/beta/$metadata')->body;
is $xml, metadata('xml', '/beta'), 'XML is the default';
unlike $xml, qr/"Org\.OData\.Core\.V1\.Computed"/, 'nothing is computed';

# The members of the page's example are declared, and null is accepted as
# declared.
my $example = decode_json(shared_file('create-used.json'));
for my $member (sort grep { !/\@/ } keys %$example) {
    my $declared = $graph->{usedInsight}{$member};
    ok defined $declared, "$member is declared" or next;
    next unless ref $example->{$member};
    my ($type) = $declared->{'$Type'} =~ /([^.]+)$/;
    ok defined $graph->{$type}{$_}, "$member/$_ is declared"
        for sort grep { !/\@/ } keys %{$example->{$member}};
}
my $inv = new_invitation();
for my $member (sort grep { ref $graph->{usedInsight}{$_} eq 'HASH' }
    keys %{$graph->{usedInsight}})
{
    my $declared = $graph->{usedInsight}{$member};
    my ($type) = ($declared->{'$Type'} // '') =~ /([^.]+)$/;
    next if !$type || $declared->{'$Kind'};
    my %value = map {
        $_ => $graph->{$type}{$_}{'$Precision'}
            ? '2026-01-02T03:04:05.'
            . '6' x $graph->{$type}{$_}{'$Precision'} . 'Z'
            : "a $_"
    } grep { !/\$/ } keys %{$graph->{$type}};
    my $all = created("all of $member",
        create($inv, minimal($member => \%value)));
    delete $all->{$member}{'@odata.type'};
    is_deeply $all->{$member}, \%value, 'every declared property is kept';
    my $null = create($inv, minimal($member => undef));
    is $null->status, $declared->{'$Nullable'} ? 201 : 400,
        'null as declared';
}

# The configuration of the Location decides.
for my $case (['/relaxed', {}], ['/partly', {lastUsed => 1}]) {
    my ($root, $required) = @$case;
    my $type = decode_json(metadata('json', $root))
        ->{'microsoft.graph'}{usedInsight};
    for my $member (qw(lastUsed resourceVisualization resourceReference)) {
        is !$type->{$member}{'$Nullable'}, !!$required->{$member},
            "$root: $member";
    }
}

# $batch, and a root without it.
for my $case (['/beta', 1], ['/partly', '']) {
    my ($root, $has) = @$case;
    my $container = decode_json(metadata('json', $root))
        ->{'microsoft.graph'}{GraphService};
    is $container->{'@Org.OData.Capabilities.V1.BatchSupported'} ? 1 : '',
        $has, "$root: batches";
    my $paths = call(GET => "$root/openapi.json")->json->{paths};
    is exists $paths->{'/$batch'}, $has, 'openapi.json agrees';
    is call(POST => "$root/\$batch", body => '{}')->status,
        $has ? 400 : 404, 'and so does the server';
}

# The paths to used insights, of which changes need an ETag.
my %used_of = (
    invitations => 'invitedUser/insights/used',
    users       => 'insights/used',
    me          => 'insights/used',
);

sub needs_etag {
    my ($root)    = @_;
    my $container = decode_json(metadata('json', $root))
        ->{'microsoft.graph'}{GraphService};
    my @need;
    for my $child (sort keys %used_of) {
        my $ways = $container->{$child}
            {'@Org.OData.Capabilities.V1.NavigationRestrictions'}
            {RestrictedProperties};
        my ($used)
            = grep { $_->{NavigationProperty} eq $used_of{$child} } @$ways;
        push @need, $child if $used && $used->{OptimisticConcurrencyControl};
    }
    return \@need;
}

# Methods and paths in openapi.json that require If-Match. (PATCH does not: it
# may create.)
sub needs_if_match {
    my ($root)     = @_;
    my $openapi    = call(GET => "$root/openapi.json")->json;
    my $parameters = $openapi->{components}{parameters};
    my @methods;
    for my $path (sort keys %{$openapi->{paths}}) {
        my $operations = $openapi->{paths}{$path};
        for my $method (sort keys %$operations) {
            my @required = grep {
                $_->{name} eq 'If-Match'
                    && $_->{in} eq 'header'
                    && $_->{required}
                } map { $parameters->{$_->{'$ref'} =~ s{.*/}{}r} }
                @{$operations->{$method}{parameters}};
            push @methods, "$method $path" if @required;
        }
    }
    return \@methods;
}
my @sets = (
    '/invitations/{invitation-id}/invitedUser/insights/used',
    '/me/insights/used', '/users/{user-id}/insights/used'
);
for my $root ('/beta', '/careful') {
    my $status = $root eq '/careful' ? 428 : 204;
    is create($inv, minimal(id => 'etag'), root => $root)->status, 201,
        "$root: a record";
    is call(DELETE => set_of($inv, $root) . '/etag')->status, $status,
        'DELETE without If-Match';
    is_deeply needs_etag($root),
        $status == 428 ? [sort keys %used_of] : [], 'as declared';
    is_deeply needs_if_match($root),
        $status == 428 ? [map {"delete $_/{usedInsight-id}"} @sets] : [],
        'openapi.json agrees';
    call(
        DELETE  => set_of($inv, $root) . '/etag',
        headers => ['If-Match: *']
    );
}

# --- content negotiation

my %chosen = (
    ''                                  => 'xml',
    '*/*'                               => 'xml',
    'application/*'                     => 'xml',
    'text/html, */*;q=0.1'              => 'xml',
    'application/json'                  => 'json',
    'application/json;metadata=minimal' => 'json',
    'application/xml;q=0.5, application/json' => 'json',
    'application/json, application/xml'       => 'xml',
    'application/xml;q=0, */*'                => 'json',
);
for my $accept (sort keys %chosen) {
    my $response
        = call(GET => '/beta/$metadata', headers => ["Accept: $accept"]);
    is $response->field('Content-Type'),
        "$type{$chosen{$accept}};charset=utf-8", "Accept: '$accept'";
}
for my $accept ('text/html', 'application/xml;charset=utf-16', '*/*;q=0') {
    refused(
        "\$metadata, Accept: $accept",
        call(GET => '/beta/$metadata', headers => ["Accept: $accept"]),
        'IU0023',
        message => 'The resource can be represented as application/xml or '
            . 'application/json only, which the Accept header rules out.'
    );
}
for my $path ('/beta', '/beta/', '/beta/openapi.json') {
    refused(
        "$path: only JSON",
        call(GET => $path, headers => ['Accept: application/xml']),
        'IU0023',
        message => 'The resource can be represented as application/json '
            . 'only, which the Accept header rules out.'
    );
}

# --- service document: the singleton; no set is addressable

for my $path ('/beta', '/beta/') {
    my $response = call(GET => $path);
    is $response->status, 200, "GET $path";
    is_deeply $response->json,
        {
        '@odata.context' => api_url('/beta/$metadata'),
        value => [{name => 'me', kind => 'Singleton', url => 'me'}]
        },
        'the service document';
    like $response->field('Content-Type'), qr/odata\.metadata=minimal/,
        'Content-Type';
    is $response->field('OData-Version'), '4.0', 'OData-Version';
}
is call(GET => '/', vhost => 'slash')->json->{'@odata.context'},
    api_url('/$metadata', 'slash'), 'under "/"';
is call(GET => '/public')->json->{'@odata.context'},
    'https://graph.example/v2/public/$metadata', 'with a BaseURL';
is_deeply [grep { ($_->{'$IncludeInServiceDocument'} // JSON::PP::true) }
        grep { ref eq 'HASH' && $_->{'$Collection'} }
        values %{$graph->{GraphService}}], [],
    '$metadata includes no set in it either';

# --- openapi.json

my $openapi = call(GET => '/public/openapi.json')->json;
my %declared;
for my $path (keys %{$openapi->{paths}}) {
    my ($set, $below) = $path =~ m{^(.*/insights/used)(.*)$} or next;
    $declared{$set}{$below} = join ' ', sort keys %{$openapi->{paths}{$path}};
}
is_deeply \%declared, {
    map {
        $_ => {
            ''                           => 'get post',
            '/$count'                    => 'get',
            '/{usedInsight-id}'          => 'delete get patch',
            '/{usedInsight-id}/resource' => 'get',
        }
    } @sets
    }, 'paths of used insights';
is_deeply $openapi->{servers}, [{url => 'https://graph.example/v2/public'}],
    'URL of the service';

# --- methods, options, versions, access

for my $path ('/beta', '/beta/$metadata', '/beta/%24METADATA/',
    '/beta/openapi.json')
{
    my $get  = call(GET  => "$path?custom=1");
    my $head = call(HEAD => $path);
    is $get->status,                    200,               "GET $path";
    is $head->status,                   200,               "HEAD $path";
    is $head->body,                     '',                'no body';
    is $head->field('Content-Length'),  length $get->body, 'the length of GET';
    for my $method (qw(POST PUT PATCH DELETE)) {
        my $response = call($method => $path, body => '{}');
        refused("$method $path", $response, 'IU0002');
        is join(',', sort split /,\s*/, $response->field('Allow')),
            'GET,HEAD,OPTIONS', 'Allow';
    }
    my $options = call(OPTIONS => $path);
    is $options->status, 204, "OPTIONS $path";
    is $options->field('Allow'), 'GET, HEAD, OPTIONS', 'Allow';
    is call(GET => "$path?\$format=json", headers => ['Accept: image/png'])
        ->field('Content-Type') =~ s/;.*//r, 'application/json',
        "$path: \$format";
    refused(
        "$path: another \$format", call(GET => "$path?\$format=atom"),
        'IU0023', target => '$format'
    );
    refused("$path: unknown", call(GET => "$path?\$x=json"), 'IU0003');
    refused("$path: OData 3",
        call(GET => $path, headers => ['OData-MaxVersion: 3.0']), 'IU0024');
}
for my $path ('/closed', '/closed/$metadata', '/closed/openapi.json') {
    refused("$path is protected", call(GET => $path), 'IU0010');
}
expect_log('IU0010');

# --- $format of $metadata

for my $case (
    ['xml',                            'xml'],
    ['json',                           'json'],
    ['application/xml',                'xml'],
    ['application/xml;charset=utf-8',  'xml'],
    ['application%2Fjson',             'json'],
    ['application/json;odata.metadata=full', 'json'],
    )
{
    my ($format, $form) = @$case;
    my $other    = $form eq 'xml' ? 'json' : 'xml';
    my $response = call(
        GET     => "/beta/\$metadata?\$format=$format",
        headers => ["Accept: $type{$other}"]
    );
    is $response->field('Content-Type'), "$type{$form};charset=utf-8",
        "\$format=$format";
    is $response->body, metadata($form, '/beta'), 'overrides Accept';
}
refused(
    "\$metadata?\$format=$_",
    call(GET => "/beta/\$metadata?\$format=$_"),
    'IU0023',
    target  => '$format',
    message => 'The resource can be represented as application/xml or '
        . 'application/json only, which the query option $format rules out.'
    )
    for 'text/html', 'atom', 'application/atom%2Bxml', '';

# --- no database needed

is call(GET => "/beta/$_", vhost => 'broken')->status, 200,
    "'$_' needs no database"
    for '', '$metadata', 'openapi.json';

finish();
