# SPDX-License-Identifier: Apache-2.0
# Installing and removing the module.

.PHONY: install uninstall deb

CONFDIR = /etc/apache2/mods-available
DOCDIR = /usr/share/doc/libapache2-mod-insights-used
BINDIR = /usr/bin
MANDIR = /usr/share/man
# Where the commands look, beside BINDIR; perl itself looks there, too.
PERLDIR = /usr/share/perl5
INSTALL = install -p

# What is installed, and where.
PROGRAMS = $(COMMANDS:build/commands/%=$(BINDIR)/%)
PERL = $(wildcard share/perl5/*/*/*.pm)
PAGES = $(foreach page,$(MANUALS:build/man/%=%), \
    $(MANDIR)/man$(subst .,,$(suffix $(page)))/$(page))
DOCUMENTS = README.md CHANGES SECURITY.md LICENSE $(wildcard docs/*)
SCHEMA = $(wildcard conf/schema/*)
EXAMPLES = conf/insights_used.conf $(wildcard conf/examples/*)
FILES = $(LIBEXECDIR)/$(MODULE).so $(PROGRAMS) $(PAGES) \
    $(PERL:share/perl5/%=$(PERLDIR)/%) \
    $(addprefix $(DOCDIR)/,$(notdir $(DOCUMENTS)) \
    $(addprefix schema/,$(notdir $(SCHEMA))) \
    $(addprefix examples/,$(notdir $(EXAMPLES))))

#: make install            install the module, its configuration, commands,
#:                         manual pages and documents (DESTDIR=)
# An existing configuration is the operator's: it stays as it is.
install: all
	$(INSTALL) -d '$(DESTDIR)$(LIBEXECDIR)' '$(DESTDIR)$(CONFDIR)' \
	    '$(DESTDIR)$(DOCDIR)/schema' '$(DESTDIR)$(DOCDIR)/examples' \
	    '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(MANDIR)/man1' \
	    '$(DESTDIR)$(MANDIR)/man5' '$(DESTDIR)$(PERLDIR)/InsightsUsed/Admin'
	$(INSTALL) -m 0644 $(MODULE).so '$(DESTDIR)$(LIBEXECDIR)'
	$(INSTALL) -m 0755 $(COMMANDS) '$(DESTDIR)$(BINDIR)'
	$(INSTALL) -m 0644 $(PERL) '$(DESTDIR)$(PERLDIR)/InsightsUsed/Admin'
	$(INSTALL) -m 0644 $(filter %.1,$(MANUALS)) '$(DESTDIR)$(MANDIR)/man1'
	$(INSTALL) -m 0644 $(filter %.5,$(MANUALS)) '$(DESTDIR)$(MANDIR)/man5'
	@for file in insights_used.load insights_used.conf; do \
	    to='$(DESTDIR)$(CONFDIR)'/$$file; \
	    if [ -e "$$to" ]; then echo "kept as it is: $$to"; \
	    else (set -x; $(INSTALL) -m 0644 conf/$$file "$$to"); fi; \
	done
	$(INSTALL) -m 0644 $(DOCUMENTS) '$(DESTDIR)$(DOCDIR)'
	$(INSTALL) -m 0644 $(SCHEMA) '$(DESTDIR)$(DOCDIR)/schema'
	$(INSTALL) -m 0644 $(EXAMPLES) '$(DESTDIR)$(DOCDIR)/examples'
	@printf '%s\n' '' 'Next, as $(DOCDIR)/README.md says:' \
	    '    a2enmod ssl oauth2 insights_used' \
	    '    install -d -o www-data -g www-data -m 0700 /var/lib/insights-used' \
	    '    (a virtual host in /etc/apache2/sites-available/insights.conf:' \
	    '    there, and in $(DOCDIR)/examples)' \
	    '    a2ensite insights' \
	    '    apache2ctl configtest && systemctl reload apache2'

#: make uninstall          remove what make install installed (DESTDIR=); the
#:                         configuration and the data stay
# A server that has the module enabled would not start without it.
uninstall:
	@$(NEED_APXS)
	@enabled='$(DESTDIR)$(dir $(CONFDIR))mods-enabled/insights_used.load'; \
	if [ -e "$$enabled" ] || [ -L "$$enabled" ]; then \
	    echo 'The module is enabled. Disable what uses it first:' >&2; \
	    echo '    a2dissite insights && a2dismod insights_used' >&2; \
	    echo '    systemctl restart apache2' >&2; \
	    exit 1; \
	fi
	rm -f $(foreach file,$(FILES),'$(DESTDIR)$(file)')
	@for folder in '$(DOCDIR)'/{schema,examples,} \
	    '$(PERLDIR)'/InsightsUsed/{Admin,}; do \
	    folder='$(DESTDIR)'$$folder; \
	    [ ! -d "$$folder" ] || rmdir --ignore-fail-on-non-empty "$$folder"; \
	done
	@printf '%s\n' '' 'The configuration and the data were left:' \
	    '    $(DESTDIR)$(CONFDIR)/insights_used.load, insights_used.conf' \
	    '    $(DESTDIR)/var/lib/insights-used, or what InsightsUsedDBD names'

#### Debian package ####

#: make deb                build the Debian package in build/deb
#:                         (DEB_BUILD_OPTIONS=: with the unit tests)
deb: export DEB_BUILD_OPTIONS ?= nocheck
deb:
	@tools/deps --check build package
	@tools/build-deb
