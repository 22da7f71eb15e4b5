# SPDX-License-Identifier: Apache-2.0
# mod_proxy. The default site of the same Apache is the backend.
use Matrix::Table qw($BODY post used);

my @PROXY = (modules => ['proxy_http']);
my $SITE = qr/\Athe default site$/;

# The whole root is proxied to a backend that has none of its resources.
my @TAKEN = (
    alone => 'everything is proxied',
    also  => [
        [undef, GET => used('x'), 401, number => 'IU0082'],
        post(undef, used('x'), 401, number => 'IU0082'),
        map {
            [   writer => @$_[0 .. 2],
                plain => 'from the backend',
                like  => qr/was not found on this server/,
                @$_[3 .. $#$_]
            ]
        } (
            [GET    => used('x'),             404],
            [GET    => used('x') . '/1',      404],
            [GET    => used('x') . '/$count', 404],
            [GET    => '/beta/$metadata',     404],
            [POST   => used('x'),             404, body => $BODY],
            [DELETE => used('x') . '/1',      405, like => qr/405/],
            )
    ],
);

(   {
        name => 'proxy-all',
        @PROXY,
        about  => 'ProxyPass /',
        before => 'ProxyPass / http://127.0.0.1:@port@/',
        @TAKEN,
    },
    {
        name => 'proxy-but',
        @PROXY,
        about  => 'ProxyPass / except for the root',
        before => "ProxyPass /beta !\nProxyPass / http://127.0.0.1:\@port\@/",
        also   => [[undef, GET => '/', 200, like => $SITE]],
    },
    {
        name => 'proxy-location',
        @PROXY,
        about  => 'ProxyPass in <Location "/">',
        before => '<Location "/">' . "\n"
            . "ProxyPass http://127.0.0.1:\@port\@/\n</Location>",
        @TAKEN,
    },
    {
        name => 'proxy-location-but',
        @PROXY,
        about  => 'ProxyPass in <Location "/"> except for the root',
        before => '<Location "/">' . "\n"
            . "ProxyPass http://127.0.0.1:\@port\@/\n</Location>",
        location => 'ProxyPass "!"',
        also     => [[undef, GET => '/', 200, like => $SITE]],
    },
    {
        name => 'proxy-encoded',
        @PROXY,
        about  => 'ProxyPass / mapping=encoded',
        before => 'ProxyPass / http://127.0.0.1:@port@/ mapping=encoded',
        @TAKEN,
    },
    {
        name => 'proxy-encoded-but',
        @PROXY,
        about  => 'ProxyPass / mapping=encoded for all but the root',
        before => "ProxyPass /beta ! mapping=encoded\n"
            . 'ProxyPass / http://127.0.0.1:@port@/ mapping=encoded',
        also => [[undef, GET => '/', 200, like => $SITE]],
    },
    {
        name    => 'php-fpm',
        modules => ['proxy_fcgi'],
        about   => 'FastCGI for .php; nothing listens there',
        before  => <<'END',
<FilesMatch "\.(html|php)$">
    SetHandler "proxy:fcgi://127.0.0.1:1"
</FilesMatch>
ProxyPassMatch ^/beta/.*\.php5$ fcgi://127.0.0.1:1
<LocationMatch "\.phar$">
    SetHandler "proxy:fcgi://127.0.0.1:1"
</LocationMatch>
END
        logs => ['IU0097', 'IU0095'],
        also => [
            [   writer => POST => '@set@',
                201, body => $BODY =~ s/\{/{"id":"first.php",/r
            ],
            [writer => GET => '@set@/first.php',  200],
            [writer => GET => '@set@/first.php5', 503, number => 'IU0097'],
            # There is no file name to pass to the FastCGI server.
            [writer => GET => '@set@/first.phar', 500, number => 'IU0095'],
            [undef, GET => '@set@/first.phar', 401, number => 'IU0082'],
        ],
    },
    {
        name => 'proxy-part',
        @PROXY,
        about  => 'ProxyPass for a part of the root',
        before => <<'END',
ProxyPass /beta/beside http://127.0.0.1:@port@
ProxyPassMatch ^/beta/invitations/away/(.*)$ http://127.0.0.1:@port@/$1
ProxyPass /beta/dead http://127.0.0.1:1
END
        logs => ['IU0097'],
        also => [
            [writer => GET => '/beta/beside/', 200, like => $SITE],
            [writer => GET => used('away'), 404, plain => 'from the backend'],
            [undef, GET => used('away'), 401, number => 'IU0082'],
            [writer => GET => '/beta/dead/', 503, number => 'IU0097'],
        ],
    },
    {
        name => 'proxy-error-override',
        @PROXY,
        about => 'ProxyErrorOverride: errors of the backend have the '
            . 'contract\'s format',
        before => "ProxyPass / http://127.0.0.1:\@port\@/\n"
            . 'ProxyErrorOverride On',
        alone => 'everything is proxied',
        also  => [
            [writer => GET => used('x'), 404, number => 'IU0084'],
            post(writer => used('x'), 404, number => 'IU0084'),
        ],
    },
    {
        name => 'proxy-forward',
        @PROXY,
        about  => 'ProxyRequests On: absolute targets of this host are local',
        before => "ServerName \@name\@.example:\@port\@\nProxyRequests On",
        also   => [
            [   writer => GET =>
                    'http://@name@.example:@port@/beta/invitations/@name@/invitedUser/insights/used',
                200, like => qr/"value"/
            ],
        ],
    },
);
