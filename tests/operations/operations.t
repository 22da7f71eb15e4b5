#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Runs the blocks of docs/operations.md, databases.md and other_modules.md, and
# of the comments in conf/schema: what an operator does, with a real httpd and
# SQLite, or a real server:
#
#   prove tests/operations/operations.t
#   tests/databases/pgsql prove tests/operations/operations.t
#   tests/databases/mysql prove tests/operations/operations.t
#
# Only hosts, ports, paths and passwords are replaced. A block that no test runs
# is a failure, and so is a test of a block that is not there.
#
#   HTTPD, MODULES    the server and the folder of its modules
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename qw(dirname);
use FindBin;
use lib "$FindBin::Bin/../t/lib", "$FindBin::Bin/lib";
use InsightsUsed::Setup;
use Sandbox;
use Test::More;

my $SET      = 'invitations/7/invitedUser';
my $PASSWORD = 'not-to-be-logged';             # of tests/databases/mysql
my $checkout = realpath(dirname(__FILE__) . '/../..');
my $driver   = $ENV{INSIGHTS_TEST_DRIVER} // 'sqlite3';
my $socket   = $ENV{INSIGHTS_TEST_ROOT}   // '';
my $database = 'insights';                     # the one that httpd uses
$ENV{HTTPD} //= '/usr/sbin/apache2';
$ENV{MODULES} //= '/usr/lib/apache2/modules';

my $box = Sandbox->new(
    PGHOST => $socket, PGUSER => 'postgres', MARIADB_HOME => '/nowhere');
my $root = $box->{root};
my $file = "$root/data/used_insight.db";

#### The blocks ####

# Each block by how it begins, in the order of the documents: who runs it. A
# test's name, or the databases with which this test runs it, and how.
my @BLOCKS = (
    [ 'sudo make deps'        => 'tests/install/readme.t' ],
    [ 'LogFormat'             => all  => \&use_log ],
    [ 'readinessProbe:'       => all  => \&use_probes ],
    [ 'curl -sS'              => all  => \&use_status ],
    [ '<Location "/insights-' => all  => \&use_metrics ],
    [ 'sudo -u www-data insi' => sqlite3 => \&use_list ],
    [ 'insights-used-admin DB expire'  => all => \&use_expire ],
    [ 'insights-used-admin DB wipe'    => all => \&use_wipe ],
    [ 'insights-used-admin DB check'   => all => \&use_check ],
    [ 'insights-used-admin DB export'  => all => \&use_export ],
    [ 'cd /var/lib/'          => sqlite3 => \&back_up ],
    [ 'apache2ctl stop'       => sqlite3 => \&restore_file ],
    [ 'pg_dump'               => pgsql   => \&back_up ],
    [ 'createdb'              => pgsql   => \&restore_table ],
    [ 'mariadb-dump'          => mysql   => \&back_up ],
    [ 'mariadb -e'            => mysql   => \&restore_table ],
    [ 'insights-used-admin DB upgrade' => 'pgsql mysql' => \&use_upgrade ],
    [ 'insights-used-copy'    => pgsql   => \&copy_file ],
    [ 'insights-used-copy'    => mysql   => \&copy_file ],
    [ 'apache2ctl configtest' => 'pgsql mysql' => \&move_to_server ],
    [ 'ALTER ROLE'            => pgsql   => \&limit_role ],
    [ 'InsightsUsedDBD pgsql' => pgsql   => \&fail_over ],
    [ '[insights]'            => mysql   => \&write_my_cnf ],
    [ 'InsightsUsedDBD mysql "group' => mysql => \&use_line ],
    [ 'InsightsUsedDBD mysql "sock'  => mysql => \&use_line ],
    [ 'UPDATE used_insight'   => all     => \&move_to_user ],
    [ 'RewriteCond'           => 'tests/matrix/table/rewrite.pl' ],
    [ 'ProxyPass'             => 'tests/matrix/table/proxy.pl' ],
    [ '<Location "/beta">'    => all     => \&use_variables ],
    [ 'psql'                  => pgsql   => \&apply_schema ],
    [ 'CREATE ROLE'           => pgsql   => \&make_user ],
    [ 'GRANT'                 => pgsql   => \&make_user ],
    [ 'DO $$'                 => pgsql   => \&partition ],
    [ 'mariadb insights'      => mysql   => \&apply_schema ],
    [ 'CREATE USER'           => mysql   => \&make_user ],
);

