# SPDX-License-Identifier: Apache-2.0
# What clients see of a line of the table: what holds for every line, then what
# the line says itself.
package Matrix::Check;
use strict;
use warnings;
use InsightsUsed::Connection;
use InsightsUsed::Problem;
use InsightsUsed::Process;
use InsightsUsed::Response;
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

sub with_id { my ($id) = @_; return $BODY =~ s/^\{/{"id":"$id",/r }

# What holds for every line: [name, user, method, path, status, options].
# Options: number (of the problem), body, type (of the body), headers (of the
# request), like (a pattern of the answer's body), plain (an error that need
# not be the contract's; the value says why), field (name => pattern of its
# value; undef for a field that must be missing). "@set@" is the collection of
# an invitation that only this line has, "first.html" a record in it: with a
# name that other modules may take for a file.
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
        ['metadata' => GET    => '/beta/$metadata'],
        ['openapi'  => GET    => '/beta/openapi.json'],
        ['root'     => GET    => '/beta'],
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
    [   slash => writer => POST =>
            '/beta/invitations/@name@%2Fslash/invitedUser/insights/used',
        201, body => $BODY
    ],
    [   quoted => writer => GET =>
            "/beta/Invitations('\@name\@%2Fslash')/inviteduser/insights/USED",
        200, like => qr/"matrix"/
    ],
    [metadata => writer => GET => '/beta/$metadata', 200, like => qr/edmx:/],
    [openapi => writer => GET => '/beta/openapi.json', 200, like => qr/"paths"/],
    [root => writer => GET => '/beta', 200, like => qr/"\@odata.context"/],
    [options => guest => OPTIONS => '@set@', 204],
    [unknown => writer => GET => '/beta/nothing/here', 404, number => 'IU0084'],
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

# All checks of a line.
sub line {
    my ($self, $line) = @_;
    my %but = %{$line->{but} // {}};
    for my $check (@COMMON) {
        my ($name, $user, $method, $path, $status, %option) = @$check;
        if (my $other = delete $but{$name}) {
            ($status, my $why, my %more) = @$other;
            next unless defined $status;
            delete $option{$_} for qw(number like);
            %option = (%option, %more);
            $name .= " ($why)";
        }
        $self->_one($line, $name, $user, $method, $path, $status, %option);
    }
    is join(' ', sort keys %but), '', 'no other check is known by name';
    for my $check (@{$line->{also} // []}) {
        my ($user, $method, $path, $status, %option) = @$check;
        my $name = join ' ', $user // 'nobody', $method, $path;
        $self->_one($line, $name, $user, $method, $path, $status, %option);
    }
    $self->rows;
    $self->log('the log', @{$line->{logs} // []});
    return;
}

sub _one {
    my ($self, $line, $name, $user, $method, $path, $status, %option) = @_;
    my %value = (
        name => $line->{name},
        set  => "/beta/invitations/$line->{name}/invitedUser/insights/used",
    );
    $path =~ s/\@(name|set)\@/$value{$1}/g;
    my $response = eval { $self->_call($line, $user, $method, $path, %option) }
        or return fail("$name: $@");
    my @faults = _faults($response, $method, $path, $status, %option);
    my $got    = $response->status;
    is join('; ', @faults), '', "$name: $status"
        or diag "$name: $got ", substr $response->body, 0, 300;
    $self->_note($response, $method, $path);
    return;
}

# --- calls

sub _message {
    my ($line, $user, $method, $path, %option) = @_;
    my $body  = $option{body};
    my @lines = ("$method $path HTTP/1.1", "Host: $line->{name}.example",
        'Connection: close');
    push @lines, 'Authorization: Basic ' . encode_base64("$user:secret", '')
        if defined $user;
    push @lines, 'Content-Type: ' . ($option{type} // 'application/json'),
        'Content-Length: ' . length $body
        if defined $body;
    push @lines, @{$option{headers} // []};
    return join("\r\n", @lines, '', '') . ($body // '');
}

sub _call {
    my ($self, $line, $user, $method, $path, %option) = @_;
    return $self->_curl($line, $user, $method, $path, %option)
        if $line->{client};
    my $connection = InsightsUsed::Connection->new($self->{httpd}->address);
    $connection->send(_message($line, $user, $method, $path, %option));
    my $response = $connection->response($method) // die "no response\n";
    my $rest     = $connection->rest;
    die "after the response came '$rest'\n" if $rest ne '';
    return $response;
}

# By curl, over TLS, as HTTP/1.1 or HTTP/2.
sub _curl {
    my ($self, $line, $user, $method, $path, %option) = @_;
    my $tls     = $self->{httpd}{tls};
    my $host    = "$line->{name}.example";
    my @command = (
        'curl', '-sSki', '--path-as-is', '--globoff',
        $line->{client} eq 'h2' ? '--http2' : '--http1.1',
        '--resolve', "$host:$tls:127.0.0.1",
        $method eq 'HEAD' ? '-I' : ('-X', $method),
        defined $user ? ('-u', "$user:secret") : (),
        map { ('-H', $_) } @{$option{headers} // []},
        defined $option{body}
        ? 'Content-Type: ' . ($option{type} // 'application/json')
        : ()
    );
    push @command, '--data-binary', $option{body} if defined $option{body};
    open my $curl, '-|', @command, "https://$host:$tls$path" or die $!;
    local $/;
    my $said = <$curl>;
    close $curl or die "curl: $?\n";
    my ($head, $body) = split /\r\n\r\n/, $said, 2;
    die "not by $line->{client}: $head\n"
        if $line->{client} eq 'h2' && $head !~ m{^HTTP/2 };
    my $response = InsightsUsed::Response->new($head);
    $response->{body} = $body;
    return $response;
}

# --- what an answer must be

sub _faults {
    my ($response, $method, $path, $status, %option) = @_;
    my @faults;
    push @faults, 'status ' . $response->status
        if $response->status != $status;
    push @faults, _contract($response, $method, $option{number})
        if $response->status >= 400 && !$option{plain} && $path =~ m{^/beta\b};
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

# Whether an error is one of the contract: what is wrong with it.
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
    $want{Allow}              = qr/./ if $response->status == 405;
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

# --- what was stored

# Notes what an answer says of the database.
sub _note {
    my ($self, $response, $method, $path) = @_;
    my $url = $path;
    if ($response->status == 201) {
        $url = $response->field('Location') // '';
    }
    elsif ($method ne 'DELETE' || $response->status != 204) {
        return;
    }
    my ($invitation, $id)
        = $url =~ m{/invitations/([^/]+)/invitedUser/insights/used/([^/]+)\z}
        or return fail("no record is at $url");
    my $row = join "\t",
        map {s/%([0-9A-Fa-f]{2})/chr hex $1/ger} $invitation, $id;
    if   ($response->status == 201) { $self->{expected}{$row} = 1 }
    else                            { delete $self->{expected}{$row} }
    return;
}

# The database has the rows of the 201s and no other.
sub rows {
    my ($self) = @_;
    my $database = $self->{httpd}->database;
    my @rows = -e $database
        ? split /\n/,
        `sqlite3 -readonly -cmd '.timeout 5000' '$database' "SELECT invitation_id || char(9) || id FROM used_insight"`
        : ();
    is_deeply [sort @rows], [sort keys %{$self->{expected}}],
        'the rows of the 201s and no other';
    return;
}

# --- the server

# The children live, none was ended by a signal, and the module logged nothing
# as warning or worse but numbers that are expected.
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
    is "@gone", '', "$name: no child has ended" unless $name eq 'the end';
    return;
}

1;
