# SPDX-License-Identifier: Apache-2.0
# Readiness: while the disk is full or the database read-only, the server is not
# ready, and it is ready again when the cause is gone, although no client sends
# anything meanwhile, as behind a balancer. Liveness does not change.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::Trial;
use InsightsUsed::Connection;
use Test::More;

mount_privately();

my $trial = Faults::Trial->new(
    'ready',
    configuration => [
        map {qq{<Location "/$_">\nSetHandler insights-used-$_\n</Location>}}
            qw(ready live)
    ]
);
my ($httpd, $store) = ($trial->httpd, $trial->store);

sub probe {
    my ($path) = @_;
    my $connection = InsightsUsed::Connection->new($httpd->address);
    $connection->send("GET $path HTTP/1.1\r\nHost: "
            . $httpd->address
            . "\r\nConnection: close\r\n\r\n");
    return $connection->response('GET');
}

# Each of some probes in a row, which go to all children.
sub all_are {
    my ($name, $pattern) = @_;
    my $last;
    ok wait_for(
        sub {
            for (1 .. 12) {
                $last = probe('/ready');
                my $said = $last->status . $last->body;
                return 0 if $said !~ $pattern;
            }
            return 1;
        },
        20
    ), $name or diag $last->status, ' ', $last->body;
    is probe('/live')->status, 200, "$name: it lives";
    return;
}

$store->make_small(64);
$trial->start(0);
all_are('at first', qr/^200/);
for my $round (1 .. many(4, 1)) {
    $trial->cause(
        'full disk',
        sub {
            $store->fill_disk;
            # The log of SQLite may have room for some more commits.
            $trial->meets('IU0062', "disk $round is full");
        }
    );
    all_are("disk $round is full", qr/^503.*"IU0062"/s);
    $store->free_disk;
    all_are("space again $round", qr/^200/);
    $trial->cause(
        'file read-only',
        sub {
            chmod 0400, $store->path or die $!;
            $httpd->reload;
            $trial->meets('IU0063', "read-only $round");
        }
    );
    all_are("read-only $round", qr/^503.*"IU006[13]"/s);
    chmod 0600, glob $store->path . '*' or die $!;
    all_are("writable again $round", qr/^200/);
    $trial->recovers("writable again $round");
}
$trial->finish(
    expect => [qw(IU0060 IU0061 IU0062 IU0063 IU0067 IU0101 IU0148 IU0150)]);
