/* SPDX-License-Identifier: Apache-2.0 */
/* A store that looks records up in groups, with SQLite, too: most of what is
 * tested then runs without a server. */
#ifndef IU_TESTS_FIND_GROUPS_H
#define IU_TESTS_FIND_GROUPS_H

#include "store_fixture.h"

#include "../../../src/store/store_private.h"

static inline iu_store *make_store(apr_pool_t *pool, const char *path,
                                   told *log)
{
    iu_store *store = fixture_store(pool, path, log);

    if (!fixture_has_server()) {
        iu_dialect *dialect = apr_pmemdup(pool, store->database.dialect,
                                          sizeof *store->database.dialect);

        dialect->find_group = "used_insight WHERE (invitation_id, id) IN"
                              " (VALUES %s)";
        store->database.dialect = dialect;
        if (iu_store_create_find_groups(store, pool) != APR_SUCCESS) {
            give_up("no queue can be made");
        }
    }
    return store;
}

#endif
