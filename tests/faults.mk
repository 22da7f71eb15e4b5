# SPDX-License-Identifier: Apache-2.0
# The faults: a server is killed, its disk filled, its database stopped, while
# clients use it.

.PHONY: faults faults-run test-faults

SHIM = build/$(VARIANT)/tests/faults/shim.so
STORE_CALLS = build/$(VARIANT)/tests/unit/test_store_calls
FAULTS_ENV = HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' MODULE=$(MODULE).so \
    FAULTS_SHIM=$(SHIM) FAULTS_CALLS=$(STORE_CALLS) FAULTS='$(FAULTS)' \
    IU_MPM=$(firstword $(MPM))

$(SHIM): tests/faults/shim.c build/$(VARIANT)/command
	@mkdir -p $(@D)
	@echo 'LINK $@'
	$(Q)$(CC_$(VARIANT)) -D_GNU_SOURCE $(OWN_FLAGS) -O1 -g -shared -o $@ $< -ldl

#: make test-faults        of "make test", the faults in short
test-faults: all $(SHIM) $(STORE_CALLS)
	@$(FAULTS_ENV) DATABASES='$(DATABASES)' tests/faults/run short

#: make faults             kill, fill, break, while clients look (FAULTS="kill",
#:                         FORM=short, DATABASES="sqlite3 pgsql mysql galera")
faults:
	@tools/deps --check $(TEST_PACKAGES)
	@$(MAKE) faults-run

faults-run: all $(SHIM) $(STORE_CALLS)
	@$(FAULTS_ENV) DATABASES='$(DATABASES) $(if \
	    $(filter file,$(origin DATABASES)),galera)' \
	    tests/faults/run $(or $(FORM),long)
