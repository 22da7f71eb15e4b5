# SPDX-License-Identifier: Apache-2.0
# The benchmark. tests/bench/bench takes its options from the environment.

.PHONY: bench bench-run

#: make bench              measure creates, batches or reads (BATCH= READ=
#:                         MPM= CONNECTIONS= ...: see docs/performance.md)
bench:
	@tools/deps --check build bench $(if $(filter-out file, \
	    $(origin DATABASES)),$(if $(SERVERS),databases))
	@$(MAKE) bench-run

CEILING = build/bench/.libs/mod_bench_ceiling.so
COMMIT = build/$(VARIANT)/tests/bench/commit

build/bench/mod_bench_ceiling.la: tests/bench/mod_bench_ceiling.c
	@mkdir -p $(@D)
	@cp $< $(@D)
	@echo 'APXS $@'
	$(Q)cd $(@D) && $(APXS) -c mod_bench_ceiling.c >$(@F).log 2>&1 || \
	    { cat $(@F).log >&2; exit 1; }

# Go and its packages need not be installed: then what needs them is measured
# without these servers, one for batches and one for reads of each database.
GO_PATH = /usr/share/gocode
GO_PACKAGE_sqlite3 = github.com/mattn/go-sqlite3
GO_PACKAGE_pgsql = github.com/lib/pq
GO_PACKAGE_mysql = github.com/go-sql-driver/mysql
GO_DRIVERS = $(if $(shell command -v go),$(foreach driver,sqlite3 pgsql mysql, \
    $(if $(wildcard $(GO_PATH)/src/$(GO_PACKAGE_$(driver))),$(driver))))
GO_PEER = $(if $(filter sqlite3,$(GO_DRIVERS)),build/bench/go_peer)
GO_READERS = $(addprefix build/bench/go_reader.,$(GO_DRIVERS))

define GO_BUILD
@mkdir -p $(@D)
@echo 'GO   $@'
$(Q)cd $(<D) && GO111MODULE=off GOPATH='$(GO_PATH)' \
    go build -o '$(CURDIR)/$@' $(GO_TAGS) .
endef
build/bench/go_peer: tests/bench/go_peer/main.go
	$(GO_BUILD)
build/bench/go_reader.%: GO_TAGS = -tags $*
build/bench/go_reader.%: tests/bench/go_reader/main.go tests/bench/go_reader/%.go
	$(GO_BUILD)

# The defaults that tests.mk gives to DATABASES and MPM are not exported.
bench-run: all build/bench/mod_bench_ceiling.la $(COMMIT) \
    $(if $(BATCH),$(GO_PEER)) $(if $(READ),$(GO_READERS))
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' MODULE=$(MODULE).so \
	    CEILING=$(CEILING) COMMIT=$(COMMIT) $(if $(GO_PEER),GO_PEER=$(GO_PEER)) \
	    GO_READERS='$(GO_READERS)' tests/bench/bench
