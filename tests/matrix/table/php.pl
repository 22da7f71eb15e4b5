# SPDX-License-Identifier: Apache-2.0
# Debian's mod_php with its own configuration: keys with the suffix of a script
# are keys.
use Matrix::Table qw($BODY);

my ($PHP) = map { m{([^/]+)\.load\z} }
    glob '/etc/apache2/mods-available/php*.load';

my %PHP = (
    modules => [$PHP // die "no mod_php\n"],
    server  => 'php',
    mpm     => 'prefork',
    files   => {
        'index.php' => "<?php echo 'front ' . \$_SERVER['REQUEST_URI'];\n",
        'beta/index.php'   => "<?php echo 'in beta';\n",
        'beta/nothing.php' => "<?php echo 'a script';\n",
    },
    also => [
        keys_of_scripts(),
        [undef, GET => '/index.php', 200, like => qr{\Afront /index.php}],
    ],
);

sub keys_of_scripts {
    return map {
        my $key = $_;
        my $id  = $key =~ s/%2F/\//r;
        (   [   writer => PATCH => "\@set\@/$key", 201,
                body    => $BODY,
                headers => ['If-None-Match: *']
            ],
            [writer => GET => "\@set\@/$key", 200, like => qr/"id":"\Q$id\E"/],
            [   writer => GET => "\@set\@('$key')",
                200, like => qr/"id":"\Q$id\E"/
            ],
            [writer => GET => "\@set\@/$key/resource", 204],
            [undef, GET => "\@set\@/$key", 401, number => 'IU0082'],
            [writer => DELETE => "\@set\@/$key", 204],
        )
    } qw(a.php .php a.phps a.phtml index.php a.php%2Fb);
}

(   {   %PHP,
        name  => 'php',
        about => 'mod_php',
    },
    {   %PHP,
        name   => 'php-fallback',
        about  => 'mod_php, and a front controller by FallbackResource',
        before => 'FallbackResource /index.php',
        but    => {unknown => [200, 'the front answers', like => qr{\Afront }]},
    },
    {   %PHP,
        name   => 'php-rewrite',
        about  => 'mod_php, and a front controller by mod_rewrite',
        modules => [$PHP, 'rewrite'],
        before => <<'END',
<Directory "@www@">
    RewriteEngine On
    RewriteCond %{REQUEST_FILENAME} !-f
    RewriteRule . /index.php [L]
</Directory>
END
        but => {unknown => [200, 'the front answers', like => qr{\Afront }]},
    },
    {   %PHP,
        name     => 'php-off',
        about    => 'mod_php, switched off for the root',
        location => 'php_admin_flag engine Off',
    },
);
