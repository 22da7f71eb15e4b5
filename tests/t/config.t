# SPDX-License-Identifier: Apache-2.0
# Configuration: each invalid value is refused at startup, with a message that
# gives the directive, the value and the allowed values.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Connection;
use InsightsUsed::Setup;
use InsightsUsed::Test;
use IO::Socket::INET;
use Test::More;

my $httpd    = variable('httpd');
my $file     = state_file('config_test.conf');
my $database = state_file('db/config_test.db');
my @owner    = (stat state_file('db'))[4, 5]; # user and group of the children

# Runs httpd -t on lines at server level and, if given, within /beta.
sub check {
    my ($server, $location) = @_;
    open my $conf, '>', $file or die $!;
    print $conf
        "ServerName 127.0.0.1\nListen 127.0.0.1:1\nErrorLog \"$file.log\"\n",
        "PidFile \"$file.pid\"\nDefaultRuntimeDir \""
        . variable('t_logs') . "\"\n",
        "Mutex file:" . variable('t_logs') . " default\n",
        ($> == 0 ? "User #$owner[0]\nGroup #$owner[1]\n" : ''),
        "Include \"$ENV{IU_MODULES}\"\n", $server, "\n";
    print $conf "<Location \"/beta\">\n$location\n</Location>\n"
        if defined $location;
    close $conf;
    return run_httpd('-t');
}

sub run_httpd {
    my ($arguments) = @_;
    open my $child, '-|', "'$httpd' $arguments -f '$file' 2>&1" or die $!;
    my $said = do { local $/; <$child> };
    close $child;
    return ($? == 0, $said);
}

my $dbd = "InsightsUsedDBD sqlite3 \"$database\"";
sub accepts {
    my ($name, @lines) = @_;
    my ($ok,   $said)  = check(@lines);
    ok $ok, "accepted: $name" or diag $said;
    return;
}
# Checks that the message has the directive, the value and the allowed values.
sub rejects {
    my ($name, $directive, $value, $allowed, @lines) = @_;
    my ($ok, $said) = check(@lines);
    ok !$ok, "refused: $name";
    like $said, qr/\b$directive\b/, "$name: names the directive";
    like $said, qr/\Q$value\E/,     "$name: names the value";
    like $said, $allowed,           "$name: says what is allowed";
    return;
}

accepts('a minimal configuration', $dbd, 'InsightsUsed On');
ok !-e $database, 'a configuration check creates no database';
accepts('an empty configuration', '');
accepts("Mutex $_", "$dbd\nMutex $_ insights-used", 'InsightsUsed On')
    for 'pthread', 'sysvsem', map { "$_:" . variable('t_logs') } qw(fcntl flock);
rejects(
    "Mutex posixsem $_",
    'Mutex', 'posixsem', qr/Allowed are pthread/,
    "$dbd\nMutex posixsem $_", 'InsightsUsed On'
) for qw(insights-used default);

accepts(
    'every directive',
    "$dbd\nInsightsUsedMaxBody 1\nInsightsUsedQueue 65535\n"
        . 'InsightsUsedCommitTimeout 60',
    join "\n",
    'InsightsUsed on',
    'InsightsUsedAnonymous OFF',
    'InsightsUsedIfMatch REQUIRED',
    'InsightsUsedRequired id lastUsed resourceVisualization resourceReference',
    'InsightsUsedInvitationQuery "SELECT NULL FROM invitation WHERE id = %s"',
    'InsightsUsedScopes read A B',
    'InsightsUsedScopes WRITE C',
    'InsightsUsedAudience a b',
    'InsightsUsedClaimPrefix OIDC_CLAIM_',
    'InsightsUsedUserClaim https___issuer.example_user-id',
    'InsightsUsedMaxBody 16777216',
    'InsightsUsedQueue 1',
    'InsightsUsedCommitTimeout 1',
    'InsightsUsedRepeatWindow 31622400',
    'InsightsUsedBaseURL https://graph.example/beta/'
);
accepts('a Location without InsightsUsed',
    $dbd, 'InsightsUsedRequired None');
