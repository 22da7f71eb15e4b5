# SPDX-License-Identifier: Apache-2.0
# Access control: other kinds of authentication, directives in addition to
# Require valid-user, nested sections.
use Matrix::Table qw($BODY post used);

# Spellings of one path to the collection of an invitation; rules must treat all
# of them like the first.
my $TAIL      = '/invitedUser/insights/used';
my @SPELLINGS = (
    "/beta/invitations/secret$TAIL",
    "/beta/INVITATIONS/secret$TAIL",
    "/beta/invitations('secret')$TAIL",
    "/beta/Invitations(id='secret')$TAIL",
    "/beta/invitations(Id='secret')$TAIL",
    "/beta/invitations/s%65cret$TAIL",
    "/beta/invitations(%27secret%27)$TAIL",
    "/beta/invitations%28'secret'%29$TAIL",
    "/beta/%69nvitations/secret/invitedUser/INSIGHTS/used",
    "//beta//invitations/secret$TAIL",
    "/%62eta/invitations/secret$TAIL/",
    "http://\@name\@.example/beta/invitations/secret$TAIL",
);

# Checks that a rule refuses every spelling; number identifies the refusing
# module.
sub refused_everywhere {
    my ($number) = @_;
    return map {
        my $path = $_;
        (   [writer => GET => $path, 403, number => $number],
            [writer => HEAD => $path, 403],
            post(writer => $path, 403, number => $number),
            [writer => GET => $path =~ s{/?\z}{/\$count}r, 403,
                number => $number],
            [writer => GET => $path =~ s{/?\z}{('1')}r, 403,
                number => $number],
            )
    } @SPELLINGS;
}

my $USERS = <<'END';
    InsightsUsed On
    AuthType Basic
    AuthName matrix
    AuthUserFile @users@
    InsightsUsedScopes read Insights.Read
    InsightsUsedScopes write Insights.ReadWrite
END

my $EXPR = <<"END";
<Location "/beta">
$USERS
    <RequireAll>
        Require valid-user
        Require not expr "%{reqenv:INSIGHTS_USED_INVITATION} == 'secret'"
        Require expr "%{reqenv:INSIGHTS_USED_ID} != 'hidden'"
    </RequireAll>
</Location>
END

# 401 by the module itself: no user was authenticated.
my @UNVOUCHED = (number => 'IU0010');

sub unvouched {
    return map {
        (   [$_, GET => used('all'), 401, @UNVOUCHED],
            post($_, used('all'), 401, @UNVOUCHED),
            [$_, DELETE => used('all') . '/1', 401, @UNVOUCHED],
            )
    } @_;
}

