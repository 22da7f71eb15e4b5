# SPDX-License-Identifier: Apache-2.0
# The tests: unit tests, and tests with database servers, over HTTP, with other
# modules, of the installation, with third-party clients.

# SQLite is tested with each MPM, a database server with the first one.
MPM ?= event worker prefork
DATABASES ?= sqlite3 pgsql mysql
SERVERS = $(filter-out sqlite3,$(DATABASES))
TEST_PARTS = unit databases matrix install clients page http faults
HTTP_RUNS = $(if $(filter sqlite3,$(DATABASES)),$(MPM:%=sqlite3-%)) \
    $(SERVERS:%=%-$(firstword $(MPM)))
TEST_PACKAGES = build test faults $(if $(SERVERS),databases)
.PHONY: test test-run test-package $(TEST_PARTS:%=test-%) \
    databases-sqlite3 $(SERVERS:%=databases-%) $(HTTP_RUNS:%=http-%)

#: make test               all tests (MPM=event, TESTS=tests/t/create.t,
#:                         DATABASES="sqlite3 pgsql mysql"; on request only,
#:                         since it takes minutes: galera, a cluster of three)
test:
	@tools/deps $(TEST_PACKAGES)
	@$(MAKE) test-run

# All parts run, even if one fails.
test-run: all
	@failed=; \
	for part in $(if $(TESTS),http,$(TEST_PARTS)); do \
	    echo "== test-$$part"; \
	    $(MAKE) test-$$part || failed="$$failed test-$$part"; \
	done; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed" >&2; exit 1; fi

#### Test programs ####

UNITS := $(patsubst %.c,build/$(VARIANT)/%,$(wildcard tests/unit/test_*.c))
SERVER_UNITS := $(addprefix build/$(VARIANT)/tests/, \
    unit/test_store unit/test_health unit/test_store_calls \
    unit/test_store_transactions unit/test_store_threads unit/test_read_group \
    unit/test_read_stored \
    unit/test_batch \
    unit/test_writer unit/test_queries unit/test_query_limits \
    unit/test_store_bounds unit/test_upgrade databases/test_connections databases/test_answers \
    databases/test_cluster databases/test_replication databases/test_settings \
    databases/test_pooler databases/test_prepared \
    databases/test_plans)
