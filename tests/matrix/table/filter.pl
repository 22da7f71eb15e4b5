# SPDX-License-Identifier: Apache-2.0
# Modules that change, store or delay the bytes of requests and responses, and
# settings of the connection.
use Matrix::Table qw($BODY post used);
use Compress::Zlib ();

my $CACHE = <<'END';
CacheEnable disk /
CacheIgnoreCacheControl On
CacheStoreNoStore On
CacheStorePrivate On
CacheIgnoreNoLastMod On
CacheDefaultExpire 3600
CacheHeader On
END

(   {
        name    => 'others',
        about   => 'modules that only observe',
        modules => [
            qw(unique_id usertrack log_debug log_forensic request session_cookie
                data cern_meta xml2enc sed ext_filter dbd ident)
        ],
        location => <<'END',
    CookieTracking On
    KeptBodySize 100000
    Session On
    SessionCookieName matrix path=/
    MetaFiles On
    LogMessage "looked on" hook=all
END
    },
    {
        name    => 'dav-over',
        about   => 'WebDAV in <Location "/">',
        modules => ['dav_fs'],
        before  => '<Location "/">' . "\nDav On\n</Location>",
        alone   => 'it handles all methods but GET, HEAD and POST',
        also    => [
            [   writer => POST => '@set@',
                201, body => $BODY =~ s/\{/{"id":"1",/r
            ],
            [writer => GET    => '@set@/1', 200],
            [guest  => GET    => '@set@/1', 403, number => 'IU0013'],
            [undef,  GET    => '@set@/1', 401, number => 'IU0082'],
            [guest  => DELETE => '@set@/1', 404, number => 'IU0084'],
            [writer => DELETE => '@set@/1', 404, number => 'IU0084'],
            [writer => PATCH  => '@set@/1', 405, body => '{}',
                number => 'IU0085'],
            [writer => PUT => '@set@/1', 409, body => '{}',
                number => 'IU0094'],
            [undef, DELETE => '@set@/1', 401, number => 'IU0082'],
        ],
    },
    {
        name    => 'dav-directory',
        about   => 'WebDAV for a folder',
        modules => ['dav_fs'],
        before  => '<Directory "@www@">' . "\nDav On\n</Directory>",
        files   => {'beta/beside.txt' => "beside\n"},
        also    => [
            [   undef, PROPFIND => '/',
                207, headers => ['Depth: 0'], like => qr/multistatus/
            ],
            [   writer => PROPFIND => '/beta/beside.txt',
                207, headers => ['Depth: 0'], like => qr/multistatus/
            ],
            [writer => PROPFIND => '/beta', 405, number => 'IU0002'],
            [writer => MKCOL => '@set@/1', 405, number => 'IU0002'],
        ],
    },
    {
        name    => 'substitute',
        about   => 'mod_substitute and mod_charset_lite change responses',
        modules => [qw(substitute filter charset_lite)],
        before  => "CharsetSourceEnc UTF-8\nCharsetDefault UTF-8",
        location => "AddOutputFilterByType SUBSTITUTE application/json\n"
            . 'Substitute s/usedInsight/changed/n',
        also => [
            [writer => GET => '@set@', 200, like => qr/"#microsoft.graph.changed"/],
        ],
    },
    {
        name    => 'cache',
        about   => 'mod_cache configured to ignore no-store',
        modules => ['cache_disk'],
        before  => $CACHE,
    },
    {
        name    => 'cache-anonymous',
        about   => 'mod_cache with anonymous access',
        modules => ['cache_disk'],
        before  => "CacheEnable disk /\nCacheIgnoreCacheControl On\n"
            . "CacheIgnoreNoLastMod On\nCacheDefaultExpire 3600",
        root  => '<Location "/beta">'
            . "\nInsightsUsed On\nInsightsUsedAnonymous On\n</Location>",
        alone => 'no access control',
        also  => [
            [undef, GET  => '@set@/1',      404, number => 'IU0051'],
            [undef, GET  => '@set@/$count', 200, like   => qr/\A0\z/],
            [undef, POST => '@set@', 201, body => $BODY =~ s/\{/{"id":"1",/r],
            [undef, GET  => '@set@/$count', 200, like   => qr/\A1\z/],
            [undef, GET  => '@set@/1',      200],
            [undef, DELETE => '@set@/1',    204],
            [undef, GET  => '@set@/1',      404, number => 'IU0051'],
            [undef, GET  => '@set@',        200, like   => qr/"value":\[\]/],
        ],
    },
    {
        name    => 'cache-late',
        about   => 'mod_cache with CacheQuickHandler Off',
        modules => ['cache_disk'],
        before  => "CacheQuickHandler Off\n$CACHE",
    },
    {
        name     => 'buffer',
        about    => 'mod_buffer in both directions',
        modules  => ['buffer'],
        location => "SetInputFilter BUFFER\nSetOutputFilter BUFFER\n"
            . 'BufferSize 100',
    },
    {
        name     => 'ratelimit',
        about    => 'mod_ratelimit',
        modules  => ['ratelimit', 'env'],
        location => "SetOutputFilter RATE_LIMIT\nSetEnv rate-limit 1000",
    },
    {
        name     => 'deflate',
        about    => 'mod_deflate in both directions',
        modules  => ['deflate'],
        headers  => ['Accept-Encoding: gzip'],
        location => "SetInputFilter DEFLATE\nSetOutputFilter DEFLATE",
        also     => [
            [   writer => POST => '@set@',
                201,
                body    => Compress::Zlib::memGzip($BODY),
                headers => ['Content-Encoding: gzip'],
                field   => {'Content-Encoding' => qr/\Agzip\z/}
            ],
            post(writer => '@set@', 415,
                number => 'IU0021', headers => ['Content-Encoding: br']),
            [   writer => GET => '/beta/$metadata',
                200, field => {'Content-Encoding' => qr/\Agzip\z/}
            ],
        ],
    },
    {
        name    => 'deflate-default',
        about   => 'mod_deflate as configured by Debian',
        modules => ['deflate'],
        headers => ['Accept-Encoding: gzip'],
        also    => [
            [   writer => GET => '@set@',
                200, field => {'Content-Encoding' => undef}
            ],
        ],
    },
    {
        name     => 'brotli',
        about    => 'mod_brotli',
        modules  => ['brotli'],
        client   => 'brotli',
        location => 'SetOutputFilter BROTLI_COMPRESS',
        also     => [
            [   writer => GET => '@set@',
                200, field => {'Content-Encoding' => qr/\Abr\z/}
            ],
        ],
    },
    {
        name     => 'dumpio',
        about    => 'mod_dumpio in both directions',
        modules  => ['dump_io'],
        own_port => 1,
        before   => "DumpIOInput On\nDumpIOOutput On\nLogLevel dumpio:trace7",
    },
    {
        name     => 'headers',
        about    => 'mod_headers and mod_expires',
        modules  => ['headers', 'expires'],
        location => <<'END',
    Header always set X-Frame-Options DENY
    Header always set Strict-Transport-Security "max-age=1"
    Header set X-Only-Success 1
    RequestHeader set X-Forwarded-Proto https
    RequestHeader unset Proxy early
    ExpiresActive On
    ExpiresDefault "access plus 1 hour"
END
        also => [
            [   writer => GET => '@set@',
                200,
                field => {
                    'X-Frame-Options' => qr/\ADENY\z/,
                    'X-Only-Success'  => qr/\A1\z/,
                    'Cache-Control'   => qr/\bno-store\b/
                }
            ],
            [   writer => GET => '/beta/nothing',
                404,
                field => {
                    'X-Frame-Options' => qr/\ADENY\z/,
                    'X-Only-Success'  => undef
                }
            ],
        ],
    },
    {
        name    => 'mime',
        about   => 'mod_mime with suffixes of keys',
        modules => ['mime_magic', 'include', 'cgid'],
        before  => <<'END',
AddHandler cgi-script .html .example
AddType application/x-httpd-php .html
AddEncoding x-gzip .html
AddLanguage de .html
AddCharset ISO-8859-2 .html
AddOutputFilter INCLUDES .html
AddInputFilter DEFLATE .html
<Location "/">
    ModMimeUsePathInfo On
    Options +ExecCGI +Includes
</Location>
END
        also => [
            [   writer => POST => '@set@',
                201,
                body  => $BODY =~ s/\{/{"id":"second.html",/r,
                field => {
                    'Content-Encoding' => undef,
                    'Content-Language' => undef,
                    'Content-Type'     => qr/\Aapplication\/json;.*=utf-8\z/
                }
            ],
            [   writer => GET => '@set@/second.html',
                200,
                field => {
                    'Content-Encoding' => undef,
                    'Content-Language' => undef,
                    'Content-Type'     => qr/\Aapplication\/json;.*=utf-8\z/
                }
            ],
        ],
    },
    {
        name    => 'include',
        about   => 'a page that includes a resource of the root',
        modules => ['include'],
        before  => <<'END',
<Directory "@www@">
    Options +Includes
    XBitHack On
</Directory>
END
        files => {
            'page.shtml' => "begin\n<!--#include virtual=\""
                . used('@name@') . "\" -->\nend\n",
        },
        also => [
            [undef, GET => '/page.shtml', 200, like => qr/\Abegin\n\[an err/],
            [guest => GET => '/page.shtml', 200, like => qr/\Abegin\n\[an err/],
            [   writer => GET => '/page.shtml',
                200, like => qr/\Abegin\n\{.*"value":\[.*\}\s+end$/s
            ],
        ],
    },
    {
        name    => 'remoteip',
        about   => 'mod_remoteip and Require ip',
        modules => ['remoteip'],
        headers => ['X-Forwarded-For: 10.1.2.3'],
        before  => "RemoteIPHeader X-Forwarded-For\n"
            . 'RemoteIPInternalProxy 127.0.0.1',
        after => '<Location "/beta/invitations/near">'
            . "\nAuthMerging And\nRequire ip 127.0.0.1\n</Location>\n"
            . '<Location "/beta/invitations/far">'
            . "\nAuthMerging And\nRequire ip 10.0.0.0/8\n</Location>",
        also => [
            [writer => GET => used('near'), 403, number => 'IU0083'],
            post(writer => used('near'), 403, number => 'IU0083'),
            [writer => GET => used('far'), 200],
        ],
    },
    {
        name   => 'setenvif',
        about  => 'environment variables that change responses of httpd',
        before => <<'END',
SetEnvIf Request_URI "^/beta" nokeepalive downgrade-1.0 force-response-1.0
SetEnvIf Request_URI "^/beta" no-gzip proxy-sendcl redirect-carefully
SetEnvIf Request_URI "^/beta" INSIGHTS_USED_ID=x INSIGHTS_USED_INVITATION=x
END
    },
    {
        name     => 'reqtimeout',
        about    => 'mod_reqtimeout',
        own_port => 1,
        before   => 'RequestReadTimeout header=1 body=1',
        also     => [
            [   writer => POST => '@set@',
                408,
                number  => 'IU0031',
                headers => ['Content-Type: application/json',
                    'Content-Length: 10']
            ],
        ],
    },
    {
        name    => 'tls',
        about   => 'mod_ssl',
        modules => ['ssl'],
        client  => 'tls',
        location => "SSLRequireSSL\nSSLOptions +StdEnvVars +StrictRequire",
    },
    {
        name    => 'http2',
        about   => 'mod_ssl and mod_http2',
        modules => ['ssl', 'http2'],
        client  => 'h2',
        mpm     => 'event',
        before  => 'Protocols h2 http/1.1',
    },
    {
        name     => 'no-tls',
        about    => 'SSLRequireSSL without TLS',
        modules  => ['ssl'],
        location => 'SSLRequireSSL',
        alone    => 'everything is refused',
        also     => [
            [undef, GET => used('x'), 403, number => 'IU0083'],
            [writer => GET => used('x'), 403, number => 'IU0083'],
            post(writer => used('x'), 403, number => 'IU0083'),
        ],
    },
    {
        name    => 'status-beside',
        about   => 'mod_status and mod_info outside the root and in it',
        modules => ['status', 'info'],
        after   => <<'END',
<Location "/beta/status">
    SetHandler server-status
</Location>
<Location "/beta/info">
    SetHandler server-info
</Location>
END
        also => [
            [undef, GET => '/server-status', 200, like => qr/Server Status/],
            [undef, GET => '/server-info', 200, like => qr/insights_used/],
            [undef, GET => '/beta/status', 401, number => 'IU0082'],
            [guest => GET => '/beta/status', 200, like => qr/Server Status/],
            [guest => GET => '/beta/info', 200, like => qr/insights_used/],
        ],
    },
);
