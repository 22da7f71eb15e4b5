/* SPDX-License-Identifier: Apache-2.0 */
/* A pool for one thread at a time, which needs no lock to grow. */
#ifndef IU_CONCURRENCY_OWN_POOL_H
#define IU_CONCURRENCY_OWN_POOL_H

#include <apr_pools.h>

/* Creates a pool in parent with an allocator of its own. When it is cleared, it
 * keeps at most max_free bytes; 0: all. Ends the process if there is no
 * memory. */
apr_pool_t *iu_own_pool_create(apr_pool_t *parent, apr_size_t max_free);

#endif
