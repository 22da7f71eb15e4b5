# SPDX-License-Identifier: Apache-2.0
# Checks the responses for a line of the table: checks common to all lines, then
# the line's own.
package Matrix::Check;
use strict;
use warnings;
use InsightsUsed::Connection;
use InsightsUsed::Problem;
use InsightsUsed::Process;
use InsightsUsed::Response;
use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Test::More;

my $GUID = qr/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
my $BODY = JSON::PP->new->canonical->encode(
    {
        lastUsed              => {},
        resourceVisualization => {},
        resourceReference     => {type => 'matrix', id => 'of'},
    }
);

# A batch that reads a collection and a record that was deleted, and deletes it.
my $BATCH = '{"requests":['
    . '{"id":"1","method":"GET","url":"@set@"},'
    . '{"id":"2","method":"DELETE","url":"@set@/first.html"},'
    . '{"id":"3","method":"GET","url":"@set@/first.html"}]}';

# A pattern for its response.
sub statuses {
    return qr/"id":"1","status":$_[0],.*"id":"2","status":$_[1],.*"id":"3","status":$_[2],/;
}

sub with_id { my ($id) = @_; return $BODY =~ s/^\{/{"id":"$id",/r }

# Checks common to all lines: [name, user, method, path, status, options].
# Options: number (of the problem), body, type (of the body), chunked (the body;
# not with curl), headers (of the request), like (pattern for the response
# body), plain (an error that need not have the contract's format; the value
# gives the reason), field (name => pattern for its value, undef for an absent
# field), deletes. "@set@" is the collection of an invitation that only this
# line uses, "first.html" a record in it: other modules could mistake its name
# for a file's.
my @COMMON = (
    [create => writer => POST => '@set@', 201, body => with_id('first.html')],

    (   map {
            my ($name, $method, $path, %more) = @$_;
            (   ["no token: $name", undef, $method, $path, 401,
                    number => 'IU0082', %more],
                ["no scope: $name", guest => $method, $path, 403,
                    number => 'IU0013', %more]
                )
            }[create => POST => '@set@', body => $BODY],
        ['list'     => GET    => '@set@'],
        ['count'    => GET    => '@set@/$count'],
        ['one'      => GET    => '@set@/first.html'],
        ['head'     => HEAD   => '@set@/first.html'],
        ['resource' => GET    => '@set@/first.html/resource'],
        ['patch'    => PATCH  => '@set@/first.html', body => '{}'],
        ['delete'   => DELETE => '@set@/first.html'],
        ['metadata' => GET    => '@root@/$metadata'],
        ['openapi'  => GET    => '@root@/openapi.json'],
        ['root'     => GET    => '@root@'],
    ),

    [list => writer => GET => '@set@', 200, like => qr/"id":"first.html"/],
    ['list/' => writer => GET => '@set@/', 200, like => qr/"id":"first.html"/],
    [count => writer => GET => '@set@/$count', 200, like => qr/\A1\z/],
    [one => writer => GET => '@set@/first.html', 200, like => qr/"matrix"/],
    [head => writer => HEAD => '@set@/first.html', 200],
    [   resource => writer => GET => '@set@/first.html/resource',
        200, like => qr/"#matrix"/
    ],
    [   patch => writer => PATCH => '@set@/first.html',
        200, like => qr/"new"/, body => '{"resourceReference":{"id":"new"}}'
    ],
    [   again => writer => POST => '@set@',
        409, number => 'IU0050', body => with_id('first.html')
    ],
    [delete => writer => DELETE => '@set@/first.html', 204],
    [gone => writer => GET => '@set@/first.html', 404, number => 'IU0051'],
    [stays => writer => POST => '@set@', 201, body => $BODY],
    [chunked => writer => POST => '@set@', 201, body => $BODY, chunked => 1],
    [   batch => writer => POST => '@root@/$batch',
        200, body => $BATCH, like => statuses(200, 404, 404)
    ],
    [   'no scope: batch' => guest => POST => '@root@/$batch',
        200, body => $BATCH, like => statuses(403, 403, 403)
    ],
    [   'no token: batch' => undef, POST => '@root@/$batch',
        401, body => $BATCH, number => 'IU0082'
    ],
    [   slash => writer => POST =>
            '@root@/invitations/@name@%2Fslash/invitedUser/insights/used',
        201, body => $BODY
    ],
    [   quoted => writer => GET =>
            "\@root\@/Invitations('\@name\@%2Fslash')/inviteduser/insights/USED",
        200, like => qr/"matrix"/
    ],
    [metadata => writer => GET => '@root@/$metadata', 200, like => qr/edmx:/],
    [openapi => writer => GET => '@root@/openapi.json', 200, like => qr/"paths"/],
    [root => writer => GET => '@root@', 200, like => qr/"\@odata.context"/],
    [options => guest => OPTIONS => '@set@', 204],
    [unknown => writer => GET => '@root@/nothing/here', 404, number => 'IU0084'],
    [   method => writer => PUT => '@set@',
        405, body => $BODY, number => 'IU0002', field => {Allow => qr/POST/}
    ],
    [malformed => writer => POST => '@set@', 400, number => 'IU0035', body => '{'],
    [   type => writer => POST => '@set@',
        415, number => 'IU0020', body => 'id=1', type => 'text/plain'
    ],
);

sub new {
    my ($class, $httpd) = @_;
    return bless {
        httpd    => $httpd,
        log_at   => 0,
        expected => {},
        children => {map { $_ => 1 } $httpd->children},
    }, $class;
}

# Runs all checks of a line.
sub line {
    my ($self, $line) = @_;
    my %but = %{$line->{but} // {}};
    for my $check ($line->{alone} ? () : @COMMON) {
        my ($name, $user, $method, $path, $status, %option) = @$check;
        if (my $other = delete $but{$name}) {
            ($status, my $why, my %more) = @$other;
            next unless defined $status;
            delete @option{qw(number like)};
            %option = (%option, ours => 0, %more);
            $name .= " ($why)";
        }
        $self->_one($line, $name, $user, $method, $path, $status,
            ours => 1, %option);
    }
    is join(' ', sort keys %but), '', 'no unknown name in but';
    if (!$line->{alone} && !$line->{client}) {
        $self->_kept($line, chunked => $_) for 0, 1;
    }
    for my $check (@{$line->{also} // []}) {
        my ($user, $method, $path, $status, %option) = @$check;
        my $name = join ' ', $user // 'nobody', $method, substr $path, 0, 90;
        $self->_one($line, $name, $user, $method, $path, $status, %option);
    }
    $self->rows;
    $self->log('the log', @{$line->{logs} // []});
    return;
}

# After a graceful restart, which reloads all modules: each kind of response
# once, in the virtual host of a line.
sub reload {
    my ($self, $line) = @_;
    ok $self->{httpd}->reload, 'the server has new children';
    $self->{children} = {map { $_ => 1 } $self->{httpd}->children};
    for my $check (
        [writer => POST => '@set@', 201, body   => $BODY],
        [writer => GET  => '@set@', 200, like   => qr/"value":\[\{/],
        [guest  => GET  => '@set@', 403, number => 'IU0013'],
        [undef, GET => '@set@', 401, number => 'IU0082']
        )
    {
        my ($user, $method, $path, $status, %option) = @$check;
        $self->_one($line, "$method: $status", $user, $method, $path, $status,
            %option);
    }
    $self->rows;
    $self->log('the log');
    return;
}

sub _one {
    my ($self, $line, $name, $user, $method, $path, $status, %option) = @_;
    my $root  = $line->{path} // '/beta';
    my %value = (
        name => $line->{name},
        root => $root,
        port => $self->{httpd}{port},
        set  => "$root/invitations/$line->{name}/invitedUser/insights/used",
    );
    for my $text ($path, $option{body} // ()) {
        $text =~ s/\@(name|root|port|set)\@/$value{$1}/g;
    }
    $path = '/' if $path eq '';
    my $response = eval { $self->_call($line, $user, $method, $path, %option) }
        or return fail("$name: $@");
    my @faults = _faults($response, $method, $status,
        contract => scalar($path =~ m{^\Q$root\E(?:/|$)}), %option);
    my $got = $response->status;
    is join('; ', @faults), '', "$name: $status"
        or diag "$name: $got ", substr $response->body, 0, 300;
    $self->_note($response, $method, $path, $option{deletes});
    return;
}

# Sends a request that is refused before its body is read, and another one after
# it on the same connection: the second is answered, or the first response
# announced that the connection closes.
sub _kept {
    my ($self, $line, %option) = @_;
    my $set
        = ($line->{path} // '/beta')
        . "/invitations/$line->{name}/invitedUser/insights/used";
    my $connection
        = InsightsUsed::Connection->new($self->{httpd}->address($line));
    my $next = eval {
        $connection->send(
            _message($line, 'guest', POST => $set, body => $BODY, keep => 1,
                %option),
            _message($line, 'writer', GET => $set)
        );
        my $first = $connection->response('POST') // die "no response\n";
        die 'status ', $first->status, "\n" if $first->status != 403;
        ($first->field('Connection') // '') =~ /close/i
            ? 'closed'
            : $connection->response('GET') // die "no second response\n";
    };
    my $name = 'a second request gets its response'
        . ($option{chunked} ? ' after a chunked body' : '');
    ok ref $next ? $next->status == 200 : $next, $name
        or diag $@ || substr $next->body, 0, 300;
    return;
}

# --- requests

# The header field that identifies a user.
sub _credentials {
    my ($line, $user) = @_;
    my $how = $line->{credentials};
    return ref $how ? $how->($user) : $how =~ s/\@user\@/$user/gr if $how;
    return 'Authorization: Basic ' . encode_base64("$user:secret", '');
}

# Header fields, except those for framing.
sub _fields {
    my ($line, $user, %option) = @_;
    return (
        defined $user ? _credentials($line, $user) : (),
        defined $option{body}
        ? 'Content-Type: ' . ($option{type} // 'application/json')
        : (),
        @{$line->{headers}  // []},
        @{$option{headers} // []}
    );
}

sub _message {
    my ($line, $user, $method, $path, %option) = @_;
    my $body  = $option{body};
    my @lines = ("$method $path HTTP/1.1", "Host: $line->{name}.example",
        _fields($line, $user, %option));
    push @lines, 'Connection: close' unless $option{keep};
    if ($option{chunked}) {
        push @lines, 'Transfer-Encoding: chunked';
        $body = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
            $body =~ /\A(.{10})(.*)\z/s, '';
    }
    elsif (defined $body) {
        push @lines, 'Content-Length: ' . length $body;
    }
    return join("\r\n", @lines, '', '') . ($body // '');
}

sub _call {
    my ($self, $line, $user, $method, $path, %option) = @_;
    my $response
        = $line->{client}
        ? $self->_curl($line, $user, $method, $path, %option)
        : $self->_raw($line, $user, $method, $path, %option);
    my $body = $response->body;
    if (($response->field('Content-Encoding') // '') eq 'gzip' && $body ne '') {
        gunzip(\$body => \$response->{body}) or die "gunzip: $GunzipError\n";
    }
    return $response;
}

sub _raw {
    my ($self, $line, $user, $method, $path, %option) = @_;
    my $connection
        = InsightsUsed::Connection->new($self->{httpd}->address($line));
    $connection->send(_message($line, $user, $method, $path, %option));
    my $response = $connection->response($method) // die "no response\n";
    my $rest     = $connection->rest;
    die "after the response came '$rest'\n" if $rest ne '';
    return $response;
}

# Options of curl for clients that need it.
my %CURL = (
    tls    => ['--http1.1'],
    h2     => ['--http2'],
    digest => ['--http1.1', '--digest'],
    brotli => ['--http1.1', '--compressed'],
);

# The output of a curl command. With HTTP/2 httpd refuses a request without
# waiting for its body and resets the stream after the response; curl 7.88 may
# then lose the response and exits with 92.
sub _output {
    my (@command) = @_;
    for (1 .. 10) {
        open my $curl, '-|', @command or die "curl: $!\n";
        binmode $curl;
        my $said = do { local $/; <$curl> };
        return $said if close $curl;
        last if $? != 92 << 8;
    }
    die "curl ended with $?\n";
}

sub _curl {
    my ($self, $line, $user, $method, $path, %option) = @_;
    my ($host, $port) = ("$line->{name}.example", $self->{httpd}->port($line));
    my $client  = $line->{client};
    my @command = (
        qw(curl -ski --path-as-is --globoff),
        @{$CURL{$client}},
        '--resolve', "$host:$port:127.0.0.1",
        $method eq 'HEAD' ? '-I' : ('-X', $method)
    );
    push @command, '-u', "$user:secret" if defined $user && $client eq 'digest';
    undef $user if $client eq 'digest';
    push @command, map { ('-H', $_) } _fields($line, $user, %option);
    push @command, '--data-binary', $option{body} if defined $option{body};
    my $scheme = $self->{httpd}->scheme($line);
    my $said   = _output(@command, "$scheme://$host:$port$path");
    my ($head, $body) = ('', $said);
    ($head, $body) = split /\r\n\r\n/, $body, 2 while $body =~ m{^HTTP/};
    die "not by HTTP/2: $head\n" if $client eq 'h2' && $head !~ m{^HTTP/2 };
    my $response = InsightsUsed::Response->new($head);
    $response->{body} = $body;
    return $response;
}

# --- checks of responses

sub _faults {
    my ($response, $method, $status, %option) = @_;
    my @faults;
    push @faults, 'status ' . $response->status
        if $response->status != $status;
    push @faults, _contract($response, $method, $option{number})
        if $option{number}
        || $response->status >= 400 && $option{contract} && !$option{plain};
    push @faults, _unmarked($response)
        if $response->status < 400 && $option{ours};
    push @faults, "it does not have $option{like}"
        if $option{like} && $response->body !~ $option{like};
    my $field = $option{field} // {};
    for my $name (sort keys %$field) {
        my $value = $response->field($name);
        push @faults, "$name is " . ($value // 'missing')
            if defined $field->{$name}
            ? ($value // '') !~ $field->{$name}
            : defined $value;
    }
    return @faults;
}

# Missing or wrong header fields, out of those in each response of the module.
sub _unmarked {
    my ($response) = @_;
    my %want = (
        'X-Content-Type-Options' => qr/\Anosniff\z/,
        'Cache-Control'          => qr/\bno-store\b/,
        'request-id'             => qr/\A$GUID\z/,
        'client-request-id'      => qr/\A$GUID\z/,
    );
    return map {"$_ is " . ($response->field($_) // 'missing')}
        grep { ($response->field($_) // '') !~ $want{$_} } sort keys %want;
}

# Deviations of an error from the contract.
sub _contract {
    my ($response, $method, $number) = @_;
    my %want = (
        'Content-Type'           => qr{\Aapplication/json\z},
        'Content-Language'       => qr/\Aen\z/,
        'X-Content-Type-Options' => qr/\Anosniff\z/,
        'OData-Version'          => qr/\A4\.0\z/,
        'Cache-Control'          => qr/\bno-store\b/,
        'request-id'             => qr/\A$GUID\z/,
        'client-request-id'      => qr/\A$GUID\z/,
    );
    $want{'WWW-Authenticate'} = qr/./ if $response->status == 401;
    $want{Allow}              = qr/./ if ($number // '') eq 'IU0002';
    $want{'Retry-After'}      = qr/\A[1-9]\d*\z/ if $response->status == 503;
    my @faults = map {"$_ is " . ($response->field($_) // 'missing')}
        grep { ($response->field($_) // '') !~ $want{$_} } sort keys %want;
    return @faults if $method eq 'HEAD';
    my $error = eval { $response->json->{error} };
    return @faults, 'no JSON error' if ref $error ne 'HASH';
    my $inner = $error->{innerError} // {};
    my $found = $inner->{code}       // 'none';
    return @faults, "unknown number $found" if !is_problem($found);
    push @faults, "number $found" if defined $number && $found ne $number;
    my (undef, $code) = problem($found);
    push @faults, 'code ' . ($error->{code} // 'none')
        if ($error->{code} // '') ne $code;
    push @faults, 'no message' if ($error->{message} // '') eq '';
    push @faults, "another $_ within"
        for grep { ($inner->{$_} // '') ne ($response->field($_) // '') }
        qw(request-id client-request-id);
    return @faults;
}

# --- database rows

# Both keys of a record, as printed by sqlite3 below.
sub _row_of {
    my ($url) = @_;
    my @keys
        = $url =~ m{/invitations/([^/]+)/invitedUser/insights/used/([^/]+)\z}
        or return "no record: $url";
    return join "\t", map {s/%([0-9A-Fa-f]{2})/chr hex $1/ger} @keys;
}

# Records the effect of a response on the database. deletes: the deleted record,
# if it is not in the path.
sub _note {
    my ($self, $response, $method, $path, $deletes) = @_;
    if ($response->status == 201) {
        my $row = _row_of($response->field('Location') // 'nowhere');
        $self->{expected}{$row} = 1;
    }
    elsif ($response->status == 204 && $method eq 'DELETE') {
        delete $self->{expected}{$deletes // _row_of($path)};
    }
    return;
}

# Checks that the database has exactly the rows of the 201 responses.
sub rows {
    my ($self) = @_;
    my $database = $self->{httpd}->database;
    my @rows = -e $database
        ? split /\n/,
        `sqlite3 -readonly -cmd '.timeout 5000' '$database' "SELECT invitation_id || char(9) || id FROM used_insight"`
        : ();
    is_deeply [sort @rows], [sort keys %{$self->{expected}}],
        'exactly the rows of the 201 responses';
    $self->{expected} = {map { $_ => 1 } @rows};
    return;
}

# --- the server

# Checks that no child was killed by a signal, that the module logged only
# expected warnings or worse, and that all children are alive (except with
# prefork, which ends idle ones).
sub log {
    my ($self, $name, @numbers) = @_;
    open my $file, '<', $self->{httpd}->error_log or die $!;
    seek $file, $self->{log_at}, 0;
    my @lines = <$file>;
    $self->{log_at} = tell $file;
    my $numbers = join '|', 'none', @numbers;
    my @bad = grep {
        /exit signal|AH00052|AH00051/
            || /\[insights_used:(?:warn|error|crit|alert|emerg)\]/
            && !/ (?:$numbers): /
    } @lines;
    is join('', @bad), '', "$name: nothing unexpected";
    my @gone = grep { !alive($_) } keys %{$self->{children}};
    $self->{children} = {map { $_ => 1 } $self->{httpd}->children};
    is "@gone", '', "$name: all children are alive"
        if $self->{httpd}{mpm} ne 'prefork' && $name ne 'the end';
    return;
}

1;
