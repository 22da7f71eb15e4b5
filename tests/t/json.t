# SPDX-License-Identifier: Apache-2.0
# Bodies that are not valid JSON: each error is reported with its position.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $front
    = 'Unable to read JSON request payload. Please ensure Content-Type '
    . 'header is set '
    . 'and payload is of valid JSON format. ';
sub nested { my ($n) = @_; return '[' x $n . ']' x $n }

refused(
    "empty ('" . (s/[^ ]/./gr) . "')",
    create($inv, $_),
    'IU0034', message => 'Empty Payload. JSON content expected.'
) for '', ' ', "\r\n\t ";

# [body, line, column]
my %faults = (
    'an open object'         => ['{',                                 1, 2],
    'a stray brace'          => ['}',                                 1, 1],
    'a second line'          => ["{\n  \"lastUsed\": x\n}",           2, 15],
    'CRLF'                   => ["{\r\n\r\n x",                       3, 2],
    'columns are characters' => ["{\"\x{c3}\x{a4}\x{c3}\x{a4}\": x}", 1, 8],
    'single quotes'          => ["{'lastUsed':{}}",                   1, 2],
    'NaN'                    => ['{"a":NaN}',                         1, 6],
    'Infinity'               => ['{"a":-Infinity}',                   1, 7],
    'a raw line feed in a string' => ["{\"a\":\"x\ny\"}",     1, 8],
    'a raw tab'                   => ["{\"a\":\"\t\"}",       1, 7],
    'a comment'                   => ['{/**/}',               1, 2],
    'a comma at the end'          => ['{"a":1,}',             1, 8],
    'a leading zero'              => ['{"a":01}',             1, 6],
    'a bare point'                => ['{"a":1.}',             1, 8],
    'a plus'                      => ['{"a":+1}',             1, 6],
    'TRUE'                        => ['{"a":TRUE}',           1, 6],
    'two values'                  => ['{} {}',                1, 4],
    'trailing text'               => ['{}x',                  1, 3],
    'a trailing NUL'              => ["{}\0",                 1, 3],
    'trailing NUL and more'       => ["{}\0{}",               1, 3],
    'an unknown escape'           => ['{"a":"\x41"}',         1, 7],
    'half an escape'              => ['{"a":"\u12"}',         1, 7],
    'U+0000'                      => ['{"a":"x\u0000"}',      1, 8],
    'a lone high surrogate'       => ['{"a":"\ud83d"}',       1, 7],
    'a lone low surrogate'        => ['{"a":"\ude00"}',       1, 7],
    'a high surrogate twice'      => ['{"a":"\ud83d\ud83d"}', 1, 7],
    'a name twice'                => ['{"a":1,"a":2}',        1, 8],
    'a name twice, escaped'       => ['{"a":1,"\u0061":2}',   1, 8],
    'a name twice further in' => ['{"lastUsed":{"a":1,"b":2,"a":3}}', 1, 26],
    'escapes before it'       => ['{"a":"\u00fc\ud83d\ude00",x}', 1, 27],
    'escapes in the string'   => ['{"a":"\u00fc\u4e16\x"}',      1, 19],
    'escapes on another line' => ["{\"\\u00fc\":1,\n\"\\u00fc\":2}", 2, 1],
    'bad UTF-8'               => ["{\"a\":\"\xff\"}",                 1, 7],
    'overlong UTF-8'          => ["{\"a\":\"\xc0\xaf\"}",             1, 7],
    'a surrogate in UTF-8'    => ["{\"a\":\"\xed\xa0\x80\"}",         1, 7],
    'beyond Unicode'          => ["{\"a\":\"\xf4\x90\x80\x80\"}",     1, 7],
    'truncated UTF-8'         => ["{\"a\":\"\xe2\x82\"}",             1, 7],
    'bad UTF-8 in a name'     => ["{\"\xff\":1}",                     1, 3],
    'a byte order mark'       => ["\xef\xbb\xbf{}",                   1, 1],
    'UTF-16'                  => ["\xff\xfe{\0}\0",                   1, 1],
    'no quotes'               => ['{a:1}',                            1, 2],
    'no colon'                => ['{"a" 1}',                          1, 6],
    'no value'                => ['{"a":}',                           1, 6],
    'an open string'          => ['{"a',                              1, 4],
    'just text'               => ['hello',                            1, 1],
    'nine deep'               => ['{"@x":' . nested(8) . '}',         1, 14],
    'a thousand deep'         => [nested(1000),                       1, 9],
    'a hundred thousand open brackets' => ['[' x 100_000, 1, 9],
    '257 values'       => ['{"@x":[' . join(',', (1) x 255) . ']}', 1, 516],
    'a million values' => ['[' . join(',', (1) x 500_000) . ']',    1, 512],
    'form data'        => ['lastUsed=x',                            1, 1],
);
for my $name (sort keys %faults) {
    my ($body, $line, $column) = @{$faults{$name}};
    refused($name, create($inv, $body),
        'IU0035',
        message => qr/^\Q${front}Line $line, column $column: \E\S.*\.$/);
}

# JSON at the limits, and unusual but valid JSON.
my %good = (
    'eight deep' => '{"@x":'
        . nested(7)
        . ',"lastUsed":{},"resourceVisualization":{},"resourceReference":{}}',
    '256 values' => '{"@x":['
        . join(',', (1) x 251)
        . '],"lastUsed":{},"resourceVisualization":{},"resourceReference":{}}',
    'numbers' =>
        '{"@x":[0,-0,1e5,1E-5,1.5e+300,123456789012345678901234567890,-1.0],'
        . '"lastUsed":{},"resourceVisualization":{},"resourceReference":{}}',
    'white space'                    => " \t\r\n" . minimal() . " \r\n",
    'an empty name in an annotation' =>
        '{"@":1,"lastUsed":{},"resourceVisualization":{},'
        . '"resourceReference":{}}',
);
is create($inv, $good{$_})->status, 201, $_ for sort keys %good;

# Not an object
for my $case (
    ['[]',   'StartArray'],
    ['"x"',  'PrimitiveValue'],
    ['1',    'PrimitiveValue'],
    ['null', 'PrimitiveValue'],
    ['true', 'PrimitiveValue']
    )
{
    refused(
        "the body is $case->[0]",
        create($inv, $case->[0]),
        'IU0043',
        message =>
            "An unexpected '$case->[1]' node was found when reading from the "
            . "JSON "
            . "reader. A 'StartObject' node was expected."
    );
}
finish();
