# SPDX-License-Identifier: Apache-2.0
# Access control: tokens, scopes and audiences; requests without authorization
# are refused.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Token;

my $inv        = new_invitation();
my $validation = 'Access token validation failure.';

sub with {
    my ($root, $method, @header) = @_;
    return $method eq 'POST'
        ? create($inv, undef, root => $root, headers => \@header)
        : call($method => set_of($inv, $root) . '/x', headers => \@header);
}

# No authentication configured: fails closed, and the log names the missing
# directives.
for my $method (qw(POST GET)) {
    my $response = with('/closed', $method);
    refused("/closed $method",
        $response, 'IU0010', message => 'Access token is empty.');
    like $response->field('WWW-Authenticate'), qr/^Bearer/, 'WWW-Authenticate';
    $response = with('/closed', $method, bearer({}));
    refused("/closed $method, a good token",
        $response, 'IU0010', message => $validation);
    like $response->field('WWW-Authenticate'), qr/^Bearer/, 'WWW-Authenticate';
}
refused('/closed, another scheme',
    with('/closed', 'POST', 'Authorization: Basic YTpi'), 'IU0010');
my ($line) = grep {/IU0010: /} log_lines();
like $line, qr/AuthType.*Require.*mod_oauth2.*InsightsUsedAnonymous/s,
    'the log names the missing configuration';
expect_log('IU0010');
is call(OPTIONS => set_of($inv, '/closed'))->status, 204,
    'a preflight has no token';
# Paths of other handlers are declined, authenticated or not.
refused('/closed, another path', call(GET => '/closed/x'), 'IU0084');

