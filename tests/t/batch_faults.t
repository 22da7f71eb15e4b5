# SPDX-License-Identifier: Apache-2.0
# Batches while the database is down or locked, while children are killed, and
# with clients that stop sending.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Batch;
use InsightsUsed::Connection;
use InsightsUsed::Database;
use InsightsUsed::Server;
use InsightsUsed::Test;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

my $inv = new_invitation();
my $set = set_of($inv, '');
create($inv);

# --- a database that cannot be used

my @all = (
    post('create', $set),
    get('list', $set),
    item('patch', PATCH => "$set/x", body => {}),
    item('delete', DELETE => "$set/x", dependsOn => ['list']),
    post('in', $set, atomicityGroup => 'g'),
    item('too', PATCH => "$set/y", body => {}, atomicityGroup => 'g'),
);
my %batches = (
    'all kinds' => \@all,
    'a create'  => [$all[0]],
    'reads'     => [get('1', $set), get('2', "$set/\$count")],
    'a group'   => [@all[4, 5]],
);
for my $name (sort keys %batches) {
    my $response = batch($batches{$name}, vhost => 'outage');
    my $number   = eval { $response->json->{error}{innerError}{code} } // '';
    like $number, qr/^IU006[01]$/, "$name: the database";
    refused("nothing could be tried: $name", $response,
        $number =~ /^IU006[01]$/ ? $number : 'IU0060');
}
my @got = answers('something could be tried',
    batch([@all, get('metadata', '/$metadata')], vhost => 'outage'));
is statuses(@got), 'create:503 list:503 patch:503 delete:424 in:424 too:503 '
    . 'metadata:200', 'a batch of which something could be tried';
item_refused("database: $_->{id}", $_, $_->body =~ /(IU006[01])/) for @got[0 .. 2, 5];
expect_log('IU0101', 'IU0060');
expect_log('IU0061') if grep {/IU0061: /} log_lines();

# --- a database that another client has locked

my $vhost = 'other';
create($inv, minimal(id => 'x'), vhost => $vhost);
my $locker = InsightsUsed::Database->new('other');
$locker->lock;
my $locked = batch([posts(5, $set)], vhost => $vhost);
$locker->unlock;
is $locked->status, 503, 'locked: 503';
like $locked->field('Retry-After'), qr/^[1-9]/, 'Retry-After';
my ($busy) = $locked->body =~ /"(IU\d+)"/;
refused('locked', $locked, $busy);
expect_log($busy);
is_deeply ids_of($inv, 'other'), {x => 1}, 'nothing is stored';
@got = answers('unlocked', batch([posts(5, $set)], vhost => $vhost));
is statuses(@got), join(' ', map {"r$_:201"} 1 .. 5), 'served again by itself';

# --- a database server that is stopped

SKIP: {
    skip 'SQLite has no server', 3 if $ENV{IU_DATABASE} eq 'sqlite3';
    database_server('stop');
    my $stopped = batch([@all]);
    database_server('start');
    is $stopped->status, 503, 'stopped: the whole batch is 503';
    like $stopped->field('Retry-After'), qr/^[1-9]/, 'Retry-After';
    ok wait_for(sub { batch([post('1', $set), get('2', $set)])->body
        =~ /"status":201.*"status":200/ }, 10), 'started: served again';
}

# --- clients that stop sending

my $connection = connection('slow');
$connection->send(
    message(POST => '/beta/$batch', vhost => 'slow', headers =>
            ['Content-Type: application/json', 'Content-Length: 1000']),
    '{"requests":[{'
);
refused('a body that stops', $connection->response('POST'), 'IU0031');
$connection = connection();
$connection->send(
    message(POST => '/beta/$batch', headers =>
            ['Content-Type: application/json', 'Content-Length: 1000']),
    json_of({requests => [post('1', $set, body => record(id => 'cut'))]}));
undef $connection;
is call(GET => "/beta$set/cut")->status, 404, 'a body that is cut has no effect';

# --- children that are killed

# Each client sends batches with two creates of their own and a group of three,
# with keys, and repeats a batch until it is answered. It notes the ids of
# records that it was told are stored.
sub client {
    my ($client, $log) = @_;
    my $connection;
    for (my $number = 1; !-e state_file('batch.stop'); $number++) {
        my $name  = "$client-$number";
        my $title = {title => $name};
        my $text  = json_of({requests => [
            (map { post($_, $set, body => record(id => "$name-$_")) } 1, 2),
            (map { post($_, $set, atomicityGroup => 'g',
                body    => record(resourceVisualization => $title),
                headers => {'Idempotency-Key' => "$name-$_"}) } 3 .. 5),
        ]});
        my $response;
        until ($response && $response->status == 200) {
            $response = eval {
                $connection //= InsightsUsed::Connection->new(address());
                $connection->send(message(POST => '/beta/$batch', body => $text,
                    keep => 1));
                $connection->response('POST');
            };
            undef $connection if !$response;
            sleep 0.01 if !$response || $response->status != 200;
        }
        my @items = map { $_->{status} == 409 ? "$name-$_->{id}"
            : $_->{status} == 201 ? $_->{body}{id} : $_->{status} }
            @{$response->json->{responses}};
        print $log join(' ', $name, @items), "\n";
    }
    return;
}
$inv = new_invitation();
$set = set_of($inv, '');
my @pids;
for my $client (1 .. 4) {
    my $pid = fork // die "no fork: $!\n";
    if (!$pid) {
        open my $log, '>', state_file("batch.$client.sent") or die $!;
        $log->autoflush(1);
        my $ok = eval { client($client, $log); 1 } or print STDERR $@;
        POSIX::_exit($ok ? 0 : 1);
    }
    push @pids, $pid;
}
expect_kills();
for my $round (1 .. 6) {
    my $before = count_of($inv);
    ok wait_for(sub { count_of($inv) > $before + 50 }, 30), "round $round: goes on";
    my @children = children();
    kill KILL => $ENV{IU_MPM} eq 'prefork' ? @children
        : $children[$round % @children];
}
open my $stop, '>', state_file('batch.stop') or die $!;
my $failed = 0;
for my $pid (@pids) { waitpid $pid, 0; $failed++ if $? }
is $failed, 0, 'all clients finished';
my $stored = ids_of($inv);
my (@missing, @others, $batches, %groups);
for my $client (1 .. 4) {
    open my $sent, '<', state_file("batch.$client.sent") or die $!;
    while (my $line = <$sent>) {
        my ($name, @items) = split ' ', $line;
        $batches++;
        push @others,  grep {/^\d{3}$/} @items;
        push @missing, grep { !/^\d{3}$/ && !$stored->{$_} } @items;
        $groups{$name} = 1;
    }
}
cmp_ok $batches, '>', 60, "load: $batches batches";
is_deeply \@missing, [], 'what was said to be stored is stored';
is_deeply \@others,  [], 'nothing was refused';
is_deeply [grep { $_ > 1 } values %$stored], [], 'no id is stored twice';
my %size;
for my $row (database()->rows(
    'SELECT document FROM used_insight WHERE invitation_id = ?', $inv))
{
    $size{$1}++ if $row->[0] =~ /"title":\s*"([\d-]+)"/;
}
is_deeply [grep { $size{$_} != 3 } keys %size], [],
    'each group is stored as a whole, and once';
is scalar keys %size, $batches, 'each was stored';
ok database()->is_in_order, 'the database is intact';

finish_batches();
