# SPDX-License-Identifier: Apache-2.0
# Nested sections: directives that a Location inherits, and those it does not.
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
    'Required of a nested section', create('strict', '{}', root => '/outer'),
    'IU0041',
    message => "The 'lastUsed' property is required to create a usedInsight.",
    target  => 'lastUsed'
);
$response = create('strict', '{"lastUsed":{}}', root => '/outer');
is $response->status, 201, 'Anonymous is inherited there';
like $response->field('Location'),
    qr{^https://graph\.example/outer/invitations/strict/},
    'so is BaseURL, and the service root is the outer one';
refused(
    'MaxBody of a nested section',
    create('small', ' ' x 101, root => '/outer'),
    'IU0030',
    message => 'The request body is larger than the limit of 100 bytes.'
);
is create('small', '{}', root => '/outer')->status, 201, 'below that limit';
is create($inv, ' ' x 101 . '{}', root => '/outer')->status, 201,
    'larger, outside that section';
my $off = call(POST => set_of('off', '/outer'), body => minimal());
isnt $off->status, 201, 'InsightsUsed Off';
unlike $off->field('Content-Type') // '', qr/json/, 'not handled by the module';
refused('Anonymous Off of a nested section',
    create('guarded', '{}', root => '/outer'), 'IU0010');
expect_log('IU0010');

# A service root within another
$response = create($inv, '{}', root => '/outer/inner');
is $response->status, 201, 'a nested root inherits Anonymous and Required';
is $response->field('Location'),
    api_url(set_of($inv, '/outer/inner') . '/' . $response->json->{id}),
    'but not BaseURL, which belongs to one root';

# Virtual hosts
is create($inv, undef, vhost => 'limits', root => '/relaxed')->status, 201,
    'a virtual host inherits Locations of the server';
refused(
    'with its own limits',
    create($inv, ' ' x 1001, vhost => 'limits', root => '/relaxed'),
    'IU0030',
    message => 'The request body is larger than the limit of 1000 bytes.'
);
finish();
