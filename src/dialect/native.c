/* SPDX-License-Identifier: Apache-2.0 */
/* Statements without apr_dbd in between. */
#include "native.h"

int iu_natively_begin(iu_natively *begun, const iu_native *calls, void *handle,
                      apr_pool_t *pool)
{
    begun->prepared.pool = pool;
    begun->prepared.finalize = calls->finalize;
    begun->calls = calls;
    begun->on = calls->set_up(handle, pool);
    return begun->on != NULL;
}

void iu_natively_end(iu_natively *ended)
{
    iu_prepared_end_all(&ended->prepared);
}

static int prepare(iu_natively *on, const char *sql, void **statement)
{
    iu_prepared *found = iu_prepared_find(&on->prepared, sql);
    int result;

    if (!found) {
        found = iu_prepared_make(&on->prepared, sql);
        result =
            on->calls->prepare(on->on, sql, found->pool, &found->statement);
        if (result != 0) {
            iu_prepared_end(&on->prepared, found);
            return result;
        }
        iu_prepared_keep(&on->prepared, found);
    }
    *statement = found->statement;
    return 0;
}

int iu_natively_select(iu_natively *on, const char *sql,
                       const char *const *arguments, int count,
                       const iu_bound *bound, apr_pool_t *pool,
                       apr_array_header_t **rows)
{
    void *statement;
    int result = prepare(on, sql, &statement);

    return result == 0 ? on->calls->select(on->on, statement, arguments, count,
                                           bound, pool, rows)
                       : result;
}
