# SPDX-License-Identifier: Apache-2.0
# Faults while clients load the server: it is killed, its disk is full, its
# database stops.

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

#: make test-faults        only the faults, in their short form
test-faults: all $(SHIM) $(STORE_CALLS)
	@$(FAULTS_ENV) DATABASES='$(DATABASES)' tests/faults/run short

#: make faults             cause faults while clients load the server
#:                         (FAULTS="kill full", FORM=short,
#:                         DATABASES="sqlite3 pgsql mysql galera")
faults:
	@tools/deps --check $(TEST_PACKAGES)
	@$(MAKE) faults-run

faults-run: all $(SHIM) $(STORE_CALLS)
	@$(FAULTS_ENV) DATABASES='$(DATABASES) $(if \
	    $(filter file,$(origin DATABASES)),galera)' \
	    tests/faults/run $(or $(FORM),long)
