# SPDX-License-Identifier: Apache-2.0
# mod_alias, mod_userdir, mod_vhost_alias, mod_actions and CGI scripts.
use Matrix::Table qw(post used);

my $SCRIPT
    = "#!/bin/sh\ncat >/dev/null\nprintf 'Content-Type: text/plain\\n\\nscript\\n'\n";
my $CGI    = qr/\Ascript$/;

my $IN_TURN = 'beta/invitations/@name@/invitedUser/insights/used';

(   {
        name   => 'alias-over',
        about  => 'an Alias for the path of the root',
        before => 'Alias /beta "@www@/other"',
        files  => {
            'other/beside.txt'                       => "beside\n",
            'other/$metadata'                        => "of the metadata\n",
            ($IN_TURN =~ s/^beta/other/r) . '/first.html' => "record\n",
        },
        also => [[writer => GET => '/beta/beside.txt', 200, like => qr/^beside$/]],
    },
    {
        name   => 'alias-match-over',
        about  => 'an AliasMatch for everything below the root',
        before => 'AliasMatch "^/beta/(.*)$" "@www@/other/$1"',
        files  => {'other/beside.txt' => "beside\n"},
        also => [[writer => GET => '/beta/beside.txt', 200, like => qr/^beside$/]],
    },
    {
        name   => 'alias-location',
        about  => 'an Alias in the Location itself',
        location => 'Alias "@www@/other"',
        files  => {'other' => "the alias\n"},
        but => {unknown => [200, 'the alias is a file', like => qr/^the alias$/]},
    },
    {
        name    => 'script-alias-over',
        about   => 'a ScriptAlias for everything',
        modules => ['cgid'],
        before  => 'ScriptAlias / "@www@/app/"',
        files   => {'app/beside' => $SCRIPT, 'app/beta/beside' => $SCRIPT},
        also    => [
            [undef,  GET => '/beside',      200, like   => $CGI],
            [writer => GET => '/beta/beside', 200, like   => $CGI],
            [undef,  GET => '/beta/beside', 401, number => 'IU0082'],
        ],
    },
    {
        name    => 'script-alias-one',
        about   => 'one script for everything',
        modules => ['cgid'],
        before  => 'ScriptAlias / "@www@/app/"' =~ s{app/}{app.cgi/}r,
        files   => {'app.cgi' => $SCRIPT},
        but     => {unknown => [200, 'the script answers', like => $CGI]},
        also    => [
            [undef,  POST => '/elsewhere', 200, body => '{}', like => $CGI],
            [writer => POST => '/beta/else', 200, body => '{}', like => $CGI],
        ],
    },
    {
        name   => 'redirect',
        about  => 'Redirect and RedirectMatch',
        before => <<'END',
Redirect permanent /beta/invitations/old https://example.net/
RedirectMatch 410 ^/beta/invitations/gone/
RedirectMatch 403 ^/beta/invitations/blocked/
Redirect 503 /beta/invitations/busy
END
        logs => ['IU0097'],
        also => [
            map {
                my $user = $_;
                map {
                    (   [$user, GET => used($_->[0]), @$_[1 .. $#$_]],
                        post($user, used($_->[0]), @$_[1 .. $#$_]),
                        [   $user, DELETE => used($_->[0]) . '/1',
                            @$_[1 .. $#$_]
                        ],
                        )
                    } (
                    [   old   => 301,
                        field => {Location => qr{\Ahttps://example\.net/}}
                    ],
                    [gone    => 410, number => 'IU0094'],
                    [blocked => 403, number => 'IU0083'],
                    [busy    => 503, number => 'IU0097'],
                    )
            } undef,
            'guest',
            'writer'
        ],
    },
    {
        name   => 'redirect-location',
        about  => 'Redirect in a Location inside the root',
        after => <<'END',
<Location "/beta/invitations/local">
    Redirect 303 https://example.net/local
</Location>
END
        also => [
            map {
                [   writer => @$_, 303,
                    field => {Location => qr{\Ahttps://example\.net/local}}
                ]
            } [GET => used('local')],
            [POST   => used('local')],
            [DELETE => used('local') . '/1']
        ],
    },
    {
        name   => 'redirect-all',
        about  => 'Redirect of the whole host',
        before => 'Redirect permanent / https://example.net/',
        alone  => 'everything is redirected',
        also   => [
            map {
                my $user = $_;
                map { [$user, @$_, 301] }[GET => '/beta'],
                    [GET => used('x')],
                    [GET => '/beta/$metadata']
            } undef,
            'writer'
        ],
    },
    {
        name    => 'userdir',
        about   => 'a root at the path of a user\'s files',
        modules => ['userdir'],
        path    => '/~root/beta',
        before  => 'UserDir "@www@/users"' . "\nUserDir enabled root",
        files   => {
            'users/root/beta/beside.txt' => "beside\n",
            'users/root/beta/openapi.json' => "a file\n",
        },
        also => [
            [writer => GET => '/~root/beta/beside.txt', 200, like => qr/beside/],
        ],
    },
    {
        name    => 'vhost-alias',
        about   => 'VirtualDocumentRoot',
        modules => ['vhost_alias'],
        before  => 'VirtualDocumentRoot "@www@/%0"',
        files   => {
            '@name@.example/beta/beside.txt'   => "beside\n",
            '@name@.example/beta/openapi.json' => "a file\n",
        },
        also => [[writer => GET => '/beta/beside.txt', 200, like => qr/beside/]],
    },
    {
        name    => 'actions',
        about   => 'Action and Script for our type, handler and methods',
        modules => ['actions', 'cgid'],
        before  => <<'END',
ScriptAlias /scripts/ "@www@/scripts/"
Action application/json /scripts/action
Action insights-used /scripts/action
Script PUT /scripts/action
Script POST /scripts/action
Script PATCH /scripts/action
Script DELETE /scripts/action
END
        files => {'scripts/action' => $SCRIPT},
        also => [[undef, GET => '/scripts/action', 200, like => $CGI]],
    },
    {
        name    => 'actions-in',
        about   => 'an Action redirects into the root',
        modules => ['actions'],
        before  => <<'END',
Action into-root /beta/invitations virtual
<Location "/@name@-in">
    SetHandler into-root
    Require all granted
</Location>
END
        also => [
            map {
                my ($user, $status, @more) = @$_;
                post($user, '/@name@-in/invitedUser/insights/used', $status, @more)
            } (
                [undef,  401, number => 'IU0082'],
                [guest  => 403, number => 'IU0013'],
                [writer => 201],
                )
        ],
    },
    {
        name    => 'cgi-in',
        about   => 'a script redirects into the root',
        modules => ['cgid'],
        before  => 'ScriptAlias /scripts/ "@www@/scripts/"',
        files   => {
            'scripts/in' => "#!/bin/sh\nprintf 'Location: /beta/\$metadata\\n\\n'\n",
        },
        also => [
            map {
                my $method = $_;
                (   [undef, $method, '/scripts/in', 401, number => 'IU0082'],
                    [guest  => $method, '/scripts/in', 403, number => 'IU0013'],
                    [writer => $method, '/scripts/in', 200, like => qr/edmx:/],
                    )
            } 'GET', 'POST'
        ],
    },
);
