# SPDX-License-Identifier: Apache-2.0
# The table of errors that clients can get.
package InsightsUsed::Problem;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(is_problem problem);

# Status and code of each.
my %PROBLEM = (
    IU0001 => [400, 'BadRequest'],
    IU0002 => [405, 'Request_BadRequest'],
    IU0003 => [400, 'BadRequest'],
    IU0004 => [501, 'NotImplemented'],
    IU0005 => [400, 'BadRequest'],
    IU0006 => [400, 'BadRequest'],
    IU0007 => [400, 'BadRequest'],
    IU0010 => [401, 'InvalidAuthenticationToken'],
    IU0011 => [401, 'InvalidAuthenticationToken'],
    IU0012 => [401, 'InvalidAuthenticationToken'],
    IU0013 => [403, 'Authorization_RequestDenied'],
    IU0020 => [415, 'UnsupportedMediaType'],
    IU0021 => [415, 'UnsupportedMediaType'],
    IU0022 => [501, 'NotImplemented'],
    IU0023 => [406, 'NotAcceptable'],
    IU0024 => [400, 'BadRequest'],
    IU0025 => [400, 'BadRequest'],
    IU0026 => [412, 'PreconditionFailed'],
    IU0027 => [400, 'BadRequest'],
    IU0028 => [412, 'PreconditionFailed'],
    IU0030 => [413, 'RequestEntityTooLarge'],
    IU0031 => [408, 'RequestTimeout'],
    IU0032 => [400, 'BadRequest'],
    IU0034 => [400, 'BadRequest'],
    IU0035 => [400, 'BadRequest'],
    IU0040 => [400, 'BadRequest'],
    IU0041 => [400, 'BadRequest'],
    IU0042 => [400, 'BadRequest'],
    IU0043 => [400, 'BadRequest'],
    IU0044 => [400, 'BadRequest'],
    IU0045 => [400, 'BadRequest'],
    IU0046 => [400, 'BadRequest'],
    IU0047 => [400, 'BadRequest'],
    IU0048 => [413, 'RequestEntityTooLarge'],
    IU0049 => [400, 'BadRequest'],
    IU0050 => [409, 'Request_MultipleObjectsWithSameKeyValue'],
    IU0051 => [404, 'Request_ResourceNotFound'],
    IU0052 => [412, 'PreconditionFailed'],
    IU0053 => [428, 'PreconditionRequired'],
    IU0054 => [400, 'BadRequest'],
    IU0055 => [503, 'ServiceUnavailable'],
    IU0056 => [503, 'ServiceUnavailable'],
    IU0059 => [422, 'UnprocessableEntity'],
    IU0060 => [503, 'ServiceUnavailable'],
    IU0061 => [503, 'ServiceUnavailable'],
    IU0062 => [503, 'ServiceUnavailable'],
    IU0063 => [503, 'ServiceUnavailable'],
    IU0064 => [503, 'ServiceUnavailable'],
    IU0065 => [503, 'ServiceUnavailable'],
    IU0066 => [503, 'ServiceUnavailable'],
    IU0067 => [503, 'ServiceUnavailable'],
    IU0068 => [500, 'InternalServerError'],
    IU0069 => [503, 'ServiceUnavailable'],
    IU0070 => [500, 'InternalServerError'],
    IU0071 => [503, 'ServiceUnavailable'],
    IU0072 => [503, 'ServiceUnavailable'],
    IU0080 => [400, 'BadRequest'],
    IU0081 => [401, 'InvalidAuthenticationToken'],
    IU0082 => [401, 'InvalidAuthenticationToken'],
    IU0083 => [403, 'Authorization_RequestDenied'],
    IU0084 => [404, 'Request_ResourceNotFound'],
    IU0085 => [405, 'Request_BadRequest'],
    IU0086 => [406, 'NotAcceptable'],
    IU0087 => [408, 'RequestTimeout'],
    IU0088 => [413, 'RequestEntityTooLarge'],
    IU0089 => [414, 'RequestUriTooLong'],
    IU0090 => [415, 'UnsupportedMediaType'],
    IU0091 => [417, 'ExpectationFailed'],
    IU0092 => [429, 'TooManyRequests'],
    IU0093 => [431, 'RequestHeaderFieldsTooLarge'],
    IU0094 => [400, 'BadRequest'],
    IU0095 => [500, 'InternalServerError'],
    IU0096 => [501, 'NotImplemented'],
    IU0097 => [503, 'ServiceUnavailable'],
    IU0098 => [500, 'InternalServerError'],
    IU0110 => [400, 'BadRequest'],
    IU0111 => [400, 'BadRequest'],
    IU0112 => [501, 'NotImplemented'],
    IU0113 => [400, 'BadRequest'],
    IU0114 => [400, 'BadRequest'],
    IU0115 => [400, 'BadRequest'],
    IU0116 => [400, 'BadRequest'],
    IU0117 => [400, 'BadRequest'],
    IU0118 => [400, 'BadRequest'],
    IU0119 => [400, 'BadRequest'],
    IU0120 => [400, 'BadRequest'],
);

sub is_problem { my ($number) = @_; return exists $PROBLEM{$number} }

# Status and code of a number.
sub problem {
    my ($number) = @_;
    return @{$PROBLEM{$number} // die "what is $number?\n"};
}

1;
