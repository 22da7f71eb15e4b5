# SPDX-License-Identifier: Apache-2.0
# Keys in paths and bodies: forms, encodings, limits.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use Encode qw(encode);

sub encoded {
    my ($text) = @_;
    $text = encode('UTF-8', $text);
    $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

# Valid keys of all kinds: created, and found at Location and in both forms.
my %keys = (
    plain                  => 'abc',
    'upper case'           => 'ABC',
    dots                   => 'a.b',
    'one dot'              => '.',
    'two dots'             => '..',
    'three dots'           => '...',
    '$count'               => '$count',
    '$batch'               => '$batch',
    dollar                 => 'a$b',
    slash                  => 'a/b',
    'only a slash'         => '/',
    'encoded slash'        => 'a%2Fb',
    'twice encoded slash'  => 'a%252Fb',
    quote                  => "a'b",
    quotes                 => "''",
    'double quote'         => 'a"b',
    space                  => 'a b',
    plus                   => 'a+b',
    parentheses            => "used('x')",
    question               => 'a?b',
    hash                   => 'a#b',
    backslash              => 'a\\b',
    'semicolon'            => 'a;p=1',
    'percent'              => '100%',
    'ampersand'            => 'a&b=c',
    comma                  => 'a,b',
    colon                  => 'a:b',
    at                     => 'a@b',
    emoji                  => "\x{1f600}",
    'combining'            => "e\x{301}",
    'right to left'        => "\x{5d0}",
    'separator'            => "\x{2028}",
    '255 bytes'            => 'x' x 255,
    '255 bytes of umlauts' => "\x{e4}" x 127 . 'x',
    'gz'                   => 'x.gz',
    'cgi'                  => 'x.cgi',
    'de'                   => 'x.de',
    'html'                 => 'x.html',
    'status'               => 'x.status',
    'latin2'               => 'x.latin2',
    'deflated'             => 'x.deflated',
    tilde                  => '~',
    less                   => '<b>',
    space_only             => ' ',
    'id='                  => "id='x'",
    null                   => 'null',
    'name of the set'      => 'used',
    index                  => 'index.html',
    htaccess               => '.htaccess',
);
my $inv = new_invitation();
for my $name (sort keys %keys) {
    my $key  = $keys{$name};
    my $made = create($inv, minimal(id => $key));
    is created("id: $name", $made)->{id}, $key, "$name: the id comes back";
    my ($path) = ($made->field('Location') // '') =~ m{^http://[^/]+(/.*)};
    unlike $path, qr/[^\x21-\x7e]/, "$name: Location is a URL";
    unlike $path, qr{/(?:\.|%2e){1,2}(?:/|$)}i,
        "$name: no dot segments, which clients would resolve";
    my $got = call(GET => $path);
    is $got->status, 200,         "$name: GET of Location";
    is $got->body,   $made->body, "$name: the same representation";
    is_deeply [sort grep { !/^(?:date|request-id|client-request-id)$/ }
            $got->field_names], [
        sort qw(server connection content-type content-length odata-version
            etag cache-control x-content-type-options vary)
            ],
        "$name: no header of another module"
        or diag join ' ', $got->field_names;
    (my $quoted = $key) =~ s/'/''/g;
    for my $form ("('" . encoded($quoted) . "')",
        "(id='" . encoded($quoted) . "')")
    {
        is call(GET => set_of($inv) . $form)->body, $made->body,
            "$name: found as used$form";
    }
    refused("$name again", create($inv, minimal(id => $key)), 'IU0050');
}

# The same for invitation keys.
for my $name (sort keys %keys) {
    my $key = $keys{$name};
    (my $quoted = $key) =~ s/'/''/g;
    my $id   = 'by-invitation';
    my $made = call(
        POST => "/beta/invitations('"
            . encoded($quoted)
            . "')/invitedUser/insights/used",
        body => minimal(id => "$id-$$")
    );
    my $entity  = created("invitation: $name", $made);
    my $context = $entity->{'@odata.context'} // '';
    is $context,
        api_url("/beta/\$metadata#invitations('$quoted')")
        . '/invitedUser/insights/used/$entity', "$name: the context names it";
    my ($path) = ($made->field('Location') // '') =~ m{^http://[^/]+(/.*)};
    is call(GET => $path)->body, $made->body, "$name: GET of Location";
}

# A segment and parentheses denote the same key; %2F is data.
my $made = create('a%2Fb' . $$, minimal(id => 'one'));
is $made->status, 201, 'a slash in a segment';
is call(GET => "/beta/invitations('a%2fb$$')/invitedUser/insights/used/one")
    ->body,
    $made->body, 'is the same in parentheses, in either case of hex';
is call(GET => set_of("a%2F%62$$") . '/%6Fne')->body, $made->body,
    'any character may be encoded';
refused(
    'a%252Fb is another key',
    call(GET => set_of("a%252Fb$$") . '/one'),
    'IU0051',
    message => "Resource 'one' does not exist or one of its queried "
        . 'reference-property objects are not present.'
);
is call(GET =>
        "/beta/INVITATIONS(ID='a%2Fb$$')/inviteduser/INSIGHTS/Used(Id='one')")
    ->body, $made->body,
    'fixed segments match in any case, keys do not';
refused(
    'keys are case-sensitive',
    call(GET => set_of("A%2Fb$$") . '/one'),
    'IU0051', message => qr/'one'/
);
is call(GET => "/beta/%69nvitations('a%2Fb$$')/invitedUser/insights/%75sed/one")
    ->body, $made->body, 'fixed segments may be encoded too';
is create("plus+$$", minimal(id => 'a+b'))->status,     201, 'a plus is a plus';
is call(GET => set_of("plus+$$") . '/a+b')->json->{id}, 'a+b', 'in a path';

# Invalid keys
my %bad = (
    'empty in parentheses'             => "('')",
    '256 bytes'                        => '/' . 'x' x 256,
    '256 bytes in two-byte characters' => '/' . '%C3%A4' x 128,
    'a line feed'                      => '/a%0Ab',
    'DEL'                              => '/a%7Fb',
    'C1'                               => '/%C2%80',
    'a tab in parentheses'             => "('a%09b')",
    'a lone byte'                      => '/%FF',
    'overlong'                         => '/%C0%AF',
    'a surrogate'                      => '/%ED%A0%80',
    'beyond Unicode'                   => '/%F4%90%80%80',
    'truncated'                        => '/%E2%82',
    'empty, with its name'             => "(id='')",
);
my %unquoted = (
    'no quotes'              => '(abc)',
    'one quote'              => "('abc)",
    'a single quote inside'  => "('a'b')",
    'the same, encoded'      => '(%27a%27b%27)',
    'double quotes'          => '(%22abc%22)',
    'nothing in parentheses' => '()',
    'another name'           => "(key='abc')",
    'a name without quotes'  => '(id=abc)',
    'two keys'               => "('abc','abc')",
);

# Checks the error for a bad key of either set; SET in the message is replaced
# by the name of the set.
sub refused_key {
    my ($name, $key, $number, $message) = @_;
    refused(
        "id: $name", call(GET => set_of($inv) . $key),
        $number, message => $message =~ s/SET/used/gr
    );
    refused(
        "invitation: $name",
        call(
            POST => "/beta/invitations$key/invitedUser/insights/used",
            body => minimal()
        ),
        $number,
        message => $message =~ s/SET/invitations/gr
    );
    return;
}
refused_key($_, $bad{$_}, 'IU0001',
    "The key of 'SET' must be 1 to 255 bytes of UTF-8 without control "
        . 'characters.')
    for sort keys %bad;
refused_key(
    $_, $unquoted{$_}, 'IU0006',
    "The key of 'SET' in parentheses must be quoted, as in SET('key') or "
        . "SET(id='key'), and each quote in it doubled."
) for sort keys %unquoted;

# Refused by httpd itself.
refused('NUL',              call(GET => set_of($inv) . '/a%00b'), 'IU0084');
refused('half an encoding', call(GET => set_of($inv) . '/a%2'),   'IU0080');

# Ids in bodies
my $message
    = "The property 'id' must be 1 to 255 bytes of UTF-8 without control "
    . "characters.";
for my $id ('', 'x' x 256, "\x{e4}" x 128, "a\nb", "\x{7f}", "\x{85}") {
    refused(
        'id of ' . length($id) . ' characters',
        create($inv, minimal(id => $id)),
        'IU0045',
        message => $message,
        target  => 'id'
    );
}
for my $id (1, 1.5, JSON::PP::true(), [], {}) {
    my $text = json_of([$id]) =~ s/^\[|\]$//gr;
    refused(
        "id: $text", create($inv, minimal(id => $id)), 'IU0042',
        target  => 'id',
        message =>
            "Cannot convert the literal '$text' to the expected type "
            . "'Edm.String'."
    );
}

finish();
