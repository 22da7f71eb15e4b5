/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the SQL of a query for fuzz targets: its text depends on the form of
 * the query only, and each parameter has a value. */
#ifndef IU_TESTS_FUZZ_STATEMENT_H
#define IU_TESTS_FUZZ_STATEMENT_H

#include <string.h>

#include <apr_strings.h>

#include "../../src/store/query_sql.h"
#include "must.h"

/* The texts of a query's statements for all databases, concatenated. */
static inline const char *statements_of(apr_pool_t *pool, const iu_query *query)
{
    static const iu_dialect *const dialects[] = {
        &iu_dialect_sqlite3, &iu_dialect_pgsql, &iu_dialect_mysql};
    const char *all = "";
    int i;

    for (i = 0; i < 3; i++) {
        iu_statement list =
            iu_query_sql_list(pool, dialects[i], "i", query, 1000);
        iu_statement count =
            iu_query_sql_count(pool, dialects[i], "i", query->filter);
        int parameters = 0;
        const char *at;

        all = apr_pstrcat(pool, all, list.sql, "\n", count.sql, "\n", NULL);
        for (at = list.sql; (at = strchr(at, '%')); at += 2) {
            must(at[1] == 's');
            parameters++;
        }
        must(parameters == list.arguments->nelts);
    }
    return all;
}

#endif
