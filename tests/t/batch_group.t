# SPDX-License-Identifier: Apache-2.0
# Atomicity groups of batches: all changes of a group or none. The changes of a
# wave share a commit.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Batch;
use InsightsUsed::Database;
use InsightsUsed::Setup;
use InsightsUsed::Test;
use Test::More;

my ($inv, $set, $etag);

# The records of the invitation, as "id=title …".
sub stored {
    my $list = call(GET => "/beta$set?\$orderby=id&\$top=999")->json->{value};
    return join ' ',
        map { "$_->{id}=" . ($_->{resourceVisualization}{title} // '') } @$list;
}

sub titled { return (body => record(resourceVisualization => {title => $_[0]})) }

# An invitation that has the records old and other.
sub begin {
    $inv = new_invitation();
    $set = set_of($inv, '');
    create($inv, minimal(id => $_, resourceVisualization => {title => 't'}))
        for qw(old other);
    $etag = call(GET => "/beta$set/old")->field('ETag');
    return;
}
my @in = (atomicityGroup => 'g');

# A create, a change and a delete in one group.
sub three {
    return (
        post('create', $set, @in, body => record(id => 'new')),
        item('patch', PATCH => "$set/old", @in, titled('patched')),
        item('delete', DELETE => "$set/other", @in),
    );
}

begin();
my @got = answers('all', batch([three()]));
is statuses(@got), 'create:201 patch:200 delete:204', 'all three are done';
is stored(), 'new= old=patched', 'and stored';
item_created('the create', $got[0], api_url("/beta$set/new"));
is call(GET => "/beta$set/old")->field('ETag'), $got[1]->field('ETag'),
    'ETag of the change';

# --- one of them fails: nothing is done

my %failing = (    # request, number
    409 => [sub { post('x', $set, body => record(id => 'third')) }, 'IU0050'],
    404 => [sub { item('x', PATCH => "$set/none", body => {}) }, 'IU0051'],
    'delete 404' => [sub { item('x', DELETE => "$set/none") }, 'IU0051'],
    412 => [
        sub {
            item('x', PATCH => "$set/third", titled('y'),
                headers => {'If-Match' => 'W/"stale"'});
        },
        'IU0052'
    ],
    'must not exist' => [
        sub {
            item('x', PATCH => "$set/third", body => record(),
                headers => {'If-None-Match' => '*'});
        },
        'IU0052'
    ],
    400 => [sub { post('x', $set, body => record(other => 1)) }, 'IU0040'],
    'no JSON' => [
        sub { post('x', $set, headers => {'Content-Type' => 'text/plain'}) },
        'IU0020'
    ],
    'no path' => [sub { post('x', '/nothing') }, 'IU0084'],
    405       => [sub { item('x', DELETE => $set) }, 'IU0002'],
    PUT       => [sub { item('x', PUT    => "$set/old") }, 'IU0002'],
    credentials => [
        sub { post('x', $set, headers => {cookie => 'a=b'}) }, 'IU0183'
    ],
    dependency => [
        sub { item('x', DELETE => "$set/third", dependsOn => ['before']) },
        'IU0182'
    ],
);
for my $name (sort keys %failing) {
    my ($make, $number) = @{$failing{$name}};
    for my $place (0, 3) {
        begin();
        create($inv, minimal(id => 'third'));
        my @group = three();
        splice @group, $place, 0, {%{$make->()}, @in};
        @got = answers($name,
            batch([get('before', "$set/nix"), @group,
                get('after', "$set/old", dependsOn => ['g'])]));
        my ($before, $after) = (shift @got, pop @got);
        my ($failed) = splice @got, $place, 1;
        is stored(), 'old=t other=t third=', "$name: nothing is done";
        item_refused($name, $failed, $number,
            $number eq 'IU0040'
            ? (
                target  => 'other',
                message => q{The property 'other' does not exist on type }
                    . q{'microsoft.graph.usedInsight'.}
                )
            : ());
        item_refused("$name: $_->{id}", $_, 'IU0057') for @got;
        item_refused("$name: what depends on the group", $after, 'IU0182');
        is $_->field('Location'), undef, "$name: no Location of what is not"
            for @got;
        is $_->field('ETag'), undef, "$name: nor ETag" for @got;
    }
}

# --- two writes of one record

begin();
@got = answers(
    'twice',
    batch(
        [
            item('1', PATCH => "$set/old", @in, titled('a')),
            item('2', DELETE => "$set/other", @in),
            item('3', DELETE => "$set('old')", @in),
        ]
    )
);
is stored(), 'old=t other=t', 'two writes of one record: nothing is done';
item_refused('the second write', $got[2], 'IU0058');
item_refused("twice: $_->{id}", $_, 'IU0057') for @got[0, 1];
@got = answers('created twice',
    batch([map { post($_, $set, @in, body => record(id => 'same')) } 1, 2]));
item_refused('the second create', $got[1], 'IU0058');
@got = answers('the same id in another set', batch([
    post('1', $set, @in, body => record(id => 'same')),
    post('2', "/users/$inv/insights/used", @in, body => record(id => 'same')),
]));
is statuses(@got), '1:201 2:201', 'the same id in two sets is two records';

# --- several groups, members apart, references

begin();
@got = answers(
    'groups',
    batch(
        [
            post('a1', $set, atomicityGroup => 'A', body => record(id => 'a1')),
            post('b1', $set, atomicityGroup => 'B', body => record(id => 'b1')),
            post('free', $set, body => record(id => 'free')),
            post('a2', $set, atomicityGroup => 'a', body => record(id => 'a2')),
            post('b2', $set, atomicityGroup => 'B', body => record(id => 'old')),
            get('A list', $set, dependsOn => ['A']),
            get('after b', $set, dependsOn => ['b']),
            get('after b1', $set, dependsOn => ['b1']),
            item('a3', DELETE => "$set/other", atomicityGroup => 'c',
                dependsOn => ['a2']),
        ]
    )
);
is statuses(@got), 'a1:201 b1:424 free:201 a2:201 b2:409 A list:200 '
    . 'after b:424 after b1:424 a3:204', 'each group for itself';
is stored(), 'a1= a2= free= old=t', 'what is stored';
@got = answers(
    'order within a group',
    batch(
        [
            post('1', $set, @in, body => record(id => 'g1')),
            item('2', PATCH => "$set/old", @in, dependsOn => ['1'],
                titled('in order')),
        ]
    )
);
is statuses(@got), '1:201 2:200', 'dependsOn within a group';

# --- large groups

begin();
@got = answers('256',
    batch([posts(256, $set, @in)], root => '/large-batch'));
is scalar(grep { $_->status == 201 } @got), 256, 'a group of 256';
is count_of($inv), 258, 'is stored';
begin();
my $response = batch([posts(257, $set, @in)], root => '/large-batch');
refused('a group of 257', $response, 'IU0180',
    target  => 'requests/256/atomicityGroup',
    message => 'Invalid batch payload format. '
        . 'An atomicityGroup has at most 256 requests.');
is count_of($inv), 2, 'nothing is done';
my @many = posts(1000, $set);
$many[-1]{body}{id} = 'r1';
@got = answers('1000', batch(\@many, root => '/large-batch'));
is scalar(grep { $_->status == 201 } @got), 999, '1000 creates';
is join(' ', map { $_->{id} } @got), join(' ', map {"r$_"} 1 .. 1000), 'in order';
is count_of($inv), 1001, 'are stored';
is_deeply [grep { $_ > 1 } values %{ids_of($inv)}], [], 'once';

# --- while others change the same records: all or none, again and again

begin();
my @connections = map { connection() } 1 .. 8;
my %times;
for my $round (1 .. 10) {
    $_->send(
        message(
            POST => '/beta/$batch',
            keep => 1,
            body => json_of({requests => [
                item('1', PATCH => "$set/old", @in, titled("c$_/$round")),
                item('2', PATCH => "$set/other", @in, titled("c$_/$round")),
            ]})
        )
    ) for @connections;
    for my $connection (@connections) {
        my @two = answers("round $round", $connection->response('POST'));
        $times{join ' ', map { $_->status } @two}++;
    }
    my $stored = stored();
    ok $stored =~ /^old=(.*) other=(.*)$/ && $1 eq $2,
        "round $round: one client's" or diag $stored;
}
is $times{'200 200'}, 80, 'all are done' or diag explain \%times;

# --- one commit

my ($before, $commits) = (commits());
begin();
@got = answers('twenty creates',
    batch([posts(20, $set)], root => '/large-batch'));
is scalar(grep { $_->status == 201 } @got), 20, 'twenty creates';
is commits() - $before, 3, 'one commit, and two for the records of before';
$before = commits();
batch([posts(20, set_of('another-' . $inv, ''), @in)]);
is commits() - $before, 1, 'a group is one commit';

finish_batches();

# A number that grows by one with each commit of inserts.
sub commits {
    return sqlite_commits() if $ENV{IU_DATABASE} eq 'sqlite3';
    # The number of a row's transaction.
    return database()->value(
        "SELECT count(DISTINCT xmin::text) FROM used_insight"
            . " WHERE invitation_id LIKE '%batch_group-%'")
        if $ENV{IU_DATABASE} eq 'pgsql';
    # Statements, each of which commits alone.
    my ($row) = database()->rows(q{SHOW GLOBAL STATUS LIKE 'Com_insert'});
    return $row->[1];
}

# Commits in the write-ahead log: frames with the size of the database.
sub sqlite_commits {
    my $text = read_file(state_file('db/used_insight.db-wal'));
    my ($page, $salt) = unpack 'x8 N x4 a8', $text;
    my $count = 0;
    for (my $at = 32; $at + 24 <= length $text; $at += 24 + $page) {
        my ($size, $other) = unpack 'x4 N a8', substr $text, $at, 24;
        last if $other ne $salt;
        $count++ if $size;
    }
    return $count;
}
