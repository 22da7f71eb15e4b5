# SPDX-License-Identifier: Apache-2.0
# Debian's mod_security and Core Rule Set, set up as in the packages' READMEs,
# with conf/examples/modsecurity.conf. (tests/clients/modsecurity.t makes all
# calls of docs/api.md.)
use Cwd            qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP       ();

my $TOP = abs_path(dirname(__FILE__) . '/../../..');

sub content {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

# The exclusions in the example apply below /beta, not below /bare.
my $RECOMMENDED = content('/etc/modsecurity/modsecurity.conf-recommended')
    =~ s/^SecRuleEngine \KDetectionOnly$/On/mr
    =~ s{^SecAuditLog \K.*$}{\@state@/audit.log}mr
    =~ s{^SecUnicodeMapFile \K}{/etc/modsecurity/}mr;
my $SECURITY = join "\n", 'SecDataDir @state@',
    content("$TOP/conf/examples/modsecurity.conf"), $RECOMMENDED,
    'Include /usr/share/modsecurity-crs/*.load';

my $SQL   = q{1'%20or%20'1'='1};
my $JNDI  = '$%7Bjndi:ldap://127.0.0.1/a%7D';
my $ODATA = 'application/json;odata.metadata=minimal;odata.streaming=true;'
    . 'IEEE754Compatible=false;charset=utf-8';

sub body {
    my (%member) = @_;
    return JSON::PP->new->canonical->encode(
        {
            lastUsed              => {},
            resourceVisualization => {%member},
            resourceReference     => {},
        }
    );
}

my %COMMON = (
    modules => ['security2'],
    server  => 'security2',
    mods    => {'security2.conf' => $SECURITY},
);

(   {   %COMMON,
        name  => 'security2',
        about => 'the Core Rule Set with the shipped exclusions',
        but   => {
            malformed => [400, 'the shortest that passes', body => '{,}',
                number => 'IU0035'],
            type => [403, 'the CRS refuses the type', number => 'IU0083'],
        },
        also => [
            # Requests of OData clients.
            [writer => POST => '@set@', 201, body => body, type => $ODATA],
            [   writer => PATCH => '@set@/plan.config',
                201,
                body    => body,
                headers => ['If-None-Match: *']
            ],
            [writer => GET => '@set@(%27plan.config%27)', 200],
            [   writer => PATCH => '@set@/50%25%20off', 201,
                body    => body,
                headers => ['If-None-Match: *', 'User-Agent: ']
            ],
            [   writer => GET =>
                    '@set@?$select=id,resourceVisualization/title&$orderby=id',
                200
            ],
            [   writer => GET => '@set@?$filter='
                    . 'hour(lastUsed/lastAccessedDateTime)%20eq%209', 200
            ],
            [   writer => GET => '@set@?$filter='
                    . "resourceVisualization/title%20eq%20'it''s'", 200
            ],
            [writer => DELETE => '@set@/plan.config', 204],
            [writer => POST => '@set@', 201, body => body(title => 'x' x 5e5)],
            [   writer => POST => '@set@', 413,
                number => 'IU0030', body => body(title => 'x' x 1.1e6)
            ],
            [   writer => POST => '@set@', 201,
                body => body(previewImageUrl => 'https://10.1.2.3/a?b=c')
            ],

            # Attacks that the rules must still detect.
            [writer => GET => "\@set\@?x=$SQL", 403, number => 'IU0083'],
            [writer => GET => "\@set\@?\$orderby=$SQL", 403,
                number => 'IU0083'],
            [writer => GET => "\@set\@?\$skiptoken=$SQL", 403,
                number => 'IU0083'],
            [   writer => GET => '@set@?$filter='
                    . 'id%20eq%20%27%3Cscript%3Ealert(1)%3C/script%3E%27',
                403, number => 'IU0083'
            ],
            [writer => GET => "\@set\@?x=$JNDI", 403, number => 'IU0083'],
            [writer => GET => '@set@/..%2F..%2Fetc%2Fpasswd', 403,
                number => 'IU0083'],
            [   writer => GET => '/beta/%2e%2e/%2e%2e/etc/passwd',
                400, plain => 'outside the root'
            ],
            [   writer => GET => '@set@', 403, number => 'IU0083',
                headers => ['User-Agent: sqlmap/1.0']
            ],
            [   writer => GET => '@set@', 403, number => 'IU0083',
                headers => ['X-Api-Version: () { :; }; /bin/ls']
            ],
            [   writer => GET => '@set@', 403, number => 'IU0083',
                headers => ['Cookie: a=${jndi:ldap://127.0.0.1/a}']
            ],
            [writer => TRACE => '@set@', 403, number => 'IU0083'],
            map({   [writer => POST => '@set@', 403, number => 'IU0083',
                        body => body(@$_)]
                }[title => '<img src=x onerror=alert(1)>'],
                [previewImageUrl => 'javascript:alert(1)'],
                [title           => q{'; DROP TABLE users; --}],
                [title           => '${jndi:ldap://127.0.0.1/a}'],
                [title           => '../../etc/passwd']),
            [undef, GET => "/index.html?x=$SQL", 403],
            [undef, PATCH => '/index.html', 403],
            [undef, PATCH => '/betatest/index.html', 403],
            [writer => PATCH => '/beta/other', 403, number => 'IU0083'],
            [   writer => GET => "/beta/other?\$filter=$SQL",
                403, number => 'IU0083'
            ],
        ],
    },
    {   %COMMON,
        name  => 'security2-bare',
        about => 'the Core Rule Set without exclusions',
        path  => '/bare',
        alone => 'the rules refuse common requests',
        also  => [
            [writer => POST => '@set@', 201, body => body],
            [writer => POST => '@set@', 403, number => 'IU0083',
                body => body, type => $ODATA],
            [writer => PATCH => '@set@/a', 403, number => 'IU0083',
                body => '{}'],
            [writer => DELETE => '@set@/a', 403, number => 'IU0083'],
            [writer => GET => '@set@?$select=id', 403, number => 'IU0083'],
            [writer => POST => '@set@', 413, number => 'IU0088',
                body => body(title => 'x' x 2e5)],
        ],
    },
    {   %COMMON,
        name   => 'security2-answers',
        about  => 'rules and a limit for response bodies',
        alone  => 'tests one rule',
        before => <<'END',
SecResponseBodyMimeType application/json
SecResponseBodyLimit 1000
SecResponseBodyLimitAction Reject
END
        also => [
            [writer => POST => '@set@', 201, body => body(title => 'x' x 5e3)],
            [   writer => POST => '@set@', 201,
                body => body(title => 'ORA-00942: table or view does not exist')
            ],
        ],
    },
    {   %COMMON,
        name   => 'security2-words',
        about  => 'paranoia level 2, with rule 10107',
        server => 'security2-2',
        mods   => {
            'security2.conf' => "SecAction \"id:900000,phase:1,pass,nolog,"
                . "setvar:tx.paranoia_level=2\"\n"
                . $SECURITY =~ s/^#(?=SecAction|    ctl)//gmr
        },
        but => {
            malformed => [400, 'the shortest that passes', body => '{,}',
                number => 'IU0035'],
            type => [403, 'the CRS refuses the type', number => 'IU0083'],
        },
        also => [
            map({ [writer => POST => '@set@', 201, body => body(title => $_)] }
                'curl guide',
                'sleep(5)',
                "'; DROP TABLE users; --",
                'Select a plan from the list',
                'Re: invoice #4711'),
            map({   [writer => POST => '@set@', 403, number => 'IU0083',
                        body => body(@$_)]
                }[title => '<img src=x onerror=alert(1)>'],
                [previewImageUrl => 'javascript:alert(1)'],
                [title           => '${jndi:ldap://127.0.0.1/a}'],
                [title           => '../../etc/passwd']),
            [writer => GET => "\@set\@?x=$SQL", 403, number => 'IU0083'],
        ],
    },
);
