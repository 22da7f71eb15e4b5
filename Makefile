# SPDX-License-Identifier: Apache-2.0
# mod_insights_used: build, trial server, tests, checks. "make help" lists what
# there is to make. Recipes use paths below this folder only, never its own
# name, so that it may lie anywhere.

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL = all
MAKEFLAGS += --no-builtin-rules

#### Toolchain ####

APXS ?= apxs
CLANG ?= clang

# Without apxs all this stays empty: the targets that install packages run make
# a second time once it is there, the others say what is missing.
HAVE_APXS := $(shell command -v $(APXS))
ifneq ($(HAVE_APXS),)
apxs = $(shell $(APXS) -q $(1))
APR_CONFIG := $(call apxs,APR_CONFIG)
APU_CONFIG := $(call apxs,APU_CONFIG)
LIBEXECDIR := $(call apxs,LIBEXECDIR)
HTTPD ?= $(call apxs,SBINDIR)/$(call apxs,PROGNAME)

# CC, CFLAGS, CPPFLAGS and LDFLAGS are the packager's where they are set, else
# those that httpd was built with.
ifeq ($(origin CC),default)
CC := $(call apxs,CC)
endif
ifeq ($(origin CFLAGS),undefined)
CFLAGS := $(call apxs,CFLAGS)
endif
ifeq ($(origin CPPFLAGS),undefined)
CPPFLAGS := $(call apxs,CPPFLAGS)
endif

# For reading SQLite: the driver of apr-util must have the same library (see
# README). Shared: a static json-c would clash with the names of jansson, which
# authentication modules bring; those of the shared one have versions.
LIBS = -lsqlite3 -ljson-c

# Suppress warnings from third-party headers.
HEADERS := $(call apxs,EXTRA_CPPFLAGS) $(patsubst -I%,-isystem %,$(sort \
    $(filter-out -I/usr/include,-I$(call apxs,INCLUDEDIR) \
    $(shell $(APR_CONFIG) --includes) $(shell $(APU_CONFIG) --includes))))
TEST_LIBS := $(LIBS) $(shell $(APU_CONFIG) --link-ld) \
    $(shell $(APR_CONFIG) --link-ld)
endif

#### What is compiled, and how ####

