# SPDX-License-Identifier: Apache-2.0
# The trial server: run, stop, token. tools/trial takes PORT, STATE, SCOPE, EXP,
# NBF and AUD from the environment.

.PHONY: run start stop token

#: make run                start a trial server on 127.0.0.1:8080 (PORT=)
run:
	@tools/trial check
	@tools/deps build run
	@$(MAKE) start

start: all
	@HTTPD='$(HTTPD)' MODULES='$(LIBEXECDIR)' tools/trial start

#: make token              print a token for the trial server (PORT=,
#:                         SCOPE="..." AUD=; NBF= EXP=: seconds from now)
token:
	@tools/trial token

#: make stop               stop the trial server (PORT=)
stop:
	@tools/trial stop
