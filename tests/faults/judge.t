# SPDX-License-Identifier: Apache-2.0
# The judge passes a correct history, and detects each fault that it should.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Faults::History;
use Faults::Judge;
use Faults::Shim;
use File::Temp;
use Test::More;

my $TYPE = 'application/json';

sub document {
    my ($marker) = @_;
    return qq({"lastUsed":{},"resourceVisualization":{"title":"$marker"}});
}

# The document as the server stores it.
sub kept {
    my ($marker) = @_;
    return
          '{"lastUsed":{"@odata.type":"microsoft.graph.usageDetails"},'
        . '"resourceVisualization":'
        . '{"@odata.type":"microsoft.graph.resourceVisualization",'
        . qq("title":"$marker"}});
}

sub row {
    my ($marker, $id) = @_;
    return {
        invitation => 'i',
        id         => $id // $marker,
        version    => "v-$marker",
        document   => kept($marker)
    };
}

sub sent {
    my ($marker, $start, $end, %more) = @_;
    return {
        marker     => $marker,
        method     => 'POST',
        invitation => 'i',
        id         => $marker,
        document   => document($marker),
        start      => $start,
        end        => $end,
        %more
    };
}

sub stored {
    my ($marker, $start, $end, %more) = @_;
    my $id = $more{id} // $marker;
    return sent(
        $marker, $start, $end,
        status   => 201,
        etag     => qq{W/"v-$marker"},
        type     => $TYPE,
        location => "http://h/used/$id",
        body => qq({"id":"$id",) . substr(kept($marker), 1),
        %more
    );
}

sub server_made {
    my ($marker, $start, $end, $id) = @_;
    return {%{stored($marker, $start, $end, id => $id)}, id => undef};
}

# A create with a key: the marker of the first request that has it.
sub keyed {
    my ($request, $key) = @_;
    return {%$request, key => $key, id => undef};
}

sub repeated {
    my ($marker, $start, $end, $key) = @_;
    my $first = stored($key, $start, $end, id => 'keyed');
    return keyed({%$first, marker => $marker}, $key);
}

sub refused {
    my ($marker, $start, $end, $status, $code, $number, $message, %more) = @_;
    return sent(
        $marker, $start, $end,
        status      => $status,
        type        => $TYPE,
        retry_after => $status == 503 ? 1 : undef,
        body => qq({"error":{"code":"$code","message":"$message",)
            . qq("innerError":{"code":"$number"}}}),
        %more
    );
}

sub unavailable {
    my ($marker, $number, %more) = @_;
    return refused($marker, 1, 2, 503, 'ServiceUnavailable', $number,
        'It had no effect.', %more);
}

sub conflict {
    my ($marker, $start, $end, $id) = @_;
    return refused($marker, $start, $end, 409,
        'Request_MultipleObjectsWithSameKeyValue',
        'IU0050', 'exists', id => $id);
}

sub silent {
    my ($marker, $start, $end, %more) = @_;
    return sent($marker, $start, $end, status => 0, body => 'closed', %more);
}

sub found {
    my ($marker, $start, $end, $of, %more) = @_;
    return {
        %{stored($of, $start, $end)},
        marker => $marker,
        method => 'GET',
        status => 200,
        %more
    };
}

# A correct history, and the resulting rows.
sub in_order {
    return (
        history => [
            stored('a', 1, 2),
            server_made('b', 1, 3, 'made'),
            conflict('c', 2, 3, 'a'),
            unavailable('d', 'IU0060'),
            unavailable('e', 'IU0067'),
            unavailable('f', 'IU0067'),
            silent('g', 5, 7),
            silent('h', 4, 5),
            conflict('i', 4, 8, 'g'),
            found('j', 8, 9, 'a'),
            keyed(unavailable('l', 'IU0067'), 'l'),
            repeated('m', 2, 3, 'l'),
            repeated('n', 3, 4, 'l'),
        ],
        databases => [
            {
                rows => [
                    row('a'), row('b', 'made'), row('e'), row('g'),
                    row('l', 'keyed')
                ]
            }
        ],
        outages => [[5, 6]],
    );
}

sub faults { my (%given) = @_; return judge(%given)->{faults} }

my %good = in_order();
is_deeply faults(%good), [], 'a correct history';
is_deeply judge(%good)->{counts},
    {
    requests                 => 13,
    201                      => 4,
    200                      => 1,
    IU0050                   => 2,
    IU0060                   => 1,
    IU0067                   => 3,
    'no answer'              => 2,
    rows                     => 5,
    'rows without an answer' => 1,
    },
    'and its counts';

# Checks that the judge finds a fault; code introduces it into the history.
sub finds {
    my ($name, $pattern, $code) = @_;
    my %given = in_order();
    $code->(\%given, $given{history}, $given{databases}[0]{rows});
    my @faults = @{faults(%given)};
    is scalar @faults, 1, "$name: one fault" or diag @faults;
    like $faults[0] // '', $pattern, $name;
    return;
}

finds('a lost record', qr/^b: 201, but there is no row/,
    sub { splice @{$_[2]}, 1, 1 });
finds('another version', qr/^b: 201, but the row made tells otherwise/,
    sub { $_[2][1]{version} = 'v-x' });
finds('another document in the answer', qr/^b: 201, but the row/,
    sub { $_[1][1]{body} =~ s/"title":"b"/"title":"B"/ });
finds(
    'another document in answer and row',
    qr/^b: its row holds another document/,
    sub {
        s/"lastUsed":\{/"lastUsed":{"x":1,/ for $_[1][1]{body}, $_[2][1]{document};
    }
);
finds(
    'another id than requested',
    qr/^k: 201 without its id/,
    sub {
        push @{$_[1]}, {%{stored('k', 1, 2)}, id => 'asked for'};
        push @{$_[2]}, row('k', 'asked for');
    }
);
finds('no Location', qr/^b: 201 without its Location/,
    sub { $_[1][1]{location} = undef });
finds('a row without a request', qr/^nobody sent the row x/,
    sub { push @{$_[2]}, row('x') });
finds('a row of another invitation', qr/^nobody sent the row g/,
    sub { $_[2][3]{invitation} = 'other'; pop @{$_[1]}; splice @{$_[1]}, 8, 1 });
finds(
    'a record stored twice',
    qr/^e: stored 2 times/,
    sub {
        $_[1][4] = refused('e', 1, 2, 500, 'InternalServerError', 'IU0067',
            'm', id => undef);
        push @{$_[2]}, row('e', 'second');
    }
);
finds('a repeat that made another record', qr/^l: stored 2 times/,
    sub { push @{$_[2]}, row('l', 'second') });
finds('a repeat that was answered with another record',
    qr/^n: 201, but the row keyed tells otherwise/,
    sub { $_[1][12]{body} =~ s/"title":"l"/"title":"n"/ });
finds('a repeat whose record is lost', qr/^m: 201, but there is no row keyed/,
    sub { pop @{$_[1]}; pop @{$_[2]} });
finds('a retry that would create another record',
    qr/^f: no answer of the contract: 503/,
    sub { $_[1][5]{id} = undef });
finds('an effect in spite of IU0060', qr/^d: IU0060, but its record is there/,
    sub { push @{$_[2]}, row('d') });
finds(
    'an effect of a bad request',
    qr/^d: IU0042, but its record is there/,
    sub {
        push @{$_[2]}, row('d');
        $_[1][3] = refused('d', 1, 2, 400, 'BadRequest', 'IU0042', 'm');
    }
);
finds('a conflict with nothing', qr/^k: 409, but the key was not there/,
    sub { push @{$_[1]}, conflict('k', 3, 4, 'nowhere') });
finds('a conflict with a later record', qr/^k: 409, but the key was not/,
    sub { push @{$_[1]}, conflict('k', 0, 0.5, 'a') });
finds('a conflict with itself', qr/^k: IU0050, but its record is there/,
    sub { push @{$_[1]}, conflict('k', 3, 4, 'k'); push @{$_[2]}, row('k') });
finds('silence while the server ran', qr/^k: no answer while the server ran/,
    sub { push @{$_[1]}, silent('k', 7, 8) });
finds(
    'a request that hung, even in an outage',
    qr/^k: no answer while/,
    sub {
        push @{$_[1]}, silent('k', 4, 30, body => 'no answer within 20 s');
    }
);
finds(
    'an error page',
    qr/^k: no answer of the contract: 502 <html>/,
    sub { push @{$_[1]}, sent('k', 1, 2, status => 502, body => '<html>') }
);
finds(
    'another status than the number has',
    qr/^d: no answer of the contract: 500/,
    sub { $_[1][3]{status} = 500 }
);
finds('an unknown number', qr/^d: no answer of the contract/,
    sub { $_[1][3]{body} =~ s/IU0060/IU0999/ });
finds('the code of another number', qr/^d: no answer of the contract/,
    sub { $_[1][3]{body} =~ s/ServiceUnavailable/BadRequest/ });
finds('an error in another type', qr/^d: no answer of the contract/,
    sub { $_[1][3]{type} = 'text/html' });
finds('503 without Retry-After', qr/^d: 503 without Retry-After/,
    sub { $_[1][3]{retry_after} = undef });
finds('503 that does not state its effect', qr/^d: IU0060 says nothing/,
    sub { $_[1][3]{body} =~ s/It had no effect/Sorry/ });
finds('a read of another version', qr/^j: 200, but no row tells the same/,
    sub { $_[1][9]{etag} = 'W/"v-old"' });
finds(
    'a record that is not found',
    qr/^k: not found, but it was there/,
    sub {
        push @{$_[1]},
            refused('k', 3, 4, 404, 'Request_ResourceNotFound', 'IU0051', 'm',
            method => 'GET', id => 'a');
    }
);
finds('a request sent twice', qr/^a: sent twice/,
    sub { push @{$_[1]}, stored('a', 1, 2) });
like faults(history => [], databases => [])->[0], qr/no request/,
    'an empty history is a fault';

# Successive databases
my @two = (
    {to   => 10, rows => [row('a')]},
    {from => 10, rows => [row('b'), row('c')]}
);
my @three = (stored('a', 1, 2), stored('b', 9, 11), stored('c', 12, 13));
is_deeply faults(history => \@three, databases => \@two), [],
    'a record is in the database of its time';
$three[0] = stored('a', 11, 12);
like faults(history => \@three, databases => \@two)->[0],
    qr/^a: 201, but there is no row/,
    'a record in an earlier database is lost';

@two = ({to => 10, lost => 1}, {from => 9, rows => [row('b'), row('c')]});
is_deeply faults(history => \@three, databases => \@two)->[0],
    'a: 201, but there is no row a',
    'nor is it excused by one removed before';
$three[0] = stored('a', 1, 2);
is_deeply judge(history => \@three, databases => \@two),
    {
    faults => [],
    counts => {
        requests                       => 3,
        201                            => 3,
        rows                           => 2,
        '201 lost with a removed file' => 1
    }
    },
    'but by one removed afterwards';

@two = (
    {to   => 10, rows => [row('b', 'a')]},
    {from => 9,  lost => 1},
);
@three = (
    server_made('b', 1, 2, 'a'),
    stored('a', 9.5, 9.6)
);
is_deeply faults(history => \@three, databases => \@two), [],
    'even if the previous one had a record with that id';
$three[1] = stored('a', 3, 4);
is_deeply faults(history => \@three, databases => \@two),
    ['a: 201, but the row a tells otherwise'], 'but not before that';

# Histories are read as they were written.
my $file    = File::Temp->new;
my $request = sent('m', 1, 2, status => 0, body => "a\tb\\n\nc\r", id => undef);
append_request($file, $request);
append_request($file, {%$request, id => ''});
close $file;
delete $request->{id};
is_deeply read_history($file->filename), [$request, {%$request, id => ''}],
    'a request is read as it was written';
open my $cut, '>>', $file->filename or die $!;
print $cut "half\ta line";
close $cut;
ok !eval { read_history($file->filename); 1 }, 'a truncated line is an error';

# Attribution of crashes
my %stacks;
add_frame(\%stacks, $_)
    for `LD_PRELOAD='$ENV{FAULTS_SHIM}' '$^X' -e 'kill SEGV => \$\$' 2>&1`;
is scalar keys %stacks, 1, 'a crashing process logs its stack';
my ($pid, $stack) = %stacks;
like $stack, qr{/libc\.}, 'with the file of each function';
ok is_of_others($stack), 'the module is not among them';
add_frame(\%stacks, "stack of $pid: /x/mod_insights_used.so iu_x\n");
ok !is_of_others($stacks{$pid}), 'if it is, the crash is ours';
ok !is_of_others(undef), 'a crash without a stack is ours';

done_testing;
