# SPDX-License-Identifier: Apache-2.0
# The trial server: run, stop, token. tools/trial takes PORT, STATE, SCOPE, EXP,
# NBF and AUD from the environment.

.PHONY: run start stop token

#: make run                trial server on 127.0.0.1:8080 (PORT=)
run:
	@tools/trial check
	@tools/deps build run
	@$(MAKE) start

start: all
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' tools/trial start

#: make token              a token for it (SCOPE="..." EXP=-60 AUD= NBF= PORT=)
token:
	@tools/trial token

#: make stop               end it (PORT=)
stop:
	@tools/trial stop
