# SPDX-License-Identifier: Apache-2.0
# The table of combinations. Each file of table/ returns a list of lines, each
# a hash:
#
#   name      of its virtual host, too
#   about     what is combined, in a few words
#   modules   what it needs beside Debian's defaults, as a2enmod names it
#   before    configuration of the virtual host, before the Location of our root
#   location  more lines for that Location
#   root      the whole Location, where the usual one will not do
#   after     configuration of the virtual host, after the Location
#   global    configuration outside of any virtual host
#   files     of its document root: name => content (#! makes it executable)
#   mpm       the one MPM that it is for
#   server    the name of a server that only lines of this name share, where it
#             would change others
#   mods      files of mods-available, in addition or instead: name => content
#   path      of the service root, where it is not /beta
#   own_port  1: it has a port of its own, for what belongs to a connection
#   client    the client that it needs: tls, h2, digest, brotli
#   headers   fields that each request has
#   credentials   the field that tells who calls, where it is not Basic's;
#             @user@ is the user; or code that makes it of the user
#   alone     why no common check is made
#   but       common checks that have another outcome: name => [status, why,
#             options] (see Matrix::Check; undef for status: not made)
#   also      more checks, each [user, method, path, status, options]
#   logs      numbers that the module may log as warnings and worse
#
# In configuration and files, @www@ is the document root, @port@ and @tls@ are
# the ports, @state@ is a folder that the server may write to, @name@ the line.
package Matrix::Table;
use strict;
use warnings;
use File::Glob qw(bsd_glob);

my %KNOWN = map { $_ => 1 } qw(name about modules before location root after
    global files mpm server mods path own_port client headers credentials alone
    but also logs);

# All lines, or those that are asked for by name.
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
    $named{$_} or die "there is no line $_\n" for @wanted;
    return @wanted ? @named{@wanted} : @lines;
}

1;