# Commands within the text, with which databases they run, and what a reader
# puts in.
my @INLINE = (
    [ 'sqlite3 used_insight.db VACUUM "PRAGMA wal_checkpoint(TRUNCATE)"' => 'sqlite3' ],
    [ 'VACUUM FULL used_insight'                     => 'pgsql' ],
    [ 'OPTIMIZE TABLE used_insight'                  => 'mysql' ],
    [ 'ALTER USER ... WITH MAX_STATEMENT_TIME 5'     => 'mysql',
        '...' => 'insights_used@localhost' ],
);

# The indented paragraphs of a page, or of the comments of a schema.
sub blocks_of {
    my ($page) = @_;
    my $all = read_file("$checkout/$page");
    $all = join '', map { s/^-- ?//r } $all =~ /^((?:--.*)?\n)/mg if $page =~ /\.sql$/;
    my @blocks;
    for my $text (split /\n{2,}/, $all) {
        my ($indent) = $text =~ /\A\n*( {4,})/ or next;
        next if $text =~ /^(?! {4})./m;
        push @blocks, { page => $page, text => $text =~ s/^$indent//mgr . "\n" };
    }
    return @blocks;
}

# What a reader puts in for the names in the documents.
sub filled_in {
    my ($text) = @_;
    my $admin = 'insights-used-admin';
    my $as = $driver eq 'sqlite3' ? 'sudo -u www-data ' : '';
    $text =~ s{^$admin DB}{$as$admin '@{[named($database)]}'}mg;
    $text =~ s{^$admin OTHER}{$as$admin '@{[named('other')]}'}mg;
    $text =~ s{/var/lib/insights-used}{$root/data}g;
    $text =~ s{/etc/apache2/}{$root/etc/}g;
    $text =~ s{http://127\.0\.0\.1/}{http://127.0.0.1:$box->{port}/};
    $text =~ s/\bdb1,db2 port=5432,5432\b/$socket,$socket port=5432,5433/;
    $text =~ s/^host = db1.*/socket = $socket\/socket/m;
    $text =~ s{/run/mysqld/mysqld\.sock}{$socket/socket};
    $text =~ s/(?:pass=|^password = )\K\.\.\./$PASSWORD/m;
    $text =~ s/(?<=Pg:host=)db1/$socket/;
    $text =~ s/(?<=MariaDB:)host=db1;//;           # the option file has a socket
    $text =~ s/insights_used\@'%'/insights_used\@localhost/;
    return $text;
}

sub runs {
    my ($name, $text) = @_;
    my $said = $box->run(filled_in($text));
    is($?, 0, "$name succeeds") or diag($said);
    return $said;
}

#### Databases ####

# How insights-used-admin names a database.
sub named {
    my ($name, $user) = @_;
    $user //= 'insights_used';
    return $file =~ s/used_insight/$name/r
        if $driver eq 'sqlite3' && $name ne 'insights';
    return $file if $driver eq 'sqlite3';
    return "dbi:Pg:host=$socket;dbname=$name;user=$user" if $driver eq 'pgsql';
    return "dbi:MariaDB:database=$name;mariadb_read_default_file=$root/$user.cnf";
}

sub line {
    my ($name) = @_;
    return "InsightsUsedDBD sqlite3 \"$file\"" if $driver eq 'sqlite3';
    return "InsightsUsedDBD $driver \"host=$socket user=insights_used dbname=$name\""
        if $driver eq 'pgsql';
    return "InsightsUsedDBD $driver \"sock=$socket/socket,user=insights_used,"
        . "pass=$PASSWORD,dbname=$name\"";
}

# As an operator makes a database.
sub make {
    my ($name) = @_;
    if ($driver eq 'sqlite3') {
        my $path = named($name);
        $box->run("sudo -u www-data sqlite3 '$path' <'$checkout/conf/schema/sqlite3.sql'");
    }
    else {
        `'$ENV{INSIGHTS_TEST_SERVER}' create $name`;
    }
    return $? == 0 || BAIL_OUT("no database $name");
}

# Runs SQL as the owner.
sub sql {
    my ($text, $name) = @_;
    $name //= $database;
    write_file("$root/sql", $text);
    my $said = $driver eq 'sqlite3'
        ? $box->run("sudo -u www-data sqlite3 '@{[named($name)]}' <'$root/sql'")
        : `'$ENV{INSIGHTS_TEST_SERVER}' sql $name <'$root/sql'`;
    $? == 0 or die "SQL failed: $text: $said\n";
    return $said;
}

sub prepare {
    if ($driver eq 'mysql') {
        write_file("$root/insights_used.cnf",
            "[client]\nsocket=$socket/socket\nuser=insights_used\npassword=$PASSWORD\n");
        my $as_root = "socket=$socket/socket\nuser=root\n";
        write_file("$root/root.cnf", "[client]\n$as_root");
        # Not [client], which httpd's client library would read, too.
        write_file("$root/home/.my.cnf", "[mysql]\n$as_root\n[mysqldump]\n$as_root");
    }
    write_file("$root/etc/insights.pgpass", "*:*:*:*:unused\n", 0600);
    write_file("$root/etc/insights.cnf", "[client]\nsocket=$socket/socket\n"
        . "user=insights_used\npassword=$PASSWORD\n", 0600);
    if ($> == 0) {
        chown +(getpwnam 'www-data')[ 2, 3 ], glob "$root/etc/*" or die "$!\n";
    }
    make('insights') if $driver ne 'sqlite3';
    return;
}

#### Watch, alert ####

sub use_log {
    my ($text) = @_;
    $box->configure($text);
    $box->serve(line($database));
    is($box->create($SET, $_), 201, "a create of $_") for qw(a b);
    is($box->create($SET, 'a'), 409, 'and of one that is there');
    my $line = qr{^127\.0\.0\.1 \[.*\] "POST \S+ HTTP/1\.1" 409 \d+ IU\d{4} - \S{36}$}m;
    ok(wait_for(sub { read_file("$root/log/insights.log") =~ $line }),
        'the log has its number, time and id');
    return;
}

sub use_probes {
    my ($text) = @_;
    my @probes = $text =~ /^ *httpGet: \{path: (\S+), port: 8082\}$/mg;
    is(@probes, 2, 'two probes');
    is(($box->get($_, $box->{probes}))[0], 200, "$_ of conf/examples/probes.conf")
        for @probes;
    return;
}

sub use_status {
    my ($text) = @_;
    like(runs('the status', $text), qr/^InsightsUsed\[$driver-0\]Requests: [1-9]/m,
        'it has the numbers of the database');
    return;
}

sub use_metrics {
    my ($text) = @_;
    $box->configure($text);
    $box->serve(line($database));
    my ($status, $body) = $box->get('/insights-metrics');
    is($status, 200, 'the metrics');
    like($body, qr/^insights_used_children\{database="$driver-0"\} 1$/m, 'a number');
    my $alerts = read_file("$checkout/conf/examples/prometheus_alerts.yml");
    is(join("\n", read_file("$checkout/docs/operations.md") =~ /^\| `(InsightsUsed\w+)`/mg),
        join("\n", $alerts =~ /- alert: (\w+)$/mg), 'all alerts are explained');
    return;
}

#### Maintain ####

sub use_list {
    my ($text) = @_;
    like(runs('the list', $text), qr{^invitations/7\t2\t}m, 'it has the set');
    return;
}

sub use_expire {
    my ($text) = @_;
    sql("UPDATE used_insight SET last_stored = last_stored - 91 * 86400 WHERE id = 'b'");
    my ($count, $delete) = split /^/, $text;
    runs('the dry run', $count);
    is($box->ids($SET), 'a b', 'it deletes nothing');
    runs('the expiry', $delete);
    is($box->ids($SET), 'a', 'the old one is gone');
    return;
}

sub use_wipe {
    my ($text) = @_;
    my %set = (
        '--user'       => 'users/%s',
        '--invitation' => 'invitations/%s/invitedUser'
    );
    for my $command (split /^/, $text) {
        my ($kind, $id) = $command =~ /(--\w+) (\S+)$/;
        my $set = sprintf $set{$kind}, $id;
        is($box->create($set, 'x'), 201, "a create in $set");
        runs("wipe $kind", $command);
        is($box->ids($set), '', 'the set is empty');
    }
    is($box->ids($SET), 'a', 'other sets are left');
    return;
}

sub use_check {
    my ($text) = @_;
    runs('the check', $text);
    sql("UPDATE used_insight SET version = 'wrong'");
    my $said = $box->run(filled_in($text));
    is($? >> 8, 1, 'a fault is found');
    like($said, qr{invitations/7/a}, 'and named');
    sql("UPDATE used_insight SET version = '0123456789abcdef'");
    return;
}

sub use_export {
    my ($text) = @_;
    make('other');
    runs('export and import', $text);
    my $rows = 'SELECT invitation_id, id, version, document, last_stored FROM used_insight;';
    is(sql($rows, 'other'), sql($rows), 'both have the same rows');
    return;
}

#### Back up, restore ####

sub back_up {
    my ($text) = @_;
    my $said = runs('the backup', $text);
    is($said, "ok\n1\n", 'it is intact, with one row') if $driver eq 'sqlite3';
    is($box->create($SET, 'later'), 201, 'a create after it');
    return;
}

sub restore_file {
    my ($text) = @_;
    my ($stop, $rest) = $text =~ /\A(apache2ctl stop\n)(.*)\z/s;
    my $log = read_file("$file-wal");    # as httpd leaves it when it is killed
    runs('httpd stops', $stop);
    write_file($file,       'lost');
    write_file("$file-wal", $log);
    runs('restoring', $rest);
    ok($box->is_up, 'httpd runs');
    restored();
    return;
}

sub restore_table {
    my ($text) = @_;
    sql('DROP TABLE used_insight;');
    is($box->ids($SET), 503, 'the table is lost');
    runs('restoring', $text);
    $database = 'restored';
    $box->serve(line($database));
    restored();
    return;
}

sub restored {
    is($box->ids($SET), 'a', 'what was backed up is there');
    is($box->create($SET, 'c'), 201, 'and a create is stored');
    return;
}

#### Upgrade, move ####

sub use_upgrade {
    my ($text) = @_;
    my $comment = $driver eq 'pgsql'
        ? "COMMENT ON TABLE used_insight IS 'schema version 102';"
        : "ALTER TABLE used_insight COMMENT = 'schema version 102';";
    my $drop = $driver eq 'pgsql' ? 'DROP INDEX used_insight_last_stored;' : '';
    sql("$drop ALTER TABLE used_insight DROP COLUMN last_stored; $comment");
    $box->serve(line($database));
    is($box->create($SET, 'd'), 503, 'a table of an earlier version is refused');
    my $owner = $driver eq 'pgsql' ? 'postgres' : 'root';
    my $name  = named($database, $owner);
    my $said  = $box->run($text =~ s/(?<=insights-used-admin )DB/'$name'/r);
    is($?, 0, 'the upgrade succeeds') or diag($said);
    ok(wait_for(sub { $box->create($SET, 'd') == 201 }), 'and the table is accepted');
    return;
}

# httpd uses SQLite before; the table of the new database is empty.
my $copy;

sub copy_file {
    my ($text) = @_;
    make('moved');
    $box->serve("InsightsUsedDBD sqlite3 \"$file\"");
    is($box->create('invitations/8/invitedUser', 'before'), 201, 'a create in SQLite');
    $copy = $text =~ s/(?<=dbname=|abase=)insights/moved/r;
    runs('the copy', $copy);
    is($box->create('invitations/8/invitedUser', 'after'), 201, 'another after the copy');
    return;
}

sub move_to_server {
    my ($text) = @_;
    my $set = 'invitations/8/invitedUser';
    $database = 'moved';
    $box->{site} = line($database);
    $box->write_configuration;
    runs('the restart', $text);
    ok(wait_for(sub { $box->ids($set) eq 'before' }), 'httpd uses the new database');
    runs('the second copy', $copy);
    is($box->ids($set), 'after before', 'everything is there');
    is($box->create($SET, 'a'), 201, 'a create');
    return;
}

#### Reference ####

sub limit_role {
    my ($text) = @_;
    sql($text);
    my $limit = sql(q{SELECT rolconnlimit FROM pg_roles WHERE rolname = 'insights_used'});
    is($limit, "80\n", 'the limit is set');
    return;
}

# A line of the documents, with the database of this test.
my $lines = 0;

sub use_line {
    my ($text) = @_;
    $box->serve(filled_in($text) =~ s/(?<=dbname=)insights\b/$database/r);
    is($box->create($SET, 'line-' . ++$lines), 201, 'a create is stored');
    return;
}

# The second server is the standby of tests/databases/pgsql.
sub fail_over {
    my ($text) = @_;
    my $server = $ENV{INSIGHTS_TEST_SERVER};
    is(system($server, 'standby', 'start'), 0, 'a standby starts');
    use_line($text);
    is(system($server, 'kill') + system($server, 'standby', 'promote'), 0,
        'the first server is killed, and the standby promoted');
    ok(wait_for(sub { $box->create($SET, 'line-' . ++$lines) == 201 }),
        'httpd finds it, and stores');
    is(system($server, 'standby', 'stop') + system($server, 'start'), 0,
        'back to the first server');
    $box->serve(line($database));
    return;
}

sub write_my_cnf {
    my ($text) = @_;
    write_file("$root/etc/my.cnf", filled_in($text));
    like(read_file("$root/etc/my.cnf"), qr/^socket = .*^password = not/ms,
        'its host and password are replaced');
    $box->{environment}{MARIADB_HOME} = "$root/etc";
    return;
}

# In the other databases, with the expression that the document has for them.
sub move_to_user {
    my ($text) = @_;
    $text =~ s/'invitation';/'7';/;
    $text =~ s/char\(9\)/chr(9)/ if $driver eq 'pgsql';
    $text =~ s/\A(.*)char\(9\) \|\| ('user')/SET sql_mode = ''; $1concat('\\t', $2)/
        if $driver eq 'mysql';
    my $before = $box->ids($SET);
    sql($text);
    is($box->ids($SET), '', 'the set of the invitation is empty');
    is($box->ids('users/user'), $before, 'the set of the user has them');
    return;
}

# tests/matrix has these rules with real tokens. Here httpd accepts the lines.
sub use_variables {
    my ($text) = @_;
    write_file("$root/rules.conf", $text =~ s/^ *\.\.\.\n//mr
        =~ s/Require valid-user/Require all granted/r);
    $box->configure("Include $root/rules.conf\n");
    $box->serve(line($database));
    is($box->ids('invitations/secret/invitedUser'), 403, 'the rule refuses a set');
    is($box->ids("invitations('secret')/invitedUser"), 403, 'however it is spelt');
    is($box->ids('users/user') =~ /\A\d+\z/, '', 'others are open');
    return;
}

# With a database and a user of their own, since the others are there.
my $other_user = 'insights_other';

sub apply_schema {
    my ($text) = @_;
    if   ($driver eq 'pgsql') { $box->run('createdb -T template0 -E UTF8 fresh') }
    else                      { $box->run('mariadb -e "CREATE DATABASE fresh"') }
    is($?, 0, 'an empty database is made');
    $text =~ s{ \K(?=(?:pgsql|mysql)\.sql)}{$checkout/conf/schema/};
    runs('the schema', $text =~ s/\binsights$|(?<=mariadb )insights/fresh/mr);
    is(sql('SELECT count(*) FROM used_insight;', 'fresh'), "0\n", 'the table is there');
    return;
}

sub make_user {
    my ($text) = @_;
    $text =~ s/insights_used/$other_user/g;
    $text =~ s/insights\.\*/fresh.*/g;
    is(eval { sql($text, 'fresh') } // $@, '', 'the server accepts it');
    return if $text =~ /^CREATE ROLE/;
    is(sql(<<"END", 'fresh'), "1\n", 'the user may change the table');
@{[ $driver eq 'pgsql' ? "SET ROLE $other_user;" : '' ]}
INSERT INTO used_insight (invitation_id, id, version, last_accessed, last_modified, document)
    VALUES ('s', 'i', 'v', '', '', '{}');
SELECT count(*) FROM used_insight;
END
    return;
}

# The partitions, of a table made as the comment says.
sub partition {
    my ($text) = @_;
    my $schema = read_file("$checkout/conf/schema/pgsql.sql");
    $schema =~ s/^\);$/) PARTITION BY HASH (invitation_id);/m or die "no end of the table\n";
    sql("DROP TABLE used_insight; $schema $text", 'fresh');
    sql(q{INSERT INTO used_insight VALUES ('s', 'i', 'v', '', '', '{}', '');}, 'fresh');
    is(sql('SELECT count(*) FROM used_insight;', 'fresh'), "1\n", 'a row finds its partition');
    return;
}

sub use_inline {
    my ($command, $where, %put_in) = @_;
    like(join('', map { read_file("$checkout/docs/$_.md") } qw(operations databases)),
        qr/`\Q$command\E`/, "the text has: $command");
    return if $where ne $driver;
    $command =~ s/\Q$_\E/$put_in{$_}/ for keys %put_in;
    if ($command !~ /^sqlite3/) {
        ok(eval { sql("$command;"); 1 }, 'the server accepts it') or diag($@);
        return;
    }
    $box->stop;
    runs('it', "cd '$root/data'; sudo -u www-data $command");
    ok(!-s "$file-wal", 'the log is empty');
    return;
}

# The sections that the documents and the configuration name are there.
sub check_references {
    my (%has, @wrong);
    for my $page (glob "$checkout/docs/*.md") {
        $has{$page}{$_} = 1 for read_file($page) =~ /^#+ (.*)/mg;
    }
    my $count = 0;
    for my $name (map { glob "$checkout/$_" } qw(*.md CHANGES docs/*.md conf/*.conf)) {
        my $text  = read_file($name) =~ s/\n[# ]*/ /gr;
        my @named = $text =~ /"([A-Z][^"]+)" in `?(?:docs\/)?(\w+\.md)/g;
        push @named, $2, $1 while $text =~ /\b(\w+\.md)`?, "([A-Z][^"]+)"/g;
        while (my ($section, $page) = splice @named, 0, 2) {
            $count++;
            push @wrong, "$name: $section in $page"
                if !$has{"$checkout/docs/$page"}{$section};
        }
    }
    cmp_ok($count, '>', 15, 'references to sections');
    is_deeply(\@wrong, [], 'each has its section');
    return;
}

#### Run ####

$SIG{INT} = $SIG{TERM} = sub { exit 1 };
my $done;

END {
    my $status = $?;
    $box->stop if $box;
    if ($done && Test::More->builder->is_passing) { system 'rm', '-rf', $root }
    elsif ($root) { print STDERR "# see $root\n" }
    $? = $status;
}

prepare();
my @blocks = map { blocks_of($_) } map({"docs/$_.md"} qw(operations databases other_modules)),
    map {"conf/schema/$_.sql"} qw(pgsql mysql);
for my $row (@BLOCKS) {
    my ($begin, $where, $code) = @$row;
    my $block = shift @blocks or BAIL_OUT("there is no block $begin");
    my ($first) = $block->{text} =~ /\A(.*)/;
    index($first, $begin) == 0
        or BAIL_OUT("$block->{page}: $first: no test runs it here");
    if (!$code) { ok(-e "$checkout/$where", "$where runs: $first") }
    elsif ($where eq 'all' || $where =~ /\b$driver\b/) {
        subtest $first => sub { $code->($block->{text}) };
    }
}
is_deeply([ map { $_->{text} } @blocks ], [], 'no block is left');
use_inline(@$_) for @INLINE;
check_references();
$done = 1;
done_testing();
