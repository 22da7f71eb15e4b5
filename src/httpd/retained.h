/* SPDX-License-Identifier: Apache-2.0 */
/* What lasts as long as the server, not only the configuration: children of
 * both configurations share it during a graceful restart. */
#ifndef IU_HTTPD_RETAINED_H
#define IU_HTTPD_RETAINED_H

#include "module.h"

#include <apr_hash.h>

/* The hash of this name, in the process's pool; empty at first. Call it in the
 * parent. */
apr_hash_t *iu_retained_hash(server_rec *server, const char *name);

#endif
