# SPDX-License-Identifier: Apache-2.0
# The handlers for monitoring, beside a root and below it. What answers unknown
# paths does not get their requests.
my @PROBES = (
    [ready   => qr/\A\{"status":"ready"\}\z/],
    [live    => qr/\A\{"status":"live"\}\z/],
    [metrics => qr/^insights_used_requests_total\{/m],
);
my $HANDLERS = join "\n", map {
    my $name = $_->[0];
    map {"<Location \"$_/iu-$name\">\nSetHandler insights-used-$name\n</Location>"}
        '', '/beta'
} @PROBES;
my @ANSWERS = map {
    my ($name, $like) = @$_;
    (   [undef,  GET  => "/iu-$name",      200, like => $like],
        [writer => GET  => "/beta/iu-$name", 200, like => $like],
        [undef,  HEAD => "/iu-$name",      200],
        [undef,  POST => "/iu-$name",      405],
        )
} @PROBES;
my $FRONT = [200, 'the fallback answers', like => qr/\Afront$/];

(   {
        name  => 'monitoring',
        about => 'probes and metrics',
        after => $HANDLERS,
        also  => \@ANSWERS,
    },
    {
        name   => 'monitoring-fallback',
        about  => 'probes and metrics with FallbackResource',
        before => 'FallbackResource /index.html',
        after  => $HANDLERS,
        files  => {'index.html' => "front\n"},
        but    => {unknown      => $FRONT},
        also   => \@ANSWERS,
    },
);
