# SPDX-License-Identifier: Apache-2.0
# The metrics with Prometheus itself: it accepts the page, reads it, and
# evaluates the alerts and the dashboard of conf/examples.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Connection;
use InsightsUsed::Metrics;
use InsightsUsed::Setup;
use InsightsUsed::Test;
use JSON::PP;
use Test::More;

my $examples = "$ENV{IU_DOCS}/../conf/examples";
my $folder   = state_file('prometheus');
my ($port)   = free_ports(1);

# Runs a command with input. Returns whether it succeeded, and what it said.
sub run {
    my ($input, @command) = @_;
    write_file("$folder/input", $input);
    my $said = `@command <'$folder/input' 2>&1`;
    return ($? == 0, $said);
}

# The page
my $inv = new_invitation();
create($inv);
my $page = call(GET => '/metrics')->body;
my ($ok, $said) = run($page, 'promtool check metrics');
ok $ok, 'promtool accepts the page' or diag $said;
is $said, '', 'and has no advice';

# The rules
write_file("$folder/$_", read_file("$examples/$_"))
    for qw(prometheus_alerts.yml prometheus_scrape.yml);
write_file("$folder/alerts_test.yml",
    shared_file('prometheus_alerts_test.yml'));
for my $command ('check config prometheus_scrape.yml',
    'test rules alerts_test.yml') {
    ($ok, $said) = run('', "cd '$folder' && promtool $command");
    ok $ok, "promtool $command" or diag $said;
}

# Alerts and dashboard name existing metrics only.
my %metrics = map { $_ => 1 } $page =~ /^# TYPE (\S+)/mg;
sub unknown {
    my ($text) = @_;
    return grep {
        !$metrics{$_} && !$metrics{s/_(?:bucket|count|sum)\z//r}
    } $text =~ /\b(insights_used_\w+)/g;
}
my $alerts = join "\n",
    read_file("$examples/prometheus_alerts.yml") =~ /expr: (.*?)\n\s+(?:for|labels):/gs;
cmp_ok length $alerts, '>', 200, 'the alerts have expressions';
is_deeply [unknown($alerts)], [], 'which name metrics of the page';
my $dashboard
    = JSON::PP->new->utf8->decode(read_file("$examples/grafana_dashboard.json"));
my @expressions
    = map { $_->{expr} } map { @{$_->{targets}} } @{$dashboard->{panels}};
cmp_ok scalar @expressions, '>', 10, 'the dashboard has expressions';
is_deeply [unknown(join ' ', @expressions)], [], 'which name metrics';

# Prometheus reads the page. It asks for OpenMetrics.
my $scrape = read_file("$examples/prometheus_scrape.yml");
my $target = address();
$scrape =~ s/"127\.0\.0\.1:8082"/"$target"/ and $scrape =~ s/: 15s/: 1s/g
    or die "the example has another form\n";
write_file("$folder/prometheus.yml", $scrape);
my $pid = fork // die "no fork: $!\n";
if (!$pid) {
    open STDOUT, '>', "$folder/log" and open STDERR, '>&', \*STDOUT or die $!;
    exec 'prometheus', "--config.file=$folder/prometheus.yml",
        "--storage.tsdb.path=$folder/data",
        "--web.listen-address=127.0.0.1:$port";
    die "no prometheus: $!\n";
}

sub ask {
    my ($path, $query) = @_;
    $query = $query =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger;
    my $answer = eval {
        my $connection = InsightsUsed::Connection->new("127.0.0.1:$port");
        $connection->send("GET /api/v1/$path?query=$query HTTP/1.1\r\n"
                . "Host: 127.0.0.1:$port\r\nConnection: close\r\n\r\n");
        $connection->response('GET')->json;
    } // {};
    return $answer->{data} // {};
}

# The value of an expression; undef: it has none yet.
sub value {
    my ($query) = @_;
    my $result = ask(query => $query)->{result} // [];
    return @$result ? $result->[0]{value}[1] : undef;
}
ok wait_for(sub { (value('up{job="insights_used"}') // 0) == 1 }, 30),
    'Prometheus reads the page' or diag read_file("$folder/log");
my $changes = sum_of(metrics(), 'changes_total', change => 'create');
ok wait_for(
    sub {
        (value('sum(insights_used_changes_total{change="create"})') // 0)
            == $changes;
    },
    10
), 'and has its numbers';
for my $expression (@expressions) {
    my $query = $expression =~ s/\$__rate_interval/1m/gr
        =~ s/"\$(?:instance|database)"/".*"/gr;
    is ask(query => $query)->{resultType}, 'vector', $expression;
}
my @rules;
ok wait_for(
    sub {
        @rules = map { @{$_->{rules}} } @{ask(rules => '')->{groups} // []};
        return @rules && !grep { $_->{health} ne 'ok' } @rules;
    },
    20
), 'it evaluates the alerts' or diag explain \@rules;
finish();

# Also if the test dies.
END {
    local $? = $?;
    kill TERM => $pid and waitpid $pid, 0 if $pid;
}