accepts('directives at the server',
    "$dbd\nInsightsUsedRequired none\nInsightsUsedAnonymous On");

# [directive, value, allowed values]
my @refused = (
    ['InsightsUsed',            'Maybe',         qr/On and Off/],
    ['InsightsUsedAnonymous',   'yes',           qr/On and Off/],
    ['InsightsUsedIfMatch',     'On',            qr/Optional and Required/],
    ['InsightsUsedRequired',    'lastused',      qr/none.*lastUsed/],
    ['InsightsUsedRequired',    'none lastUsed', qr/'none' alone/,  'lastUsed'],
    ['InsightsUsedRequired',    'lastUsed none', qr/'none' alone/,  'none'],
    ['InsightsUsedScopes',      'write "a b"',   qr/white space/,   'a b'],
    ['InsightsUsedScopes',      'write a,b',     qr/comma/,         'a,b'],
    ['InsightsUsedScopes',      'admin a',       qr/read or write/, 'admin'],
    ['InsightsUsedScopes',      'write ""',      qr/at least one/,   ''],
    ['InsightsUsedScopes',      'write "" a',    qr/at least one/,   ''],
    ['InsightsUsedAudience',    '""',            qr/at least one/,   ''],
    ['InsightsUsedRequired',    '""',            qr/at least one/,   ''],
    ['InsightsUsedAudience',    join(' ', 1 .. 70), qr/do not fit/,  '64'],
    ['InsightsUsedAudience',    'a,b',         qr/comma/],
    ['InsightsUsedClaimPrefix', 'CLAIM_',      qr/OAUTH2_CLAIM_.*OIDC_CLAIM_/],
    ['InsightsUsedClaimPrefix', 'oidc_claim_', qr/OAUTH2_CLAIM_.*OIDC_CLAIM_/],
    ['InsightsUsedUserClaim', '"a b"', qr/visible ASCII/],
    ['InsightsUsedUserClaim', 'a=b',   qr/visible ASCII/],
    (
        map { ['InsightsUsedMaxBody', $_, qr/1 to 16777216 bytes/] }
            qw(0 -1 16777217 1M 1.5 x 99999999999999999999),
        '" 1"'
    ),
    (
        map { ['InsightsUsedCommitTimeout', $_, qr/1 to 60 seconds/] }
            qw(0 61 -5 5s x)
    ),
    (
        map { ['InsightsUsedRepeatWindow', $_, qr/1 to 31622400 seconds/] }
            qw(0 31622401 -1 1d x)
    ),
    (
        map { ['InsightsUsedQueue', $_, qr/1 to 65535 requests/] }
            qw(0 65536 -1 x)
    ),
    (
        map { [
            'InsightsUsedBaseURL', $_,
            qr/public URL.*without user, query and fragment/
        ] }
            qw(graph.example/beta ftp://graph.example/ https:///beta
            https://u@graph.example/ https://graph.example/?a /beta),
        'https://graph.example/#b',
        '"https://a b/"'
    ),
    (
        map { ['InsightsUsedInvitationQuery', qq("$_"), qr/%s/, $_] }
            'SELECT u FROM a',
        'SELECT u FROM a WHERE b = %s AND c = %s'
    ),
    [   'InsightsUsedInvitationQuery',
        '"SELECT u FROM a WHERE b = %d"',
        qr/followed by s/
    ],
    (
        map { ['InsightsUsedInvitationQuery', qq("$_"), qr/user's id, or NULL/,
            $_] }
            'SELECT 1 FROM a WHERE b = %s',
        q{select 'x', u FROM a WHERE b = %s}
    ),
);
for my $case (@refused) {
    my ($directive, $value, $allowed, $named) = @$case;
    $named //= $value =~ s/^"|"$//gr;
    my $on = $directive eq 'InsightsUsed' ? '' : "InsightsUsed On\n";
    rejects("$directive $value",
        $directive, $named, $allowed, $dbd, "$on$directive $value");
}

# The database
for my $driver ('nonsense', 'SQLite3', 'sqlite2') {
    rejects(
        "driver '$driver'",
        'InsightsUsedDBD', $driver, qr/sqlite3/,
        "InsightsUsedDBD \"$driver\" \"$database\"",
        'InsightsUsed On'
    );
}
rejects(
    'a database in memory',               'InsightsUsedDBD',
    ':memory:',                           qr/path|file|absolute/i,
    'InsightsUsedDBD sqlite3 ":memory:"', 'InsightsUsed On'
);
for my $lines (['InsightsUsed On'], ["InsightsUsedDBD sqlite3 \"$database\""]) {
    my ($ok, $said) = check(
        '', join "\n",
        'InsightsUsed On',
        grep { !/^InsightsUsed On/ } @$lines
    );
    ok !$ok, 'refused: no database, or one in a Location';
    like $said, qr/InsightsUsedDBD/, 'the message names the directive';
}
my ($ok, $said)
    = check(
    "<VirtualHost *:1>\n<Location /beta>\nInsightsUsed "
    . "On\n</Location>\n</VirtualHost>"
    );
ok !$ok, 'a virtual host without a database is refused';
like $said, qr/IU0140.*InsightsUsedDBD/s, 'with its number';
accepts(
    'a virtual host with its own database',
    "<VirtualHost *:1>\n$dbd\n<Location /beta>\n"
        . "InsightsUsed On\n</Location>\n</VirtualHost>"
);

# A database that the children will not be able to write causes a warning.
my $folder = state_file('db/folder');

sub warned {
    my ($name, $path, $sentence) = @_;
    my ($ok, $said)
        = check("InsightsUsedDBD sqlite3 \"$path\"", 'InsightsUsed On');
    ok $ok, "accepted: $name" or diag $said;
    like $said, qr/IU0150: .*$sentence/, 'with a warning';
    return;
}

($ok, $said) = check($dbd, 'InsightsUsed On');
unlike $said, qr/IU0150/, 'a folder of the right user: no warning';
warned('no folder', "$folder/x.db", qr/\Q$folder\E: No such file/);
mkdir $folder, 0500 or die $!; # owned by root if root runs this
warned('a folder that cannot be written',
    "$folder/x.db",
    qr/\Q$folder\E belongs to user $>, with mode 0500.* \(\d+\), with mode 0700/
);
chmod 0720, $folder or die $!;
warned('a group-writable folder', "$folder/x.db", qr/by others than its owner/);
chmod 0700, $folder and chown @owner, $folder or die $!;
mkdir "$folder/x.db" or die $!;
warned('not a file', "$folder/x.db", qr/is not a regular file/);
rmdir "$folder/x.db" or die $!;
open my $made, '>', "$folder/x.db" or die $!;
chown @owner, "$folder/x.db" or die $!;
chmod 0400,   "$folder/x.db" or die $!;
warned('a file that cannot be written', "$folder/x.db", qr/with mode 0400/);

# At startup it warns once, however many virtual hosts there are.
unlink "$folder/x.db" and rmdir $folder or die $!;
my ($port) = free_ports(1);
($ok, $said) = check(
    "InsightsUsedDBD sqlite3 \"$folder/x.db\"\nListen 127.0.0.1:$port\n"
        . "TypesConfig /dev/null\n"
        . "<VirtualHost *:$port>\n</VirtualHost>",
    "InsightsUsed On\nInsightsUsedAnonymous On"
);
my $text = do { local (@ARGV, $/) = $file; <> };
open my $conf, '>', $file or die $!;
print $conf $text =~ s/^Listen 127.0.0.1:1$//mr;
close $conf;
($ok, $said) = run_httpd('-k start');
ok $ok, 'a server starts' or diag $said;
my @lines = wait_for(
    sub {
        open my $log, '<', "$file.log" or return;
        my @all = <$log>;
        return (grep {/resuming normal operations/} @all) ? \@all : undef;
    }
);
is scalar(grep {/:warn\].*IU0150: .*\Q$folder\E/} @{$lines[0] // []}), 1,
    'and warns once';
my $client = InsightsUsed::Connection->new("127.0.0.1:$port");
$client->send(
    message(
        POST => set_of('config'),
        host => "127.0.0.1:$port",
        body => minimal()
    )
);
is $client->response('POST')->json->{error}{innerError}{code}, 'IU0061',
    'a create fails with its number';
run_httpd('-k stop');
ok wait_for(sub { !-e "$file.pid" }), 'the server stops';

# Whether a virtual host without a database is ready cannot be said.
open $conf, '>', $file or die $!;
print $conf $text =~ s/^(?:Listen 127.0.0.1:1|InsightsUsed.*)$//gmr,
    map {"<Location /$_>\nSetHandler insights-used-$_\n</Location>\n"}
    qw(ready live metrics);
close $conf;
($ok, $said) = run_httpd('-k start');
ok $ok, 'a server without a database starts' or diag $said;
for my $probe (['ready', 503], ['live', 200], ['metrics', 200]) {
    my ($name, $status) = @$probe;
    $client = InsightsUsed::Connection->new("127.0.0.1:$port");
    $client->send(message(GET => "/$name", host => "127.0.0.1:$port"));
    my $response = $client->response('GET');
    is $response->status, $status, "$name: $status";
    is $response->json->{error}{innerError}{code}, 'IU0074', 'with a number'
        if $status == 503;
}
is scalar(grep {/:error\].* IU0074: /} split /^/, read_file("$file.log")), 1,
    'which is logged';
run_httpd('-k stop');
ok wait_for(sub { !-e "$file.pid" }), 'it stops';

# Contexts in which InsightsUsed and InsightsUsedBaseURL are refused
my %places = (
    'the server'                => '%s',
    'a Directory'               => "<Directory /x>\n%s\n</Directory>",
    'a LocationMatch'           => "<LocationMatch ^/x>\n%s\n</LocationMatch>",
    'a Location with wildcards' => "<Location /x*>\n%s\n</Location>",
    'a Location with a pattern' => "<Location ~ ^/x>\n%s\n</Location>",
    'a Limit' => "<Location /x>\n<Limit POST>\n%s\n</Limit>\n</Location>"
);
for my $place (sort keys %places) {
    for my $line ('InsightsUsed On',
        'InsightsUsedBaseURL https://graph.example')
    {
        my ($directive) = split / /, $line;
        my ($ok, $said) = check("$dbd\n" . sprintf $places{$place}, $line);
        ok !$ok, "$directive in $place is refused";
        like $said, qr/$directive\b/, 'the message names it';
    }
}

# Numbers of arguments
for my $line (
    'InsightsUsed', 'InsightsUsed On Off', 'InsightsUsedMaxBody',
    'InsightsUsedScopes read',
    'InsightsUsedInvitationQuery a b', 'InsightsUsedAudience',
    'InsightsUsedRequired',
    map {qq($_ "")}
    qw(InsightsUsed InsightsUsedAnonymous InsightsUsedIfMatch
    InsightsUsedRequired
    InsightsUsedAudience InsightsUsedClaimPrefix InsightsUsedUserClaim
    InsightsUsedMaxBody
    InsightsUsedBaseURL InsightsUsedInvitationQuery)
    )
{
    my ($directive) = split / /, $line;
    my ($ok, $said) = check($dbd, $line);
    ok !$ok && $said =~ /$directive/, "refused: '$line'" or diag $said;
}
for my $line ('sqlite3', 'sqlite3 ""', '"" "x"') {
    my ($ok, $said) = check("InsightsUsedDBD $line");
    ok !$ok && $said =~ /InsightsUsedDBD/, "refused: InsightsUsedDBD $line"
        or diag $said;
}

finish();
