# SPDX-License-Identifier: Apache-2.0
# The site of README.md's "Install", as a reader completes it: its blocks, a
# certificate, the keys of an issuer, and requests with tokens.
package ReadmeSite;
use strict;
use warnings;
use Crypt::JWT qw(encode_jwt);
use Crypt::PK::RSA;
use File::Basename qw(dirname);
use File::Path qw(make_path);
use FindBin;
use lib "$FindBin::Bin/../t/lib";
use InsightsUsed::Setup;

our $HOST = 'graph.example.com';    # the README's
our $FILE = '/etc/apache2/sites-available/insights.conf';
our @CREATE = ('-H', 'Content-Type: application/json',
    '--data-binary', '@tests/data/create-used.json');

# The indented blocks of the section "Install" of a page, in order.
sub blocks {
    my ($page) = @_;
    my ($section) = read_file($page) =~ /^## Install\n(.*?)^## /ms
        or die "$page lacks the section\n";
    my @blocks = $section =~ /((?:^ {4}.*\n|^\n(?= {4}))+)/mg;
    s/^\n+//, s/^ {4}//mg for @blocks;
    return @blocks;
}

# root: where the file system of the server begins; plain and tls: its ports.
sub new {
    my ($class, %self) = @_;
    $self{key} = Crypt::PK::RSA->new->generate_key(256, 65537);
    my ($install, $site, $enable) = blocks('README.md');
    read_file('README.md') =~ /`\Q$FILE\E`/
        or die "README.md does not name $FILE\n";
    $install =~ /^sudo apt-get /m && $site =~ m{\A<VirtualHost.*^</VirtualHost>\n\z}ms
        && $enable =~ /^sudo a2ensite /m
        or die "README.md: the blocks are not as expected\n";
    @self{qw(install site enable)} = ($install, $site, $enable);
    return bless \%self, $class;
}

# The text, with the reader's issuer.
sub filled_in {
    my ($self, $text) = @_;
    return $text =~ s{https://issuer\.example\.com/}{http://127.0.0.1:$self->{plain}/}r;
}

sub make_certificate {
    my ($self) = @_;
    my ($cert, $secret) = map {"$self->{root}$_"}
        $self->{site} =~ /^\s*SSLCertificate(?:Key)?File\s+(\S+)/mg;
    make_path(dirname($cert), dirname($secret));
    my $subject = "-subj /CN=$HOST -addext subjectAltName=DNS:$HOST";
    my $said    = `openssl req -x509 -newkey rsa:2048 -nodes -days 2 $subject \\
        -keyout '$secret' -out '$cert' 2>&1`;
    $? == 0 or die $said;
    $self->{certificate} = $cert;
    return;
}

sub publish_keys {
    my ($self) = @_;
    my $jwk = $self->{key}->export_key_jwk('public') =~ s/\A\{/{"kid":"test",/r;
    write_file("$self->{root}/var/www/html/keys", "{\"keys\":[$jwk]}");
    return;
}

# Options of ask.
sub with_token {
    my ($self, %claim) = @_;
    my $token = encode_jwt(
        alg           => 'RS256',
        key           => $self->{key},
        extra_headers => { kid => 'test', typ => 'JWT' },
        payload       => {
            sub => 'reader', aud => "https://$HOST", exp => time + 600,
            scp => 'Insights.ReadWrite', %claim,
        },
    );
    return ('-H', "Authorization: Bearer $token");
}

# Returns status, Location and body.
sub ask {
    my ($self, $url, @option) = @_;
    my @curl = ('curl', '-sS', '--noproxy', '*', '--max-time', 30,
        '--cacert', $self->{certificate},
        '--connect-to', "$HOST:443:127.0.0.1:$self->{tls}",
        '--connect-to', "$HOST:80:127.0.0.1:$self->{plain}",
        '-w', '\n%{http_code} %header{location}');
    open my $curl, '-|', @curl, @option, $url or die "curl: $!\n";
    my $said = do { local $/; <$curl> } // '';
    close $curl;
    my ($body, $status, $location) = $said =~ /\A(.*)\n(\d+) (.*)\z/s;
    return ($status, $location, $body);
}

1;