(   {
        name  => 'require-expr',
        about => 'Require expr by the keys, in every spelling',
        root  => $EXPR,
        also  => [
            refused_everywhere('IU0083'),
            map({ [writer => GET => used('@name@') . $_, 403,
                    number => 'IU0083'] }
                '/hidden', "('hidden')",      "(id='hidden')",
                '/h%69dden', '/hidden/resource', '/hidden/'),
            [writer => DELETE => used('@name@') . '/hidden', 403,
                number => 'IU0083'],
            [   writer => PATCH => used('@name@') . '/hidden',
                403, body => '{}', number => 'IU0083'
            ],
            [writer => GET => "/beta/./x/../invitations/secret$TAIL", 404],
            [writer => GET => used('Secret'),           200],
            [writer => GET => used("secret'"),          200],
            [writer => GET => used('secret%2F'),        200],
            [writer => GET => used('@name@') . '/Hidden', 404,
                number => 'IU0051'],
        ],
    },
    {
        name  => 'require-expr-own',
        about => 'Require expr: each user has the invitation of that name',
        root  => <<"END",
<Location "/beta">
$USERS
    <RequireAll>
        Require valid-user
        Require expr "%{REMOTE_USER} == %{reqenv:INSIGHTS_USED_INVITATION}"
    </RequireAll>
</Location>
END
        alone => 'each user has only one invitation',
        also  => [
            [   writer => POST => used('writer'),
                201, body => $BODY =~ s/\{/{"id":"1",/r
            ],
            [writer => GET => used("('writer')") =~ s{/\(}{(}r, 200],
            [guest => GET => used('guest'), 403, number => 'IU0013'],
            # httpd requests other credentials if a rule with REMOTE_USER fails.
            [guest => GET => used('writer'), 401, number => 'IU0082'],
            [guest => DELETE => used('writer') . '/1', 401,
                number => 'IU0082'],
            post(writer => used('guest'), 401, number => 'IU0082'),
            [writer => GET => '/beta', 401, number => 'IU0082'],
        ],
    },
    {
        name    => 'require-expr-led',
        about   => 'Require expr, with redirects into the root',
        modules => ['rewrite', 'actions', 'include', 'cgid'],
        root    => $EXPR,
        before  => <<'END',
RewriteEngine On
RewriteRule ^/graph/(.*)$ /beta/$1 [PT]
ScriptAlias /scripts/ "@www@/scripts/"
Action into-root /beta/invitations virtual
<Location "/secret">
    SetHandler into-root
</Location>
<Directory "@www@">
    Options +Includes
</Directory>
END
        files => {
            'scripts/in' => "#!/bin/sh\n"
                . "echo 'Location: " . used('secret') . "'\necho\n",
            'page.shtml' => '<!--#include virtual="' . used('secret') . '" -->',
        },
        also => [
            [   writer => GET => used('secret') =~ s/beta/graph/r,
                403, number => 'IU0083'
            ],
            post(writer => used('secret') =~ s/beta/graph/r, 403,
                number => 'IU0083'),
            [   writer => GET => '/secret/invitedUser/insights/used',
                403, number => 'IU0083'
            ],
            [writer => GET => '/scripts/in', 403, number => 'IU0083'],
            [writer => GET => '/page.shtml', 200, like => qr/\A(?!.*value)/s],
        ],
    },
    {
        name    => 'require-expr-within',
        server  => 'few',
        about   => 'Require expr, with redirects from one key to another',
        modules => ['rewrite', 'actions'],
        root    => $EXPR =~ s{</Location>}{
    RewriteEngine On
    RewriteRule invitations/old-([^/]+)(/.*) /beta/invitations/\$1\$2
</Location>}r,
        before => <<'END',
Action into-secret /beta/invitations/secret virtual
<Location "/beta/invitations/act">
    SetHandler into-secret
</Location>
END
        also => [
            [writer => GET => used('old-x'), 200],
            [writer => GET => used('old-secret'), 403, number => 'IU0083'],
            post(writer => used('old-secret'), 403, number => 'IU0083'),
            [guest => GET => used('old-x'), 403, number => 'IU0013'],
            post(guest => used('old-x'), 403, number => 'IU0013'),
            [undef, GET => used('old-secret'), 401, number => 'IU0082'],
        ],
    },
    {
        name    => 'include-within',
        server  => 'few',
        about   => 'Require expr, with a page below the root that includes resources',
        modules => ['include'],
        root    => $EXPR =~ s{</Location>}{    Options +Includes\n</Location>}r,
        files   => {
            map {
                ("beta/$_.shtml" => '<!--#include virtual="' . used($_) . '" -->')
            } 'open', 'secret'
        },
        also => [
            [writer => GET => '/beta/open.shtml', 200, like => qr/"value":\[/],
            [   writer => GET => '/beta/secret.shtml',
                200, like => qr/\A\[an error/
            ],
        ],
    },
    {
        name  => 'root-slash',
        about => 'a Location with a trailing slash',
        root  => "<Location \"/beta/\">\n$USERS\nRequire valid-user\n</Location>",
        but   => {
            map({ ($_ => [404, 'outside the Location',
                        plain => 'likewise']) }
                'root', 'no token: root', 'no scope: root')
        },
        also => [
            [writer => GET => '/beta/', 200, like => qr/\@odata.context/],
            [guest => GET => '/beta/', 403, number => 'IU0013'],
        ],
    },
    {
        name    => 'sections',
        about   => 'mod_macro, <IfModule>, <IfDefine>, Include, Define',
        modules => ['macro'],
        global  => <<'END',
<Macro Service $path>
    <IfModule insights_used_module>
        <Location "$path">
            <IfModule mod_auth_basic.c>
                <IfDefine !MATRIX_OFF>
                    InsightsUsed On
                    AuthType Basic
                </IfDefine>
            </IfModule>
            <IfVersion >= 2.4>
                Include "@www@/service.conf"
            </IfVersion>
            <IfFile "@www@/service.conf">
                InsightsUsedScopes read ${MATRIX_READ}
            </IfFile>
        </Location>
    </IfModule>
</Macro>
Define MATRIX_READ Insights.Read
END
        files => {'service.conf' => <<'END'},
AuthName matrix
AuthUserFile @users@
Require valid-user
InsightsUsedScopes write Insights.ReadWrite
END
        root => 'Use Service /beta',
    },
    {
        name  => 'nested-denied',
        about => 'Require all denied in a Location inside the root',
        after => '<Location "/beta/invitations/secret">'
            . "\nRequire all denied\n</Location>",
        also => [
            [writer => GET  => used('secret'), 403, number => 'IU0083'],
            post(writer => used('secret'), 403, number => 'IU0083'),
            [writer => GET => used('s%65cret'), 403, number => 'IU0083'],
            # Other spellings bypass it, as docs/other_modules.md warns.
            [writer => GET => "/beta/invitations('secret')$TAIL", 200],
        ],
    },
    {
        name  => 'nested-off',
        about => 'InsightsUsed Off in a Location inside the root',
        after => '<Location "/beta/invitations/off">'
            . "\nInsightsUsed Off\n</Location>",
        also => [
            [writer => GET  => used('off'), 404, plain => 'not in the root'],
            post(writer => used('off'), 404, plain => 'not in the root'),
            post(undef, used('off'), 401, plain => 'not in the root'),
        ],
    },
    {
        name  => 'nested-scopes',
        about => 'other scopes in a Location inside the root',
        after => '<Location "/beta/invitations/staff">'
            . "\nInsightsUsedScopes write Staff\n"
            . "SetEnvIf X-Staff . OAUTH2_CLAIM_scp=Staff\n</Location>",
        also => [
            post(writer => used('staff'), 403, number => 'IU0013'),
            post(guest => used('staff'), 201, headers => ['X-Staff: 1']),
        ],
    },
    {
        name  => 'nested-granted',
        about => 'Require all granted in a Location inside the root',
        after => '<Location "/beta/invitations/all">'
            . "\nRequire all granted\n</Location>",
        logs => ['IU0010'],
        also => [unvouched(undef, 'guest', 'writer')],
    },
    {
        name  => 'nested-root',
        about => 'a root inside the root',
        after => '<Location "/beta/inner">'
            . "\nInsightsUsed On\nInsightsUsedScopes read Inner\n</Location>",
        also => [
            post(writer => '/beta/inner/invitations/@name@-in' . $TAIL, 201,
                field => {Location => qr{/beta/inner/invitations/}}),
            [guest => GET => '/beta/inner', 403, number => 'IU0013'],
            [undef, GET => '/beta/inner', 401, number => 'IU0082'],
        ],
    },
    {
        name  => 'nested-anonymous',
        about => 'a part of the root with anonymous access',
        after => '<Location "/beta/invitations/open">'
            . "\nRequire all granted\nInsightsUsedAnonymous On\n</Location>",
        also => [
            [   undef, POST => used('open'), 201,
                body => $BODY =~ s/\{/{"id":"1",/r
            ],
            [undef, GET    => used('open') . '/1', 200],
            [undef, DELETE => used('open') . '/1', 204],
            [undef, GET => used('opened'), 401, number => 'IU0082'],
        ],
    },
    {
        name     => 'if-key',
        about    => '<If> by the keys, in every spelling',
        location => <<'END',
    <If "%{reqenv:INSIGHTS_USED_INVITATION} == 'secret'">
        InsightsUsedScopes read Secret
        InsightsUsedScopes write Secret
    </If>
END
        also => [
            refused_everywhere('IU0013'),
            [writer => GET => used('Secret'), 200],
        ],
    },
    {
        name  => 'auth-merging-and',
        about => 'AuthMerging And',
        after => '<Location "/beta/invitations/guests">'
            . "\nAuthMerging And\nRequire user guest\n</Location>",
        also => [
            post(writer => used('guests'), 401, number => 'IU0082'),
            post(guest => used('guests'), 403, number => 'IU0013'),
            post(undef, used('guests'), 401, number => 'IU0082'),
        ],
    },
    {
        name  => 'auth-merging-or',
        about => 'AuthMerging Or admits everybody',
        after => '<Location "/beta/invitations/all">'
            . "\nAuthMerging Or\nRequire all granted\n</Location>",
        logs => ['IU0010'],
        also => [unvouched(undef, 'guest', 'writer')],
    },
    {
        name    => 'satisfy-any',
        about   => 'Satisfy Any of mod_access_compat',
        modules => ['access_compat'],
        root    => <<"END",
<Location "/beta">
$USERS
    Require valid-user
    Order deny,allow
    Deny from all
    Allow from 127.0.0.1
    Satisfy Any
</Location>
END
        logs  => ['IU0010'],
        alone => 'the address suffices, so no user is authenticated',
        also  => [unvouched(undef, 'guest', 'writer')],
    },
    {
        name    => 'satisfy-all',
        about   => 'Order, Allow and Deny of mod_access_compat',
        modules => ['access_compat'],
        location => "Order allow,deny\nAllow from 127.0.0.1",
        after   => '<Location "/beta/invitations/denied">'
            . "\nOrder deny,allow\nDeny from all\n</Location>",
        also => [
            post(writer => used('denied'), 403, number => 'IU0083'),
        ],
    },
    {
        name    => 'empty-user',
        about   => 'an authentication module that sets an empty user',
        modules => ['authn_anon'],
        root    => <<'END',
<Location "/beta">
    InsightsUsed On
    AuthType Basic
    AuthName matrix
    AuthBasicProvider anon
    Anonymous "*"
    Anonymous_NoUserID On
    Anonymous_MustGiveEmail Off
    Require valid-user
</Location>
END
        alone => 'no scopes',
        logs  => ['IU0010'],
        also  => [
            post('' => used('x'), 401, @UNVOUCHED),
            [''     => GET => used('x'), 401, @UNVOUCHED],
            [''     => DELETE => used('x') . '/1', 401, @UNVOUCHED],
            [''     => GET => '/beta', 401, @UNVOUCHED],
            post(undef, used('x'), 401, number => 'IU0082'),
            post(writer => used('@name@'), 201),
        ],
    },
    {
        name  => 'limit-except',
        about => 'LimitExcept OPTIONS: a preflight has no token',
        root  => <<"END",
<Location "/beta">
$USERS
    <LimitExcept OPTIONS>
        Require valid-user
    </LimitExcept>
</Location>
END
        also => [
            [undef, OPTIONS => used('x'), 204, field => {Allow => qr/POST/}],
        ],
    },
    {
        name     => 'if-section',
        about    => '<If> with directives of ours and of others',
        location => <<'END',
    <If "%{REQUEST_METHOD} == 'DELETE' && %{HTTP:X-Admin} == ''">
        InsightsUsedScopes write Admin
    </If>
    <If "%{HTTP:X-Closed} == '1'">
        Require all denied
    </If>
END
        but => {
            delete => [403, 'another scope required', number => 'IU0013'],
            gone   => [200, 'not deleted'],
            batch  => [
                200, 'so also in a batch',
                like => qr/"id":"1","status":200,.*"id":"2","status":403,/
            ],
        },
        also => [
            [   writer => GET => used('x'),
                403, headers => ['X-Closed: 1'], number => 'IU0083'
            ],
            post(writer => used('x'), 403,
                headers => ['X-Closed: 1'], number => 'IU0083'),
            [   writer => DELETE => '@set@/first.html',
                204, headers => ['X-Admin: 1']
            ],
        ],
    },
    {
        name    => 'allow-methods',
        about   => 'AllowMethods of mod_allowmethods',
        modules => ['allowmethods'],
        after   => '<Location "/beta/invitations/read">'
            . "\nAllowMethods GET HEAD OPTIONS\n</Location>",
        also => [
            [writer => GET => used('read'), 200],
            post(writer => used('read'), 405, number => 'IU0085'),
        ],
    },
    {
        name    => 'auth-digest',
        about   => 'AuthType Digest',
        modules => ['auth_digest'],
        client  => 'digest',
        files   => {
            '.digest' => "writer:matrix:96cf334ece7d877dd6e63d3f7649dedc\n"
                . "guest:matrix:9ddaed7d42962a45d311e9aca8bb955a\n"
        },
        root => <<'END',
<Location "/beta">
    InsightsUsed On
    AuthType Digest
    AuthName matrix
    AuthUserFile "@www@/.digest"
    Require valid-user
    InsightsUsedScopes read Insights.Read
    InsightsUsedScopes write Insights.ReadWrite
    SetEnvIf Authorization "^Digest username=.writer.," \
        OAUTH2_CLAIM_scp=Insights.ReadWrite
</Location>
END
    },
    {
        name        => 'auth-form',
        about       => 'AuthType Form with a session in a cookie',
        modules     => ['auth_form', 'session_cookie', 'request'],
        credentials => 'Cookie: session=matrix-user=@user@&matrix-pw=secret',
        root        => <<'END',
<Location "/beta">
    InsightsUsed On
    AuthType Form
    AuthName matrix
    AuthFormProvider file
    AuthUserFile @users@
    Session On
    SessionCookieName session path=/
    Require valid-user
    InsightsUsedScopes read Insights.Read
    InsightsUsedScopes write Insights.ReadWrite
    SetEnvIf Cookie "matrix-user=writer" OAUTH2_CLAIM_scp=Insights.ReadWrite
</Location>
END
    },
    {
        name     => 'set-handler',
        about    => 'SetHandler in the Location takes precedence',
        location => 'SetHandler server-status',
        alone    => 'another handler answers',
        also     => [
            [writer => GET => used('x'), 200, like => qr/Server Status/],
            [guest  => GET => used('x'), 200, like => qr/Server Status/],
            [undef, GET => used('x'), 401, number => 'IU0082'],
        ],
    },
    {
        name     => 'set-handler-none',
        about    => 'SetHandler None, ForceType, AddDefaultCharset',
        location => "SetHandler None\nForceType text/html\n"
            . 'AddDefaultCharset ISO-8859-1',
    },
    {
        name   => 'set-handler-ours',
        about  => 'SetHandler insights-used outside any root',
        before => '<Location "/elsewhere">'
            . "\nSetHandler insights-used\nRequire all granted\n</Location>",
        logs => ['IU0143'],
        also => [
            [writer => GET => '/elsewhere' . used('x'), 404],
            post(writer => '/elsewhere' . used('x'), 404),
        ],
    },
);
