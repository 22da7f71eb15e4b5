# SPDX-License-Identifier: Apache-2.0
# Each request of a batch may do what it might do alone with the header fields
# of the batch: scopes, claims, and the operator's rules for its path and method.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Batch;
use InsightsUsed::Database;
use InsightsUsed::Test;
use InsightsUsed::Token;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv, '');

# --- tokens

# Methods of all kinds, for a record that exists and one that does not.
sub all_methods {
    return (
        get('list', $set),
        post('create', $set),
        item('patch', PATCH => "$set/x", body => {}),
        item('delete', DELETE => "$set/none"),
        get('count', "$set/\$count"),
        get('metadata', '/$metadata'),
        item('head', HEAD => $set),
    );
}
for my $root ('/oauth2', '/oidc') {
    my $writer = bearer({});
    create($inv, minimal(id => 'x'), root => $root, headers => [$writer]);
    my %sent = (root => $root);
    my @got  = answers("$root: a writer",
        batch([all_methods()], %sent, headers => [$writer]));
    is statuses(@got), 'list:200 create:201 patch:200 delete:404 count:200 '
        . 'metadata:200 head:405', "$root: a write scope";
    @got = answers("$root: a reader",
        batch([all_methods()], %sent,
            headers => [bearer({}, scp => 'Insights.Read.All')]));
    is statuses(@got), 'list:200 create:403 patch:403 delete:403 count:200 '
        . 'metadata:200 head:405', "$root: a read scope";
    item_refused("$root: $_->{id}", $_, 'IU0013') for @got[1 .. 3];
    is $got[1]->field('WWW-Authenticate'),
        'Bearer error="insufficient_scope", '
        . 'scope="Insights.ReadWrite.All Insights.Manage"', 'RFC 6750';
    @got = answers("$root: a stranger",
        batch([all_methods()], %sent, headers => [bearer({}, scp => 'A')]));
    is_deeply [map { $_->status } @got], [(403) x 7], "$root: no scope";
    my $response = batch([all_methods()], %sent);
    refused("$root: no token", $response, 'IU0082');
    like $response->field('WWW-Authenticate'), qr/^Bearer/, 'WWW-Authenticate';
    my %bad = (
        expired            => [{exp => time - 600}, 'IU0081'],
        'not yet valid'    => [{nbf => time + 600}, 'IU0011'],
        'another audience' => [{aud => 'api://stranger'}, 'IU0012'],
    );
    for my $name (sort keys %bad) {
        my ($claim, $number) = @{$bad{$name}};
        refused("$root: $name",
            batch([all_methods()], %sent, headers => [bearer({}, %$claim)]),
            $number);
    }
    refused("$root: no token, and no batch", batch('{', %sent), 'IU0082');

    # Other credentials of a request are refused.
    my @fields = ('Authorization', 'authorization', 'Proxy-Authorization',
        'Cookie', 'cookie');
    my $number = 0;
    my $other  = token({}, sub => 'another');
    @got = answers(
        "$root: credentials",
        batch(
            [
                (   map {
                        post($number++, $set, headers => {$_ => "Bearer $other"})
                    } @fields
                ),
                post('none', $set),
                post('same', $set,
                    headers => {authorization => $writer =~ s/^.*?: //r}),
            ],
            %sent,
            headers => [$writer]
        )
    );
    item_refused("$root: $fields[$_] of a request", $got[$_], 'IU0183')
        for 0 .. $#fields;
    is statuses(@got[-2, -1]), 'none:201 same:201',
        'the others stand, as does one with the token of the batch';
    @got = answers("$root: a stronger token within",
        batch([post('1', $set, headers => {Authorization =>
            $writer =~ s/^.*?: //r})], %sent,
            headers => [bearer({}, scp => 'Insights.Read.All')]));
    item_refused("$root: a stronger token within", $got[0], 'IU0183');
}
refused('closed', batch([all_methods()], root => '/closed'), 'IU0010');
expect_log('IU0010');
refused('denied', batch([all_methods()], root => '/denied'), 'IU0083');
is scalar(grep {/eyJ[\w-]+\.eyJ/} log_lines()), 0, 'no token in the error log';

# --- me, and rules with claims

my $oid  = "oid-$inv";
my @mine = (vhost => 'ruled', root => '/mine');
sub used { return "/$_[0]/insights/used" }
my @requests = (
    post('me', used('me')),
    post('own', used("users/$oid")),
    get('count', used('ME') . '/$count', dependsOn => [qw(me own)]),
    post('other', used('users/another')),
    post('quoted', used("users('another')")),
    get('metadata', '/$metadata'),
    post('invitation', $set),
);
my @got
    = answers('mine', batch(\@requests, @mine, headers => [bearer({}, oid => $oid)]));
is statuses(@got), 'me:201 own:201 count:200 other:401 quoted:401 metadata:401 '
    . 'invitation:401', 'each reaches only his own set';
is $got[2]{value}, '2', 'me is users/{oid}';
like $got[0]->field('Location'), qr{\Q/mine${\used('me')}/\E}, 'Location of me';
item_refused("mine: $_->{id}", $_, 'IU0081') for @got[3 .. 6];
@got = answers('a claim', batch(\@requests, @mine,
    headers => [bearer({}, oid => 'another', job => 'inviter')]));
is statuses(@got), 'me:201 own:401 count:424 other:201 quoted:201 metadata:401 '
    . 'invitation:201', 'another caller, who may invite';
my @inviters = (vhost => 'ruled', root => '/inviters');
@got = answers('Require oauth2_claim', batch([post('1', $set),
    get('2', "$set/\$count"), get('3', '/$metadata')], @inviters,
    headers => [bearer({}, job => 'inviter')]));
is statuses(@got), '1:201 2:200 3:200', 'a claim of the root itself';
@got = answers('me without a user', batch([get('1', used('me'))]));
item_refused('me without a user', $got[0], 'IU0007');

# --- rules of the operator

# The answers of a batch. Each read has the status that it has alone, but 404
# where a rule leads it elsewhere.
sub ruled {
    my ($name, $requests, @header) = @_;
    my @sent = (vhost => 'ruled', headers => \@header);
    my @answers;
    for my $request (grep { $_->{method} eq 'GET' } @$requests) {
        my $alone = call(GET => "/beta$request->{url}", @sent)->status;
        $request->{alone}
            = $alone =~ /^3/
            || $request->{id} =~ / (?:closed|file|status|other-root)$/
            ? 404
            : $alone;
    }
    my @rest = @$requests;
    while (my @some = splice @rest, 0, 20) {
        my @alone = map { delete $_->{alone} } @some;
        push @answers, answers($name, batch(\@some, @sent));
        for my $index (grep { defined $alone[$_] } 0 .. $#some) {
            is $answers[$index - @some]->status, $alone[$index],
                "$name: $some[$index]{id}: as alone";
        }
    }
    return @answers;
}

# A read and a create of each invitation.
sub both {
    return map { (get("get $_", set_of($_, '')), post("post $_", set_of($_, ''))) }
        @_;
}
my @allowed = (get('get', $set), post('post', $set));
@got = ruled('rules', [@allowed, both(qw(blocked gone maintained secret closed
    moved redirected away file unspoken banned))], 'X-User: admin');
is statuses(@got[0, 1]), 'get:200 post:201', 'no rule forbids';
my %number = (    # status and number of each invitation
    blocked => 'IU0083', secret => 'IU0083', unspoken => 'IU0083', banned => 'IU0083',
    maintained => 'IU0097',
    gone => 'IU0094', map { $_ => 'IU0084' } qw(moved redirected away file closed)
);
for my $answer (@got[2 .. $#got]) {
    my ($name) = $answer->{id} =~ /(\w+)$/;
    item_refused("rules: $answer->{id}", $answer, $number{$name},
        $name eq 'gone' ? (status => 410) : ());
    is $answer->field('Location'), undef, "$answer->{id}: no Location";
}
expect_log('IU0097');
is count_of($_), 0, "no record of $_" for sort keys %number;

@got = ruled('keys', [
    get('1', "$set/a%2Fb"), get('2', "$set('a%2Fb')"), get('3', "$set/a%2fb"),
    get('4', "$set/other"),
    get('5', $set =~ s{invitations/[^/]*}{INVITATIONS('secret')}r),
    get('6', $set =~ s{invitations/[^/]*}{invitations/%73ecret}r),
]);
is statuses(@got), '1:403 2:403 3:403 4:404 5:403 6:403',
    'environment variables of keys count, in any spelling';

@got = ruled('rules of methods', [both('readonly', 'method'),
    item('patch', PATCH => set_of('method', '') . '/x', body => {}),
    item('delete', DELETE => set_of('readonly', '') . '/x'),
    item('kept', DELETE => set_of('kept', '') . '/x'),
    get('kept get', set_of('kept', '') . '/x')]);
is statuses(@got), 'get readonly:200 post readonly:403 get method:200 '
    . 'post method:201 patch:403 delete:403 kept:403 kept get:404',
    '<LimitExcept>, Require method, RewriteCond %{REQUEST_METHOD}';

@got = ruled('SetEnvIf', [both('unseen', 'unset'), both('seen')]);
is statuses(@got), 'get unseen:403 post unseen:403 get unset:200 '
    . 'post unset:403 get seen:200 post seen:201', 'variables of SetEnvIf';
@got = ruled('a query', [post('1', set_of('topmost', '')),
    get('2', set_of('top', ''), dependsOn => ['1'])]);
is_deeply $got[1]->json->{value}, [], 'a query that a rule adds';

@got = ruled('sections', [post('small', set_of('small', ''),
    body => record(id => 'x' x 99)), both('status', 'off', 'guarded')]);
is statuses(@got), 'small:413 get status:404 '
    . 'post status:404 get off:404 post off:404 get guarded:401 '
    . 'post guarded:401', 'deeper sections';
item_refused('InsightsUsedMaxBody of a deeper section', $got[0], 'IU0030');
item_refused('another handler', $got[1], 'IU0084');
item_refused('InsightsUsed Off', $got[3], 'IU0084');
item_refused('nobody vouched there', $got[6], 'IU0010');

@got = ruled('rewritten', [post('inside', set_of('inside', ''),
    body => record(id => "led-$$")), both('other-root')], 'X-User: admin');
is $got[0]->status, 201, 'rewritten within the root';
is ids_of('led')->{"led-$$"}, 1, 'to another path of it';
is $_->status, 404, "rewritten to another root: $_->{id}" for @got[1, 2];

# --- header fields of a request are not shown to rules, those of the batch are

my @forged = (post('1', $set, headers => {'X-User' => 'admin'}),
    post('2', $set, headers => {'x-user' => 'admin'}));
my @admins = (vhost => 'ruled', root => '/admins');
@got = answers('X-User of a request',
    batch([@forged, get('get', $set, headers => {'X-User' => 'admin'})], @admins));
is statuses(@got), '1:403 2:403 get:403', 'a forged field';
@got = answers('X-User of the batch',
    batch([@allowed], @admins, headers => ['X-User: admin']));
is statuses(@got), 'get:200 post:201', 'a field of the batch';
my $near = set_of('near', '');
@got = ruled('X-Forwarded-For of a request',
    [get('1', $near, headers => {'X-Forwarded-For' => '10.0.0.1'})]);
is statuses(@got), '1:200', 'a field of a request is not seen';
@got = ruled('X-Forwarded-For of the batch', [get('1', $near,
    headers => {'X-Forwarded-For' => '10.0.0.2'})], 'X-Forwarded-For: 10.0.0.1');
is statuses(@got), '1:403', 'that of the batch is, and stays';

finish_batches();
