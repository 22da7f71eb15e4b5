# SPDX-License-Identifier: Apache-2.0
# The database: one for each virtual host; locked; unavailable (503).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use Time::HiRes qw(sleep time);

my $inv = new_invitation();

# Two databases
is create($inv, minimal(id => 'x'))->status, 201, 'in one database';
is create($inv, minimal(id => 'x'), vhost => 'other')->status, 201,
    'and in the other';
refused('but not twice',
    create($inv, minimal(id => 'x'), vhost => 'other'), 'IU0050');
is_deeply ids_of($inv, $_), {x => 1}, "$_ has it" for 'used_insight', 'other';

# Another client holds the write lock: 503 in time, and no effect.
my $other = InsightsUsed::Database->new('other');
$other->lock;
my $begin   = time;
my @waiting = map { connection('other') } 1 .. 12;
for my $number (1 .. @waiting) {
    $waiting[$number - 1]->send(
        message(
            POST  => set_of($inv),
            vhost => 'other',
            body  => minimal(id => "busy-$number")
        )
    );
    sleep 0.03; # or it may join the previous request's group
}

# A child has one request at the database and two in the queue. A child that
# handles only one request at a time has no queue.
my $beyond = $ENV{IU_MPM} eq 'prefork' ? 0 : @waiting - 2 * (1 + 2);
ok wait_for(sub { $beyond <= grep { !$_->is_quiet(0) } @waiting }, 0.5),
    "$beyond exceed InsightsUsedQueue and are answered at once";
my %count;
for my $connection (@waiting) {
    my $response = $connection->response('POST');
    my $number   = $response->json->{error}{innerError}{code}
        // $response->status;
    like $number, qr/^IU006[456]$/, "while it is locked: $number";
    refused('busy', $response, $number) if $number =~ /^IU006[456]$/;
    like $response->field('Retry-After') // '', qr/^[1-9]\d*$/, 'Retry-After';
    is $connection->rest, '', 'and closed';
    $count{$number}++;
}
cmp_ok $count{IU0065} // 0, $beyond ? '>=' : '==', $beyond,
    'those because of the full queue';
my $took = time - $begin;
cmp_ok $took, '<', 6,
    'in about the second that InsightsUsedCommitTimeout allows';
cmp_ok $took, '>', 0.5, 'after waiting for the lock';
my $read = call(GET => set_of($inv) . '/x', vhost => 'other');
is $read->status, 200, 'reads are not blocked';
$other->unlock;
expect_log(sort keys %count);
ok wait_for(sub { create($inv, minimal(), vhost => 'other')->status == 201 }),
    'then writes succeed again';
my $stored = ids_of($inv, 'other');
is_deeply [grep {/busy/} keys %$stored], [], 'refused records are not stored';
is create($inv, minimal(id => 'short'))->status, 201,
    'the other database is not affected';

# A request waits for a lock that is released in time.
$other->lock;
my $connection = connection('other');
$connection->send(
    message(
        POST  => set_of($inv),
        vhost => 'other',
        body  => minimal(id => 'patient')
    )
);
ok $connection->is_quiet(0.3), 'the request waits';
$other->unlock;
is $connection->response('POST')->status, 201, 'and is served';

# An unavailable database
%count = ();
for my $try (1 .. 3) {
    my $response = create($inv, undef, vhost => 'broken');
    my $number   = $response->json->{error}{innerError}{code} // '';
    like $number, qr/^IU006[01]$/, 'database unavailable';
    refused('unavailable', $response, $number) if $number =~ /^IU006[01]$/;
    $count{$number}++;
    like $response->field('Retry-After') // '', qr/^[1-9]\d*$/, 'Retry-After';
    unlike $response->body, qr/not_there|broken|sqlite|pgsql|mysql|unable|connect to/i,
        'no details of the database';
}
my $begun = time;
for my $try (1 .. 10) {
    my $response = create($inv, undef, vhost => 'broken');
    $count{$response->json->{error}{innerError}{code}}++;
}
cmp_ok time - $begun, '<', 3, 'no waiting while it is known to be down';
is_deeply [grep { !/^IU006[01]$/ } keys %count], [], 'all have that number';
expect_log('IU0101', sort keys %count);
is call(OPTIONS => set_of($inv), vhost => 'broken')->status, 204,
    'OPTIONS needs no database';
refused('nor does a bad body', create($inv, '{', vhost => 'broken'), 'IU0035');

finish();
