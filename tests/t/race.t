# SPDX-License-Identifier: Apache-2.0
# Concurrent changes of one record: none is lost, and of several changes of the
# same version exactly one succeeds.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;

my $inv = new_invitation();
my $set = set_of($inv);

# Sends all requests, each on its own connection, before it reads the first
# response. Shuts down sending: a prefork child would wait for more requests.
sub race {
    my (@requests) = @_;
    my @connections = map { connection() } @requests;
    for my $i (0 .. $#requests) {
        $connections[$i]->send(message(@{$requests[$i]}));
        $connections[$i]->finish_sending;
    }
    return map { $connections[$_]->response($requests[$_][0]) }
        0 .. $#requests;
}

sub statuses {
    my (@responses) = @_;
    my %times;
    $times{$_->status}++ for @responses;
    return \%times;
}

sub patch {
    my ($id, $body, @headers) = @_;
    return [
        PATCH   => "$set/$id",
        body    => json_of($body),
        headers => \@headers
    ];
}

# [member, name] of each property.
my @properties = (
    (map { [lastUsed => "last${_}DateTime"] } qw(Accessed Modified)),
    (
        map { [resourceVisualization => $_] }
            qw(title type mediaType previewImageUrl previewText
            containerWebUrl containerDisplayName containerType)
    ),
    map { [resourceReference => $_] } qw(webUrl id type)
);
sub value_of {
    my ($property, $number) = @_;
    return $property->[0] eq 'lastUsed'
        ? sprintf('2020-01-01T00:%02d:00Z', $number)
        : "value $number";
}
sub with {
    my ($property, $number) = @_;
    return {$property->[0] =>
            {$property->[1] => value_of($property, $number)}};
}

# Each request changes its own property: afterwards all have changed.
create($inv, minimal(id => 'own'));
for my $round (1 .. 4) {
    my @responses = race(map { patch('own', with($_, $round)) } @properties);
    is_deeply statuses(@responses), {200 => scalar @properties},
        "round $round: all succeed";
    my $entity = call(GET => "$set/own")->json;
    is_deeply [
        map {"@$_"} grep {
            $entity->{$_->[0]}{$_->[1]} ne value_of($_, $round)
        } @properties
        ],
        [], 'and no change is lost';
}

# Fifty changes at once without If-Match: each creates its own version with its
# own change, and the last one stays.
my $made      = create($inv, minimal(id => 'fifty'));
my @writers   = map { [$properties[$_ % @properties], $_] } 1 .. 50;
my @responses = race(map { patch('fifty', with(@$_)) } @writers);
is_deeply statuses(@responses), {200 => 50}, 'fifty at once: all succeed';
my %etags = map { $_->field('ETag') => 1 } $made, @responses;
is scalar keys %etags, 51, 'each creates its own version';
my @unseen = grep {
    my ($property, $number) = @{$writers[$_]};
    my $member = $responses[$_]->json->{$property->[0]};
    $member->{$property->[1]} ne value_of($property, $number);
} 0 .. $#writers;
is_deeply \@unseen, [], 'with its own change';
my $last = call(GET => "$set/fifty");
is scalar(grep { $_->body eq $last->body } @responses), 1,
    'the record has one of them';
my $entity = $last->json;
is scalar(grep { defined $entity->{$_->[0]}{$_->[1]} } @properties),
    scalar @properties, 'with a change of each property';

# With If-Match exactly one request changes a version.
for my $round (1 .. 3) {
    my $etag = call(GET => "$set/fifty")->field('ETag');
    @responses = race(
        map { patch('fifty', with(@$_), "If-Match: $etag") } @writers);
    is_deeply statuses(@responses), {200 => 1, 412 => 49},
        "round $round: with If-Match one of fifty changes the version";
    my ($winner) = grep { $_->status == 200 } @responses;
    is call(GET => "$set/fifty")->body, $winner->body, 'its change is stored';
}

# Counting with If-Match, each client at its own pace.
create($inv, minimal(id => 'counter'));
my ($clients, $each) = (8, 15);
sub count_up {
    for (1 .. $each) {
        while (1) {
            my $got = call(GET => "$set/counter");
            my $count
                = $got->json->{resourceVisualization}{title} // 0;
            my ($method, @message) = @{
                patch(
                    'counter',
                    {resourceVisualization => {title => '' . ($count + 1)}},
                    'If-Match: ' . $got->field('ETag')
                )
            };
            my $status = call($method, @message)->status;
            last                        if $status == 200;
            die "status $status\n" unless $status == 412;
        }
    }
    return;
}
my @pids;
for my $client (1 .. $clients) {
    my $pid = fork // die "no fork: $!\n";
    if (!$pid) {
        my $counted = eval { count_up(); 1 };
        print STDERR "client $client: $@" if !$counted;
        require POSIX;
        POSIX::_exit($counted ? 0 : 1);
    }
    push @pids, $pid;
}
is scalar(grep { waitpid $_, 0; $? } @pids), 0, 'the clients finished';
is call(GET => "$set/counter")->json->{resourceVisualization}{title},
    $clients * $each, 'no step is lost';

# Only one of many deletes succeeds.
for my $id ('fifty', map {"delete-$_"} 1 .. 5) {
    create($inv, minimal(id => $id)) if $id ne 'fifty';
    @responses = race(map { [DELETE => "$set/$id"] } 1 .. 50);
    is_deeply statuses(@responses), {204 => 1, 404 => 49},
        "one of fifty deletes '$id'";
    refused('deleted', call(GET => "$set/$id"), 'IU0051');
}

# Of concurrent changes and deletes of one version exactly one succeeds: a
# delete does not remove a newer version, and a deleted record is not changed.
# If-Match on a missing record is false (RFC 9110 section 13.1.1).
for my $round (1 .. 8) {
    my $id   = "mixed-$round";
    my $etag = create($inv, minimal(id => $id))->field('ETag');
    @responses = race(
        map {
            (
                patch($id, with(@{$writers[$_]}), "If-Match: $etag"),
                [DELETE => "$set/$id", headers => ["If-Match: $etag"]]
            )
        } 1 .. 20
    );
    my ($winner, @others) = grep { $_->status != 412 } @responses;
    my $status = $winner ? $winner->status : 412;
    is_deeply statuses(@responses), {$status => 1, 412 => 39},
        "round $round: one of twenty changes and twenty deletes succeeds";
    like $status, qr/^20[04]$/, "it is answered $status";
    my $left = call(GET => "$set/$id");
    if ($status == 200) {
        is $left->body, $winner->body, 'its change is stored';
        is call(DELETE => "$set/$id")->status, 204, 'until it is deleted';
    } else {
        is $left->status, 404, 'the record stays deleted';
    }
}

# Only one of many creates succeeds.
@responses = race(map { patch('new', record(), 'If-None-Match: *') } 1 .. 20);
is_deeply statuses(@responses), {201 => 1, 412 => 19},
    'one creates by If-None-Match';
@responses = race(
    map {
        patch('missing', {%{record()}, %{with($_, 7)}},
            'Prefer: create-if-missing')
    } @properties
);
is_deeply statuses(@responses), {201 => 1, 200 => @properties - 1},
    'one creates by create-if-missing, the others change';
$entity = call(GET => "$set/missing")->json;
is_deeply [
    map {"@$_"} grep {
        ($entity->{$_->[0]}{$_->[1]} // '') ne value_of($_, 7)
    } @properties
    ],
    [], 'and no change is lost';
is_deeply ids_of($inv), {map { $_ => 1 } qw(own counter new missing)},
    'no id is stored twice';

finish();
