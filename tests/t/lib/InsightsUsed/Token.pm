# SPDX-License-Identifier: Apache-2.0
# Access tokens: JSON Web Tokens, signed with the keys of this run.
package InsightsUsed::Token;
use strict;
use warnings;
use Crypt::JWT qw(encode_jwt);
use Exporter 'import';
use InsightsUsed::Test qw(state_file);

our @EXPORT = qw(bearer token);

# A token valid for ten minutes, with claims added or replaced (undef: omitted).
# Options in the first argument: key (trusted or stranger), alg.
sub token {
    my ($option, %claim) = @_;
    my %all = (
        sub => 'somebody',
        iss => 'https://login.example/',
        aud => 'api://insights',
        scp => 'Insights.ReadWrite.All',
        iat => time - 60,
        exp => time + 600,
        %claim,
    );
    delete $all{$_} for grep { !defined $all{$_} } keys %all;
    my $alg  = $option->{alg} // 'RS256';
    my $kind = $alg eq 'HS256' ? 'pub' : 'key';
    open my $file, '<',
        state_file('keys/' . ($option->{key} // 'trusted') . ".$kind")
        or die "no key: $!\n";
    my $key = do { local $/; <$file> };
    return encode_jwt(
        payload => \%all,
        alg     => $alg,
        $alg eq 'none'
        ? (allow_none => 1)
        : (key => $alg eq 'HS256' ? $key : \$key),
        extra_headers => {kid => 'trusted', typ => 'JWT'},
    );
}

# The Authorization header with a token.
sub bearer { return 'Authorization: Bearer ' . token(@_) }

1;
