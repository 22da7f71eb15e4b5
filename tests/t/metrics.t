# SPDX-License-Identifier: Apache-2.0
# The metrics page: its formats, and what it counts.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Batch;
use InsightsUsed::Metrics;
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use Time::HiRes qw(time);

my $driver   = $ENV{IU_DATABASE};
my $database = "$driver-0"; # that of the main server

# The formats
my $TEXT = 'text/plain; version=0.0.4; charset=utf-8';
my $OPEN = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
my $PROMETHEUS
    = 'application/openmetrics-text;version=1.0.0,'
    . 'application/openmetrics-text;version=0.0.1;q=0.75,'
    . 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
for my $path ('/metrics', '/beta/metrics') {
    my $page = call(GET => $path);
    is $page->status, 200, "$path: 200";
    is $page->field('Content-Type'),  $TEXT,      'text';
    is $page->field('Cache-Control'), 'no-store', 'not to be stored';
    like $page->field('Vary') // '', qr/\bAccept\b/, 'Vary';
    unlike $page->body, qr/# EOF/, 'without an end';
}
for my $accept (['*/*', $TEXT], ['application/json', $TEXT],
    ['text/plain;version=0.0.4', $TEXT], [$PROMETHEUS, $OPEN],
    ['application/openmetrics-text', $OPEN]) {
    my $page = call(GET => '/metrics', headers => ["Accept: $accept->[0]"]);
    is $page->field('Content-Type'), $accept->[1], "for $accept->[0]";
    like $page->body, qr/\n\z/, 'ends with a line end';
    my $open = $accept->[1] eq $OPEN;
    is $page->body =~ /^# EOF\n\z/m ? 1 : 0, $open ? 1 : 0, 'ends with EOF';
    my $suffix = $open ? '' : '_total';
    like $page->body, qr/^# HELP insights_used_requests$suffix .*\n# TYPE insights_used_requests$suffix counter\n/m, 'the type of a counter';
    like $page->body, qr/^insights_used_requests_total\{/m, 'its samples';
    # All samples of a metric come after its type, in one place.
    my (%seen, $family);
    for my $line (split /\n/, $page->body) {
        if ($line =~ /^# TYPE (\S+)/) {
            $family = $1;
            ok !$seen{$family}++, "$family is there once";
        } elsif ($line !~ /^#/) {
            $line =~ /^\Q$family\E(?:_total|_bucket|_count|_sum)?\{/
                or fail "$line: after $family";
        }
    }
}
my $head = call(HEAD => '/metrics');
is $head->status, 200, 'HEAD';
cmp_ok $head->field('Content-Length'), '>', 1000, 'its length';
for my $method (qw(POST PUT DELETE OPTIONS)) {
    is call($method => '/metrics')->status, 405, "$method: 405";
    my $refused = call($method => '/beta/metrics');
    refused("$method below a root", $refused, 'IU0085');
    like $refused->field('Allow') // '', qr/\bGET\b/, 'Allow';
}
is call(GET => '/denied-metrics')->status, 403, 'Require applies';

# Counting. A request is counted when its answer has been sent, so perhaps after
# the client has it.
my $inv = new_invitation();
my $set = set_of($inv);
create($inv, minimal(id => 'first')); # opens the connection

# Runs code, then waits until each of the metrics has grown by its number.
sub grows {
    my ($name, $code, @expected) = @_;
    my $before = metrics();
    $code->();
    my %got;
    my $grew = wait_for(
        sub {
            my $now = metrics();
            for my $expected (@expected) {
                my ($by, @metric) = @$expected;
                $got{"@metric"} = (sum_of($now, @metric, database => $database)
                        // 0)
                    - (sum_of($before, @metric, database => $database) // 0);
            }
            return !grep { $got{"@$_[1 .. $#$_]"} != $_->[0] } @expected;
        },
        5
    );
    ok $grew, $name or diag explain [\@expected, \%got];
    return;
}
my @POST_201 = (
    'requests_total', method => 'POST', resource => 'collection',
    status => '201'
);
grows(
    'a create',
    sub { created('a create', create($inv, minimal(id => 'second'))) },
    [1, @POST_201],
    [1, 'changes_total', change => 'create'],
    [0, 'changes_total', change => 'update'],
    [1, 'commit_records_count'],
    [1, 'commit_records_sum'],
    [1, 'commit_records_bucket', le => '1.0'],
    [1, 'commit_duration_seconds_count'],
    [1, 'write_wait_seconds_count'],
    [0, 'problems_total'],
    [0, 'writes_waiting'],
);
grows(
    'a create of what exists',
    sub { refused('twice', create($inv, minimal(id => 'second')), 'IU0050') },
    [1, 'requests_total', method => 'POST', resource => 'collection', status => '409'],
    [0, 'changes_total'],
    [1, 'problems_total', number => 'IU0050'],
);
grows(
    'a change and a removal',
    sub {
        is call(PATCH => "$set/second", body => '{}')->status, 200, 'PATCH';
        is call(DELETE => "$set/second")->status,              204, 'DELETE';
    },
    [1, 'changes_total', change => 'update'],
    [1, 'changes_total', change => 'delete'],
    [1, 'requests_total', method => 'PATCH', resource => 'item', status => '200'],
    [1, 'requests_total', method => 'DELETE', resource => 'item', status => '204'],
);
grows(
    'reads',
    sub {
        call(GET  => "$set/first");
        call(HEAD => "$set/first");
        call(GET  => $set);
        call(GET  => "$set/\$count");
        call(GET  => "$set/first/resource");
        call(GET  => '/beta/$metadata');
        call(GET  => '/beta/openapi.json');
        call(GET  => '/beta');
        call(OPTIONS => $set);
    },
    [1, 'requests_total', method => 'GET',  resource => 'item'],
    [1, 'requests_total', method => 'HEAD', resource => 'item'],
    [1, 'requests_total', method => 'GET',  resource => 'collection'],
    [1, 'requests_total', method => 'GET',  resource => 'count'],
    [1, 'requests_total', method => 'GET',  resource => 'resource'],
    [1, 'requests_total', method => 'GET',  resource => 'metadata'],
    [1, 'requests_total', method => 'GET',  resource => 'openapi'],
    [1, 'requests_total', method => 'GET',  resource => 'service_document'],
    [1, 'requests_total', method => 'OPTIONS', resource => 'collection'],
    [0, 'commit_records_count'],
    [0, 'readers_busy'],
);
grows(
    'errors of httpd and unknown names',
    sub {
        refused('not there', call(GET => '/beta/nothing'), 'IU0084');
        refused('a method', call(BREW => $set), 'IU0002');
        refused('a status of another module',
            call(GET => '/beta/redirected/410'), 'IU0094', status => 410);
        is call(GET => '/elsewhere')->status, 404, 'outside';
    },
    [1, 'requests_total', method => 'GET', resource => 'other', status => '404'],
    [1, 'requests_total', method => 'other', resource => 'collection', status => '405'],
    [1, 'requests_total', status => 'other'],
    [1, 'problems_total', number => 'IU0084'],
);
grows(
    'a batch',
    sub {
        batch([
            posts(5, "/invitations/$inv/invitedUser/insights/used"),
            get(one => "/invitations/$inv/invitedUser/insights/used/first"),
            get(two => "/invitations/$inv/invitedUser/insights/used/none"),
            get(
                three => "/invitations/$inv/invitedUser/insights/used",
                headers => {Cookie => 'a=b'}
            ),
        ]);
    },
    [1, 'requests_total', method => 'POST', resource => 'batch', status => '200'],
    [5, @POST_201],
    [1, 'requests_total', method => 'GET', resource => 'item', status => '200'],
    [1, 'requests_total', method => 'GET', resource => 'item', status => '404'],
    [1, 'requests_total', method => 'GET', resource => 'other', status => '400'],
    [5, 'changes_total', change => 'create'],
    [5, 'commit_records_sum'],
    [1, 'commit_records_count'],
    [1, 'problems_total', number => 'IU0051'],
    [1, 'problems_total', number => 'IU0183'],
);

# The monitoring itself is not counted, unless it is below a root.
grows(
    'monitoring',
    sub { call(GET => '/metrics') for 1 .. 3 },
    [0, 'requests_total'],
);

# Values
my $samples = metrics();
for my $name (qw(commit_records commit_duration_seconds write_wait_seconds)) {
    my @buckets = map { $_->{value} } grep {
               $_->{name} eq "insights_used_${name}_bucket"
            && $_->{labels}{database} eq $database
    } @$samples;
    cmp_ok scalar @buckets, '>=', 10, "$name: buckets";
    is_deeply [sort { $a <=> $b } @buckets], \@buckets, 'that do not shrink';
    is $buckets[-1],
        sum_of($samples, "${name}_count", database => $database),
        'the last one has all';
}
my $time = sum_of($samples, 'write_wait_seconds_sum', database => $database);
cmp_ok $time, '>', 0, 'the time of waiting';
cmp_ok $time, '>=',
    sum_of($samples, 'commit_duration_seconds_sum', database => $database),
    'contains that of committing' if $ENV{IU_MPM} eq 'prefork';
is sum_of($samples, 'build_info'), 1, 'the version';
if ($driver eq 'sqlite3') {
    is sum_of($samples, 'sqlite_file_bytes', database => $database),
        -s state_file('db/used_insight.db'), 'the size of the file';
    cmp_ok sum_of($samples, 'sqlite_log_bytes', database => $database), '>',
        1000, 'the size of its log';
} else {
    is sum_of($samples, 'sqlite_file_bytes'), undef, 'no file';
}
my %databases = map { ($_->{labels}{database} // 'none') => 1 } @$samples;
is_deeply [sort keys %databases],
    [sort 'none', map {"$driver-$_"} 0 .. 3], 'all databases';

# The same numbers on mod_status' page
for my $page ('/status', '/status?auto') {
    my $brief   = $page =~ /auto/;
    my $status  = call(GET => $page);
    my $now     = metrics();
    my $changes = sum_of($now, 'changes_total', database => $database);
    is $status->status, 200, "$page: 200";
    like $status->body, $brief
        ? qr/^InsightsUsed\[\Q$database\E\]Changes: $changes$/m
        : qr{<h3>Database \Q$database\E</h3>.*<dt>$changes used insights}s,
        'changes';
    like $status->body, $brief
        ? qr/^InsightsUsed\[\Q$database\E\]WritesWaiting: 0$/m
        : qr{<dt>0 requests that wait to write</dt>}, 'waiting';
    like $status->body, qr/\Q$driver-3\E/, 'all databases';
}

# Waiting is shown while it lasts.
SKIP: {
    skip 'the lock is held by a client of its own', 1 if $driver ne 'sqlite3';
    my $lock = InsightsUsed::Database->new('used_insight');
    $lock->lock;
    my $waits = connection();
    $waits->send(message(POST => $set, body => minimal(), keep => 0));
    ok wait_for(sub { sum_of(metrics(), 'writes_waiting') }),
        'a request that waits is shown';
    $lock->unlock;
    is $waits->response('POST')->status, 201, 'it is stored';
}

# A database that is down
my $down   = call(GET => $set, vhost => 'broken');
my $number = $down->json->{error}{innerError}{code};
like $number, qr/^IU006[01]$/, 'down';
$samples = metrics();
my ($since) = grep { $_->{name} =~ /open_since/ } @$samples;
cmp_ok abs(time - $since->{value}), '<', 120, 'since when it is down';
my %down = %{$since->{labels}};
isnt $down{database}, $database, 'it is not the main one';
cmp_ok sum_of($samples, 'breaker_open', %down), '>=', 1, 'it is known';
cmp_ok sum_of($samples, 'outages_total', %down), '>=', 1, 'it is counted';
is sum_of($samples, 'breaker_open', database => $database), 0,
    'the main one is not down';
expect_log($number);
expect_log('IU0101') if grep {/\bIU0101: /} log_lines(); # or in a test before
finish();
