/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/dialect/dialect.c. */
#include "../../src/dialect/dialect.h"

#include <apr_general.h>

#include "support/tap.h"

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(iu_dialect_of("sqlite3") == &iu_dialect_sqlite3, "sqlite3 is known");
    ok(!iu_dialect_of("SQLite3"), "names are case-sensitive");
    ok(!iu_dialect_of("sqlite2"), "another driver is not known");
    ok(!iu_dialect_of(""), "nor is an empty name");
    ok(iu_dialect_of("pgsql") == &iu_dialect_pgsql, "pgsql is known");
    ok(iu_dialect_of("mysql") == &iu_dialect_mysql, "mysql is known");
    is_text(iu_dialect_names(pool), "sqlite3, pgsql, mysql",
            "the names of all drivers");
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
