# SPDX-License-Identifier: Apache-2.0
# The table of combinations. Each file in table/ returns a list of lines, each a
# hash:
#
#   name      also the name of its virtual host
#   about     short description of the combination
#   modules   modules in addition to Debian's defaults, as named for a2enmod
#   before    configuration of the virtual host, before the Location of our root
#   location  more directives in that Location
#   root      replaces the usual Location
#   after     configuration of the virtual host, after the Location
#   global    configuration outside any virtual host
#   files     of its document root: name => content (#! makes it executable)
#   mpm       runs with this MPM only
#   server    name of a separate server, shared by the lines with that name: for
#             configuration that would affect other lines
#   mods      additional or replaced files of mods-available: name => content
#   path      of the service root, if not /beta
#   own_port  1: has its own port, for settings of the connection
#   client    required client: tls, h2, digest, brotli
#   headers   fields of each request
#   credentials   the header field that identifies the user, if not Basic's;
#             @user@ is the user; or code that returns it for a user
#   alone     skips the common checks; the value is the reason
#   but       common checks with another outcome: name => [status, reason,
#             options] (see Matrix::Check; status undef: skipped)
#   also      more checks, each [user, method, path, status, options]
#   logs      numbers that the module may log as warnings and worse
#
# Replaced in configuration and files: @www@ by the document root, @port@ and
# @tls@ by the ports, @state@ by a folder writable for the server, @name@ by the
# line's name.
package Matrix::Table;
use strict;
use warnings;
use Exporter 'import';
use File::Glob qw(bsd_glob);

our @EXPORT_OK = qw($BODY post used);

our $BODY
    = '{"lastUsed":{},"resourceVisualization":{},"resourceReference":{}}';

# The path of an invitation's collection.
sub used {
    my ($invitation) = @_;
    return "/beta/invitations/$invitation/invitedUser/insights/used";
}

# A check that posts $BODY.
sub post {
    my ($user, $path, $status, %option) = @_;
    return [$user, POST => $path, $status, body => $BODY, %option];
}

my %KNOWN = map { $_ => 1 } qw(name about modules before location root after
    global files mpm server mods path own_port client headers credentials alone
    but also logs);

# All lines, or those requested by name.
sub lines {
    my ($folder, @wanted) = @_;
    my @lines;
    for my $file (bsd_glob("$folder/*.pl")) {
        my @found = do $file;
        die "$file: ", $@ || $! || 'it is empty', "\n"
            if $@ || !@found || ref $found[0] ne 'HASH';
        push @lines, @found;
    }
    my %named;
    for my $line (@lines) {
        my @unknown = grep { !$KNOWN{$_} } keys %$line;
        die "a line has '@unknown'\n" if @unknown;
        die "two lines are named $line->{name}\n" if $named{$line->{name}};
        $named{$line->{name}} = $line;
    }
    $named{$_} or die "no line $_\n" for @wanted;
    return @wanted ? @named{@wanted} : @lines;
}

1;
