# SPDX-License-Identifier: Apache-2.0
# mod_insights_used: building and installing the module. tools/toolchain.mk has
# the flags, the other *.mk in tools and tests have the other targets; "make
# help" lists all targets. Recipes use relative paths only, so that the checkout
# may be in any folder.

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DEFAULT_GOAL = all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all packages install deps clean help FORCE
MAKEFLAGS += --no-builtin-rules --no-print-directory

include tools/toolchain.mk

#### Build ####

MODULE = mod_insights_used
CORE_SOURCES := $(filter-out src/httpd/%,$(wildcard src/*/*.c))
MODULE_SOURCES := $(MODULE).c $(wildcard src/httpd/*.c) $(CORE_SOURCES)
C_FILES := $(wildcard *.[ch] src/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])

# The variant "default" is what is installed. "make check" builds others, each in
# a folder of its own.
OBJECTS = $(MODULE_SOURCES:%.c=build/$(VARIANT)/%.o)

# V=1 shows the commands.
Q = $(if $(filter 1,$(V)),,@)

#: make                    build mod_insights_used.so (CC=clang, CFLAGS=, V=1)
all: $(MODULE).so

# Not written in place: a running server may have the old file mapped.
$(MODULE).so: build/default/$(MODULE).la
	@cp build/default/.libs/$(MODULE).so $@.new
	@mv $@.new $@
	@echo 'made $@'

# libtool warns about objects that it did not compile: only in the log.
build/$(VARIANT)/$(MODULE).la: $(OBJECTS) exports.map
	@echo 'LINK $@'
	$(Q)$(APXS) -S CC='$(CC_$(VARIANT))' -c -o $@ \
	    -Wl,-Wl,--version-script=exports.map \
	    $(if $(strip $(LINK)),-Wl,'$(LINK)') $(OBJECTS) $(LIBS) \
	    >$@.log 2>&1 || { cat $@.log >&2; exit 1; }

build/$(VARIANT)/%.o: %.c build/$(VARIANT)/command | packages
	@mkdir -p $(@D)
	@echo 'CC   $@'
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# The headers that each object depends on.
-include $(wildcard $(patsubst %.c,build/$(VARIANT)/%.d,$(filter %.c,$(C_FILES))))

# Written only when the flags have changed; then everything is recompiled.
build/$(VARIANT)/command: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(COMPILE)' '$(LINK) $(LIBS)' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# Looks for the compiler and the headers, which need not be from packages, and
# names the packages if one is missing.
packages:
	@printf '#include <%s>\n' httpd.h apr_dbd.h sqlite3.h json-c/json.h | \
	    $(COMPILE) -E -o /dev/null -x c - 2>/dev/null || \
	    tools/deps --check build $(if $(filter-out default,$(VARIANT)),check)
	@$(if $(HAVE_APXS),:,echo '$(APXS): there is no such command' >&2; exit 1)

#: make deps               install the Debian packages that are missing
#:                         (FOR="build run test databases faults bench check")
deps:
	@tools/deps $(or $(FOR),build run test)

#: make clean              remove what was built; the data of make run stays
clean:
	rm -rf build $(MODULE).so

help:
	@sed -n 's/^#: //p' $(filter Makefile %.mk,$(MAKEFILE_LIST))

#### Install ####

CONFDIR = /etc/apache2/mods-available
DOCDIR = /usr/share/doc/libapache2-mod-insights-used
BINDIR = /usr/bin
INSTALL = install -p

#: make install            install the module, its configuration, commands and
#:                         documents (DESTDIR=)
# An existing configuration is the operator's: it stays as it is.
install: all
	$(INSTALL) -d '$(DESTDIR)$(LIBEXECDIR)' '$(DESTDIR)$(CONFDIR)' \
	    '$(DESTDIR)$(DOCDIR)/schema' '$(DESTDIR)$(DOCDIR)/examples' \
	    '$(DESTDIR)$(BINDIR)'
	$(INSTALL) -m 0644 $(MODULE).so '$(DESTDIR)$(LIBEXECDIR)'
	$(INSTALL) -m 0755 commands/* '$(DESTDIR)$(BINDIR)'
	@for file in insights_used.load insights_used.conf; do \
	    to='$(DESTDIR)$(CONFDIR)'/$$file; \
	    if [ -e "$$to" ]; then echo "kept as it is: $$to"; \
	    else (set -x; $(INSTALL) -m 0644 conf/$$file "$$to"); fi; \
	done
	$(INSTALL) -m 0644 README.md CHANGES SECURITY.md LICENSE docs/* \
	    '$(DESTDIR)$(DOCDIR)'
	$(INSTALL) -m 0644 conf/schema/* '$(DESTDIR)$(DOCDIR)/schema'
	$(INSTALL) -m 0644 conf/insights_used.conf conf/examples/* \
	    '$(DESTDIR)$(DOCDIR)/examples'
	@printf '%s\n' '' 'Next, as $(DOCDIR)/README.md says:' \
	    '    a2enmod ssl oauth2 insights_used' \
	    '    install -d -o www-data -g www-data -m 0700 /var/lib/insights-used' \
	    '    (a virtual host in /etc/apache2/sites-available/insights.conf:' \
	    '    there, and in $(DOCDIR)/examples)' \
	    '    a2ensite insights' \
	    '    apache2ctl configtest && systemctl reload apache2'

include tools/trial.mk tests/tests.mk tests/faults.mk tests/bench.mk tools/check.mk
