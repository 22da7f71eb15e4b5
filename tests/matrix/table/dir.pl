# SPDX-License-Identifier: Apache-2.0
# Modules that look for files: mod_dir, mod_autoindex, mod_negotiation,
# mod_speling.
my $FRONT = [200, 'the fallback answers', like => qr/\Afront$/];
my $BELOW = 'beta/invitations/@name@/invitedUser/insights/used';

(   {
        # Modules of other lines change whether httpd checks access again after
        # an internal redirect (with mod_allowmethods always). This server has
        # only the default modules and those that its lines need.
        name   => 'plain',
        server => 'few',
        about => 'Debian\'s defaults and a root; a key that <Files> would deny',
        also  => [
            [   writer => POST => '@set@',
                201, body => '{"id":".htpasswd","lastUsed":{},'
                    . '"resourceVisualization":{},"resourceReference":{}}'
            ],
            [writer => GET    => '@set@/.htpasswd', 200],
            [writer => DELETE => '@set@/.htpasswd', 204],
            [writer => TRACE  => '@set@', 405],
        ],
    },
    {
        name   => 'slashes',
        about  => 'AllowEncodedSlashes Off',
        before => 'AllowEncodedSlashes Off',
        but    => {
            slash  => [404, 'httpd refuses it', number => 'IU0084'],
            quoted => [404, 'httpd refuses it', number => 'IU0084'],
        },
    },
    {
        name  => 'plain-host',
        about => 'a root for the whole host, and mod_status',
        path  => '',
        after => '<Location "/server-status">'
            . "\nSetHandler server-status\nRequire local\n</Location>",
        also => [
            [undef, GET => '/server-status', 200, like => qr/Server Status/],
        ],
    },
    {
        name   => 'dir-fallback',
        server => 'few',
        about  => 'FallbackResource of the virtual host',
        before => 'FallbackResource /index.html',
        files  => {'index.html' => "front\n"},
        but    => {unknown      => $FRONT},
        also   => [[undef, GET => '/elsewhere', 200, like => qr/\Afront$/]],
    },
    {
        name     => 'dir-fallback-location',
        about    => 'FallbackResource of the Location',
        location => 'FallbackResource /index.html',
        files    => {'index.html' => "front\n"},
        but      => {unknown      => $FRONT},
    },
    {
        name   => 'dir-fallback-in',
        about  => 'FallbackResource needs a file, not a resource of the root',
        before => 'FallbackResource /beta/$metadata',
        also   => [
            [undef,  GET => '/elsewhere', 401],
            [guest  => GET => '/elsewhere', 404],
            [writer => GET => '/elsewhere', 404],
        ],
    },
    {
        name  => 'dir-index',
        about => 'folders and files at the paths of our resources',
        files => {
            'beta/index.html'          => "of the root\n",
            "$BELOW/index.html"        => "of the set\n",
            "$BELOW/first.html"        => "of the record\n",
            "$BELOW/first.html.gz"     => "of the record\n",
            'beta/$metadata'           => "of the metadata\n",
            'beta/beside/index.html'   => "beside\n",
        },
        also => [
            [writer => GET => '/beta/', 200, like => qr/\@odata\.context/],
            [   writer => GET => '/beta/beside',
                301, field => {Location => qr{/beta/beside/\z}}
            ],
            [writer => GET => '/beta/beside/', 200, like => qr/\Abeside$/],
            [guest  => GET => '/beta/beside/', 200, like => qr/\Abeside$/],
            [undef, GET => '/beta/beside/', 401, number => 'IU0082'],
        ],
    },
    {
        name   => 'dir-index-in',
        about  => 'DirectoryIndex needs a file, not a resource of the root',
        before => 'DirectoryIndex /beta/$metadata',
        files  => {'folder/none' => ''},
        also   => [
            [undef, GET => '/folder/', 401],
            [guest  => GET => '/folder/', 200, like => qr/Index of/],
            [writer => GET => '/folder/', 200, like => qr/Index of/],
        ],
    },
    {
        name   => 'dir-check-handler',
        about  => 'DirectoryCheckHandler On, DirectorySlash Off, a redirect',
        before => "DirectoryCheckHandler On\nDirectorySlash Off\n"
            . 'DirectoryIndexRedirect permanent',
        files => {"$BELOW/index.html" => "of the set\n"},
    },
    {
        name    => 'autoindex',
        about   => 'Options +Indexes',
        modules => ['autoindex'],
        before  => '<Directory "@www@">' . "\nOptions +Indexes\n</Directory>",
        files => {"$BELOW/file.txt" => "text\n", 'beta/beside/a.txt' => "text\n"},
        also  => [
            [writer => GET => '/beta/',        200, like => qr/\@odata/],
            [writer => GET => '/beta/beside/', 200, like => qr/Index of/],
        ],
    },
    {
        name    => 'multiviews',
        about   => 'MultiViews with matching files',
        modules => ['negotiation'],
        before  => '<Location "/">' . "\nOptions +MultiViews\n</Location>",
        files   => {
            'beta.html'                     => "beta\n",
            'beta/invitations.html'         => "invitations\n",
            'beta/openapi.json.en'          => "openapi\n",
            "$BELOW.html"                   => "set\n",
            "$BELOW/first.html.en"          => "record\n",
            'beta/beside.html'              => "beside\n",
        },
        also => [[writer => GET => '/beta/beside', 200, like => qr/\Abeside$/]],
    },
    {
        name    => 'type-map',
        about   => 'a key with the suffix of a type map',
        modules => ['negotiation'],
        files   => {"$BELOW/first.var" => "URI: first.html\n"},
        also    => [
            [   writer => POST => '@set@',
                201, body => '{"id":"first.var","lastUsed":{},'
                    . '"resourceVisualization":{},"resourceReference":{}}'
            ],
            [writer => GET    => '@set@/first.var', 200, like => qr/first.var/],
            [guest  => GET    => '@set@/first.var', 403, number => 'IU0013'],
            [writer => DELETE => '@set@/first.var', 204],
        ],
    },
    {
        name    => 'speling',
        about   => 'CheckSpelling with similarly named files',
        modules => ['speling'],
        before  => 'CheckSpelling On',
        files   => {
            'bta/file'               => "file\n",
            'beta/$metadat'          => "metadata\n",
            'beta/openapi.jso'       => "openapi\n",
            "$BELOW/first.htm"       => "record\n",
            'beta/beside.txt'        => "beside\n",
        },
        also => [
            [   writer => GET => '/beta/besides.txt',
                301, field => {Location => qr{/beta/beside\.txt\z}}
            ],
        ],
    },
);
