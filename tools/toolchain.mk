# SPDX-License-Identifier: Apache-2.0
# Compilers, flags and libraries of each variant. "default" is installed, and
# has those of apxs or the packager; the other variants are for the checks.
#
#   make VARIANT=asan build/asan/tests/unit/test_filter

#### apxs ####

# CC, CFLAGS, CPPFLAGS and LDFLAGS are the packager's if set; otherwise the
# first three are those that httpd was built with. HEADERS has -isystem in place
# of -I: no warnings about third-party headers.
APXS ?= apxs
HAVE_APXS := $(shell command -v $(APXS))
ifneq ($(HAVE_APXS),)
apxs = $(shell $(APXS) -q $(1))
ifeq ($(origin CC),default)
CC := $(call apxs,CC)
endif
ifeq ($(origin CFLAGS),undefined)
CFLAGS := $(call apxs,CFLAGS)
endif
ifeq ($(origin CPPFLAGS),undefined)
CPPFLAGS := $(call apxs,CPPFLAGS)
endif
HTTPD ?= $(call apxs,SBINDIR)/$(call apxs,PROGNAME)
LIBEXECDIR := $(call apxs,LIBEXECDIR)
APR_CONFIG := $(call apxs,APR_CONFIG)
APU_CONFIG := $(call apxs,APU_CONFIG)
HEADERS := $(call apxs,EXTRA_CPPFLAGS) $(patsubst -I%,-isystem %,$(sort \
    $(filter-out -I/usr/include,-I$(call apxs,INCLUDEDIR) \
    $(shell $(APR_CONFIG) --includes) $(shell $(APU_CONFIG) --includes))))
APR_LIBS := $(shell $(APU_CONFIG) --link-ld) $(shell $(APR_CONFIG) --link-ld)
endif

# Both shared: apr-util's SQLite driver must use the same library, and only the
# shared json-c has versioned symbols, which do not clash with those of jansson
# (authentication modules load it).
LIBS = -lsqlite3 -ljson-c

#### Variants ####

VARIANT = default
COMPILE = $(CC_$(VARIANT)) $(FLAGS_$(VARIANT)) $(OWN_FLAGS) $(HEADERS)
LINK = $(LINK_$(VARIANT))
OWN_FLAGS = -std=gnu11 -pthread -fPIC -Werror=implicit-function-declaration \
    -Wall -Wextra -Wstrict-prototypes \
    -Wmissing-prototypes -Wpointer-arith -Wwrite-strings

# In the checks only: other compilers may warn about more.
ifneq ($(VARIANT),default)
OWN_FLAGS += -Werror
endif

# A distribution's flags for gcc may contain some that clang does not know.
GCC_ONLY = -flto% -ffat-lto-objects -specs=% -fno-semantic-interposition
flags_for = $(if $(findstring clang,$(1)),$(filter-out $(GCC_ONLY),$(2)),$(2))

CC_default = $(CC)
FLAGS_default = $(CPPFLAGS) $(call flags_for,$(CC),$(CFLAGS))
LINK_default = $(call flags_for,$(CC),$(LDFLAGS))

CC_gcc = gcc
FLAGS_gcc = $(CPPFLAGS) $(CFLAGS)
LINK_gcc = $(LDFLAGS)

CLANG ?= clang
CC_clang = $(CLANG)
FLAGS_clang = $(CPPFLAGS) $(call flags_for,clang,$(CFLAGS))
LINK_clang = $(call flags_for,clang,$(LDFLAGS))

# The sanitizers do not intercept the functions that _FORTIFY_SOURCE calls in
# place of others. According to gcc's manual, sanitizers cause false warnings of
# -Wmaybe-uninitialized.
SANITIZED = -g -O1 -fno-omit-frame-pointer -U_FORTIFY_SOURCE
ASAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined

CC_asan = gcc
FLAGS_asan = $(SANITIZED) $(ASAN) -Wno-maybe-uninitialized
LINK_asan = $(ASAN)

CC_tsan = gcc
FLAGS_tsan = $(SANITIZED) -fsanitize=thread -Wno-maybe-uninitialized
LINK_tsan = -fsanitize=thread

CC_fuzz = $(CLANG)
FLAGS_fuzz = $(SANITIZED) $(ASAN) -fsanitize=fuzzer-no-link
LINK_fuzz = $(ASAN) -fsanitize=fuzzer
