/* SPDX-License-Identifier: Apache-2.0 */
/* Reading many records: see store.h. */
#include <string.h>

#include <apr_strings.h>

#include "../graph/buffer.h"
#include "private.h"
#include "query_sql.h"

static iu_problem *run(iu_store *store, const iu_store_call *call,
                       const iu_statement *statement, apr_array_header_t **rows)
{
    iu_select select = {.sql = statement->sql,
                        .arguments =
                            (const char *const *)statement->arguments->elts,
                        .count = statement->arguments->nelts};

    return iu_store_read(store, call, &select, NULL, rows);
}

/* The values of a row: those of the order's keys, marked, behind the id. */
static iu_listed listed_of(apr_pool_t *pool, const iu_query *query,
                           const char *const *row)
{
    const char **values = apr_palloc(pool, query->order_count * sizeof *values);
    int i;

    for (i = 0; i < query->order_count; i++) {
        const char *marked = row[i + 1];
        int is_instant =
            query->order[i].property->type == IU_EDM_DATE_TIME_OFFSET;

        values[i] = *marked && !(is_instant && !marked[1]) ? marked + 1 : NULL;
    }
    return (iu_listed){row[0], values};
}

iu_problem *iu_store_list(iu_store *store, const iu_store_call *call,
                          const char *invitation_id, const iu_query *query,
                          apr_array_header_t **listed)
{
    iu_statement statement =
        iu_sql_list(call->pool, store->database.dialect, invitation_id, query);
    apr_array_header_t *rows;
    iu_problem *problem = run(store, call, &statement, &rows);
    int i;

    if (problem) {
        return problem;
    }
    *listed = apr_array_make(call->pool, rows->nelts, sizeof(iu_listed));
    for (i = 0; i < rows->nelts; i++) {
        APR_ARRAY_PUSH(*listed, iu_listed) = listed_of(
            call->pool, query, APR_ARRAY_IDX(rows, i, const char *const *));
    }
    return NULL;
}

/* The statement for so many ids; there are few such, so that each is prepared
 * once: what is left is filled with the last id. */
static iu_statement fetch_of(apr_pool_t *pool, const char *invitation_id,
                             const iu_listed *listed, int count)
{
    apr_array_header_t *arguments =
        apr_array_make(pool, IU_FETCH_MAX + 1, sizeof(char *));
    iu_buffer sql;
    int size = 1;
    int i;

    while (size < count) {
        size *= 2;
    }
    iu_buffer_init(&sql, pool, 256);
    iu_buffer_puts(&sql, "SELECT version, last_accessed, last_modified,"
                         " document, id FROM used_insight"
                         " WHERE invitation_id = %s AND id IN (");
    APR_ARRAY_PUSH(arguments, const char *) = invitation_id;
    for (i = 0; i < size; i++) {
        iu_buffer_puts(&sql, i == 0 ? "%s" : ",%s");
        APR_ARRAY_PUSH(arguments, const char *) =
            listed[i < count ? i : count - 1].id;
    }
    iu_buffer_puts(&sql, ")");
    return (iu_statement){sql.data, arguments};
}

/* The row of an id; NULL: none. */
static const char *const *row_of(const apr_array_header_t *rows, const char *id)
{
    int i;

    for (i = 0; i < rows->nelts; i++) {
        const char *const *row = APR_ARRAY_IDX(rows, i, const char *const *);

        if (strcmp(row[4], id) == 0) {
            return row;
        }
    }
    return NULL;
}

iu_problem *iu_store_fetch(iu_store *store, const iu_store_call *call,
                           const char *invitation_id, const iu_listed *listed,
                           int count, apr_array_header_t **records)
{
    iu_statement statement = fetch_of(call->pool, invitation_id, listed, count);
    apr_array_header_t *rows;
    iu_problem *problem = run(store, call, &statement, &rows);
    int i;

    if (problem) {
        return problem;
    }
    *records = apr_array_make(call->pool, count, sizeof(iu_record *));
    for (i = 0; i < count; i++) {
        const char *const *row = row_of(rows, listed[i].id);

        if (row) {
            APR_ARRAY_PUSH(*records, iu_record *) =
                iu_store_record(call->pool, invitation_id, listed[i].id, row);
        }
    }
    return NULL;
}

iu_problem *iu_store_count(iu_store *store, const iu_store_call *call,
                           const char *invitation_id,
                           const iu_expression *filter, apr_int64_t *count)
{
    iu_statement statement = iu_sql_count(call->pool, store->database.dialect,
                                          invitation_id, filter);
    apr_array_header_t *rows;
    iu_problem *problem = run(store, call, &statement, &rows);

    if (!problem) {
        *count = apr_atoi64(APR_ARRAY_IDX(rows, 0, const char *const *)[0]);
    }
    return problem;
}