COMMAND_TESTS = $(wildcard tests/commands/*.t) tests/operations/operations.t

# Test programs are linked with all of src but src/httpd, which needs a server.
# LINK_WITH: further options of one program.
build/$(VARIANT)/tests/%: build/$(VARIANT)/tests/%.o \
    $(CORE_SOURCES:%.c=build/$(VARIANT)/%.o)
	@echo 'LINK $@'
	$(Q)$(COMPILE) $(LINK) $(LINK_WITH) -o $@ $^ $(LIBS) $(APR_LIBS)

# What the tests of queries share.
build/$(VARIANT)/tests/unit/test_queries \
build/$(VARIANT)/tests/unit/test_query_limits \
build/$(VARIANT)/tests/databases/test_settings: \
    $(patsubst %.c,build/$(VARIANT)/%.o,$(wildcard tests/unit/support/*.c))

# These tests replace these functions by their own, which fail on request.
WRAPPED = iu_clock_now apr_dbd_open_ex apr_dbd_select apr_dbd_query \
    apr_dbd_prepare apr_dbd_pselect apr_dbd_pquery apr_dbd_error apr_sleep \
    sqlite3_prepare_v3 sqlite3_step sqlite3_errmsg
build/$(VARIANT)/tests/unit/test_store_calls: \
    LINK_WITH = $(WRAPPED:%=-Wl,--wrap=%)
build/$(VARIANT)/tests/unit/test_read_group: \
    LINK_WITH = -Wl,--wrap=iu_session_execute,--wrap=iu_clock_now

# No database driver is unloaded where leaks are counted.
ifeq ($(VARIANT),asan)
$(SERVER_UNITS): build/asan/tests/databases/keep_loaded.o
endif

#### Parts of the tests ####

#: make test-unit          only the unit tests
test-unit: $(UNITS)
	@prove -e '' $(UNITS)

#: make test-databases     only the store's tests with database servers, and the
#:                         commands', and the operator's pages (DATABASES=)
# These tests wait more than they work: two servers at a time.
test-databases: all $(SERVER_UNITS)
	@$(MAKE) -j2 -k -O $(if $(COMMAND_TESTS),databases-sqlite3) \
	    $(SERVERS:%=databases-%)

databases-sqlite3:
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' \
	    prove tests/commands/admin.t tests/operations

$(SERVERS:%=databases-%): databases-%:
	@echo "== the store's tests with $*"
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' tests/databases/$* \
	    prove -e '' $(SERVER_UNITS) $(COMMAND_TESTS)

# The npm packages that tests use, in the versions of the lock file.
# (package.json has "overrides": the newest need a newer node than Debian's.)
CLIENTS = build/clients/node_modules/.package-lock.json
$(CLIENTS): $(addprefix tests/clients/,package.json package-lock.json .npmrc)
	@mkdir -p build/clients
	@cp $^ build/clients
	@echo 'NPM  build/clients'
	$(Q)cd build/clients && npm ci --loglevel=error
	@touch $@

#: make test-http          only the tests over HTTP (MPM=, TESTS=, DATABASES=)
# Two at a time, too.
test-http: all $(CLIENTS)
	@$(MAKE) -j2 -k -O $(HTTP_RUNS:%=http-%)

$(HTTP_RUNS:%=http-%): http-%:
	@echo '== httpd with $*'
	@HTTPD='$(HTTPD)' APXS='$(APXS)' TESTS='$(TESTS)' \
	    DATABASE=$(firstword $(subst -, ,$*)) \
	    tests/t/run $(lastword $(subst -, ,$*))

#: make test-matrix        only the tests with other modules of Apache
#:                         (MPM=event, MATRIX=dir-fallback, ORDERS=first)
# Hooks run under worker as they do under event.
test-matrix: all
	@HTTPD='$(HTTPD)' MATRIX='$(MATRIX)' ORDERS='$(ORDERS)' \
	    tests/matrix/run $(or $(strip $(MPM:worker=)),event)

#: make test-install       only the tests of make install and make run
test-install: all
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' prove tests/install

# node looks for the packages in the folder of the test.
CLIENT_TESTS = $(patsubst tests/%,build/%,$(wildcard tests/clients/test_*.mjs))
build/clients/%.mjs: tests/clients/%.mjs
	@mkdir -p $(@D)
	@cp $< $@

#: make test-clients       only third-party clients, and the calls of docs/api.md
test-clients: all $(CLIENTS) build/clients/server.mjs \
    build/clients/graph_client.mjs $(CLIENT_TESTS)
	@export HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' MODULE=$(MODULE).so; \
	status=0; \
	tests/clients/run $(CLIENT_TESTS) || status=1; \
	prove tests/clients/*.t || status=1; \
	exit $$status

#: make test-package       the tests of the Debian package, in a fresh Debian of
#:                         the host's version (SUITES="bookworm trixie"); on
#:                         request only, since it fetches some 200 MB
SUITES ?= $(shell . /etc/os-release && echo $$VERSION_CODENAME)
test-package:
	@failed=; \
	for suite in $(SUITES); do \
	    tests/package/run $$suite || failed="$$failed $$suite"; \
	done; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed" >&2; exit 1; fi

#: make test-page          only the page, in Chromium (screenshots: build/page)
PAGE_TESTS = $(patsubst tests/%,build/clients/%,$(wildcard tests/page/test_*.mjs))
build/clients/page/%.mjs: tests/page/%.mjs
	@mkdir -p $(@D)
	@cp $< $@

test-page: all $(CLIENTS) build/clients/page/trial.mjs $(PAGE_TESTS)
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' \
	    node --test --test-reporter=spec $(PAGE_TESTS)
