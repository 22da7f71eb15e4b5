#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Runs the examples of docs/api.md against a "make run" server started for the
# test. Each "sh" block is run; the "http" block after it gives the expected
# status, the relevant headers and the body. Without one the commands must
# succeed.
#
#   HTTPD, MODULES    the server and the folder of its modules
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../t/lib";
use InsightsUsed::Setup;
use JSON::PP;
use Test::More;

my $PORT = 8080;    # in the examples
my $checkout = realpath(dirname(__FILE__) . '/../..');
my $folder   = tempdir('insights_used-api.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $json     = JSON::PP->new->canonical->utf8;

#### Server ####

my ($port) = free_ports(1);
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

#### Examples ####

# Returns each example with its line, its commands and (http) the expected
# response.
sub examples {
    my ($line, $in, @found) = (0);
    for (split /^/, read_file('docs/api.md') =~ s/$PORT/$port/gr) {
        $line++;
        if (!$in && /\A```(sh|http)\n/) {
            push @found, { line => $line } if $1 eq 'sh';
            $found[-1] && !exists $found[-1]{http}
                or BAIL_OUT("docs/api.md:$line: http without sh");
            $found[-1]{ $in = $1 } = '';
        }
        elsif (/\A```$/) { undef $in }
        elsif ($in)      { $found[-1]{$in} .= $_ }
    }
    return @found;
}

# Runs all in one shell, as a reader would: some set variables that others use.
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
        if exists $header{allow};    # unordered
    return { status => $status, header => \%header, body => $body // '' };
}

# Replaces values that differ between runs by numbers: equal values get equal
# numbers, within all responses of one side.
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

# Compares JSON by value, text by line. A line that is only an ellipsis stands
# for any number of lines.
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
    is(read_file("$file.status"), "0\n", "$name: the commands succeed")
        or diag(read_file("$file.err"));
    return if !exists $example->{http};
    my $want = parse($example->{http});
    my $got  = parse(read_file("$file.out"));
    return fail("$name: no response") || diag(read_file("$file.out"))
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
trial('start') or BAIL_OUT('no server');
my @examples = examples();
cmp_ok(scalar(grep { exists $_->{http} } @examples), '>', 20, 'examples');
run_all(@examples);
check($_) for @examples;
$started = !trial('stop');
done_testing();
