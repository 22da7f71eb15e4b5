/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the list of databases. */
#include "../../src/store/dialect.h"

#include <apr_general.h>

#include "tap.h"

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(iu_dialect_of("sqlite3") == &iu_dialect_sqlite3, "sqlite3 is there");
    ok(!iu_dialect_of("SQLite3"), "by the name that apr_dbd gives it");
    ok(!iu_dialect_of("sqlite2"), "another is not");
    ok(!iu_dialect_of(""), "nor is none");
    is_text(iu_dialect_names(pool), "sqlite3", "the names");
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
