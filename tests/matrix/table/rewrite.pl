# SPDX-License-Identifier: Apache-2.0
# mod_rewrite: rules in the virtual host, in the Location, in .htaccess.
use Matrix::Table qw($BODY post used);

my @REWRITE = (modules => ['rewrite']);
my $FRONT   = qr/\Afront$/;
my %FILES   = (
    'index.html' => "front\n",
    'open.html'  => "open\n",
);

# Rules that rewrite everything below the root to a file. httpd also answers
# DELETE for it (delete: options of that check).
sub taken_away {
    my ($like, @delete) = @_;
    my @get = map { [writer => GET => $_, 200, like => $like] }
        used('x'), used('x') . '/1', used('x') . '/$count', '/beta/$metadata',
        '/beta/';
    return (
        alone => 'everything is rewritten',
        also  => [
            @get,
            post(writer => used('x'), 200, like => $like),
            [writer => DELETE => used('x') . '/1', 405, @delete],
        ],
    );
}

(   {
        name => 'rewrite-flags',
        @REWRITE,
        about  => '[F], [G], [R] in the virtual host',
        before => <<'END',
RewriteEngine On
RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
RewriteRule ^/beta/invitations/blocked - [F]
RewriteRule ^/beta/invitations/gone - [G]
RewriteRule ^/beta/invitations/old/(.*)$ https://example.net/$1 [R=301]
RewriteRule ^/beta/invitations/busy - [R=503]
RewriteRule ^/beta/invitations/lost - [R=404]
END
        logs => ['IU0097'],
        also => [
            (   map {
                    my ($user) = ($_);
                    map {
                        (   [$user, GET => used($_->[0]), @$_[1 .. $#$_]],
                            post($user, used($_->[0]), @$_[1 .. $#$_])
                            )
                        } (
                        [blocked => 403, number => 'IU0083'],
                        [gone    => 410, number => 'IU0094'],
                        [busy    => 503, number => 'IU0097'],
                        [lost    => 404, number => 'IU0084'],
                        [   old   => 301,
                            field => {
                                Location =>
                                    qr{\Ahttps://example\.net/invitedUser/}
                            }
                        ],
                        )
                } undef,
                'guest',
                'writer'
            ),
            [writer => DELETE => used('blocked') . '/1', 403],
            [writer => HEAD   => used('blocked'),        403],
        ],
    },
    {
        name => 'rewrite-server',
        @REWRITE,
        about  => 'rules inherited from the main server',
        global => "RewriteEngine On\n"
            . "RewriteRule ^/beta/invitations/not-here - [F]\n"
            . "RewriteRule ^/into/(.*)\$ /beta/\$1 [PT]\n",
        before => "RewriteEngine On\nRewriteOptions Inherit",
        also   => [
            [writer => GET => used('not-here'), 403, number => 'IU0083'],
            post(writer => used('not-here'), 403, number => 'IU0083'),
            [undef, GET => used('not-here'), 403, number => 'IU0083'],
            [writer => GET => used('x') =~ s/beta/into/r, 200],
            [guest  => GET => used('x') =~ s/beta/into/r, 403,
                number => 'IU0013'],
        ],
    },
    {
        name => 'rewrite-query',
        @REWRITE,
        about  => 'rules that only change the query or do nothing',
        before => <<'END',
RewriteEngine On
RewriteCond %{QUERY_STRING} ^two$
RewriteRule ^(/beta/.*)$ $1?$top=2 [PT]
RewriteRule ^/beta/ - [L]
END
        but => {
            slash  => [201, 'as usual'],
        },
        also => [
            (map { post(writer => used('@name@'), 201) }
                1 .. 2),
            [   writer => GET => used('@name@') . '?two',
                200, like => qr/nextLink.*top=2/
            ],
            [writer => GET => used('@name@'), 200, like => qr/\A(?!.*nextLink)/s],
        ],
    },
    {
        name => 'rewrite-https',
        @REWRITE,
        about  => 'redirect everything to https',
        before => <<'END',
RewriteEngine On
RewriteCond %{HTTPS} off
RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]
END
        alone => 'everything is redirected',
        also  => [
            map {
                my $user = $_;
                map {
                    [   $user, @$_,
                        field => {
                            Location => qr{\Ahttps://rewrite-https\.example/beta/}
                        }
                    ]
                } (
                    [GET    => used('x'),             301],
                    [POST   => used('x'),             301, body => $BODY],
                    [PATCH  => used('x') . '/1',      301, body => '{}'],
                    [DELETE => used('x') . '/1',      301],
                    [GET    => used('x') . '/$count', 301],
                    [GET    => '/beta/$metadata',     301],
                    )
            } undef,
            'guest',
            'writer'
        ],
    },
    {
        name => 'rewrite-maintenance',
        @REWRITE,
        about  => 'the root is closed for maintenance',
        before => "RewriteEngine On\nRewriteRule ^/beta - [R=503,L]",
        alone  => 'everything is refused',
        logs   => ['IU0097'],
        also   => [
            map {
                my $user = $_;
                map { [$user, @$_, number => 'IU0097'] } (
                    [GET    => used('x'),        503],
                    [POST   => used('x'),        503, body => $BODY],
                    [DELETE => used('x') . '/1', 503],
                    [GET    => '/beta',          503],
                    )
            } undef,
            'writer'
        ],
    },
    {
        name => 'rewrite-out',
        @REWRITE,
        about  => '[PT] out of the root',
        before => "RewriteEngine On\nRewriteRule ^/beta/(.*)\$ /open/\$1 [PT]",
        after  => '<Location "/open">' . "\nRequire all granted\n</Location>",
        files  => {'open/$metadata' => "open\n"},
        alone  => 'everything is rewritten',
        also   => [
            post(writer => used('x'), 404, plain => 1),
            post(undef, used('x'), 404, plain => 1),
            [writer => GET => used('x'),             404, plain => 1],
            [writer => GET => used('x') . '/1',      404, plain => 1],
            [writer => GET => used('x') . '/$count', 404, plain => 1],
            [writer => GET => '/beta/$metadata', 200, like => qr/\Aopen$/],
        ],
    },
    {
        name => 'rewrite-other-root',
        @REWRITE,
        about  => '[PT] out of the root, into another with other rules',
        before => "RewriteEngine On\nRewriteRule ^/beta/(.*)\$ /open/\$1 [PT]",
        after  => <<'END',
<Location "/open">
    InsightsUsed On
    InsightsUsedScopes write Other
    InsightsUsedScopes read Other
    SetEnvIf X-Other . OAUTH2_CLAIM_scp=Other
    AuthType Basic
    AuthName other
    AuthUserFile @users@
    Require user guest
</Location>
END
        alone => 'the other root answers',
        also  => [
            post(undef, used('@name@'), 401, number => 'IU0082'),
            post(writer => used('@name@'), 401, number => 'IU0082'),
            post(guest => used('@name@'), 403, number => 'IU0013'),
            post(guest => used('@name@'), 201,
                headers => ['X-Other: 1'],
                field   => {Location => qr{/open/invitations/}}),
            [   guest => GET => used('@name@') . '/$count',
                200, headers => ['X-Other: 1'], like => qr/\A1\z/
            ],
        ],
    },
    {
        name => 'rewrite-in',
        @REWRITE,
        about  => '[PT] into the root and within it',
        before => <<'END',
RewriteEngine On
RewriteRule ^/graph/(.*)$ /beta/$1 [PT]
RewriteRule ^/beta/of/([^/]+)(.*)$ /beta/invitations/$1/invitedUser/insights/used$2 [PT]
END
        also => [
            map {
                my $set = $_;
                (   post(undef, $set, 401, number => 'IU0082'),
                    post(guest => $set, 403, number => 'IU0013'),
                    [   writer => POST => $set,
                        201,
                        body  => $BODY =~ s/\{/{"id":"1",/r,
                        field => {
                            Location => qr{/beta/invitations/in/.*/used/1\z}
                        }
                    ],
                    [undef, GET => "$set/1", 401, number => 'IU0082'],
                    [guest  => GET => "$set/1", 403, number => 'IU0013'],
                    [writer => GET => "$set/1", 200, like   => qr/"id":"1"/],
                    [writer => GET => "$set/\$count", 200, like => qr/\A1\z/],
                    [guest => DELETE => "$set/1", 403, number => 'IU0013'],
                    [   writer => DELETE => "$set/1", 204,
                        deletes => "in\t1"
                    ],
                    )
            } '/graph/invitations/in/invitedUser/insights/used',
            '/beta/of/in'
        ],
    },
    {
        name => 'rewrite-in-slash',
        @REWRITE,
        about  => '[PT] into the root: %2F and %252F of a key are the same',
        before => "RewriteEngine On\nRewriteRule ^/graph/(.*)\$ /beta/\$1 [PT]",
        also   => [
            [   writer => POST => used('a%2Fb') =~ s/beta/graph/r,
                201, body => $BODY =~ s/\{/{"id":"1",/r,
                field => {Location => qr{/invitations/a%252Fb/}}
            ],
            [   writer => POST => used('a%252Fb') =~ s/beta/graph/r,
                409, body => $BODY =~ s/\{/{"id":"1",/r
            ],
            [writer => GET => used('a%252Fb') . '/1', 200],
            [writer => GET => used('a%2Fb') . '/1',   404],
        ],
    },
    {
        name => 'rewrite-front',
        @REWRITE,
        about  => 'a front controller',
        before => "RewriteEngine On\nRewriteRule ^ /index.html [L]",
        files  => \%FILES,
        taken_away($FRONT, number => 'IU0085'),
    },
    {
        name => 'rewrite-front-pt',
        @REWRITE,
        about  => 'a front controller by [PT]',
        before => "RewriteEngine On\nRewriteRule ^ /index.html [PT]",
        files  => \%FILES,
        taken_away($FRONT, plain => 'no longer below the root'),
    },
    {
        name => 'rewrite-front-but',
        @REWRITE,
        about  => 'a front controller except for the root',
        before => <<'END',
RewriteEngine On
RewriteCond %{REQUEST_URI} !^/beta(/|$)
RewriteRule ^ /index.html [L]
END
        files => \%FILES,
        also  => [[undef, GET => '/elsewhere', 200, like => $FRONT]],
    },
    {
        name => 'rewrite-htaccess',
        @REWRITE,
        about  => 'a front controller in .htaccess',
        before => '<Directory "@www@">' . "\nAllowOverride All\n</Directory>",
        files  => {
            %FILES,
            '.htaccess' => <<'END',
RewriteEngine On
RewriteBase /
RewriteRule ^index\.html$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.html [L]
END
        },
        but  => {unknown => [200, 'the front controller', like => $FRONT]},
        also => [[undef, GET => '/elsewhere', 200, like => $FRONT]],
    },
    {
        name    => 'site',
        about   => 'a site with many common directives at once',
        modules => [
            qw(rewrite deflate expires headers proxy_fcgi speling include cgid
                actions cache_disk)
        ],
        before => <<'END',
RewriteEngine On
RewriteCond %{HTTP:X-Forwarded-Proto} =http
RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]
RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
RewriteCond %{REQUEST_URI} \.(bak|sql|htaccess)$
RewriteRule ^ - [F]
Redirect permanent /old /new
Alias /static "@www@/static"
ScriptAlias /cgi-bin/ "@www@/cgi-bin/"
ErrorDocument 403 /error.html
ErrorDocument 404 /index.html
FallbackResource /index.html
CheckSpelling On
CacheEnable disk /
ExpiresActive On
ExpiresDefault "access plus 1 month"
ExpiresByType application/json "access plus 1 day"
Header set X-Frame-Options SAMEORIGIN
Header always unset X-Powered-By
AddOutputFilterByType DEFLATE application/json text/html
AddOutputFilterByType INCLUDES text/html
<FilesMatch "\.php$">
    SetHandler "proxy:fcgi://127.0.0.1:1"
</FilesMatch>
<Directory "@www@">
    AllowOverride All
    Options +MultiViews +Includes
</Directory>
END
        headers => ['Accept-Encoding: gzip'],
        files   => {
            %FILES,
            'error.html' => "an error\n",
            '.htaccess'  => <<'END',
DirectoryIndex index.php index.html
RewriteEngine On
RewriteBase /
RewriteRule ^index\.html$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.html [L]
END
        },
        but  => {unknown => [200, 'the front controller', like => $FRONT]},
        also => [
            [undef, GET => '/elsewhere', 200, like => $FRONT],
            [writer => GET => used('dump.sql'), 200],
            [writer => GET => used('x') . '/dump.sql', 403,
                number => 'IU0083'],
            [   writer => GET => used('x'), 301,
                headers => ['X-Forwarded-Proto: http']
            ],
        ],
    },
    {
        name => 'rewrite-htaccess-in',
        @REWRITE,
        about  => 'a rule in .htaccess rewrites into the root',
        before => '<Directory "@www@">' . "\nAllowOverride All\n</Directory>",
        files  => {
            '.htaccess' =>
                "RewriteEngine On\nRewriteRule ^in/(.*)\$ /beta/\$1 [L]\n",
        },
        also => [
            map {
                my $path = used('@name@-in') =~ s{^/beta}{/in}r;
                my ($user, $status, @more) = @$_;
                post($user, $path, $status, @more)
            } (
                [undef,  401, number => 'IU0082'],
                [guest  => 403, number => 'IU0013'],
                [writer => 201],
                )
        ],
    },
    {
        name => 'rewrite-location',
        @REWRITE,
        about    => 'rules in the Location',
        location => <<'END',
    RewriteEngine On
    RewriteRule invitations/hidden/ - [F]
    RewriteRule invitations/gone/ - [G]
    RewriteRule invitations/moved/ /open.html
    RewriteRule invitations/old/ https://example.net/ [R=301]
END
        files => \%FILES,
        also  => [
            [writer => GET => used('hidden'), 403, number => 'IU0083'],
            post(writer => used('hidden'), 403, number => 'IU0083'),
            post(writer => used('gone'), 410, number => 'IU0094'),
            [writer => GET => used('moved'), 200, like => qr/\Aopen$/],
            post(writer => used('old'), 301),
            [undef, GET => used('hidden'), 401, number => 'IU0082'],
        ],
    },
    {
        name    => 'rewrite-p',
        modules => ['rewrite', 'proxy_http'],
        about   => '[P] out of the root',
        before  => "RewriteEngine On\n"
            . 'RewriteRule ^/beta/ http://127.0.0.1:@port@/index.html [P]',
        taken_away(qr/\Athe default site$/, plain => 'from the backend'),
    },
);
