# SPDX-License-Identifier: Apache-2.0
# The benchmark. tests/bench/bench takes its options from the environment.

.PHONY: bench bench-run

#: make bench              measure creates or reads (MPM= CONNECTIONS= ROUNDS=
#:                         DATABASES= ...: see docs/performance.md)
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

# The defaults that tests.mk gives to DATABASES and MPM are not exported.
bench-run: all build/bench/mod_bench_ceiling.la $(COMMIT)
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' MODULE=$(MODULE).so \
	    CEILING=$(CEILING) COMMIT=$(COMMIT) tests/bench/bench
