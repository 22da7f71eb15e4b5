/* SPDX-License-Identifier: Apache-2.0 */
/* A record that a client was told is stored is found by all lookups that begin
 * then, also by those in groups. */
#include "support/find_groups.h"
#include "support/workers.h"

#include <stdatomic.h>

static apr_pool_t *test_pool;

#define THREADS 12
#define RECORDS 60

static _Atomic int stored[THREADS];
static _Atomic int missing;

/* Stores records, and after each looks many times for the last one that another
 * thread was told is stored. */
static void *store_and_find(void *data)
{
    worker *self = data;
    int i;

    for (i = 1; i <= 10 * RECORDS; i++) {
        int other = (self->number + i) % THREADS;
        int last = atomic_load(&stored[other]);
        const char *id = apr_psprintf(self->pool, "%d-%d", other, last);

        atomic_fetch_add(&missing, last && fixture_find(self->store, self->pool,
                                                        "i", id) != NULL);
        if (i % 10 == 0) {
            id = apr_psprintf(self->pool, "%d-%d", self->number, i / 10);
            atomic_fetch_add(&missing, fixture_insert(self->store, self->pool,
                                                      "i", id) != NULL);
            atomic_store(&stored[self->number], i / 10);
        }
        apr_pool_clear(self->pool);
    }
    return NULL;
}

static void test_stored(void)
{
    apr_pool_t *pool;
    iu_store *store;

    apr_pool_create(&pool, test_pool);
    store = make_store(pool, fixture_path(pool), NULL);
    run_workers(THREADS, store, test_pool, store_and_find);
    is_number(missing, 0, "what was stored before is found");
    apr_pool_destroy(pool);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_stored();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
