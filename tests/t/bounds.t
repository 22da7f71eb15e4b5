# SPDX-License-Identifier: Apache-2.0
# Slow queries are stopped at the timeout or when the client disconnects, and do
# not block the database for others.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use Time::HiRes qw(sleep time);

# A slow filter: many functions of a long text.
my $text = 'resourceVisualization/previewText';
my $all  = $text;
$all = "concat($all,$text)" for 1 .. 7;
my $query = join '%20or%20', map {"contains(tolower($all),'x$_')"} 1 .. 14;

my $inv   = new_invitation();
my $other = new_invitation();
for my $vhost ('other', undef) {
    my $long = {previewText => '-' x 100_000};
    is create(
        $inv,
        minimal(id => "$_", resourceVisualization => $long),
        vhost => $vhost
    )->status, 201, "a long record, $_"
        for map {"long-$_"} 1 .. 200;
    is create($other, minimal(id => 'short'), vhost => $vhost)->status, 201,
        'a short one';
}
my $slow  = set_of($inv) . "?\$filter=$query";
my $count = set_of($inv) . "/\$count?\$filter=$query";
my $short = set_of($other) . '/short';

# Stopped after InsightsUsedCommitTimeout, one second in this virtual host.
for my $target ($slow, $count) {
    my $begin    = time;
    my $response = call(GET => $target, vhost => 'other');
    my $took     = time - $begin;
    refused('a slow query', $response, 'IU0071');
    cmp_ok $took, '>', 0.9, 'runs up to the timeout';
    cmp_ok $took, '<', 4,   "and not much longer ($took)";
    is call(GET => $short, vhost => 'other')->status, 200, 'still serving';
}
expect_log('IU0071');
is scalar(grep {/IU0101: |IU0104: .*(?:interrupted|statement)/} log_lines()), 0,
    'by the same connections';

# More lists than the children have reader connections, if children are
# threaded.
my $prefork = $ENV{IU_MPM} eq 'prefork';
my $lists   = $prefork ? 8 : 20;
my @waiting = map { connection() } 1 .. $lists;
$_->send(message(GET => $slow)) for @waiting;
sleep 0.5;
my @read = map {
    my $begin = time;
    [call(GET => $short)->status, time - $begin]
} 1 .. 10;
is scalar(grep { $_->is_quiet(0) } @waiting), $lists,
    "while $lists lists are running";
is scalar(grep { $_->[0] != 200 } @read),     0,  'single records are found';
is scalar(grep { $_->[1] > 4 } @read), 0, 'without waiting for a list';

# With MariaDB the query runs until the timeout.
@waiting = ();
my $seconds = $ENV{IU_DATABASE} eq 'mysql' ? 15 : 4;
ok wait_for(sub { $lists == grep {/IU0072: /} log_lines() }, $seconds),
    'queries end when their clients disconnect';

# With HTTP/2 all streams share one connection.
if (!$prefork) {
    my $url = api_url($slow, 'h2c');
    system 'curl', '-s', '-o', '/dev/null', '--max-time', 0.5,
        '--http2-prior-knowledge', $url;
    ok wait_for(sub { $lists + 1 == grep {/IU0072: /} log_lines() }, $seconds),
        'over HTTP/2, too';
}

# A client that shut down its sending side still gets the answer.
my $half = connection();
$half->send(message(GET => $short));
$half->finish_sending;
is $half->response('GET')->status, 200, 'half-closed by the client';

finish();
