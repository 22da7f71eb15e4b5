#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# "make run" checks its port before it installs or builds anything; it makes
# samples once, and serves the page without a token.
#
#   HTTPD, MODULES    the server and the folder of its modules
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Test::More;

my $checkout = realpath(dirname(__FILE__) . '/../..');
my $folder   = tempdir('insights_used-trial.XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $folder or BAIL_OUT("$folder: $!");    # for the server's children
delete @ENV{qw(MAKEFLAGS MAKELEVEL STATE SCOPE EXP NBF AUD)};

# Runs a command. Returns its output and status.
sub run {
    my ($command) = @_;
    my $said = `$command 2>&1 </dev/null`;
    return ($said, $? >> 8);
}

sub listen_on {
    my ($port) = @_;
    return IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port // 0, Listen => 1,
        ReuseAddr => 1
    ) || BAIL_OUT("no port: $!");
}

# GET. Returns the status and the body.
sub ask {
    my ($url, $token) = @_;
    my $header = $token ? "-H 'Authorization: Bearer $token'" : '';
    my ($said) = run("curl -sS --noproxy '*' $header -w '%{http_code}' '$url'");
    return $said =~ /\A(.*)([0-9]{3})\z/s ? ($2, $1) : ('none', $said);
}

# The parts of the page's address that start prints.
sub page_in {
    my ($said) = @_;
    return $said =~ m{^(http://\S+/)#token=(\S+)&invitation=(\S+)$}m;
}

# The number of used insights that the page shows at this address.
sub shown_at {
    my ($page, $token, $invitation) = @_;
    my $set = "beta/invitations/$invitation/invitedUser/insights/used";
    return (ask("$page$set/\$count", $token))[1];
}

$SIG{INT} = $SIG{TERM} = sub { exit 1 };

END {
    my $status = $?;
    run("'$checkout/tools/trial' stop") if $ENV{STATE};
    $? = $status;
}

# A checkout without sources, in which nothing can be built.
system("cd '$checkout' && cp -R --parents Makefile tools tests/*.mk '$folder'")
    == 0 or BAIL_OUT('cp failed');

my $listener = listen_on();
my $port     = $listener->sockport;
my ($said, $status) = run("make -C '$folder' run PORT=$port");
isnt($status, 0, 'another program has the port');
like($said, qr/^Port $port of 127\.0\.0\.1 is taken by another program\.$/m,
    'with a message');
like($said, qr/make run PORT=/, 'and a suggestion');
unlike($said, qr/mod_insights_used|apxs|installing/, 'before anything else');

# Before anything is installed, only these modules may be available.
my $small = 'BEGIN { @INC = grep m{/perl-base$}, @INC } $0 = "tools/trial";'
    . ' do "./$0" // die $@ || $!';
($said, $status) = run("cd '$checkout' && PORT=$port perl -e '$small' check");
like($said, qr/\APort $port .* is taken/, "perl-base's modules are enough");

close $listener;
@ENV{qw(PORT STATE)} = ($port, "$folder/state");
chdir $checkout or BAIL_OUT("$checkout: $!");
($said, $status) = run('tools/trial check');
is("$status $said", '0 ', 'the port is free');

($said, $status) = run('tools/trial start');
is($status, 0, 'the trial server starts') or diag($said);
my ($page, $token, $invitation) = page_in($said);
is($page, "http://127.0.0.1:$port/", 'it prints the address of the page');
is(shown_at($page, $token, $invitation), 4, 'with three samples and the example');
my ($code, $html) = ask($page);
is($code, 200, 'the page is served without a token');
like($html, qr{<title>Used insights</title>}, 'as it is');
is((ask("${page}page.html"))[0], 403, 'at one address only');
is((ask("${page}beta/"))[0], 401, 'the service needs a token');
is((ask("${page}beta/", $token))[0], 200, 'and accepts the one printed');
($said, $status) = run('tools/trial check');
is("$status $said", '0 ', 'the same checkout may start again');
($said, $status) = run("cd '$folder' && tools/trial check");
isnt($status, 0, 'but another checkout may not');
($said, $status) = run('tools/trial start');
is($status, 0, 'start replaces the server') or diag($said);
like($said, qr/^The server that ran on port $port is started anew\.$/m,
    'with a message');
is(shown_at(page_in($said)), 5, 'the samples are not made again');
($said, $status) = run('tools/trial stop');
is($status, 0, 'the server stops') or diag($said);

done_testing();
