# SPDX-License-Identifier: Apache-2.0
# An Apache in Debian's layout, in its own folder: the files of the package
# apache2, with the modules enabled by its maintainer script, those needed by
# the table, and ours. Only paths, ports and the user are changed.
package Matrix::Debian;
use strict;
use warnings;
use Cwd            qw(abs_path);
use File::Basename qw(dirname);
use File::Temp     qw(tempdir);
use InsightsUsed::Process;
use InsightsUsed::Setup;
use IO::Socket::INET;

my $TOP = abs_path(dirname(__FILE__) . '/../../../..');

# Arguments: mpm, order (debian, first, last), lines (of the table).
sub new {
    my ($class, %given) = @_;
    my $folder = tempdir('insights_used-matrix.XXXXXX', TMPDIR => 1);
    my $self   = bless {%given, folder => $folder}, $class;
    my @own = grep { $_->{own_port} } @{$self->{lines}};
    (@$self{qw(port tls)}, my @ports) = free_ports(2 + @own);
    @{$self->{own_port}}{map { $_->{name} } @own} = @ports;
    umask 022;
    chmod 0755, $folder or die "$folder: $!\n";    # for the children
    $self->_folders;
    $self->_copy_debian;
    $self->_enable;
    $self->_order;
    $self->_write_sites;
    return $self;
}

sub _path { my ($self, $name) = @_; return "$self->{folder}/$name" }

