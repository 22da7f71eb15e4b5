# SPDX-License-Identifier: Apache-2.0
# A database fault that affects all requests is logged as an error once and then
# periodically, not for each request.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use InsightsUsed::Server;
use Time::HiRes qw(sleep time);

my $inv      = new_invitation();
my $set      = set_of($inv);
my $children = () = children();

# Log lines with a number, of one level or all.
sub lines_of {
    my ($number, $level) = @_;
    $level //= qr/\w+/;
    return grep {/\[insights_used:$level\] .*\b$number: /} log_lines();
}

# A database that no request can use
my $begin = time;
my $total = 300;
for my $i (1 .. $total) {
    my $response = call(GET => "$set/$i", vhost => 'outage');
    die $response->status if $response->status != 503;
}
my @refused = lines_of('IU006[01]', qr/(?:error|info)/);
is scalar @refused, $total, 'each refused request has its line';
my @errors = lines_of('IU006[01]', 'error');
cmp_ok scalar @errors, '>=', 1, 'the first is logged as an error';
cmp_ok scalar @errors, '<=', 2 * $children,
    'no other error of that child with that number';
like $errors[0], qr/ Cause: /, 'with its cause';
cmp_ok scalar(lines_of('IU0101')), '<=', $children, 'the outage is logged once';

# A fault that affects only changes
my $other = 'other';
create($inv, minimal(id => 'x'), vhost => $other);
my $lock = InsightsUsed::Database->new($other);
$lock->lock;
my %busy;
my @busy = map { connection($other) } 1 .. 8;
$_->send(
    message(POST => $set, body => minimal(), vhost => $other, keep => 0))
    for @busy;
$busy{$_->response('POST')->json->{error}{innerError}{code}}++ for @busy;
$lock->unlock;
is_deeply [grep { !/^IU006[4-7]$/ } keys %busy], [], 'busy';

# Half a minute later the log has the number of further refusals, and a notice
# that the other fault has ended.
SKIP: {
    skip 'takes half a minute: only with event and SQLite', 4
        if $ENV{IU_MPM} ne 'event' || $ENV{IU_DATABASE} ne 'sqlite3';
    sleep 31 - (time - $begin);
    my $more = wait_for(
        sub {
            call(GET => "$set/x", vhost => 'outage');
            return (lines_of('IU0151'))[0];
        }
    );
    like $more, qr/:error\] .*IU0151: \d+ more requests were refused with IU006[01]; the last: ./, 'the number of requests refused since';
    cmp_ok scalar(lines_of('IU0151')), '<=', 2 * $children, 'periodically';
    sleep 1 while time - $begin < 35; # after the last busy one
    my $over = wait_for(
        sub {
            call(GET => "$set/x", vhost => $other);
            return (lines_of('IU0152'))[0];
        }
    );
    like $over, qr/:notice\] .*IU0152: requests are no longer refused/,
        'the end of the fault';
    like $over, qr/ with IU006[456];/, 'with its number';
}

expect_log('IU0101', 'IU0060', sort keys %busy);
expect_log('IU0061') if grep {/IU0061/} @refused;
finish();
