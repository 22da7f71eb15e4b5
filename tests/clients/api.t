#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Every example of docs/api.md, against a server of "make run" that was started
# for it. A block of "sh" is run; the block of "http" that follows tells the
# status, the headers that matter, and the body. Without one it must end well.
#
#   HTTPD, MODULES    the server and the folder of its modules
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP;
use Test::More;

my $PORT = 8080;    # in the examples
my $checkout = realpath(dirname(__FILE__) . '/../..');
my $folder   = tempdir('insights_used-api.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $json     = JSON::PP->new->canonical->utf8;

sub read_file {
    my ($name) = @_;
    open my $file, '<:raw', $name or BAIL_OUT("$name: $!");
    local $/;
    return scalar <$file> // '';
}

sub write_file {
    my ($name, $text) = @_;
    open my $file, '>:raw', $name or BAIL_OUT("$name: $!");
    print $file $text and close $file or BAIL_OUT("$name: $!");
    return;
}

#### The server ####

# The kernel's choice, which it does not repeat soon.
my $port = do {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or BAIL_OUT("no port: $!");
    $socket->sockport;
};
chmod 0755, $folder or BAIL_OUT("$folder: $!");    # for its children
chdir $checkout or BAIL_OUT("$checkout: $!");
@ENV{qw(PORT STATE)} = ($port, "$folder/state");
delete @ENV{qw(MAKEFLAGS MAKELEVEL SCOPE EXP NBF AUD)};
my $started;

sub trial {
    my ($what) = @_;
    my $said = `tools/trial $what 2>&1`;
    return is($?, 0, "tools/trial $what") || diag($said);
}

$SIG{INT} = $SIG{TERM} = sub { exit 1 };

END {
    my $status = $?;
    $started and trial('stop') || ($status = 1);
    $? = $status;
}

#### The examples ####

# Each with its line, its commands and (http) what must come of them.
sub examples {
    my ($line, $in, @found) = (0);
    for (split /^/, read_file('docs/api.md') =~ s/$PORT/$port/gr) {
        $line++;
        if (!$in && /\A```(sh|http)\n/) {
            push @found, { line => $line } if $1 eq 'sh';
            $found[-1] && !exists $found[-1]{http}
                or BAIL_OUT("docs/api.md:$line: the answer to what?");
            $found[-1]{ $in = $1 } = '';
        }
        elsif (/\A```$/) { undef $in }
        elsif ($in)      { $found[-1]{$in} .= $_ }
    }
    return @found;
}

# In one shell, as a reader would, since some set what others use.
sub run_all {
    my (@examples) = @_;
    my $script = '';
    for my $example (@examples) {
        my $name = "$folder/$example->{line}";
        write_file("$name.sh", $example->{sh});
        $script .= ". '$name.sh' >'$name.out' 2>'$name.err' </dev/null\n"
            . "echo \$? >'$name.status'\n";
    }
    write_file("$folder/all.sh", $script);
    system 'bash', "$folder/all.sh";
    return;
}

sub parse {
    my ($text) = @_;
    my ($head, $body) = split /\n\n/, $text =~ s/\r\n/\n/gr, 2;
    my ($status, @lines) = split /\n/, $head;
    my %header;
    for (@lines) {
        /\A([\w-]+): (.*)\z/ or return;
        $header{ lc $1 } = $2;
    }
    $header{allow} = join ', ', sort split /, ?/, $header{allow}
        if exists $header{allow};    # in no order
    return { status => $status, header => \%header, body => $body // '' };
}

# What differs from run to run becomes a number: the same for the same value,
# in all of a side's answers.
my %PATTERN = (
    id    => qr/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
    etag  => qr/(?<=W\/")[0-9a-f]+|(?<=W\/\\")[0-9a-f]+/,
    skip  => qr/(?<=skiptoken=)[\w%.~-]+/,
    date  => qr/(?<="date":")[^"]*Z(?=")/,
);
my %number;

sub numbered {
    my ($side, $text) = @_;
    for my $kind (sort keys %PATTERN) {
        my $of = $number{$side}{$kind} //= {};
        $text =~ s{($PATTERN{$kind})}{
            $of->{$kind eq 'date' ? '' : $1} //= "($kind " . keys(%$of) . ')'
        }ge;
    }
    return $text;
}

# JSON by its values, text by its lines; a line with only the sign of an
# omission stands for any number of lines.
sub check_body {
    my ($name, $want, $got, $type) = @_;
    if ($want =~ /^\x{e2}\x{80}\x{a6}$/m) {
        my @parts = split /^\x{e2}\x{80}\x{a6}$/m, $want;
        my $pattern = join '.*', map { quotemeta s/\s+//gr } @parts;
        like($got =~ s/\s+//gr, qr/\A$pattern\z/s, "$name: body");
        return;
    }
    if ($type =~ m{\Aapplication/json}) {
        for ($want, $got) {
            $_ = eval { $json->encode($json->decode($_)) } // "not JSON: $_"
                if length;
        }
    }
    s/\s+\z// for $want, $got;
    is(numbered(got => $got), numbered(want => $want), "$name: body");
    return;
}

sub check {
    my ($example) = @_;
    my $file = "$folder/$example->{line}";
    my $name = "docs/api.md:$example->{line}";
    is(read_file("$file.status"), "0\n", "$name: the commands end well")
        or diag(read_file("$file.err"));
    return if !exists $example->{http};
    my $want = parse($example->{http});
    my $got  = parse(read_file("$file.out"));
    return fail("$name: no answer") || diag(read_file("$file.out"))
        if !$want || !$got;
    is($got->{status}, $want->{status}, "$name: status")
        or return diag($got->{body});
    for my $field (sort keys %{ $want->{header} }) {
        is(numbered(got => $got->{header}{$field} // '(none)'),
            numbered(want => $want->{header}{$field}), "$name: $field");
    }
    check_body($name, $want->{body}, $got->{body},
        $got->{header}{'content-type'} // '');
    return;
}

$started = 1;
trial('start') or BAIL_OUT('there is no server');
my @examples = examples();
cmp_ok(scalar(grep { exists $_->{http} } @examples), '>', 20, 'examples');
run_all(@examples);
check($_) for @examples;
$started = !trial('stop');
done_testing();
