# SPDX-License-Identifier: Apache-2.0
# Sections within each other: what a Location inherits, and what it does not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
is create($inv, '{}', root => '/outer')->status, 201,
    'Required none of the root';
my $response = create($inv, '{}', root => '/outer');
like $response->field('Location'),
    qr{^https://graph\.example/outer/invitations/}, 'BaseURL';
refused(
    'Required of a section within', create('strict', '{}', root => '/outer'),
    'IU0041',
    message => "The 'lastUsed' property is required to create a usedInsight.",
    target  => 'lastUsed'
);
$response = create('strict', '{"lastUsed":{}}', root => '/outer');
is $response->status, 201, 'Anonymous is inherited there';
like $response->field('Location'),
    qr{^https://graph\.example/outer/invitations/strict/},
    'BaseURL too, and the service root is the outer one';
refused(
    'MaxBody of a section within',
    create('small', ' ' x 101, root => '/outer'),
    'IU0030',
    message => 'The request body is larger than the limit of 100 bytes.'
);
is create('small', '{}', root => '/outer')->status, 201, 'below it';
is create($inv, ' ' x 101 . '{}', root => '/outer')->status, 201,
    'outside of it';
my $off = call(POST => set_of('off', '/outer'), body => minimal());
isnt $off->status, 201, 'InsightsUsed Off';
unlike $off->field('Content-Type') // '', qr/json/, 'there the module is not';
refused('Anonymous Off of a section within',
    create('guarded', '{}', root => '/outer'), 'IU0010');
expect_log('IU0010');

# A root in a root
$response = create($inv, '{}', root => '/outer/inner');
is $response->status, 201, 'a root of its own inherits Anonymous and Required';
is $response->field('Location'),
    api_url(set_of($inv, '/outer/inner') . '/' . $response->json->{id}),
    'but not BaseURL, which is that of one root';

# Virtual hosts
is create($inv, undef, vhost => 'limits', root => '/relaxed')->status, 201,
    'Locations of the server hold in a virtual host';
refused(
    'with its limits',
    create($inv, ' ' x 1001, vhost => 'limits', root => '/relaxed'),
    'IU0030',
    message => 'The request body is larger than the limit of 1000 bytes.'
);
finish();
