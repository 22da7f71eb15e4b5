# SPDX-License-Identifier: Apache-2.0
# Paths that the module handles, and their methods.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv  = new_invitation();
my $set  = set_of($inv);
my $made = create($inv, minimal(id => 'x'));
is $made->status, 201, 'a record';

# Other paths: declined, so httpd looks for a file and finds none. The error is
# JSON because the path is under the root.
my @declined = (
    '/beta/metadata',
    '/beta/invitations',
    "/beta/invitations/$inv",
    "/beta/invitations/$inv/invitedUser",
    "/beta/invitations/$inv/invitedUser/insights",
    "/beta/invitations/$inv/invitedUser/insights/trending",
    "$set/x/y",
    "/beta/x/invitations/$inv/invitedUser/insights/used",
    "$set/\$count/x",
    "/beta/invitation/$inv/invitedUser/insights/used",
    "/beta/invitations/$inv/invitedUsers/insights/used",
    "/beta/invitations/invitedUser/insights/used",
    '/beta/$unknown',
    '/beta/users/me'
);
for my $path (@declined) {
    my $response = call(GET => $path);
    refused("declined: $path", $response, 'IU0084');
    is $response->field('Allow'), undef, 'no Allow';
}
is call(GET => '/plain')->status, 404, 'outside the root';
unlike call(GET => '/plain')->field('Content-Type'), qr/json/,
    'errors are httpd\'s';
unlike call(GET => '/betamax/x')->field('Content-Type') // '', qr/json/,
    'a path that only starts like the root is outside';
is call(GET => '/beta/../index.html')->status, 200,
    'dot segments leave the root';
refused('nor do they enter it', call(GET => "/plain/..$set/x"), 'IU0084');
# Files under the root are served by httpd.
my $beside = variable('documentroot') . '/beta';
mkdir $beside;
open my $file, '>', "$beside/file.txt" or die $!;
print $file "a file\n";
close $file;
is call(GET => '/beta/file.txt')->body, "a file\n",
    'a file of httpd\'s';

# A trailing slash is ignored.
is call(POST => "$set/", body => minimal())->status, 201, 'a trailing slash';
is call(GET  => "$set/x/")->status,                  200, 'also of an item';

# Methods
sub methods { return join ',', sort split /,\s*/, $_[0]->field('Allow') // '' }
for my $method (qw(PUT PATCH DELETE FOO TRACE PROPFIND)) {
    my $response = call($method => $set);
    refused(
        "$method of the set", $response, 'IU0002',
        method  => $method,
        message =>
            'Specified HTTP method is not allowed for the request target.'
    );
    is methods($response), 'GET,HEAD,OPTIONS,POST', "$method: Allow";
}
for my $method (qw(POST PUT FOO)) {
    my $response = call($method => "$set/x", body => '{}');
    refused("$method of an item", $response, 'IU0002',
        message =>
            'Specified HTTP method is not allowed for the request target.');
    is methods($response), 'DELETE,GET,HEAD,OPTIONS,PATCH',
        "$method: Allow";
}
is call(GET => "$set/x")->body, $made->body, 'the record is unchanged';
my $lower = call(post => $set, body => minimal());
refused('methods are case-sensitive', $lower, 'IU0002');

for my $path ($set, "$set('x')", "$set/x") {
    my $options = call(OPTIONS => $path);
    is $options->status,                       204, "OPTIONS $path: 204";
    is $options->body,                         '',  'no body';
    is $options->field('Content-Length') // 0, 0,   'no length';
    is methods($options),
        $path eq $set ? 'GET,HEAD,OPTIONS,POST' : 'DELETE,GET,HEAD,OPTIONS,PATCH',
        'Allow';
    is $options->field($_), undef, "$_ is the operator's"
        for qw(Access-Control-Allow-Origin);
}
# The record need not exist for OPTIONS.
is call(OPTIONS => "$set/never-there")->status, 204,
    'OPTIONS of a missing record';

# A missing record
refused(
    'GET of a missing record',
    call(GET => "$set/never-there"),
    'IU0051',
    message => "Resource 'never-there' does not exist or one of its queried "
        . 'reference-property objects are not present.'
);
refused('HEAD of it', call(HEAD => "$set/never-there"),
    'IU0051', method => 'HEAD');
refused('of another invitation',
    call(GET => set_of(new_invitation()) . '/x'), 'IU0051');

# Repeated slashes are merged by httpd.
is call(GET => "//beta$set" =~ s{//beta/beta}{//beta}r . '/x')->status, 200,
    'two leading slashes';

# A root at "/" covers the whole host.
refused('declined under "/"',
    call(GET => '/nothing', vhost => 'slash'), 'IU0084');
is call(OPTIONS => set_of($inv, ''), vhost => 'slash')->status, 204,
    'a set under "/"';

# HTTP/1.0
my $old = create($inv, undef, version => '1.0');
is $old->status, 201, 'HTTP/1.0';

finish();
