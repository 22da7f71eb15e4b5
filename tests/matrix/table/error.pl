# SPDX-License-Identifier: Apache-2.0
# All kinds of ErrorDocument, for errors under the root and pointing into it.
use Matrix::Table qw($BODY post);

my $DOCUMENTS = <<'END';
ErrorDocument 400 "malformed"
ErrorDocument 401 /error.html
ErrorDocument 403 /error.html
ErrorDocument 404 https://example.net/lost
ErrorDocument 405 /scripts/error
ErrorDocument 409 "it is there"
ErrorDocument 413 /beta/$metadata
ErrorDocument 415 /beta/$metadata
ErrorDocument 500 /beta/openapi.json
END
my %FILES = (
    'error.html' => "an error\n",
    'scripts/error' =>
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nan error\\n'\n",
);
my $SCRIPTS = "ScriptAlias /scripts/ \"\@www\@/scripts/\"\n";
my @LARGE   = (
    writer => POST => '@set@',
    413, body => $BODY . ' ' x 2000
);

(   {
        name    => 'error-document',
        about   => 'ErrorDocuments of the virtual host',
        modules => ['cgid'],
        before  => "$SCRIPTS$DOCUMENTS",
        location => 'LimitRequestBody 2000',
        files   => \%FILES,
        also    => [
            \@LARGE,
            [undef, GET => '/nowhere', 302,
                field => {Location => qr{\Ahttps://example\.net/lost}}],
        ],
    },
    {
        name     => 'error-document-location',
        about    => 'ErrorDocuments of the Location',
        modules  => ['cgid'],
        before   => $SCRIPTS,
        location => "$DOCUMENTS\nLimitRequestBody 2000",
        files    => \%FILES,
        also     => [\@LARGE],
    },
    {
        name  => 'error-early',
        about => 'requests that fail before httpd selects a virtual host',
        alone => 'no request gets that far',
        also  => [
            [undef, GET => '@set@?x=' . 'x' x 9000, 414, number => 'IU0089'],
            map { [undef, GET => '@set@', 400, headers => $_,
                    number => 'IU0080'] } (
                ['no field at all'],
                ['X: ' . 'x' x 9000],
                [map {"X$_: x"} 1 .. 120],
                ['Content-Length: x'],
                ['Transfer-Encoding: x'],
                )
        ],
    },
    {
        name   => 'error-document-in',
        about  => 'an ErrorDocument outside the root points into it',
        before => 'ErrorDocument 404 /beta/$metadata',
        also   => [
            [undef, GET => '/nowhere', 404, like => qr/\A(?!.*edmx:)/s],
            [guest  => GET => '/nowhere', 404, like => qr/\A(?!.*edmx:)/s],
            [writer => GET => '/nowhere', 404, like => qr/edmx:/],
            post(writer => '/nowhere', 404, like => qr/edmx:/),
        ],
    },
    {
        name   => 'error-document-create',
        about  => 'an ErrorDocument for a POST points to a collection',
        before => 'ErrorDocument 404 '
            . '/beta/invitations/@name@/invitedUser/insights/used',
        also => [
            post(undef, '/nowhere', 404, like => qr/\A(?!.*"value")/s),
            post(guest => '/nowhere', 404, like => qr/\A(?!.*"value")/s),
            post(writer => '/nowhere', 404, like => qr/"value":/),
        ],
    },
);
