# SPDX-License-Identifier: Apache-2.0
# The database server stops and restarts: 503 until then, and service resumes in
# the same children.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use InsightsUsed::Load;
use InsightsUsed::Server;

my $inv = new_invitation();
is create($inv, minimal(id => 'before'))->status, 201, 'before';
my @children = children();

# Orderly stop.
database_server('stop');
my %numbers;
for my $try (1 .. 20) {
    for my $response (create($inv, minimal(id => "refused-$try")),
        call(GET => set_of($inv) . '/before'))
    {
        my $number = $response->json->{error}{innerError}{code} // '';
        like $number, qr/^IU006[07]$/, 'stopped';
        refused('stopped', $response, $number) if $number =~ /^IU006[07]$/;
        $numbers{$number}++;
    }
}
database_server('start');
ok wait_for(sub { create($inv, minimal(id => 'after'))->status == 201 }, 5),
    'started: served again';
ok wait_for(sub { call(GET => set_of($inv) . '/before')->status == 200 }, 5),
    'stored records are there';
is_deeply ids_of($inv), {before => 1, after => 1},
    'refused records are not stored';

# The connection is lost during a commit, and again when the commit is retried:
# its outcome is unknown. Clients automatically repeat a request if the response
# has Retry-After; without a client-supplied id or key that would store a second
# record.
my $locker = InsightsUsed::Database->new('used_insight');
my @key     = ('Idempotency-Key: unknown');
my %unknown = (
    'with an id'    => [minimal(id => 'unknown'), []],
    'with a key'    => [minimal(), \@key],
    'without an id' =>
        [minimal(), [], status => 500, code => 'InternalServerError']
);
my $lost = new_invitation();
for my $name (sort keys %unknown) {
    my ($body, $headers, @as) = @{$unknown{$name}};
    my $connection = connection();
    $locker->lock;
    $connection->send(
        message(POST => set_of($lost), body => $body, headers => $headers));
    ok wait_for(sub { database()->end_inserts }), "$name: the commit is ended";
    my $response = $connection->response('POST');
    refused("lost, $name", $response, 'IU0067', @as);
    is !!$response->field('Retry-After'), !@as, "$name: Retry-After";
    $locker->unlock;
}
is create($lost, minimal(), headers => \@key)->status, 201,
    'repeated with its key';
my @keyed = grep {/-5...-/} keys %{ids_of($lost)};
is scalar @keyed, 1, 'which is stored once';
expect_log('IU0067', 'IU0101');

# Killed under load.
my $load = clients(
    'server', 6, $inv,
    sub {
        my ($client, $number) = @_;
        my $id = "$client-$number";
        return ($id, minimal(id => $id));
    }
);
for my $round (1 .. 3) {
    my $before = count_of($inv);
    ok wait_for(sub { count_of($inv) > $before + 50 }, 30), "round $round: load";
    database_server('kill');
    database_server('start');
}
my $before = count_of($inv);
ok wait_for(sub { count_of($inv) > $before + 50 }, 30), 'load after the last round';
is finish_clients($load, stop => 1), 0, 'the clients finished';

my (%made, %refused, %others);
for my $outcome (outcomes($load)) {
    my ($id, $status, $number) = @$outcome;
    if    ($status == 201) { $made{$id} = 1 }
    elsif ($status == 503) { $numbers{$number}++ }
    else                   { $others{$status}++ }
    $refused{$id} = 1 if $status == 503 && $number ne 'IU0067';
}
my $stored = ids_of($inv);
is_deeply [grep { !$stored->{$_} } keys %made], [],
    'every 201 is in the database';
is_deeply [grep { $stored->{$_} } keys %refused], [],
    'no refused record is in the database';
is_deeply [grep { $stored->{$_} > 1 } keys %$stored], [],
    'no id is stored twice';
cmp_ok scalar keys %refused, '>', 0, 'some requests got 503';
expect_log('IU0101', sort keys %numbers);
is_deeply \%others, {}, 'no other status than 201 and 503'
    or diag explain \%others;
is_deeply [sort { $a <=> $b } children()], [sort { $a <=> $b } @children],
    'the same children';
ok database()->is_in_order, 'the database is intact';

finish();
