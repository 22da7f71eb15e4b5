# SPDX-License-Identifier: Apache-2.0
# mod_insights_used: building the module. tools/toolchain.mk has the flags, the
# other *.mk in tools and tests have the other targets; "make help" lists all
# targets. Recipes use relative paths only, so that the checkout may be in any
# folder.

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DEFAULT_GOAL = all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all packages deps clean help FORCE
MAKEFLAGS += --no-builtin-rules --no-print-directory

include tools/toolchain.mk

#### Build ####

MODULE = mod_insights_used
CORE_SOURCES := $(filter-out src/httpd/%,$(wildcard src/*/*.c))
MODULE_SOURCES := $(MODULE).c $(wildcard src/httpd/*.c) $(CORE_SOURCES)
C_FILES := $(wildcard *.[ch] src/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])
COMMANDS := $(addprefix build/,$(wildcard commands/*))
MANUALS := $(COMMANDS:build/commands/%=build/man/%.1) build/man/insights_used.conf.5
VERSION_FILE = src/text/version.h
VERSION = $(shell sed -n 's/^.define IU_MODULE_VERSION "\(.*\)"/\1/p' $(VERSION_FILE))

# The variant "default" is what is installed. "make check" builds others, each in
# a folder of its own.
OBJECTS = $(MODULE_SOURCES:%.c=build/$(VARIANT)/%.o)

# V=1 shows the commands.
Q = $(if $(filter 1,$(V)),,@)

#: make                    build mod_insights_used.so, the commands and their
#:                         manual pages (CC=clang, CFLAGS=, V=1)
all: $(MODULE).so $(COMMANDS) $(MANUALS)

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

# The command that is installed has the version.
build/commands/%: commands/% $(VERSION_FILE)
	@mkdir -p $(@D)
	@sed "s/^our \$$VERSION = .*/our \$$VERSION = '$(VERSION)';/" $< >$@
	@chmod 0755 $@

build/man/%.1: build/commands/%
	@mkdir -p $(@D)
	@$(POD2MAN) --section=1 $< $@

build/man/insights_used.conf.5: conf/insights_used.conf tools/conf-manual \
    $(VERSION_FILE)
	@mkdir -p $(@D)
	@tools/conf-manual $< | $(POD2MAN) --section=5 --name=INSIGHTS_USED.CONF >$@

POD2MAN = pod2man --utf8 --errors=die --center=mod_insights_used \
    --release='mod_insights_used $(VERSION)'

# Written only when the flags have changed; then everything is recompiled.
build/$(VARIANT)/command: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(COMPILE)' '$(LINK) $(LIBS)' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

NEED_APXS = $(if $(HAVE_APXS),:,echo '$(APXS): there is no such command' >&2; \
    exit 1)

# Looks for the compiler and the headers, which need not be from packages, and
# names the packages if one is missing.
packages:
	@printf '#include <%s>\n' httpd.h apr_dbd.h sqlite3.h json-c/json.h | \
	    $(COMPILE) -E -o /dev/null -x c - 2>/dev/null || \
	    tools/deps --check build $(if $(filter-out default,$(VARIANT)),check)
	@$(NEED_APXS)

#: make deps               install the Debian packages that are missing
#:                         (FOR="build run test databases faults bench check")
deps:
	@tools/deps $(or $(FOR),build run test)

#: make clean              remove what was built; the data of make run stays
clean:
	rm -rf build $(MODULE).so

help:
	@sed -n 's/^#: //p' $(filter Makefile %.mk,$(MAKEFILE_LIST))

include tools/install.mk tools/trial.mk tests/tests.mk tests/faults.mk tests/bench.mk tools/check.mk
