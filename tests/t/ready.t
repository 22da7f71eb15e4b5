# SPDX-License-Identifier: Apache-2.0
# The probes for balancers and orchestrators.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Metrics;
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use InsightsUsed::Server;
use Time::HiRes qw(sleep time);

my $driver = $ENV{IU_DATABASE};

# Checks that a probe says that the server is not ready, with one of the
# numbers.
sub not_ready {
    my ($name, $response, $numbers) = @_;
    subtest $name => sub {
        is $response->status,                    503,                'status';
        is $response->field('Content-Type'),     'application/json', 'type';
        is $response->field('Cache-Control'),    'no-store', 'not to be stored';
        is $response->field('Retry-After'),      '1',        'Retry-After';
        my $error = $response->json->{error};
        is_deeply [sort keys %$error], [qw(code innerError message)], 'members';
        is $error->{code}, 'ServiceUnavailable', 'code';
        like $error->{innerError}{code}, qr/^IU(?:$numbers)$/, 'number';
        unlike $response->body, qr/sqlite|pgsql|mysql|\.db|host=/,
            'nothing about the database';
    };
    return;
}

# Asks until the result of before is no longer kept.
sub becomes {
    my ($name, $status, %option) = @_;
    my $response;
    ok wait_for(
        sub {
            $response = call(GET => '/ready', %option);
            return $response->status == $status;
        },
        10
    ), "$name: $status" or diag $response->body;
    return $response;
}

# Answers
for my $path ('/ready', '/beta/ready') {
    my $response = call(GET => $path);
    is $response->status, 200, "$path: ready" or diag $response->body;
    is $response->field('Content-Type'),  'application/json', 'type';
    is $response->field('Cache-Control'), 'no-store', 'not to be stored';
    is_deeply $response->json, {status => 'ready'}, 'body';
    my $head = call(HEAD => $path);
    is $head->status, 200, "$path: HEAD";
    is $head->field('Content-Length'), length $response->body, 'its length';
}
is_deeply call(GET => '/live')->json, {status => 'live'}, 'live';
is call(HEAD => '/live')->status, 200, 'live: HEAD';
for my $path ('/ready', '/live') {
    is call($_ => $path)->status, 405, "$path: $_" for qw(POST DELETE OPTIONS);
}
is database()
    ->value(
    'SELECT count(*) FROM used_insight WHERE invitation_id = ?',
    "\nreadiness"),
    0, 'nothing stays in the table';

# At most one check a second in each child: of the commits of a first check
# there are two.
my $commits = sum_of(metrics(), 'commit_records_count', database => "$driver-0");
call(GET => '/ready') for 1 .. 30;
is sum_of(metrics(), 'commit_records_count', database => "$driver-0"), $commits,
    'no commit is needed while the last one is recent'
    if $ENV{IU_MPM} ne 'prefork';

# Databases that cannot be used, each of its own virtual host
my $number = $driver eq 'sqlite3' ? '006[01]' : '0060';
not_ready("$_ is not ready", call(GET => '/ready', vhost => $_), $number)
    for 'broken', 'outage';
is call(GET => '/live', vhost => 'outage')->status, 200, 'but it lives';
is call(GET => '/ready')->status, 200, 'the main one is ready';
my @logged = grep {/\bIU0148: /} log_lines();
like $logged[0], qr/:warn\] .*IU0148: this child is not ready: IU006[01]: \S/,
    'the log has the cause';

# Nobody can write, and nothing has shown before that it works: the trial does
# not wait for longer than its time.
my $other = 'other';
create(new_invitation(), undef, vhost => $other);
sleep 1.1;
is call(GET => '/ready', vhost => $other)->status, 200, 'ready, by a create';

SKIP: {
    skip 'a server only', 12 if $driver eq 'sqlite3';
    my @children = children();
    database_server('stop');
    not_ready('stopped', becomes('stopped', 503), '0060');
    is call(GET => '/live')->status, 200, 'it lives';
    database_server('start');
    becomes('started', 200);
    database_server('freeze');
    sleep 1.1;
    my $begin = time;
    my $frozen = call(GET => '/ready');
    my $took = time - $begin;
    cmp_ok $took, '<', 3, 'frozen: an answer in time';
    not_ready('frozen', $frozen, '0060|0069|0071|0073');
    not_ready('still', call(GET => '/ready'), '0060|0069|0071|0073') for 1, 2;
    is call(GET => '/live')->status, 200, 'it lives';
    database_server('thaw');
    becomes('thawed', 200);
    my %now = map { $_ => 1 } children();
    is scalar(grep { !$now{$_} } @children), 0, 'in the same children';
    ok wait_for(
        sub {
            call(GET => "/beta/invitations/i/invitedUser/insights/used");
            return !sum_of(metrics(), 'breaker_open', database => "$driver-0");
        },
        10
    ), 'none of which knows it to be down';
    like wait_for(
        sub {
            call(GET => '/ready'); # perhaps of a child that was ready before
            return (grep {/\bIU0149: /} log_lines())[0];
        },
        10
        ),
        qr/:notice\] /, 'the log says that it is ready again';
}

expect_log('IU0148');
expect_log('IU0101') if grep {/\bIU0101: /} log_lines(); # or in a test before
finish();
