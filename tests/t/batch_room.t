# SPDX-License-Identifier: Apache-2.0
# A batch changes large records, one after the other if need be: answers that
# are short leave room for all.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv   = new_invitation();
my $url   = "invitations/$inv/invitedUser/insights/used";
my $title = 'x' x 1_000_000;
created(
    'a large record',
    call(
        POST => set_of($inv),
        body => minimal(id => 'large', resourceVisualization => {title => $title})
    )
);
my @requests = map {
    {   id      => "$_",
        method  => 'PATCH',
        url     => "$url/large",
        headers => {Prefer => 'return=minimal'},
        body    => {resourceReference => {id => "$_"}}
    }
} 1 .. 20;
my $response
    = call(POST => '/beta/$batch', body => json_of({requests => \@requests}));
is $response->status, 200, 'a batch that changes it often';
is join(' ', map { $_->{status} } @{$response->json->{responses}}),
    join(' ', (204) x 20), 'all are done';
my $found = call(GET => set_of($inv) . '/large')->json;
is length $found->{resourceVisualization}{title}, length $title,
    'its title is kept';

finish();
