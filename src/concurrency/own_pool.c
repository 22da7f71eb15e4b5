/* SPDX-License-Identifier: Apache-2.0 */
#include "own_pool.h"

#include <stdlib.h>

apr_pool_t *iu_own_pool_create(apr_pool_t *parent, apr_size_t max_free)
{
    apr_allocator_t *allocator;
    apr_pool_t *pool;

    /* Out of memory: httpd aborts, too, but ap_abort_on_oom() is httpd's. */
    if (apr_allocator_create(&allocator) != APR_SUCCESS ||
        apr_pool_create_ex(&pool, parent, NULL, allocator) != APR_SUCCESS) {
        abort();
    }
    apr_allocator_max_free_set(allocator, max_free);
    apr_allocator_owner_set(allocator, pool);
    return pool;
}
