# SPDX-License-Identifier: Apache-2.0
# Modules that check tokens, in all modes: without a valid token there is no
# access.
use Matrix::Table qw($BODY);
use Crypt::JWT qw(encode_jwt);
use Crypt::PK::RSA;
use File::Temp qw(tempdir);

# Keys of this run: a secret for mod_oauth2, a key pair for mod_auth_openidc.
my $SECRET = 'only-for-this-test-run-0123456789';
my $KEYS   = tempdir('insights_used-keys.XXXXXX', TMPDIR => 1, CLEANUP => 1);
system('openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=matrix'
        . " -keyout $KEYS/key -out $KEYS/cert 2>$KEYS/log") == 0
    or die "no key: $KEYS/log\n";

# A token valid for an hour, signed with the given algorithm, with claims added
# or replaced (undef: omitted).
sub token {
    my ($alg, %claim) = @_;
    my %key = (
        HS256    => [key => $SECRET],
        RS256    => [key => Crypt::PK::RSA->new("$KEYS/key")],
        none     => [allow_none => 1],
        stranger => [key => 'another-secret-0123456789-0123456789'],
    );
    my %all = (
        sub => 'somebody',
        iss => 'https://login.example/',
        aud => 'api://matrix',
        iat => time - 60,
        exp => time + 3600,
        %claim
    );
    delete $all{$_} for grep { !defined $all{$_} } keys %all;
    return 'Authorization: Bearer '
        . encode_jwt(
        payload       => \%all,
        alg           => $alg eq 'stranger' ? 'HS256' : $alg,
        extra_headers => {typ => 'JWT', kid => 'matrix'},
        @{$key{$alg}}
        );
}

# Tokens for the users of the common checks.
sub bearer {
    my ($alg) = @_;
    return sub {
        my ($user) = @_;
        return token($alg,
            scp => $user eq 'writer' ? 'Insights.ReadWrite' : undef);
    };
}

