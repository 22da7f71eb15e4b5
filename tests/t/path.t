# SPDX-License-Identifier: Apache-2.0
# Which paths are the module's, and what they answer to (CONTRACT section 1).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv  = new_invitation();
my $set  = set_of($inv);
my $made = create($inv, minimal(id => 'x'));
is $made->status, 201, 'there is a record';

# Not one of the module's: declined, so httpd looks for a file and finds none.
# The error is JSON because it is under the root.
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
is call(GET => '/plain')->status, 404, 'beside the root';
unlike call(GET => '/plain')->field('Content-Type'), qr/json/,
    'errors are httpd\'s';
unlike call(GET => '/betamax/x')->field('Content-Type') // '', qr/json/,
    'a path that only begins like the root is beside it';
is call(GET => '/beta/../index.html')->status, 200,
    'dot segments leave the root';
refused('nor do they lead into it', call(GET => "/plain/..$set/x"), 'IU0084');
# A file under the root is served: the paths of others are theirs.
my $beside = variable('documentroot') . '/beta';
mkdir $beside;
open my $file, '>', "$beside/file.txt" or die $!;
print $file "a file\n";
close $file;
is call(GET => '/beta/file.txt')->body, "a file\n",
    'another handler serves its own';

# A slash at the end adds nothing.
is call(POST => "$set/", body => minimal())->status, 201, 'a slash at the end';
is call(GET  => "$set/x/")->status,                  200, 'of an item too';

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
is call(GET => "$set/x")->body, $made->body, 'the record is as it was';
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
# The id itself need not exist for that.
is call(OPTIONS => "$set/never-there")->status, 204,
    'OPTIONS of what is not there';

# An item that is not there.
refused(
    'GET of what is not there',
    call(GET => "$set/never-there"),
    'IU0051',
    message => "Resource 'never-there' does not exist or one of its queried "
        . 'reference-property objects are not present.'
);
refused('HEAD of it', call(HEAD => "$set/never-there"),
    'IU0051', method => 'HEAD');
refused('of another invitation',
    call(GET => set_of(new_invitation()) . '/x'), 'IU0051');

# Slashes in a row, as httpd merges them.
is call(GET => "//beta$set" =~ s{//beta/beta}{//beta}r . '/x')->status, 200,
    'two slashes in front';

# A root at "/" has the whole host.
refused('declined under "/"',
    call(GET => '/nothing', vhost => 'slash'), 'IU0084');
is call(OPTIONS => set_of($inv, ''), vhost => 'slash')->status, 204,
    'a set under "/"';

# HTTP/1.0
my $old = create($inv, undef, version => '1.0');
is $old->status, 201, 'HTTP/1.0';

finish();
