/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the list of databases. */
#include "../../src/dialect/dialect.h"

#include <apr_general.h>

#include "support/tap.h"

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(iu_dialect_of("sqlite3") == &iu_dialect_sqlite3, "sqlite3 is there");
    ok(!iu_dialect_of("SQLite3"), "by the name that apr_dbd gives it");
    ok(!iu_dialect_of("sqlite2"), "another is not");
    ok(!iu_dialect_of(""), "nor is none");
    ok(iu_dialect_of("pgsql") == &iu_dialect_pgsql, "pgsql is there");
    ok(iu_dialect_of("mysql") == &iu_dialect_mysql, "mysql is there");
    is_text(iu_dialect_names(pool), "sqlite3, pgsql, mysql", "the names");
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
