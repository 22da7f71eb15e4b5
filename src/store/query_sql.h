/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a client's query as SQL. The client's values are bound and never part
 * of the SQL: queries that differ only in values share one prepared statement.
 * The semantics are those of expression.h on all databases.
 */
#ifndef IU_STORE_QUERY_SQL_H
#define IU_STORE_QUERY_SQL_H

#include <apr_tables.h>

#include "../dialect/dialect.h"
#include "../query/query.h"

typedef struct iu_statement {
    const char *sql;
    apr_array_header_t *arguments; /* of const char *, one per %s */
} iu_statement;

/* The statement that lists a page of an invitation's records: query->top + 1 of
 * them, the last one shows that there is another page. It returns them in any
 * order. The columns are version, last_accessed, last_modified, document ("" if
 * it has more than document_max bytes), id, and the value of each key of
 * query->order that is not a column of the table: "=" and the text, or "" for
 * null, so that null differs from "" with every driver (apr_dbd's pgsql driver
 * returns "" for both). All in pool. */
iu_statement iu_query_sql_list(apr_pool_t *pool, const iu_dialect *dialect,
                               const char *set_id, const iu_query *query,
                               apr_size_t document_max);

/* The statement that counts an invitation's records that match filter (NULL:
 * all). In pool. */
iu_statement iu_query_sql_count(apr_pool_t *pool, const iu_dialect *dialect,
                                const char *set_id,
                                const iu_expression *filter);

#endif
