# SPDX-License-Identifier: Apache-2.0
# Query options: none that a client could have meant is silently ignored.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;

my $inv = new_invitation();
my $set = set_of($inv);
is create($inv, minimal(id => 'x'))->status, 201, 'a record';
for my $case (['POST', $set], ['GET', "$set/x"]) {
    my ($method, $path) = @$case;
    my $ask = sub {
        my ($query) = @_;
        return call(
            $method => "$path?$query",
            $method eq 'POST' ? (body => minimal()) : ()
        );
    };
    for my $option (
        qw($filter $orderby $top $skip $count $search $apply $compute
        $skiptoken), $method eq 'POST' ? qw($select $expand) : ()
        )
    {
        refused("$method $option", $ask->("$option=x"), 'IU0004',
            message =>
                "The query option '$option' is not supported on this resource."
        );
    }
    refused("$method: without \$",
        $ask->('filter=x'), 'IU0004', message => qr/'filter'/);
    refused("$method: any case",
        $ask->('$FILTER=x'), 'IU0004', message => qr/'\$FILTER'/);
    refused(
        "$method: %24", $ask->('%24filter=x'),
        'IU0004',       message => qr/'\$filter'/
    );
    refused("$method: no value", $ask->('$filter'), 'IU0004');
    is join(',', sort split /,\s*/, $ask->('$filter=x')->field('Allow')),
        $method eq 'POST'
        ? 'GET,HEAD,OPTIONS,POST'
        : 'DELETE,GET,HEAD,OPTIONS,PATCH', "$method: Allow, set by httpd";
    refused("$method: unknown",
        $ask->('$nonsense=1'), 'IU0003',
        message => q(The query option '$nonsense' is not known.));
    refused("$method: a lone \$", $ask->('$=1'), 'IU0003');
    refused(
        "$method: twice",
        $ask->('$select=a&$select=b'),
        'IU0005',
        message => q(The query option '$select' is given more than once.)
    );
    refused("$method: twice, in two spellings",
        $ask->('select=a&%24Select=b'), 'IU0005');

    for my $query ('$format=%zz', 'Format=%c3', '%24x=%00', '$%2', '$%ff=1') {
        refused("$method: '$query' is not text", $ask->($query), 'IU0110');
    }
    for my $query (
        'x=1',   'x=1&x=2', 'custom=$select',  '',
        '&&',    'a%20b=1', 'api-version=1.0', 'x=%c3%a9',
        '%',     '%2',      'x=%zz',           'x=%c3',
        'x=%00', '%ff=1',   'x=%zz&x=%00'
        )
    {
        my $status = $ask->($query)->status;
        is $status, $method eq 'POST' ? 201 : 200,
            "$method: '$query' is the client's own";
    }
}

# The link to the next page keeps the client's own options, but not what is not
# UTF-8.
my $other = new_invitation();
created($_, create($other, minimal(id => $_))) for qw(x y);
my $page = call(GET => set_of($other)
        . '?a=%c3%a9&b=%e9&%ff=1&$top=1&c=%zz&$orderby=id&d=1')->json;
is $page->{value}[0]{id}, 'x', 'the first page';
like $page->{'@odata.nextLink'},
    qr/\?a=%c3%a9&\$top=1&\$orderby=id&d=1&\$skiptoken=[^&]+$/,
    'the link to the next one';
is call(GET => substr $page->{'@odata.nextLink'}, length api_url(''))
    ->json->{value}[0]{id}, 'y', 'leads there';

refused(
    'a very long name is quoted in part',
    call(GET => "$set/x?\$" . 'n' x 4000),
    'IU0003',
    message => qr/^The query option '\$n{10,80}\x{2026}' is not known\.$/
);
finish();