MODULE = mod_insights_used
ROOM_SOURCES := $(filter-out src/httpd/%,$(wildcard src/*/*.c))
MODULE_SOURCES := $(MODULE).c $(wildcard src/httpd/*.c) $(ROOM_SOURCES)
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
SERVER_UNITS = unit/test_store unit/test_store_calls \
    unit/test_store_threads unit/test_writer \
    unit/test_queries unit/test_query_limits unit/test_store_bounds \
    databases/test_connections databases/test_answers databases/test_cluster \
    databases/test_replication databases/test_settings databases/test_pooler
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
COMMAND_TESTS := $(wildcard tests/commands/*.t)
CLIENT_TESTS := $(patsubst tests/%,%,$(wildcard tests/clients/test_*.mjs))
C_FILES := $(wildcard *.[ch] src/*/*.[ch] tests/*/*.[ch] tests/unit/support/*.[ch])

# V=1 shows the commands.
V ?= 0
Q_0 = @
Q = $(Q_$(V))

# STRICT=0 is for packagers with a compiler that this was never tried with.
STRICT ?= 1
warnings_0 = -Wall -Wextra
warnings_1 = $(warnings_0) -Wstrict-prototypes -Wmissing-prototypes \
    -Wpointer-arith -Wwrite-strings -Werror
WARNINGS = $(warnings_$(STRICT))

# What gcc's flags in a distribution may hold and clang does not know.
GCC_ONLY = -flto% -ffat-lto-objects -specs=% -fno-semantic-interposition
flags_for = $(if $(findstring clang,$(1)),$(filter-out $(GCC_ONLY),$(2)),$(2))

# The variants, each with a folder of its own in build/. The sanitizers bring
# their own checks of memory: no fortification beside them.
VARIANTS = default clang asan tsan fuzz
OWN = -std=gnu11 -pthread -fPIC $(WARNINGS)
SANITIZED = -g -O1 -fno-omit-frame-pointer -U_FORTIFY_SOURCE $(OWN)
ASAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined

CC_default = $(CC)
FLAGS_default = $(CPPFLAGS) $(call flags_for,$(CC),$(CFLAGS)) $(OWN)
LINK_default = $(call flags_for,$(CC),$(LDFLAGS))

CC_clang = $(CLANG)
FLAGS_clang = $(CPPFLAGS) $(call flags_for,clang,$(CFLAGS)) $(OWN)

# gcc's own manual has it that sanitizers make this warning wrong.
NO_FALSE_ALARM = -Wno-maybe-uninitialized

CC_asan = gcc
FLAGS_asan = $(SANITIZED) $(ASAN) $(NO_FALSE_ALARM)
LINK_asan = $(ASAN)

CC_tsan = gcc
FLAGS_tsan = $(SANITIZED) -fsanitize=thread $(NO_FALSE_ALARM)
LINK_tsan = -fsanitize=thread

CC_fuzz = $(CLANG)
FLAGS_fuzz = $(SANITIZED) $(ASAN) -fsanitize=fuzzer-no-link
LINK_fuzz = $(ASAN) -fsanitize=fuzzer

# $(1): a variant. Objects are made anew when a header they read, or the
# command that makes them, has changed.
define variant
objects_$(1) = $$(MODULE_SOURCES:%.c=build/$(1)/%.o)
rooms_$(1) = $$(ROOM_SOURCES:%.c=build/$(1)/%.o)
units_$(1) = $$(UNIT_SOURCES:%.c=build/$(1)/%)
server_units_$(1) = $$(SERVER_UNITS:%=build/$(1)/tests/%)

build/$(1)/command: FORCE
	@mkdir -p $$(@D)
	@printf '%s\n' '$$(CC_$(1)) $$(FLAGS_$(1)) $$(HEADERS)' \
	    '$$(LINK_$(1)) $$(LIBS)' > $$@.new
	@cmp -s $$@.new $$@ && rm $$@.new || mv $$@.new $$@

build/$(1)/%.o: %.c build/$(1)/command | packages
	@mkdir -p $$(@D)
	@echo 'CC   $$@'
	$(Q)$$(CC_$(1)) $$(FLAGS_$(1)) $$(HEADERS) -MMD -MP -c -o $$@ $$<

# libtool warns of objects that it has not made itself: no news, thus the log.
build/$(1)/$(MODULE).la: $$(objects_$(1)) exports.map
	@echo 'LINK $$@'
	$(Q)$$(APXS) -S CC='$$(CC_$(1))' -c -o $$@ \
	    -Wl,-Wl,--version-script=exports.map \
	    $$(if $$(strip $$(LINK_$(1))),-Wl,'$$(LINK_$(1))') \
	    $$(objects_$(1)) $$(LIBS) >$$@.log 2>&1 || \
	    { cat $$@.log >&2; exit 1; }

# The calls that this test makes fail, and what they report.
build/$(1)/tests/unit/test_store_calls: WRAP = $$(WRAPPED:%=-Wl,--wrap=%)

build/$(1)/tests/%: build/$(1)/tests/%.o $$(rooms_$(1))
	@echo 'LINK $$@'
	$(Q)$$(CC_$(1)) $$(FLAGS_$(1)) $$(LINK_$(1)) $$(WRAP) \
	    -o $$@ $$^ $$(TEST_LIBS)
endef
$(foreach v,$(VARIANTS),$(eval $(call variant,$(v))))

# What the tests of queries share.
QUERIES = evaluate generate samples
$(foreach v,$(VARIANTS),$(eval \
    build/$(v)/tests/unit/test_queries build/$(v)/tests/unit/test_query_limits \
    build/$(v)/tests/databases/test_settings: \
    $(QUERIES:%=build/$(v)/tests/unit/support/%.o)))

WRAPPED = iu_clock_now apr_dbd_open_ex apr_dbd_select apr_dbd_query \
    apr_dbd_prepare apr_dbd_pselect apr_dbd_pquery apr_dbd_error apr_sleep \
    sqlite3_prepare_v3 sqlite3_step sqlite3_errmsg

# Whose reading of JSON ours is compared with.
build/fuzz/fuzz_json_text: PEER = -ljansson

build/fuzz/fuzz_%: build/fuzz/tests/fuzz/fuzz_%.o $(rooms_fuzz)
	@echo 'LINK $@'
	$(Q)$(CC_fuzz) $(FLAGS_fuzz) $(LINK_fuzz) -o $@ $^ $(PEER) $(TEST_LIBS)

.SECONDARY:
-include $(wildcard $(foreach v,$(VARIANTS),build/$(v)/*.d build/$(v)/*/*/*.d \
    build/$(v)/*/*/*/*.d))

#### Build ####

.PHONY: all packages help clean install deps FORCE
FORCE:

all: $(MODULE).so

# Moved into its place, never written into it: a running server has it mapped.
$(MODULE).so: build/default/$(MODULE).la
	@cp build/default/.libs/$(MODULE).so $@.new
	@mv $@.new $@
	@echo 'made $@'

packages:
	@$(if $(HAVE_APXS),:,echo 'apxs is missing: make deps' >&2; exit 1)

deps:
	@tools/deps $(or $(FOR),build run test)

clean:
	rm -rf build $(MODULE).so

help:
	@sed -n 's/^#: //p' Makefile

#: make                    build mod_insights_used.so (CC=clang, STRICT=0, V=1)
#: make deps               install the Debian packages that are missing
#: make install            module, configuration, commands, documents
#:                         (DESTDIR=)
#: make run                trial server on 127.0.0.1:8080 (PORT=)
#: make token              a token for it (SCOPE="..." EXP=-60 AUD= NBF= PORT=)
#: make stop               end it (PORT=)
#: make test               all tests (MPM=event, TESTS=tests/t/create.t,
#:                         DATABASES="sqlite3 pgsql mysql"; not by itself, since
#:                         it takes minutes: galera, a cluster of three)
#: make test-matrix        of these, those among other modules of Apache
#:                         (MPM=event, MATRIX=dir-fallback, ORDERS=first)
#: make test-install       of these, what README.md says of installing
#: make test-clients       of these, those with clients that others wrote
#: make faults             kill, fill, break, while clients look (FAULTS="kill",
#:                         FORM=short, DATABASES="sqlite3 pgsql mysql galera")
#: make bench              what a create costs (MPM= CONNECTIONS= ROUNDS= ...,
#:                         DATABASES=sqlite3)
#: make check              style, analysers, sanitizers, fuzzing (FUZZ_SECONDS=)
#: make format             clang-format the C files
#: make clean              remove what was built; data of make run stay

#### Install ####

CONFDIR = /etc/apache2/mods-available
DOCDIR = /usr/share/doc/libapache2-mod-insights-used
BINDIR = /usr/bin
INSTALL = install -p

# A configuration that is there is the operator's: it is never touched.
install: all
	$(INSTALL) -d '$(DESTDIR)$(LIBEXECDIR)' '$(DESTDIR)$(CONFDIR)' \
	    '$(DESTDIR)$(DOCDIR)/schema' '$(DESTDIR)$(DOCDIR)/examples' \
	    '$(DESTDIR)$(BINDIR)'
	$(INSTALL) -m 0644 $(MODULE).so '$(DESTDIR)$(LIBEXECDIR)'
	$(INSTALL) -m 0755 commands/* '$(DESTDIR)$(BINDIR)'
	@for file in insights_used.load insights_used.conf; do \
	    to='$(DESTDIR)$(CONFDIR)'/$$file; \
	    if [ -e "$$to" ]; then \
	        echo "kept as it is: $$to"; \
	    else \
	        echo "$(INSTALL) -m 0644 conf/$$file $$to"; \
	        $(INSTALL) -m 0644 conf/$$file "$$to"; \
	    fi; \
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

#### Run ####

# PORT, STATE, SCOPE, EXP, NBF and AUD reach tools/trial through the
# environment.
.PHONY: run start stop token

run:
	@tools/trial check
	@tools/deps build run
	@$(MAKE) --no-print-directory start

start: all
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' tools/trial start

stop:
	@tools/trial stop

token:
	@tools/trial token

#### Test ####

# With SQLite httpd runs as each MPM, with a database server as the first.
MPM ?= event worker prefork
DATABASES ?= sqlite3 pgsql mysql
SERVERS = $(filter-out sqlite3,$(DATABASES))
HTTP_RUNS = $(if $(filter sqlite3,$(DATABASES)),$(MPM:%=sqlite3-%)) \
    $(SERVERS:%=%-$(firstword $(MPM)))
FAULTS_SHIM = build/faults/shim.so
FAULTS_CALLS = build/default/tests/unit/test_store_calls
FAULTS_ENV = HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' MODULE=$(MODULE).so \
    FAULTS_SHIM=$(FAULTS_SHIM) FAULTS_CALLS=$(FAULTS_CALLS) FAULTS='$(FAULTS)' \
    DATABASES='$(DATABASES)' IU_MPM=$(firstword $(MPM))
.PHONY: test test-run test-matrix test-install test-clients

test:
	@tools/deps build test faults $(if $(SERVERS),databases)
	@$(MAKE) --no-print-directory test-run

# What the tests use of npm, in the versions of the lock file ("overrides" in
# package.json: what is newer asks for a newer node than Debian's).
CLIENTS = build/clients/node_modules/.package-lock.json
$(CLIENTS): $(addprefix tests/clients/,package.json package-lock.json .npmrc)
	@mkdir -p build/clients
	@cp $^ build/clients
	@echo 'NPM  build/clients'
	$(Q)cd build/clients && npm ci --loglevel=error
	@touch $@

# All parts run, whatever comes of the first: the status tells of any.
test-run: all $(CLIENTS) \
    $(if $(TESTS),,$(units_default) $(server_units_default) $(FAULTS_SHIM))
	@failed=; \
	$(if $(TESTS),,echo '== unit tests'; \
	    prove -e '' $(units_default) || failed="$$failed unit"; \
	    for database in $(SERVERS); do \
	        echo "== the store's tests with $$database"; \
	        tests/databases/$$database prove -e '' \
	            $(server_units_default) $(COMMAND_TESTS) || \
	                failed="$$failed $$database"; \
	    done; \
	    echo '== matrix'; \
	    $(MAKE) --no-print-directory test-matrix || \
	        failed="$$failed matrix"; \
	    echo '== install'; \
	    $(MAKE) --no-print-directory test-install || \
	        failed="$$failed install"; \
	    echo '== clients'; \
	    $(MAKE) --no-print-directory test-clients || \
	        failed="$$failed clients";) \
	for run in $(HTTP_RUNS); do \
	    echo "== httpd with $$run"; \
	    HTTPD='$(HTTPD)' APXS='$(APXS)' TESTS='$(TESTS)' \
	        DATABASE=$${run%-*} tests/t/run $${run#*-} || \
	        failed="$$failed $$run"; \
	done; \
	$(if $(TESTS),,echo '== faults, in short'; \
	    $(FAULTS_ENV) tests/faults/run short || failed="$$failed faults";) \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed" >&2; exit 1; fi

# Node looks beside a test for what it imports.
build/clients/%.mjs: tests/clients/%.mjs
	@mkdir -p $(@D)
	@cp $< $@

test-clients: all $(CLIENTS) build/clients/server.mjs \
    $(CLIENT_TESTS:%=build/%)
	@export HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' MODULE=$(MODULE).so; \
	status=0; \
	tests/clients/run $(CLIENT_TESTS:%=build/%) || status=1; \
	prove tests/clients/*.t || status=1; \
	exit $$status

# To hooks, worker is what event is.
test-matrix: all
	@HTTPD='$(HTTPD)' MATRIX='$(MATRIX)' ORDERS='$(ORDERS)' \
	    tests/matrix/run $(or $(strip $(MPM:worker=)),event)

test-install: all
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' prove tests/install

#### Faults ####

.PHONY: faults faults-run

faults:
	@tools/deps build test faults $(if $(SERVERS),databases)
	@$(MAKE) --no-print-directory faults-run

$(FAULTS_SHIM): tests/faults/shim.c
	@mkdir -p $(@D)
	@echo 'LINK $@'
	$(Q)$(CC) -D_GNU_SOURCE $(OWN) -O1 -g -shared -o $@ $< -ldl

# Where nothing else is asked for, with the cluster, too.
faults-run: all $(FAULTS_SHIM) $(FAULTS_CALLS)
	@$(FAULTS_ENV) $(if $(filter file,$(origin DATABASES)), \
	    DATABASES='$(DATABASES) galera') tests/faults/run $(or $(FORM),long)

#### Bench ####

.PHONY: bench bench-run

# DATABASES reaches it where it is given: the default here is the tests'.
bench:
	@tools/deps build bench $(if $(filter file,$(origin DATABASES)),,$(if \
	    $(SERVERS),databases))
	@$(MAKE) --no-print-directory bench-run

build/bench/mod_bench_ceiling.la: tests/bench/mod_bench_ceiling.c
	@mkdir -p $(@D)
	@cp $< $(@D)
	@echo 'APXS $@'
	$(Q)cd $(@D) && $(APXS) -c mod_bench_ceiling.c >$(@F).log 2>&1 || \
	    { cat $(@F).log >&2; exit 1; }

bench-run: all build/bench/mod_bench_ceiling.la build/default/tests/bench/commit
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' MODULE=$(MODULE).so \
	    CEILING=build/bench/.libs/mod_bench_ceiling.so \
	    COMMIT=build/default/tests/bench/commit tests/bench/bench

#### Check ####

FUZZ_SECONDS ?= 60
FUZZ_TARGETS = json_text date_time_offset route used_insight filter query \
    skip_token
TSAN_UNITS = test_commit_group test_commit_storm test_reader_pool \
    test_store_threads test_tally test_line
# Each version of them wants something else: Debian 12 and 13 both have these.
CLANG_FORMAT = clang-format-19
CLANG_TIDY = clang-tidy-19
CHECKS = format layers length directives numbers perl exports clang cppcheck tidy \
    examples asan-unit asan-http tsan fuzz
.PHONY: check check-run format $(CHECKS:%=check-%)

check:
	@tools/deps build test check $(if $(SERVERS),databases)
	@$(MAKE) --no-print-directory check-run

# All of them run, whatever comes of the first: the status tells of any.
check-run: all
	@failed=; \
	for check in $(CHECKS); do \
	    echo "== check-$$check"; \
	    $(MAKE) --no-print-directory check-$$check || \
	        failed="$$failed check-$$check"; \
	done; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed" >&2; exit 1; fi; \
	echo 'All checks passed: $(CHECKS)'

format:
	$(CLANG_FORMAT) -i $(C_FILES)

check-format:
	@CLANG_FORMAT='$(CLANG_FORMAT)' tools/check-format $(C_FILES)

check-layers:
	@tools/check-layers

check-length:
	@tools/check-length $(C_FILES)

check-directives:
	@tools/check-directives

check-numbers:
	@tools/check-numbers

check-perl:
	@tools/check-perl

check-exports: $(MODULE).so
	@tools/check-exports $(MODULE).so $(objects_default)

# Clean under the other compiler, too.
check-clang: build/clang/$(MODULE).la

# varFuncNullUB: NULL is a pointer wherever APR runs. /usr/include: not ours.
check-cppcheck:
	@cppcheck --quiet --std=c11 --error-exitcode=1 \
	    --enable=warning,performance,portability --suppress=varFuncNullUB \
	    --suppress=normalCheckLevelMaxBranches \
	    --suppress='*:/usr/include/*' -DLINUX -D_GNU_SOURCE \
	    $(subst -isystem ,-I,$(filter-out -D%,$(HEADERS))) $(MODULE_SOURCES)

# Its rules and why: .clang-tidy. TIDY_CHATTER tells of its progress only.
TIDY_CHATTER = warnings\? generated\|^Suppressed\|^Use -header\|^\[[0-9/]*\] Proc
check-tidy:
	@printf '%s\n' $(MODULE_SOURCES) | xargs -P 2 -n 4 sh -c \
	    '$(CLANG_TIDY) --quiet "$$@" -- -std=gnu11 $(HEADERS) 2>&1 | \
	    { ! grep -v "$(TIDY_CHATTER)"; }' sh

check-examples: $(MODULE).so
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' tools/check-examples

# With leaks counted.
check-asan-unit: $(units_asan) $(server_units_asan)
	@prove -e '' $(units_asan)
	@for database in $(SERVERS); do \
	    tests/databases/$$database prove -e '' $(server_units_asan); \
	done
$(server_units_asan): build/asan/tests/databases/keep_loaded.o

# Under a stock httpd.
check-asan-http: build/asan/$(MODULE).la $(CLIENTS)
	@HTTPD='$(HTTPD)' APXS='$(APXS)' TESTS='$(TESTS)' \
	    tools/check-asan build/asan/.libs/$(MODULE).so

check-tsan: $(TSAN_UNITS:%=build/tsan/tests/unit/%)
	@prove -e 'tools/without-aslr' $^

# More at a time than two cores have: all of make check and make test stays
# within half an hour there.
check-fuzz: $(FUZZ_TARGETS:%=build/fuzz/fuzz_%)
	@printf '%s\n' $(FUZZ_TARGETS) | \
	    xargs -P 3 -n 1 tools/fuzz $(FUZZ_SECONDS)
