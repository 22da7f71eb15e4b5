/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that use one store at the same time. */
#ifndef IU_TESTS_WORKERS_H
#define IU_TESTS_WORKERS_H

#include "store_fixture.h"

typedef struct worker {
    pthread_t thread;
    iu_store *store;
    apr_pool_t *pool; /* its own */
    int number;
} worker;

/* Runs work in count threads, each with a worker of its own, and waits for
 * them. */
static inline void run_workers(int count, iu_store *store, apr_pool_t *pool,
                               void *(*work)(void *worker))
{
    worker *workers = apr_pcalloc(pool, count * sizeof *workers);
    int i;

    for (i = 0; i < count; i++) {
        workers[i].store = store;
        workers[i].number = i;
        apr_pool_create(&workers[i].pool, pool);
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        apr_pool_destroy(workers[i].pool);
    }
}

#endif
