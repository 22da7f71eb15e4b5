# SPDX-License-Identifier: Apache-2.0
# The benchmark. tests/bench/bench takes its options from the environment.

.PHONY: bench bench-run

#: make bench              measure creates, batches or reads (BATCH= MPM=
#:                         CONNECTIONS= ROUNDS= ...: see docs/performance.md)
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

# Go and its SQLite package need not be installed: then batches are measured
# without this server.
GO_PATH = /usr/share/gocode
GO_PEER = $(if $(shell command -v go),$(if $(wildcard \
    $(GO_PATH)/src/github.com/mattn/go-sqlite3),build/bench/go_peer))
build/bench/go_peer: $(wildcard tests/bench/go_peer/*.go)
	@mkdir -p $(@D)
	@echo 'GO   $@'
	$(Q)cd tests/bench/go_peer && GO111MODULE=off GOPATH='$(GO_PATH)' \
	    go build -o '$(CURDIR)/$@' .

# The defaults that tests.mk gives to DATABASES and MPM are not exported.
bench-run: all build/bench/mod_bench_ceiling.la $(COMMIT) \
    $(if $(BATCH),$(GO_PEER))
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' MODULE=$(MODULE).so \
	    CEILING=$(CEILING) COMMIT=$(COMMIT) $(if $(GO_PEER),GO_PEER=$(GO_PEER)) \
	    tests/bench/bench
