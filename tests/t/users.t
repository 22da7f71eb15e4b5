# SPDX-License-Identifier: Apache-2.0
# The used insights of users: users/{id}/insights/used and me/insights/used, and
# invitations of which InsightsUsedInvitationQuery knows the user.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Database;
use InsightsUsed::Test;
use InsightsUsed::Token;
use JSON::PP;
use Test::More;

# The path of an owner's set; owner is "users/1", "me" or "invitations/1".
sub used {
    my ($owner, $root) = @_;
    $root  //= '/beta';
    $owner .= '/invitedUser' if $owner =~ /^invitations/i;
    return "$root/$owner/insights/used";
}

sub post {
    my ($owner, $member, %option) = @_;
    return call(
        POST => used($owner, $option{root}),
        body => minimal(%$member),
        %option
    );
}

# A request with a token's claims. Returns the response.
sub by {
    my ($claim, $method, $target, %option) = @_;
    $option{body} = minimal() if $method eq 'POST' && !$option{body};
    my @header = (bearer({}, %$claim), @{delete $option{headers} // []});
    return call($method => $target, headers => \@header, %option);
}

sub context { my ($response) = @_; return $response->json->{'@odata.context'} }

my $user = 'user-' . new_invitation();

# --- all resources and methods

my $set = used("users/$user");
my $made
    = post("users/$user", {id => 'x', resourceReference => {id => 'thing'}});
created('a user', $made);
is $made->field('Location'), api_url("$set/x"), 'Location';
is context($made), api_url("/beta/\$metadata#users('$user')/insights/used/")
    . '$entity', 'context';
my $again = post("users/$user", {id => 'x'});
refused('the same id again', $again, 'IU0050');
is $again->field('Location'), api_url("$set/x"), 'Location of the first';
my $minimal = call(
    POST    => $set,
    body    => minimal(id => 'y'),
    headers => ['Prefer: return=minimal']
);
is $minimal->status, 204, 'return=minimal';
is $minimal->field($_), api_url("$set/y"), $_ for qw(Location OData-EntityId);
for my $owner ("users/$user", "users('$user')", "users(id='$user')",
    "USERS/$user", "%75sers(ID=%27$user%27)")
{
    my $path = used($owner) =~ s{/insights/used$}{/Insights/USED}r;
    is call(GET => $path . $_)->body, $made->body, "GET $path$_"
        for '/x', "('x')", "(id='x')", '/%78/';
    is call(GET => "$path/\$count")->body, 2, "$path: \$count";
    is call(GET => "$path('x')/resource")->json->{id}, 'thing',
        "$path: resource";
    is context(call(GET => "$path?\$select=id")),
        api_url("/beta/\$metadata#users('$user')/insights/used(id)"),
        "$path: context of the list";
}
my $page = call(GET => "$set?\$top=1&\$orderby=id")->json;
like $page->{'@odata.nextLink'}, qr/^\Q${\api_url($set)}\E\?/, 'nextLink';
my ($rest) = $page->{'@odata.nextLink'} =~ m{^http://[^/]*(.*)};
is_deeply [map { $_->{id} } @{call(GET => $rest)->json->{value}}], ['y'],
    'can be followed';
my $full = call(
    GET     => "$set/x",
    headers => ['Accept: application/json;odata.metadata=full']
)->json;
is $full->{'@odata.id'}, api_url("$set/x"), 'id link';
is $full->{'@odata.editLink'}, "users/$user/insights/used/x", 'edit link';
my $patched = call(
    PATCH => "$set/x",
    body  => '{"resourceVisualization":{"title":"t"}}'
);
is $patched->status,  200,             'PATCH';
is context($patched), context($made),  'context';
is call(
    PATCH   => "$set/z",
    body    => minimal(),
    headers => ['If-None-Match: *']
)->field('Location'), api_url("$set/z"), 'PATCH that creates: Location';
is call(DELETE => "$set/x")->status, 204, 'DELETE';
is_deeply ids_of("\t$user"), {y => 1, z => 1}, 'what is stored, behind a tab';
my $options = call(OPTIONS => $set);
is $options->status, 204, 'OPTIONS';
is $options->field('Allow'), call(OPTIONS => set_of('x'))->field('Allow'),
    'Allow as for invitations';
refused('PUT', call(PUT => $set, body => '{}'), 'IU0002');
refused('no record', call(GET => "$set/none"), 'IU0051');
is call(GET => used('users/nobody-yet') . '/$count')->body, 0,
    'every user exists';

# An invitation with the same id is another set.
refused('the invitation of that id',
    call(GET => used("invitations/$user") . '/y'), 'IU0051');
created('the same ids there', post("invitations/$user", {id => 'y'}));
is call(GET => "$set/\$count")->body, 2, 'do not change the user\'s set';

# Nothing else below these names is the module's.
refused("GET $_", call(GET => "/beta/$_"), 'IU0084')
    for 'users', 'me', "users/$user", "users/$user/insights",
    "users/$user/invitedUser/insights/used", 'me/x/insights/used',
    "me('$user')/insights/used", 'users/insights/used',
    "users/$user/insights/trending";

# --- odd keys

my %spelled = ( # of keys, as a segment and as a quoted key
    'a/b'                => ['a%2Fb',       'a%2Fb'],
    'a%2Fb'              => ['a%252Fb',     'a%252Fb'],
    q{it's}              => [q{it's},       q{it''s}],
    q{''}                => [q{%27%27},     q{''''}],
    'a b?#'              => ['a%20b%3F%23', 'a%20b%3F%23'],
    'me'                 => ['me',          'me'],
    "\xc3\xa4"           => ['%C3%A4',      '%C3%A4'],
    '"\\'                => ['%22%5C',      '%22%5C'],
    'x' x 255            => ['x' x 255,     'x' x 255],
    "\xf0\x9f\x98\x80" x 63 =>
        ['%F0%9F%98%80' x 63, '%F0%9F%98%80' x 63],
);
for my $key (sort keys %spelled) {
    my ($segment, $quoted) = @{$spelled{$key}};
    my $name  = substr $key, 0, 9;
    my $first = post("users/$segment", {id => "odd-$$"});
    created("user $name", $first);
    my ($location) = $first->field('Location') =~ m{^http://[^/]*(.*)};
    is call(GET => used($_) . "/odd-$$")->body, $first->body, "GET $_"
        for "users/$segment", "users('$quoted')", "users(id='$quoted')";
    is call(GET => $location)->body, $first->body, 'GET of Location';
    my $context = $first->json->{'@odata.context'};
    utf8::encode($context);
    is $context, api_url(q{/beta/$metadata#users('})
        . $key =~ s/'/''/gr . q{')/insights/used/$entity}, 'context';
    is ids_of("\t$key")->{"odd-$$"}, 1, 'is stored';
}
for my $key ('..', '$count') {
    created("user $key", post("users('$key')", {id => "odd-$$"}));
    is call(GET => used("users('$key')") . "/odd-$$")->status, 200, 'is found';
}
for my $key ('%09', "%09$user", 'a%0Ab', '%7F', '%C2%80', '%FF', 'x' x 256) {
    my $name = substr $key, 0, 20;
    for my $owner ("users/$key", "users('$key')") {
        refused("no key: $name", post($owner, {}), 'IU0001',
            message => qr/^The key of 'users' must be 1 to 255 bytes/);
    }
    refused("no key of an invitation: $name",
        post("invitations/$key", {}), 'IU0001');
}
refused('an empty key', call(GET => used(q{users('')})), 'IU0001');
refused('an unquoted key', call(GET => used('users(x)')), 'IU0006',
    message => qr/^The key of 'users' in parentheses must be quoted/);

# --- me

my $me = used('me', '/oauth2');
my $oid = "oid-$user";
for my $root ('/oauth2', '/oidc') {
    my $id      = substr $root, 1;
    my $path    = used('me',         $root);
    my $created = by({oid => $oid}, POST => $path, body => minimal(id => $id));
    is $created->status, 201, "$root: me";
    is $created->field('Location'), api_url("$path/$id"), 'Location';
    is context($created),
        api_url("$root/\$metadata#me/insights/used/\$entity"), 'context';
    my $as_user = by({}, GET => used("users/$oid", $root) . "/$id");
    is $as_user->field('ETag'), $created->field('ETag'), 'is users/{oid}';
    is context($as_user),
        api_url("$root/\$metadata#users('$oid')/insights/used/\$entity"),
        'whose context names that path';
    my $twice = by({oid => $oid}, POST => $path, body => minimal(id => $id));
    refused('again', $twice, 'IU0050');
    is $twice->field('Location'), api_url("$path/$id"), 'Location of the first';
    by({oid => $oid}, POST => $path);
    my $list = by({oid => $oid}, GET => "$path?\$top=1")->json;
    like $list->{'@odata.nextLink'}, qr/^\Q${\api_url($path)}\E\?/, 'nextLink';
    is by(
        {oid => $oid}, GET => "$path/$id",
        headers => ['Accept: application/json;odata.metadata=full']
    )->json->{'@odata.editLink'}, "me/insights/used/$id", 'edit link';
    is by({oid => $oid}, GET => $path =~ s/me/ME/r . "('$id')/resource")
        ->status, 204, 'resource';
    is by({oid => "$oid-2"}, GET => "$path/\$count")->body, 0,
        'another has another set';
}

# In a batch each request is authorized by itself: me is the batch's caller.
my $batch = by(
    {oid => $oid},
    POST => '/oauth2/$batch',
    body => json_of({
        requests => [
            {   id     => '1',
                method => 'POST',
                url    => '/me/insights/used',
                body   => record(id => 'batch')
            },
            {   id        => '2',
                method    => 'GET',
                url       => "/users/$oid/insights/used/batch",
                dependsOn => ['1']
            },
        ]
    })
);
my ($in_batch, $then)
    = sort { $a->{id} <=> $b->{id} } @{$batch->json->{responses}};
is $in_batch->{status}, 201, 'me in a batch';
is $in_batch->{headers}{Location}, api_url("$me/batch"), 'Location';
is $then->{status}, 200, 'found by users/{oid}';
is $then->{body}{id}, 'batch', 'the record';

# Which claim: oid, or else sub. What is no key counts as absent. Test-User has
# the environment variable.
my %absent = (
    'no oid'           => undef,
    'an empty oid'     => '',
    'a control character' => "a\tb",
    '256 bytes'        => 'x' x 256,
    'like an array'    => '[x',
);
my %text = ('a text' => 'a b', 'quoted' => '"q"', '255 bytes' => 'x' x 255,
    'with a comma' => 'a,b', 'a number' => 12);
for my $root ('/oauth2', '/oidc') {
    my $path = used('me', $root) . '/$count';
    for my $name (sort keys %absent) {
        my %claim = (oid => $absent{$name});
        is by({%claim, sub => 'the-sub'}, GET => $path)->field('Test-User'),
            'the-sub', "$root, $name: sub";
        refused(
            "$root, $name, and no usable sub",
            # The modules need a sub: it is the user's name.
            by({%claim, sub => '[x'}, GET => $path),
            'IU0007',
            message => '/me request is only valid with delegated '
                . 'authentication flow.'
        );
    }
    for my $name (sort keys %text) {
        is by({oid => $text{$name}}, GET => $path)->field('Test-User'),
            $text{$name}, "$root, $name";
    }
}
is by({oid => ['a'], sub => 's'}, GET => "$me/\$count")->field('Test-User'), 's',
    'an array is no user';
for my $field (qw(Test-User Test-Note)) {
    is by({oid => 'a'}, GET => "$me/\$count")->field($field), 'a',
        "$field of me";
    is by({oid => 'a'}, GET => used('users/b%2Fc', '/oauth2') . '/$count')
        ->field($field), 'b/c', "$field of users/{id}";
    is by({oid => 'a'}, GET => "/oauth2/$_")->field($field), '',
        "no $field: $_"
        for '$metadata', 'invitations/a/invitedUser/insights/used';
}

# InsightsUsedUserClaim has no second choice.
my $claimed = used('me', '/claimed');
created('another claim',
    by({employee_number => $user, oid => 'x'}, POST => $claimed));
is by({employee_number => $user}, GET => used("users/$user", '/claimed')
        . '/$count')->body, 3, 'is the user\'s set';
refused('not in the token', by({oid => 'x'}, GET => $claimed), 'IU0007');

# Without a user: 401 first, then what cannot be done at all, then 400.
refused('no token',         call(GET => $me),              'IU0082');
refused('an invalid token', by({exp => 1}, GET => $me),    'IU0081');
refused('nobody vouched',   call(GET => used('me', '/closed')), 'IU0010');
expect_log('IU0010');
refused('a scope is missing',
    by({scp => 'A', oid => 'x'}, GET => $me), 'IU0013');
refused('anonymous', call(GET => used('me') . $_), 'IU0007')
    for '', '/$count', '/x', "('x')/resource";
refused('anonymous, with a token', by({oid => 'x'}, GET => used('me')), 'IU0007');
refused('anonymous, POST', post('me', {}), 'IU0007');
refused('a method that is not there', call(PUT => used('me')), 'IU0002');
refused('an invalid key', call(GET => used('me') . '/%09'), 'IU0001');
is call(OPTIONS => used('me'))->status, 204, 'OPTIONS needs no user';

# --- each user reaches only his own set: conf/examples/own_insights.conf

my ($own, $mine, $other) = ({oid => $oid}, "users/$oid", 'users/another');
for my $owner ('me', 'ME', $mine, "users('$oid')", "USERS(id='$oid')") {
    created("own: POST $owner", by($own, POST => used($owner, '/own')));
    is by($own, GET => used($owner, '/own') . $_)->status, 200,
        "own: GET $owner$_"
        for '', '/$count';
}
for my $path (
    map({ used($_, '/own') } $other, "users('another')", 'USERS/another',
        uc($mine) =~ s/USERS/users/r, "users/$oid%20", "users/%09$oid",
        q{users('')}, "invitations/$oid", "invitations('$oid')"),
    map {"/own$_"} '', '/$metadata', '/openapi.json', '/$batch/',
    '/$batch%20'
    )
{
    refused("own: no $_ $path", by($own, $_ => $path), 'IU0083')
        for qw(GET POST DELETE);
    refused("own: no $path without a token", call(GET => $path), 'IU0082');
}
my @requests = map {
    {   id     => "$_",
        method => 'GET',
        url    => '/' . ('me', $mine, $other, "invitations/$oid/invitedUser",
            'users/' . uc $other)[$_] . '/insights/used'
    }
} 0 .. 4;
my $judged = by(
    $own,
    POST => '/own/$batch',
    body => json_of({requests => \@requests})
);
is join(' ', map { $_->{status} } @{$judged->json->{responses}}),
    '200 200 403 403 403', 'own: each request of a batch is judged';
refused('own: no batch without a token', call(POST => '/own/$batch'),
    'IU0082');
refused('own: an oid is needed', by({sub => $oid}, GET => used($_, '/own')),
    'IU0083')
    for 'me', $mine, 'users/', "invitations/$oid";
refused('own: a token is needed', call(GET => used($_, '/own')), 'IU0082')
    for 'me', $mine;

# A rule that does not wait for authentication admits nobody to a user's set.
for my $owner ('me', "invitations/$oid") {
    refused("hasty: $owner", by($own, GET => used($owner, '/hasty')), 'IU0010');
}
refused('hasty: the user', by($own, GET => used($mine, '/hasty')), 'IU0083');
refused('hasty, anonymous: nobody is me',
    by($own, GET => used('me', '/hasty-anonymous')), 'IU0007');
refused('hasty, anonymous: the user',
    by($own, GET => used($mine, '/hasty-anonymous')), 'IU0083');

# --- invitations of which the user is known

my $database = database();
$database->rows('CREATE TABLE joined_invitation'
        . ' (id varchar(99) PRIMARY KEY, user_id varchar(300))');
my %invited = (
    of_user => $oid,       of_nobody => undef, odd   => q{a/'b},
    empty   => '',         long      => 'x' x 256, longest => 'x' x 255,
    tab     => "\t$oid",
);
for my $id (sort keys %invited) {
    $database->rows('INSERT INTO joined_invitation (id) VALUES (?)', $id);
    $database->rows('UPDATE joined_invitation SET user_id = ? WHERE id = ?',
        $invited{$id}, $id)
        if defined $invited{$id};
}
my $path = used('invitations/of_user', '/joined');
my $joined = by($own, POST => $path, body => minimal(id => 'joined'));
created('by the invitation', $joined);
is $joined->field('Location'), api_url("$path/joined"), 'Location';
is context($joined), api_url('/joined/$metadata#'
        . q{invitations('of_user')/invitedUser/insights/used/$entity}),
    'context';
for my $owner ('me', "users/$oid", "invitations('of_user')") {
    my $found = by($own, GET => used($owner, '/joined') . '/joined');
    is $found->field('ETag'), $joined->field('ETag'), "found by $owner";
    ok scalar(grep { $_->{id} eq 'joined' }
            @{by($own, GET => used($owner, '/joined'))->json->{value}}),
        'and listed there';
}
is by($own, PATCH => "$path/joined", body => '{}')->status, 200, 'PATCH';
is by($own, DELETE => used('me', '/joined') . '/joined')->status, 204,
    'deleted by me';
refused('then gone', by($own, GET => "$path/joined"), 'IU0051');
created('an odd user', by($own, POST => used('invitations/odd', '/joined'),
    body => minimal(id => "j$$")));
is by($own, GET => used(q{users('a%2F''b')}, '/joined') . "/j$$")->status, 200,
    'is users/{id}';
created('the longest id', by($own,
    POST => used('invitations/longest', '/joined'),
    body => minimal(id => "j$$")));
is ids_of("\t" . 'x' x 255)->{"j$$"}, 1, 'is stored as the user\'s';
created('an unknown user', by($own,
    POST => used('invitations/of_nobody', '/joined'),
    body => minimal(id => "j$$")));
is ids_of('of_nobody')->{"j$$"}, 1, 'the invitation has a set of its own';
refused('no user of that id', by($own, GET => used('users/of_nobody', '/joined')
        . "/j$$"), 'IU0051');
refused('no invitation',
    by($own, GET => used('invitations/none', '/joined')), 'IU0051');
for my $id (qw(empty long tab)) {
    for my $method (qw(GET POST)) {
        refused("no user's id: $id",
            by($own, $method => used("invitations/$id", '/joined')), 'IU0070');
    }
    ok scalar(grep {/IU0070: .*InsightsUsedInvitationQuery: .*'$id'/}
            log_lines()), 'the log names the directive and the invitation';
}
expect_log('IU0070');
is by($own, GET => used('users/none', '/joined'))->status, 200,
    'the query is not for users';

finish();
