/* SPDX-License-Identifier: Apache-2.0 */
#include "native.h"

int iu_native_attach(iu_native_connection *native,
                     const iu_native_driver *driver, void *handle,
                     apr_pool_t *pool)
{
    native->statements.pool = pool;
    native->statements.finalize = driver->finalize;
    native->driver = driver;
    native->state = driver->set_up(handle, pool);
    return native->state != NULL;
}

void iu_native_detach(iu_native_connection *native)
{
    iu_prepared_free_all(&native->statements);
}

int iu_native_select(iu_native_connection *native, const char *sql,
                     int is_fixed, const char *const *arguments, int count,
                     const iu_bound *bound, apr_pool_t *pool,
                     apr_array_header_t **rows)
{
    const iu_native_driver *driver = native->driver;
    void *statement;
    int result = iu_prepared_get(&native->statements, sql, driver->prepare,
                                 native->state, &statement);

    if (result != 0) {
        return result;
    }
    if (is_fixed && driver->keep) {
        driver->keep(native->state, statement, bound, pool);
    }
    return driver->select(native->state, statement, arguments, count, bound,
                          pool, rows);
}
