# SPDX-License-Identifier: Apache-2.0
# Modules that limit the rate of requests, with the examples of conf/examples as
# shipped and with low limits.
use Matrix::Table qw(post);
use Cwd            qw(abs_path);
use File::Basename qw(dirname);

my $EXAMPLES = abs_path(dirname(__FILE__) . '/../../..') . '/conf/examples';

# A single child, so that all requests are counted together.
my $ONE_CHILD = <<'END';
<IfModule mpm_event_module>
    ServerLimit 1
    StartServers 1
    ThreadsPerChild 25
    MaxRequestWorkers 25
</IfModule>
END

sub creates {
    my ($number, @expected) = @_;
    return (post(writer => '@set@', @expected)) x $number;
}

# Directives that Debian 13's mod_evasive needs in addition to its defaults.
my $ENABLED = <<'END';
DOSLogDir @state@
<IfModule mod_evasive.c>
    DOSEnabled true
</IfModule>
END

# In Graph's format, with a single Retry-After.
sub limited {
    my ($retry) = @_;
    return (429, number => 'IU0092', field => {'Retry-After' => $retry});
}

sub example {
    my ($name) = @_;
    open my $file, '<:raw', "$EXAMPLES/$name.conf" or die "$name: $!\n";
    local $/;
    return scalar <$file>;
}

my %EVASIVE = (modules => ['evasive', 'headers']);

# Debian 12's mod_qos uses a library without linking it.
my ($PCRE) = glob '/usr/lib/*/libpcre.so.3';
my %QOS = (
    modules => [$PCRE ? 'pcre' : (), 'qos', 'headers'],
    mods    => {$PCRE ? ('pcre.load' => "LoadFile $PCRE\n") : ()},
);

(   {   %EVASIVE,
        name   => 'evasive',
        about  => 'many creates from one address, with the example',
        server => 'evasive',
        global => $ENABLED . example('evasive'),
        also   => [creates(60, 201)],
    },
    {   %EVASIVE,
        name   => 'evasive-default',
        about  => 'Debian\'s defaults: 403 beyond the limit',
        server => 'evasive-default',
        alone  => 'all requests are limited',
        mpm    => 'event',
        global => "$ENABLED${ONE_CHILD}DOSPageInterval 60\n",
        also   => [creates(3, 201), creates(3, 403, number => 'IU0083')],
    },
    {   %EVASIVE,
        name   => 'evasive-429',
        about  => 'the example with a low limit: 429',
        server => 'evasive-429',
        alone  => 'all requests are limited',
        mpm    => 'event',
        global => "$ENABLED$ONE_CHILD"
            . example('evasive')
            =~ s/^DOSPageInterval \K1$/60/mr
            =~ s/^DOSPageCount \K200$/2/mr,
        also => [creates(3, 201), creates(3, limited(qr/\A[4-9]\z/))],
    },
    {   %QOS,
        name   => 'qos',
        about  => 'many creates from one address, with the example',
        server => 'qos',
        global => example('qos'),
        also   => [creates(60, 201)],
    },
    {   %QOS,
        name   => 'qos-client',
        about  => 'the example with a low limit for an address',
        server => 'qos-client',
        alone  => 'all requests are limited',
        global => example('qos') =~ s/^QS_CondClientEventLimitCount \K500/5/mr,
        also   => [creates(4, 201), creates(3, limited(qr/\A1\d\z/))],
    },
);
