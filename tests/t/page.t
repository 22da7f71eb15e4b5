# SPDX-License-Identifier: Apache-2.0
# Large pages: complete, in order, and aborted if the database goes away while
# they are sent.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;
use InsightsUsed::Server;
use Time::HiRes qw(sleep);

# The maximum number of records in a page, and one more
my $inv  = new_invitation();
my $set  = set_of($inv);
my @made = map { sprintf 'id-%04d', $_ } 1 .. 1000;
{
    my $connection = connection();
    my $stored     = 0;
    for my $id (@made) {
        $connection->send(
            message(
                POST => $set,
                keep => 1,
                body => minimal(
                    id                    => $id,
                    resourceVisualization => {title => "title of $id"}
                )
            )
        );
        $stored++ if $connection->response('POST')->status == 201;
    }
    is $stored, @made, 'records';
}
my $page = call(GET => "$set?\$top=999&\$orderby=id")->json;
is_deeply [map { "$_->{id} $_->{resourceVisualization}{title}" }
        @{$page->{value}}],
    [map {"$_ title of $_"} @made[0 .. 998]], 'the largest page';
my $last = call(
    GET => substr $page->{'@odata.nextLink'}, length api_url('')
)->json;
is_deeply [map { $_->{id} } @{$last->{value}}], [$made[999]], 'the rest';
is $last->{'@odata.nextLink'}, undef, 'the last page';
is scalar @{call(GET => $set)->json->{value}}, 100, '100 by default';
{
    my $response
        = call(GET => $set, headers => ['Prefer: odata.maxpagesize=5000']);
    is scalar @{$response->json->{value}}, 999, 'at most 999';
    is $response->field('Preference-Applied'), 'odata.maxpagesize=999',
        'Preference-Applied';
}

# The following pages have the options of the first.
{
    my $link = "$set?\$top=400&\$select=id&\$expand=resource&\$count=true";
    my (%members, @sizes);
    while ($link) {
        my $json = call(GET => $link)->json;
        push @sizes, scalar @{$json->{value}};
        $members{join ' ', sort keys %$_}++ for @{$json->{value}};
        is $json->{'@odata.count'}, 1000, "count of page $#sizes";
        $link = $json->{'@odata.nextLink'};
        $link = substr $link, length api_url('') if $link;
    }
    is_deeply \@sizes,   [400, 400, 200], 'pages of 400';
    is_deeply \%members, {'@odata.etag @odata.type id resource' => 1000},
        'selected and expanded';
}

# Records so large that they are fetched one or two at a time, in a page larger
# than the buffers between server and client. Between them are smaller ones that
# come with the list, with or without a copy.
my $large = new_invitation();
my $text  = join '', map {"line $_\n"} 1 .. 30_000;
my %text;
for my $number (1 .. 60) {
    my $id   = sprintf '%02d', $number;
    my $kind = $number % 6;
    $text{$id} =
          $kind == 1 ? 'short'
        : $kind == 2 ? substr $text, 0, 6_000
        :              $text;
    my $body = minimal(
        id                    => $id,
        resourceVisualization => {previewText => $text{$id}}
    );
    is create($large, $body)->status, 201, "large record $id";
}
# A page is never in memory as a whole. (A peak never falls, so no large page
# may have been read before.)
SKIP: {
    my $peak = sub {
        my ($most) = sort { $b <=> $a } map { peak_kilobytes($_) } children();
        return $most;
    };
    skip 'a sanitizer keeps freed memory', 2
        if is_sanitized(parent());
    my ($small, $whole) = map { set_of($large) . "?\$top=$_" } 12, 60;
    call(GET => $small) for 1 .. 20;
    my $before = $peak->();
    my $length = length call(GET => $whole)->body;
    call(GET => $whole) for 1 .. 5;
    cmp_ok $length, '>', 12e6, 'a large page';
    cmp_ok $peak->() - $before, '<', $length / 1024 / 2,
        'takes no more memory than a small one (kB)';
}

for my $options ('', '&$expand=resource') {
    my $records = call(GET => set_of($large) . "?\$orderby=id$options")
        ->json->{value};
    is_deeply [map { $_->{id} } @$records], [sort keys %text],
        "all records$options";
    is_deeply [grep { $_->{resourceVisualization}{previewText} ne
            $text{$_->{id}} } @$records], [], 'complete';
}

# Clients that disconnect within a page
for (1 .. 3) {
    my $connection = connection();
    $connection->send(message(GET => set_of($large)));
    ok !$connection->is_quiet(5), 'a page begins';
}

# The database goes away while a slow client reads.
SKIP: {
    skip 'no server to stop', 3
        if $ENV{IU_DATABASE} eq 'sqlite3';
    my $connection = connection();
    $connection->send(message(GET => set_of($large)));
    ok !$connection->is_quiet(5), 'a page begins';
    database_server('stop');
    my $response = eval { $connection->response('GET') };
    is $response, undef, 'the page is incomplete';
    database_server('start');
    expect_log(qw(IU0060 IU0101));
    ok wait_for(sub { call(GET => "$set?\$top=1")->status == 200 }, 5),
        'then requests succeed again';
    sleep 1.5; # until each child retries
}
finish();
