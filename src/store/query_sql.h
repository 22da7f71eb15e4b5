/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's query as SQL. Whatever the client wrote is bound, never part of
 * the text; so the texts are as many as the shapes of queries. The semantics
 * are those of expression.h, alike on all databases.
 */
#ifndef IU_STORE_QUERY_SQL_H
#define IU_STORE_QUERY_SQL_H

#include <apr_tables.h>

#include "../dialect/dialect.h"
#include "../query/query.h"

typedef struct iu_statement {
    const char *sql;
    apr_array_header_t *arguments; /* of const char *, one for each %s */
} iu_statement;

/* The statement that lists an invitation's records, in any order: for each one
 * version, last_accessed, last_modified, document ("" where it has more than
 * document_max bytes), id, and its value of each key of query->order that is no
 * column of the table, with "=" in front ("" for null: apr_dbd's pgsql cannot
 * tell null from ""). One more than query->top, to tell whether there is
 * another page. All in pool. */
iu_statement iu_sql_list(apr_pool_t *pool, const iu_dialect *dialect,
                         const char *invitation_id, const iu_query *query,
                         apr_size_t document_max);

/* The statement that counts those a filter keeps (NULL: all). */
iu_statement iu_sql_count(apr_pool_t *pool, const iu_dialect *dialect,
                          const char *invitation_id,
                          const iu_expression *filter);

#endif
