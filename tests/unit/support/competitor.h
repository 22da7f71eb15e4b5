/* SPDX-License-Identifier: Apache-2.0 */
/* A thread whose transactions compete with those of others. */
#ifndef IU_TESTS_UNIT_COMPETITOR_H
#define IU_TESTS_UNIT_COMPETITOR_H

#include "store_fixture.h"

typedef struct competitor {
    pthread_t thread;
    iu_store *store;
    const char *id; /* of its own records */
    int rounds;
    int committed;
    int wrong; /* transactions that were neither done nor refused as a whole */
} competitor;

/* Inserts, in each round, a record of its own and one that all want, in one
 * transaction. The set is "round 0", "round 1" … */
static inline void *compete(void *data)
{
    competitor *self = data;
    apr_pool_t *pool;
    int i;

    apr_pool_create(&pool, NULL);
    for (i = 0; i < self->rounds; i++) {
        iu_store_call call = fixture_call(pool);
        const char *round = apr_psprintf(pool, "round %d", i);
        iu_write own = {.kind = IU_INSERT,
                        .record = fixture_record(round, self->id, "{}")};
        iu_write wanted = {.kind = IU_INSERT,
                           .record = fixture_record(round, "wanted", "{}")};
        iu_write *const writes[] = {&own, &wanted};

        iu_store_write_all(self->store, &call, writes, 2);
        self->committed += !own.problem && !wanted.problem;
        self->wrong +=
            !own.problem != !wanted.problem ||
            (own.problem && (own.problem->kind != IU_GROUP_FAILED ||
                             wanted.problem->kind != IU_ALREADY_EXISTS));
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    return NULL;
}

#endif