sub _is_tls { my ($line) = @_; return ($line->{client} // '') =~ /^(tls|h2)$/ }

sub scheme { my ($self, $line) = @_; return _is_tls($line) ? 'https' : 'http' }

# The port of a line's virtual host.
sub port {
    my ($self, $line) = @_;
    return $self->{own_port}{$line->{name} // ''}
        // $self->{_is_tls($line) ? 'tls' : 'port'};
}

sub address { my ($self, $line) = @_; return '127.0.0.1:' . $self->port($line) }

sub database { my ($self) = @_; return $self->_path('db/used_insight.db') }

sub error_log { my ($self) = @_; return $self->_path('log/error.log') }

# A script, which begins with #!, is executable.
sub _write {
    my ($path, $text) = @_;
    return write_file($path, $text, $text =~ /^#!/ ? 0755 : 0644);
}

# --- the layout

sub _folders {
    my ($self) = @_;
    my @of_server = map { $self->_path($_) } qw(db log run run/socks lock state);
    mkdir $_ or die "$_: $!\n" for @of_server;
    chmod 0700, $self->_path('db');
    if ($> == 0) {
        my ($uid, $gid) = (getpwnam 'www-data')[2, 3];
        chown $uid, $gid, @of_server;
    }
    return;
}

sub _copy_debian {
    my ($self) = @_;
    my ($etc, $port, $tls) = ($self->_path('etc'), @$self{qw(port tls)});
    system('cp', '-R', "$ENV{MATRIX_DEBIAN}/etc/apache2", $etc) == 0 or die;
    mkdir "$etc/$_-enabled" for qw(mods conf sites);
    $self->_change('etc/ports.conf',
        sub { s/^Listen 80$/Listen 127.0.0.1:$port/m });
    $self->_change('etc/ports.conf',
        sub { s/^(\s*)Listen 443$/$1Listen 127.0.0.1:$tls/m });
    my $www = $self->_path('www');
    $self->_change('etc/apache2.conf', sub { s{/var/www/}{$www/} });
    $self->_change('etc/sites-available/000-default.conf',
        sub { s{/var/www}{$www} && s/\*:80\b/127.0.0.1:$port/ });
    $self->_change('etc/mods-available/ssl.conf',
        sub { s{exec:(\S+)}{"exec:$ENV{MATRIX_DEBIAN}$1"} });
    $self->_change('etc/mods-available/cache_disk.conf',
        sub { s{/var/cache/apache2}{$self->{folder}/state} });
    my %env = (
        PID_FILE => 'run/apache2.pid',
        RUN_DIR  => 'run',
        LOCK_DIR => 'lock',
        LOG_DIR  => 'log'
    );
    my $more = join '',
        map {"export APACHE_$_=$self->{folder}/$env{$_}\n"} sort keys %env;
    $more .= sprintf "export APACHE_RUN_USER=%s APACHE_RUN_GROUP=%s\n",
        scalar getpwuid $>, '#' . (split ' ', $))[0]
        if $> != 0;
    $self->_change('etc/envvars', sub { $_ .= $more });
    _write("$www/html/index.html", "the default site\n");

    for my $file (qw(insights_used.load insights_used.conf)) {
        _write("$etc/mods-available/$file", read_file("$TOP/conf/$file"));
    }
    $self->_change('etc/mods-available/insights_used.load',
        sub {s{ /\S+$}{ "$ENV{MODULE}"}});
    return;
}

# Edits a file by code that changes $_ and returns true.
sub _change {
    my ($self, $name, $code) = @_;
    local $_ = read_file($self->_path($name));
    $code->() or die "$name is not as it was expected\n";
    _write($self->_path($name), $_);
    return;
}

# Runs a shell script with the package's commands on the folder. For
# mod_cache_disk a2enmod would enable a system service: stubs prevent that.
sub _shell {
    my ($self, $script) = @_;
    my $none = $self->_path('none');
    _write("$none/$_", "#!/bin/sh\n") for qw(systemctl update-rc.d);
    my $commands = "$none:$ENV{MATRIX_DEBIAN}/usr/sbin";
    local %ENV = (
        %ENV,
        APACHE_CONFDIR             => $self->_path('etc'),
        APACHE_STATE_DIRECTORY     => $self->_path('enabled'),
        APACHE_HTTPD               => $ENV{HTTPD},
        APACHE_STARTED_BY_SYSTEMD  => 'no, and it need not',
        PATH                       => "$commands:$ENV{PATH}",
    );
    my $log = $self->_path('log/commands.log');
    system('bash', '-c', "{ $script; } >$log 2>&1") == 0
        or die "$script:\n", read_file($log);
    return;
}

sub _enable {
    my ($self) = @_;
    my %modules = map { $_ => 1 } map { @{$_->{modules} // []} }
        @{$self->{lines}};
    $self->_add_modules(sort keys %modules);
    my @functions = map {"/^$_()/,/^}/p"} qw(is_fresh_install
        enable_default_mpm enable_default_modules enable_default_conf);
    local $" = ';';
    $self->_shell("eval \"\$(sed -n '@functions'"
            . " '$ENV{MATRIX_DEBIAN}/DEBIAN/postinst')\";"
            . ' enable_default_mpm configure && enable_default_modules configure'
            . ' && enable_default_conf configure');
    $" = ' ';
    $self->_shell("a2dismod -q mpm_event && a2enmod -q mpm_$self->{mpm}")
        if $self->{mpm} ne 'event';
    my @wanted = sort keys %modules;
    $self->_shell("a2enmod -q @wanted") if @wanted;
    $self->_shell('a2enmod -q insights_used');
    return;
}

# Modules of other packages, as installed on the system, and those that lines
# bring.
sub _add_modules {
    my ($self, @names) = @_;
    my $available = $self->_path('etc/mods-available');
    for my $name (@names) {
        next if -e "$available/$name.load";
        my @files = grep {-e}
            glob "/etc/apache2/mods-available/$name.{load,conf}";
        system 'cp', @files, $available if @files;
    }
    my %value = (state => $self->_path('state'));
    for my $files (map { $_->{mods} // () } @{$self->{lines}}) {
        _write("$available/$_", _fill($files->{$_}, %value)) for keys %$files;
    }
    return;
}

# Apache loads modules in the order of the link names.
sub _order {
    my ($self) = @_;
    my %name    = (debian => '', first => '000-', last => 'zzz-');
    my $enabled = $self->_path('etc/mods-enabled');
    rename "$enabled/insights_used.load",
        "$enabled/$name{$self->{order}}insights_used.load"
        or die "no link of insights_used: $!\n";
    return;
}

# --- the virtual hosts

# Users, all with the password "secret": writer has the scopes, guest none.
my $USERS = join '', map {"$_:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"}
    qw(writer guest);

my $ROOT = <<'END';
<Location "@path@">
    InsightsUsed On
    AuthType Basic
    AuthName matrix
    AuthUserFile @users@
    Require valid-user
    InsightsUsedScopes read Insights.Read
    InsightsUsedScopes write Insights.ReadWrite
@location@
</Location>
END

my $TLS = <<'END';
SSLEngine On
SSLCertificateFile @certificate@
SSLCertificateKeyFile @key@
END

# The claims of writer ("writer:secret"), as passed on by mod_oauth2.
my $SITE = <<'END';
<VirtualHost 127.0.0.1:@listen@>
ServerName @name@.example
DocumentRoot @www@
UseCanonicalName On
AllowEncodedSlashes NoDecode
<Location "/">
    SetEnvIf Authorization "^Basic d3JpdGVyOnNlY3JldA==$" \
        OAUTH2_CLAIM_scp=Insights.ReadWrite
</Location>
@before@
@root@
@after@
</VirtualHost>
END

sub _fill {
    my ($text, %value) = @_;
    $text =~ s{\@(\w+)\@}{$value{$1} // die "what is \@$1\@?\n"}ge
        for 1 .. 3;
    return $text;
}

sub _write_sites {
    my ($self) = @_;
    my $sites = $self->_path('etc/sites-available');
    _write($self->_path('users'), $USERS);
    my %all = (
        users => $self->_path('users'),
        state => $self->_path('state'),
        port  => $self->{port},
        tls   => $self->{tls},
        certificate => $self->_path('tls.cert'),
        key   => $self->_path('tls.key'),
    );
    $self->_make_certificate if grep { _is_tls($_) } @{$self->{lines}};
    _write("$sites/001-matrix.conf",
        "ServerName 127.0.0.1\nLogLevel warn insights_used:info\n"
        . 'InsightsUsedDBD sqlite3 ' . $self->database . "\n");
    $self->_shell('a2ensite -q 000-default 001-matrix');
    for my $line (@{$self->{lines}}) {
        my $www   = $self->_path("www/$line->{name}");
        my %value = (
            %all,
            name     => $line->{name},
            www      => $www,
            root     => $line->{root} // $ROOT,
            path     => ($line->{path} // '/beta') || '/',
            listen   => $self->port($line),
            map { $_ => $line->{$_} // '' } qw(before location after)
        );
        $value{before} .= "\n$TLS" if _is_tls($line);
        my $global = $line->{global} // '';
        $global = "Listen 127.0.0.1:\@listen\@\n$global" if $line->{own_port};
        mkdir $www;
        my %files = %{$line->{files} // {}};
        _write("$www/" . _fill($_, %value), _fill($files{$_}, %value))
            for keys %files;
        _write("$sites/line-$line->{name}.conf",
            _fill($global . $SITE, %value));
        symlink "../sites-available/line-$line->{name}.conf",
            $self->_path("etc/sites-enabled/line-$line->{name}.conf");
    }
    return;
}

sub _make_certificate {
    my ($self) = @_;
    $self->_shell('openssl req -x509 -newkey rsa:2048 -nodes -days 2'
        . " -subj /CN=127.0.0.1 -keyout $self->{folder}/tls.key"
        . " -out $self->{folder}/tls.cert");
    return;
}

# --- processes

sub parent {
    my ($self) = @_;
    open my $file, '<', $self->_path('run/apache2.pid') or return;
    my $pid = <$file> // return;
    chomp $pid;
    return alive($pid) ? $pid : undef;
}

sub children {
    my ($self) = @_;
    my $parent = $self->parent // return;
    return children_of($parent);
}

sub start {
    my ($self) = @_;
    $self->_shell('apache2ctl start');
    wait_for(
        sub {
            IO::Socket::INET->new(PeerAddr => $self->address({}), Timeout => 1);
        },
        30
    ) or die "the server does not listen\n";
    return;
}

# Restarts gracefully by the package's command. True if there are new children
# and no old ones.
sub reload {
    my ($self) = @_;
    my @before = $self->children;
    $self->_shell('apache2ctl graceful');
    return wait_for(
        sub {
            !grep({ alive($_) } @before) && $self->children;
        },
        30
    );
}

sub stop {
    my ($self) = @_;
    my $pid = $self->parent // return 0;
    my @all = ($pid, $self->children);
    kill TERM => $pid;
    return wait_for(
        sub {
            !grep { alive($_) } @all;
        },
        30
    );
}

# Stops the server if it runs. Keeps the folder after a failure.
sub clean {
    my ($self, $passed) = @_;
    $self->stop if $self->parent;
    if   ($passed) { system 'rm', '-rf', $self->{folder} }
    else           { print STDERR "# see $self->{folder}\n" }
    return;
}

1;
