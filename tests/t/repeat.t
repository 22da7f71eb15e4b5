# SPDX-License-Identifier: Apache-2.0
# Creates that are repeated with a key: Repeatability-Request-ID with
# Repeatability-First-Sent, or Idempotency-Key.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use Time::HiRes qw(sleep);

my @DAYS   = qw(Sun Mon Tue Wed Thu Fri Sat);
my @MONTHS = qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec);
my $RESULT = 'Repeatability-Result';

sub http_date {
    my ($time) = @_;
    my ($second, $minute, $hour, $day, $month, $year, $weekday) = gmtime $time;
    return sprintf '%s, %02d %s %d %02d:%02d:%02d GMT', $DAYS[$weekday], $day,
        $MONTHS[$month], $year + 1900, $hour, $minute, $second;
}

# The header fields of a request that was first sent so many seconds ago.
my $keys = 0;
sub new_key { return "$$-" . ++$keys }
sub pair {
    my ($key, $age) = @_;
    return [
        "Repeatability-Request-ID: $key",
        'Repeatability-First-Sent: ' . http_date(time - ($age // 0))
    ];
}
sub key { my ($key) = @_; return ["Idempotency-Key: $key"] }

sub titled {
    my ($title) = @_;
    return minimal(resourceVisualization => {title => $title});
}

sub path_of {
    my ($response) = @_;
    return $response->field('Location') =~ s{^http://[^/]+}{}r;
}

# Checks that a response is that of the first request. The context and the ETag
# are in the body.
sub is_repeated {
    my ($name, $response, $first) = @_;
    is $response->status, 201, "$name: 201" or diag $response->body;
    is $response->body, $first->body, "$name: the same body";
    is $response->field($_), $first->field($_), "$name: the same $_"
        for qw(Location ETag Content-Type), $RESULT;
    return;
}

# --- both kinds of keys

my $uuid = qr/[0-9a-f]{8}-[0-9a-f]{4}-%d[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
my %kinds = (
    pair => {fields => pair(new_key()), version => 7, result => 'accepted'},
    key  => {fields => key(new_key()), version => 5},
);
for my $name (sort keys %kinds) {
    my $inv    = new_invitation();
    my $kind   = $kinds{$name};
    my @same   = (headers => $kind->{fields});
    my $first  = create($inv, titled('a'), @same);
    my $id     = created($name, $first)->{id};
    my $shape  = sprintf $uuid, $kind->{version};
    like $id, qr/^$shape$/, "$name: a UUID of version $kind->{version}";
    is $first->field($RESULT), $kind->{result}, "$name: $RESULT";
    is_repeated("$name, repeated", create($inv, titled('a'), @same), $first);
    is_repeated(
        "$name, written otherwise",
        create(
            $inv,
            "{ \"resourceReference\" : { },\n\"\@odata.type\":"
                . '"microsoft.graph.usedInsight", "resourceVisualization":'
                . '{"title":"\u0061"}, "lastUsed": {} }',
            @same
        ),
        $first
    );
    my $other = create($inv, titled('b'), @same);
    refused("$name, another body", $other, 'IU0059',
        message => 'The '
            . (split /:/, $kind->{fields}[0])[0]
            . ' header has the key of an earlier request, whose body was'
            . ' another one. A new request needs a new key.');
    is $other->field($RESULT), $kind->{result} && 'rejected',
        "$name, another body: $RESULT";
    is_deeply ids_of($inv), {$id => 1}, "$name: one record";

    # Another set is another record.
    my $elsewhere = create(new_invitation(), titled('a'), @same);
    isnt created("$name, elsewhere", $elsewhere)->{id}, $id, "$name: its own id";

    # Changed meanwhile
    my $patched = call(
        PATCH => path_of($first),
        body  => '{"resourceVisualization":{"type":"t"}}'
    );
    is $patched->status, 200, "$name: changed";
    my $again = create($inv, titled('a'), @same);
    is $again->status, 201, "$name: repeated after a change";
    is $again->body, call(GET => path_of($first))->body, 'it is as it is now';
    is $again->field('ETag'), $patched->field('ETag'), 'with its ETag';
    refused(
        "$name, the changed body",
        create($inv,
            minimal(resourceVisualization => {title => 'a', type => 't'}),
            @same),
        'IU0059'
    );

    # Deleted meanwhile: made anew
    is call(DELETE => path_of($first))->status, 204, "$name: deleted";
    $again = create($inv, titled('a'), @same);
    is created("$name, anew", $again)->{id}, $id, 'the same id';
    isnt $again->field('ETag'), $first->field('ETag'), 'another ETag';
    is call(DELETE => path_of($first))->status, 204, "$name: deleted again";
    is created("$name, anew", create($inv, titled('b'), @same))->{id}, $id,
        'then with any body';

    # return=minimal
    my @minimal
        = (headers => [@{$kind->{fields}}, 'Prefer: return=minimal']);
    $inv = new_invitation();
    my @answers = map { create($inv, titled('a'), @minimal) } 1 .. 2;
    for my $answer (@answers) {
        is $answer->status, 204, "$name, return=minimal: 204";
        is $answer->field($RESULT), $kind->{result}, $RESULT;
        is $answer->field($_), $answers[0]->field($_), $_
            for qw(Location OData-EntityId ETag Preference-Applied);
    }
    is count_of($inv), 1, "$name, return=minimal: one record";
}

# --- keys and dates

my $inv = new_invitation();
my $text = new_key();
my $made = create($inv, undef, headers => key($text));
is_repeated('a key in quotes',
    create($inv, undef, headers => key(qq("$text"))), $made);
isnt created('another key', create($inv, undef, headers => key(new_key())))
    ->{id}, $made->json->{id}, 'is another record';
my $both = pair($text);
my $paired = create($inv, undef, headers => [@$both, @{key($text)}]);
isnt created('both kinds', $paired)->{id}, $made->json->{id},
    'a key of one kind is not that of the other';
is_repeated('the pair counts', create($inv, undef, headers => $both), $paired);

my $date = http_date(time);
my %malformed = (
    'only an id'   => ["Repeatability-Request-ID: $text"],
    'only a date'  => ["Repeatability-First-Sent: $date"],
    'an empty id'  => ['Repeatability-Request-ID:', $both->[1]],
    'a long id'    => ['Repeatability-Request-ID: ' . 'x' x 256, $both->[1]],
    'a blank'      => ['Repeatability-Request-ID: a b', $both->[1]],
    'two ids'      => [@$both, 'Repeatability-Request-ID: b'],
    'a bad date'   => [$both->[0], 'Repeatability-First-Sent: yesterday'],
    'an ISO date'  => [$both->[0], 'Repeatability-First-Sent: 2026-01-02T03:04:05Z'],
    'two dates'    => [@$both, $both->[1]],
    'an empty key' => ['Idempotency-Key:'],
    'a long key'   => ['Idempotency-Key: ' . 'x' x 256],
    'no end'       => ['Idempotency-Key: "a'],
    'two keys'     => ['Idempotency-Key: "a"', 'Idempotency-Key: "b"'],
    'a bad key with a pair' => [@$both, 'Idempotency-Key: ""'],
);
my $body = minimal(id => 'own');
for my $name (sort keys %malformed) {
    for my $sent (minimal(), $body) {
        refused($name, create($inv, $sent, headers => $malformed{$name}),
            'IU0027');
    }
}
is create($inv, undef, headers => pair('!' . 'x' x 253 . '~'))->status, 201,
    'a key of 255 characters';

# The window is a day, in the other virtual host a minute.
for my $case ([undef, 86400], ['other', 60]) {
    my ($vhost, $window) = @$case;
    my @where = (vhost => $vhost);
    for my $age ($window - 5, -50) {
        is create($inv, undef, headers => pair(new_key(), $age), @where)
            ->status, 201, "$age of $window seconds ago";
    }
    for my $age ($window + 2, $window * 100, -70) {
        my $response
            = create($inv, undef, headers => pair(new_key(), $age), @where);
        refused("$age of $window seconds ago", $response, 'IU0028',
            message => 'The Repeatability-First-Sent header must be a time'
                . " within the last $window seconds.");
        is $response->field($RESULT), 'rejected', $RESULT;
    }
}

# The ids are in the order of the times.
my %time_of = map { my $age = 1000 * $_;
    created('ordered', create($inv, undef, headers => pair(new_key(), $age)))
        ->{id} => -$age
} 1 .. 9;
is_deeply [sort keys %time_of],
    [sort { $time_of{$a} <=> $time_of{$b} } keys %time_of],
    'ids are in the order of the times';

# An id of the client's own
$inv  = new_invitation();
$both = pair(new_key());
$made = create($inv, $body, headers => $both);
is created('an id of its own', $made)->{id}, 'own', 'counts';
refused('and again', create($inv, $body, headers => $both), 'IU0050');
is created('another id', create($inv, minimal(id => 'x'), headers => $both))
    ->{id}, 'x', 'with the same key';
refused(
    'an id of its own in an old request',
    create($inv, minimal(id => 'y'), headers => pair(new_key(), 86402)),
    'IU0028'
);

# --- several at once

# Sends all before it reads any response.
sub at_once {
    my ($invitation, $fields, @bodies) = @_;
    my @connections = map { connection() } @bodies;
    for my $at (0 .. $#bodies) {
        $connections[$at]->send(
            message(
                POST    => set_of($invitation),
                body    => $bodies[$at],
                headers => $fields
            )
        );
    }
    return map { $_->response('POST') } @connections;
}

for my $round (1 .. 5) {
    $inv = new_invitation();
    my ($first, @others) = at_once($inv, key(new_key()), (titled('a')) x 16);
    is_repeated("16 at once, round $round", $_, $first) for @others;
    is $first->status, 201, 'the first, too';
    is count_of($inv), 1, 'one record';

    $inv = new_invitation();
    my @answers = at_once($inv, pair(new_key()), (titled('a'), titled('b')) x 8);
    my ($row)   = values %{{map { $_ => row_of($inv, $_) } keys %{ids_of($inv)}}};
    my ($won)   = $row->{document} =~ /"title":"(.)"/;
    for my $at (0 .. $#answers) {
        my $is_same = $won eq ('a', 'b')[$at % 2];
        is $answers[$at]->status, $is_same ? 201 : 422,
            "two bodies at once, round $round";
    }
    is count_of($inv), 1, 'one record';
}

# While the first create still runs, another body waits with it.
$inv = new_invitation();
my $same   = pair(new_key());
my $locker = InsightsUsed::Database->new('used_insight');
$locker->lock;
my @running;
for my $sent (titled('a'), titled('b'), titled('a')) {
    push @running, connection();
    $running[-1]->send(
        message(POST => set_of($inv), body => $sent, headers => $same));
    sleep 0.1;
}
ok((!grep { !$_->is_quiet(0) } @running), 'three creates wait');
$locker->unlock;
my @answers = map { $_->response('POST')->status } @running;
ok "@answers" eq '201 422 201' || "@answers" eq '422 201 422',
    "one body is stored, the other is told: @answers";
is count_of($inv), 1, 'one record';

# Deleted between the insert that met it and the read: tried again.
$inv = new_invitation();
my $fields = key(new_key());
my $path   = path_of(create($inv, undef, headers => $fields));
my %statuses;
for my $round (1 .. 10) {
    my @sent;
    for my $method (('POST', 'DELETE') x 8) {
        my $connection = connection();
        my @to
            = $method eq 'POST'
            ? (set_of($inv), body => minimal(), headers => $fields)
            : $path;
        $connection->send(message($method => @to));
        push @sent, [$method, $connection];
    }
    $statuses{$_->[0]}{$_->[1]->response($_->[0])->status}++ for @sent;
}
# MariaDB tells how many records a group has stored. If one is deleted before
# the writer looks which, the outcome is unknown.
expect_log('IU0067')
    if $ENV{IU_DATABASE} eq 'mysql' && delete $statuses{POST}{503};
is_deeply [keys %{$statuses{POST}}], [201], 'repeated while it is deleted'
    or diag explain \%statuses;
cmp_ok $statuses{DELETE}{204}, '>', 10, "deleted $statuses{DELETE}{204} times";
cmp_ok count_of($inv), '<=', 1, 'at most one record';

# --- in batches

# Sends creates of [title, header fields as a hash, atomicityGroup] and returns
# the responses.
sub batch {
    my ($invitation, @creates) = @_;
    my $number   = 0;
    my @requests = map {
        my ($title, $more, $group) = @$_;
        {
            id     => 'r' . ++$number,
            method => 'POST',
            url    => set_of($invitation, ''),
            headers => {'Content-Type' => 'application/json', %$more},
            body => record(resourceVisualization => {title => $title}),
            defined $group ? (atomicityGroup => $group) : ()
        }
    } @creates;
    my $response = call(
        POST => '/beta/$batch',
        body => json_of({requests => \@requests})
    );
    is $response->status, 200, 'a batch: 200' or diag $response->body;
    return @{$response->json->{responses}};
}

$inv = new_invitation();
my %one   = ('Idempotency-Key' => new_key());
my @batch = batch($inv, ['a', \%one], ['a', \%one], ['b', \%one]);
is_deeply [map { $_->{status} } @batch], [201, 201, 422],
    'three with one key in a batch';
is_deeply $batch[1]{body}, $batch[0]{body}, 'two have the same answer';
my %late = (
    'Repeatability-Request-ID' => new_key(),
    'Repeatability-First-Sent' => http_date(time - 90000)
);
my %timely = (%late, 'Repeatability-First-Sent' => http_date(time));
@batch = batch($inv, ['a', \%late], ['a', \%timely]);
is_deeply [map { [$_->{status}, $_->{headers}{$RESULT}] } @batch],
    [[412, 'rejected'], [201, 'accepted']], "$RESULT in a batch";
is count_of($inv), 2, 'two records';

# A group that was done is answered as done, and one that was not fails as one.
$inv = new_invitation();
my @group = map { ["$_", {'Idempotency-Key' => new_key()}, 'g'] } 1 .. 3;
my @first = batch($inv, @group);
is_deeply [map { $_->{status} } @first], [201, 201, 201], 'a group';
my @again = batch($inv, @group);
is_deeply [map { $_->{body} } @again], [map { $_->{body} } @first],
    'the same again';
is count_of($inv), 3, 'stored once';
@again = batch($inv, @group[0, 1], ['other', $group[2][1], 'g']);
is_deeply [map { $_->{status} } @again], [424, 424, 422],
    'one with another body: the group fails';

# --- lost answers

# A client that hears nothing and repeats ends with one record.
$inv = new_invitation();
for my $number (1 .. 20) {
    my $fields = $number % 2 ? pair(new_key()) : key(new_key());
    my @message = (POST => set_of($inv), body => titled("n$number"));
    connection()->send(message(@message, headers => $fields))
        for 1 .. $number % 3 + 1; # closed at once
    is call(@message, headers => $fields)->status, 201, 'repeated';
}
is count_of($inv), 20, 'each is stored once';
sleep 0.2; # for requests whose clients have gone
is count_of($inv), 20, 'and stays so';

finish();