my %prefix = ('/oauth2' => 'mod_oauth2', '/oidc' => 'mod_auth_openidc');
for my $root (sort keys %prefix) {
    my $by = $prefix{$root};
    created("$by: a good token", with($root, 'POST', bearer({})));
    my $made = create(
        $inv, minimal(id => 'x'),
        root    => $root,
        headers => [bearer({})]
    );
    ok $made->status == 201 || $made->status == 409, "$by: a record to read";
    is call(GET => set_of($inv, $root) . '/x', headers => [bearer({})])->status,
        200,
        "$by: a write scope permits reading";

    # 401, from the authentication module or from ours.
    my %refused = (
        'no token'       => ['IU0082', 'Access token is empty.', undef],
        'an empty token' =>
            ['IU0082', 'Access token is empty.', 'Authorization: Bearer '],
        garbage => ['IU0081', $validation, 'Authorization: Bearer garbage'],
        'three dots'  => ['IU0081', $validation, 'Authorization: Bearer a.b.c'],
        expired       => ['IU0081', $validation, bearer({}, exp => time - 600)],
        'another key' => ['IU0081', $validation, bearer({key => 'stranger'})],
        'alg none'    => ['IU0081', $validation, bearer({alg => 'none'})],
        'the public key as a shared secret' =>
            ['IU0081', $validation, bearer({alg => 'HS256'})],
        'the payload of another token' => [
            'IU0081',
            $validation,
            'Authorization: Bearer ' . join '.',
            (split /\./, token({}, sub => 'root'))[0, 1],
            (split /\./, token({}))[2]
        ],
        'not yet valid' =>
            ['IU0011', $validation, bearer({}, nbf => time + 600)],
        'another audience' =>
            ['IU0012', $validation, bearer({}, aud => 'api://stranger')],
        'no audience' => ['IU0012', $validation, bearer({}, aud => undef)],
        'audience as a part' =>
            ['IU0012', $validation, bearer({}, aud => 'api://insights2')],
        'audiences of others' =>
            ['IU0012', $validation, bearer({}, aud => ['api://a', 'api://b'])],
    );
    for my $name (sort keys %refused) {
        my ($number, $message, $header) = @{$refused{$name}};
        for my $method (qw(POST GET)) {
            my $response = with($root, $method, $header // ());
            refused("$by, $method: $name",
                $response, $number, message => $message);
            like $response->field('WWW-Authenticate') // '', qr/^Bearer\b/,
                'WWW-Authenticate';
            unlike $response->field('WWW-Authenticate') // '', qr/,\s*Bearer/,
                'once';
        }
    }
    refused("$by: HEAD", with($root, 'HEAD'), 'IU0082', method => 'HEAD');

    # Accepted forms
    my %accepted = (
        'nbf in the past'     => {nbf => time - 60},
        'nbf within the skew' => {nbf => time + 20},
        'aud as an array'     => {aud => ['api://a', 'api://insights']},
        'scp among others'    =>
            {scp => 'User.Read Insights.ReadWrite.All Mail.Read'},
        'another scp'     => {scp => 'Insights.Manage'},
        'scp as an array' => {scp => ['User.Read', 'Insights.ReadWrite.All']},
        'roles' => {scp => undef, roles => ['Insights.ReadWrite.All']},
        'roles among others' =>
            {scp => undef, roles => ['A', 'Insights.Manage', 'B']},
        'roles beside scp' =>
            {scp => 'User.Read', roles => ['Insights.Manage']},
    );
    for my $name (sort keys %accepted) {
        created("$by: $name",
            with($root, 'POST', bearer({}, %{$accepted{$name}})));
    }

    # 403: names the required and the granted scopes.
    my %lacking = (
        'read only' => [{scp => 'Insights.Read.All'}, 'Insights.Read.All'],
        'none'      => [{scp => undef},               ''],
        'a part of the name' =>
            [{scp => 'Insights.ReadWrite'}, 'Insights.ReadWrite'],
        'more than the name' =>
            [{scp => 'Insights.ReadWrite.All2'}, 'Insights.ReadWrite.All2'],
        'another case' =>
            [{scp => 'insights.readwrite.all'}, 'insights.readwrite.all'],
        'scopes and roles of others' =>
            [{scp => 'A B', roles => ['C', 'D']}, 'A,B,C,D'],
    );
    for my $name (sort keys %lacking) {
        my ($claims, $held) = @{$lacking{$name}};
        my $response = with($root, 'POST', bearer({}, %$claims));
        refused("$by: scopes: $name", $response, 'IU0013',
            message =>
                'Insufficient privileges to complete the operation. API '
                . 'requires '
                . "one of 'Insights.ReadWrite.All,Insights.Manage'. "
                . "Scopes on the request '$held'.");
        is $response->field('WWW-Authenticate'),
            'Bearer error="insufficient_scope", '
            . 'scope="Insights.ReadWrite.All Insights.Manage"', 'RFC 6750';
    }
    is with($root, 'GET', bearer({}, scp => 'Insights.Read.All'))->status, 200,
        "$by: reading with the read scope";
    refused(
        "$by: reading without",
        with($root, 'GET', bearer({}, scp => 'User.Read')),
        'IU0013',
        message =>
            qr/one of 'Insights\.Read\.All,.*Scopes on the request 'User\.Read'\.$/
    );

    # Changing a record needs a write scope.
    for my $method (qw(PATCH DELETE)) {
        my @call = (
            $method => set_of($inv, $root) . "/$method",
            $method eq 'PATCH' ? (body => '{}') : ()
        );
        create(
            $inv, minimal(id => $method),
            root    => $root,
            headers => [bearer({})]
        );
        refused(
            "$by: $method with the read scope",
            call(@call, headers => [bearer({}, scp => 'Insights.Read.All')]),
            'IU0013',
            message => qr/one of 'Insights\.ReadWrite\.All,Insights\.Manage'/
        );
        refused("$by: $method without a token", call(@call), 'IU0082');
        is call(@call, headers => [bearer({})])->status,
            $method eq 'PATCH' ? 200 : 204, "$by: $method with a write scope";
    }

    # Access is checked before the rest of the request.
    refused("$by: no token, invalid JSON",
        create($inv, '{', root => $root), 'IU0082');
    refused("$by: no token, method not allowed",
        call(DELETE => set_of($inv, $root)), 'IU0082');
    my $quoted = create(
        $inv, undef,
        root    => $root,
        headers => [bearer({}, scp => q(it's "quoted"))]
    );
    is $quoted->status, 403, "$by: hostile scopes do no harm";
    unlike $quoted->field('WWW-Authenticate'), qr/it's/,
        'and are not in the header';
}
is create(
    $inv, undef,
    root    => '/oauth2',
    headers => [bearer({}, aud => 'api://other')]
)->status, 201, 'a second audience may be allowed';

# Without scopes and audience configured, only the authentication module
# decides.
created(
    'no scopes configured',
    create(
        $inv, undef,
        root    => '/vouched',
        headers => [bearer({}, scp => undef, aud => undef)]
    )
);
refused(
    'nbf is checked nevertheless',
    create(
        $inv, undef,
        root    => '/vouched',
        headers => [bearer({}, nbf => time + 600)]
    ),
    'IU0011'
);

# Tokens are taken only from the header.
refused(
    'in the query',
    call(
        POST => set_of($inv, '/oauth2') . '?access_token=' . token({}),
        body => minimal()
    ),
    'IU0082'
);

# Forbidden by another module.
refused(
    'Require all denied',
    create($inv, undef, root => '/denied'),
    'IU0083', message => 'Insufficient privileges to complete the operation.'
);
# Anonymous: tokens are ignored.
created('anonymous',
    create($inv, undef, headers => ['Authorization: Bearer garbage']));

# Tokens are not logged.
ok !(grep {/eyJ[\w-]+\.eyJ/} log_lines()), 'no token in the error log';

finish();
