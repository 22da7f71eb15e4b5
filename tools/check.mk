# SPDX-License-Identifier: Apache-2.0
# The checks: style, compilers, analysers, sanitizers, fuzzing.

CHECKS = format layers length directives numbers version perl manuals page \
    exports gcc clang cppcheck tidy examples asan-unit asan-http tsan fuzz
.PHONY: check format compiled $(CHECKS:%=check-%)

#: make check              style, -Werror, analysers, sanitizers, fuzzing
#:                         (FUZZ_SECONDS=); check-format, check-tidy, ...: one

# All checks run, even if one fails.
check:
	@tools/deps --check build test check $(if $(SERVERS),databases)
	@failed=; \
	for check in $(CHECKS); do \
	    echo "== check-$$check"; \
	    $(MAKE) check-$$check || failed="$$failed check-$$check"; \
	done; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed" >&2; exit 1; fi; \
	echo 'All checks passed: $(CHECKS)'

#### Style ####

# Versions format and warn differently; Debian 12 and 13 both have this one.
CLANG_FORMAT = clang-format-19
CLANG_TIDY = clang-tidy-19

#: make format             clang-format the C files
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

check-version:
	@tools/check-version

check-perl:
	@tools/check-perl

# "style": long lines, which pod2man does not break.
check-manuals: $(MANUALS)
	@mandoc -Tlint -Wwarning $(MANUALS)

check-page:
	@tools/check-page

check-exports: $(MODULE).so
	@tools/check-exports $(MODULE).so $(OBJECTS)

check-examples: $(MODULE).so
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' tools/check-examples

#### Compilers and analysers ####

# The module, and all C files of the tests, with -Werror.
check-gcc check-clang: check-%:
	@$(MAKE) -j2 VARIANT=$* compiled

compiled: build/$(VARIANT)/$(MODULE).la $(SHIM) \
    $(patsubst %.c,build/$(VARIANT)/%.o,$(filter-out tests/faults/shim.c, \
    $(filter %.c,$(C_FILES))))

# varFuncNullUB: NULL is a pointer on all platforms of APR. /usr/include: not
# our code.
check-cppcheck:
	@cppcheck --quiet --std=c11 --error-exitcode=1 \
	    --enable=warning,performance,portability --suppress=varFuncNullUB \
	    --suppress=normalCheckLevelMaxBranches \
	    --suppress='*:/usr/include/*' -DLINUX -D_GNU_SOURCE \
	    $(subst -isystem ,-I,$(filter-out -D%,$(HEADERS))) $(MODULE_SOURCES)

# .clang-tidy has the rules. TIDY_CHATTER: lines about its progress.
TIDY_CHATTER = warnings\? generated\|^Suppressed\|^Use -header\|^\[[0-9/]*\] Proc
check-tidy:
	@printf '%s\n' $(MODULE_SOURCES) | xargs -P 2 -n 4 sh -c \
	    '$(CLANG_TIDY) --quiet "$$@" -- -std=gnu11 $(HEADERS) 2>&1 | \
	    { ! grep -v "$(TIDY_CHATTER)"; }' sh

#### Sanitizers ####

# With leaks counted.
check-asan-unit:
	@$(MAKE) VARIANT=asan test-unit
	@$(MAKE) VARIANT=asan COMMAND_TESTS= test-databases

# A stock httpd loads the module that is built with the sanitizers.
check-asan-http: $(CLIENTS)
	@$(MAKE) VARIANT=asan build/asan/$(MODULE).la
	@HTTPD='$(HTTPD)' APXS='$(APXS)' TESTS='$(TESTS)' \
	    tools/check-asan build/asan/.libs/$(MODULE).so

TSAN_UNITS = $(addprefix build/tsan/tests/unit/, \
    test_group_queue test_commit_group test_commit_storm test_reader_pool \
    test_store_threads test_read_group test_read_stored \
    test_store_transactions \
    test_tally test_checker test_record_queue test_metrics)
check-tsan:
	@$(MAKE) VARIANT=tsan $(TSAN_UNITS)
	@prove -e 'tools/without-aslr' $(TSAN_UNITS)

#### Fuzzing ####

FUZZ_SECONDS ?= 60
FUZZ_TARGETS = json_text date_time_offset route used_insight filter query \
    skip_token batch

# Compares our reading of JSON with jansson's.
build/$(VARIANT)/tests/fuzz/fuzz_json_text \
build/$(VARIANT)/tests/fuzz/fuzz_batch: LINK_WITH = -ljansson

# Three at a time on two cores, so that check and test together take half an
# hour there.
check-fuzz:
	@$(MAKE) VARIANT=fuzz $(FUZZ_TARGETS:%=build/fuzz/tests/fuzz/fuzz_%)
	@printf '%s\n' $(FUZZ_TARGETS) | \
	    xargs -P 3 -n 1 tools/fuzz $(FUZZ_SECONDS)
