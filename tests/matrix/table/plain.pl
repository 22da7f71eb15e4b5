# SPDX-License-Identifier: Apache-2.0
# What Debian's defaults alone make.
(   {
        name  => 'plain',
        about => 'nothing but the root',
    },
    {
        name   => 'dir-fallback',
        about  => 'FallbackResource of the virtual host',
        before => 'FallbackResource /index.html',
        files  => {'index.html' => "front\n"},
        but    => {
            unknown => [200, 'the fallback answers', like => qr/\Afront$/],
        },
    },
);