# All requests without a user, with these expectations.
sub nobody {
    my ($status, %option) = @_;
    my @calls = (
        [POST   => '@set@', body => $BODY],
        [GET    => '@set@'],
        [HEAD   => '@set@'],
        [GET    => '@set@/$count'],
        [GET    => '@set@/1'],
        [GET    => '@set@/1/resource'],
        [PATCH  => '@set@/1', body => $BODY, headers => ['If-None-Match: *']],
        [DELETE => '@set@/1'],
        [GET    => '@root@'],
        [GET    => '@root@/$metadata'],
        [GET    => '@root@/openapi.json'],
    );
    my $headers = delete $option{headers} // [];
    return map {
        my ($method, $path, %call) = @$_;
        my @headers = (@{$call{headers} // []}, @$headers);
        [undef, $method, $path, $status, %call, %option, headers => \@headers]
    } @calls;
}

# Invalid tokens; alg is the algorithm of valid ones.
sub bad_tokens {
    my ($alg) = @_;
    return map { nobody(401, headers => [$_]) } token('stranger'),
        token('none'),
        token($alg, exp => time - 600),
        token($alg, nbf => time + 600),
        token($alg, aud => 'api://other'),
        token($alg eq 'HS256' ? 'RS256' : 'HS256'),
        'Authorization: Bearer ',
        'Authorization: Bearer a.b.c',
        'Authorization: Basic d3JpdGVyOnNlY3JldA==';
}

my $RULES = <<'END';
    InsightsUsed On
    InsightsUsedAudience api://matrix
    InsightsUsedScopes read Insights.Read
    InsightsUsedScopes write Insights.ReadWrite
END

sub location {
    my (@lines) = @_;
    return join "\n", '<Location "/beta">', $RULES, @lines, '</Location>', '';
}

# The provider is never contacted.
my $OIDC = <<"END";
OIDCOAuthVerifyCertFiles "matrix#$KEYS/cert"
OIDCOAuthRemoteUserClaim sub
OIDCPassClaimsAs environment
OIDCCryptoPassphrase only-for-this-test-run
OIDCRedirectURI /callback
OIDCProviderIssuer https://login.example/
OIDCProviderAuthorizationEndpoint https://login.example/authorize
OIDCProviderTokenEndpoint https://login.example/token
OIDCProviderJwksUri https://login.example/keys
OIDCClientID matrix
OIDCClientSecret secret
END
my %OPENIDC = (
    modules => ['auth_openidc'],
    server  => 'openidc',
    before  => $OIDC,
);

# Responses of mod_auth_openidc to requests without a session.
my %UNAUTHENTICATED = (
    auth => [401, number => 'IU0082'],
    401  => [401, number => 'IU0082'],
    407  => [407],
    410  => [410],
    pass => [401, number => 'IU0010'],
);

# Two lines with that OIDCUnAuthAction: sessions only, and tokens or sessions.
sub of_action {
    my ($action) = @_;
    my ($status, %option) = @{$UNAUTHENTICATED{$action}};
    my @rules = (
        'Require valid-user',
        "OIDCUnAuthAction $action",
        'InsightsUsedClaimPrefix OIDC_CLAIM_'
    );
    my @logs = $action eq 'pass' ? (logs => ['IU0010']) : ();
    my %connect = (
        %OPENIDC,
        @logs,
        name  => "openidc-connect-$action",
        about => "mod_auth_openidc with sessions only, $action",
        root  => location('AuthType openid-connect', @rules),
        alone => 'no session possible',
        also  => [
            nobody($status, %option),
            nobody(
                $status, %option,
                headers => ['Cookie: mod_auth_openidc_session=x']
            ),

            # Valid tokens are not accepted here.
            nobody($status, headers => [bearer('RS256')->('writer')]),
        ],
    );
    my %both = (
        %OPENIDC,
        @logs,
        name  => "openidc-both-$action",
        about => "mod_auth_openidc with tokens or sessions, $action",
        root  => location('AuthType auth-openidc', @rules),
        credentials => bearer('RS256'),
        but         => {
            map { ("no token: $_" => [$status, 'by the action', %option]) }
                qw(create list count one head resource patch delete batch),
            qw(metadata openapi root)
        },
    );
    return (\%connect, \%both);
}

# A rule that knows who "me" is, although another one refuses first what has no
# token.
my $NOT_ME = <<'END';
<Location "/beta/me">
    AuthzSendForbiddenOnFailure On
    <RequireAll>
        Require valid-user
        Require not expr "%{reqenv:INSIGHTS_USED_USER} == 'refused'"
    </RequireAll>
</Location>
END

# The paths of the user who calls, sub, with tokens of that algorithm.
sub of_users {
    my ($alg) = @_;
    my $me = '/beta/me/insights/used';
    return (
        map({ [ writer => GET => $_, 200, like => qr{\$metadata#me/} ] } $me,
            '/beta/ME/insights/used?$top=1'),
        [writer => GET => '/beta/users/somebody/insights/used', 200],
        [undef, GET => $me, 401, number => 'IU0082'],
        map({
            my ($claim, $status, $number) = @$_;
            [   undef,
                GET => $me,
                $status,
                number  => $number,
                headers => [token($alg, scp => 'Insights.Read', %$claim)]
            ]
        } [{sub => 'refused'}, 403, 'IU0083'],
            [{sub => 'x', scp => 'Other'}, 403, 'IU0013'])
    );
}

my %OAUTH2 = (
    modules => ['oauth2'],
    server  => 'oauth2',
    root    => location(
        'AuthType oauth2',
        'Require valid-user',
        "OAuth2TokenVerify plain $SECRET kid=matrix&verify.exp=required"
    ),
    credentials => bearer('HS256'),
);

my $BASIC = <<'END';
<Location "/">
    AuthType Basic
    AuthName matrix
    AuthUserFile @users@
    Require valid-user
</Location>
END

(   {   %OPENIDC,
        name  => 'openidc-oauth20',
        about => 'mod_auth_openidc as resource server',
        root  => location(
            'AuthType oauth20',
            'Require valid-user',
            'InsightsUsedClaimPrefix OIDC_CLAIM_'
        ),
        credentials => bearer('RS256'),
        after       => $NOT_ME,
        also        => [bad_tokens('RS256'), of_users('RS256')],
    },
    {   %OPENIDC,
        name  => 'openidc-oauth20-pass',
        about => 'mod_auth_openidc as resource server, OIDCUnAuthAction pass',
        root  => location(
            'AuthType oauth20',
            'Require valid-user',
            'OIDCUnAuthAction pass',
            'InsightsUsedClaimPrefix OIDC_CLAIM_'
        ),
        credentials => bearer('RS256'),
        also        => [bad_tokens('RS256')],
    },
    map({ of_action($_) } sort keys %UNAUTHENTICATED),
    {   %OPENIDC,
        name  => 'openidc-browser',
        about => 'mod_auth_openidc redirects browsers to the provider',
        root  => location('AuthType openid-connect', 'Require valid-user'),
        alone => 'no session possible',
        also  => [
            nobody(
                302,
                headers => ['Accept: text/html'],
                field   => {Location => qr{^https://login.example/authorize}}
            )
        ],
    },
    {   %OAUTH2,
        name  => 'oauth2',
        about => 'mod_oauth2',
        after => $NOT_ME,
        also  => [bad_tokens('HS256'), of_users('HS256')],
    },
    {   %OAUTH2,
        name    => 'oauth2-access-hooks',
        server  => 'lua',
        modules => ['oauth2', 'lua', 'access_compat'],
        about   => 'mod_oauth2, and a module after which httpd shares no'
            . ' configuration between requests',
        after => $NOT_ME,
        also  => [of_users('HS256')],
    },
    {   %OAUTH2,
        name   => 'oauth2-basic-before',
        about  => 'mod_oauth2, and Basic for the whole host before it',
        before => $BASIC,
    },
    {   %OAUTH2,
        name  => 'oauth2-basic-after',
        about => 'mod_oauth2, and Basic for the whole host after it',
        after => $BASIC,
        alone => 'no token is accepted',
        also  => [
            map {
                nobody(
                    401, @$_, field => {'WWW-Authenticate' => qr/\ABasic /}
                )
            } [number => 'IU0082'],
            [   number  => 'IU0081',
                headers => [bearer('HS256')->('writer')]
            ]
        ],
    },
);
