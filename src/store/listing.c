/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, fetches and counts records. */
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "../text/buffer.h"
#include "query_sql.h"
#include "store_private.h"

/* Columns after those of a record: the id, then the values of the order's keys
 * that are not columns. */
#define ROW_ID 4
#define ROW_VALUES 5

static iu_problem *run(iu_store *store, const iu_store_call *call,
                       iu_read_kind kind, const iu_statement *statement,
                       apr_array_header_t **rows)
{
    iu_execution execution = {
        .sql = statement->sql,
        .arguments = (const char *const *)statement->arguments->elts,
        .count = statement->arguments->nelts};

    return iu_store_read(store, call, kind, &execution, NULL, rows);
}

/* The values of a record's order keys, from the record itself or from the row's
 * columns ROW_VALUES and following, which begin with "=" unless null. */
static const char *const *order_values(apr_pool_t *pool, const iu_query *query,
                                       const iu_record *record,
                                       const char *const *row)
{
    const char **values = apr_palloc(pool, query->order_count * sizeof *values);
    const char *const *marked = row + ROW_VALUES;
    int i;

    for (i = 0; i < query->order_count; i++) {
        ptrdiff_t offset = query->order[i].property->offset;

        if (offset) {
            const char *value =
                *(const char *const *)((const char *)record + offset);

            values[i] = *value ? value : NULL;
        }
        else {
            values[i] = **marked ? *marked + 1 : NULL;
            marked++;
        }
    }
    return values;
}

static iu_listed make_listed(apr_pool_t *pool, const char *set_id,
                             const iu_query *query, const char *const *row)
{
    iu_record *record = iu_store_make_record(pool, set_id, row[ROW_ID], row);
    const char *const *values = order_values(pool, query, record, row);

    if (record->document_length == 0) {
        record->document = NULL;
    }
    return (iu_listed){record, values};
}

/* Compares two records as the databases do: texts by the bytes of UTF-8, which
 * is the order of code points; null is less than any text. */
static int compare_listed(const void *left, const void *right, void *by)
{
    const iu_query *query = by;
    int order = 0;
    int i;

    for (i = 0; order == 0 && i < query->order_count; i++) {
        const char *a = ((const iu_listed *)left)->values[i];
        const char *b = ((const iu_listed *)right)->values[i];

        order = a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
        order = query->order[i].descending ? -order : order;
    }
    return order;
}

iu_problem *iu_store_list(iu_store *store, const iu_store_call *call,
                          const char *set_id, const iu_query *query,
                          apr_array_header_t **listed)
{
    iu_statement statement =
        iu_query_sql_list(call->pool, store->database.dialect, set_id, query,
                          IU_LIST_BYTES / (query->top + 1));
    apr_array_header_t *rows;
    iu_problem *problem = run(store, call, IU_READ_LIST, &statement, &rows);
    int i;

    if (problem) {
        return problem;
    }
    *listed = apr_array_make(call->pool, rows->nelts, sizeof(iu_listed));
    for (i = 0; i < rows->nelts; i++) {
        APR_ARRAY_PUSH(*listed, iu_listed) =
            make_listed(call->pool, set_id, query,
                        APR_ARRAY_IDX(rows, i, const char *const *));
    }
    /* The statement does not sort, so that no database has to sort documents.
     * Usually the rows come in order anyway. */
    qsort_r((*listed)->elts, (*listed)->nelts, sizeof(iu_listed),
            compare_listed, (void *)query);
    return NULL;
}

/* The statement that fetches count records. It is padded to a power of two by
 * repeating the last id, so that few statements are prepared. */
static iu_statement fetch_statement(apr_pool_t *pool, const char *set_id,
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
    APR_ARRAY_PUSH(arguments, const char *) = set_id;
    for (i = 0; i < size; i++) {
        iu_buffer_puts(&sql, i == 0 ? "%s" : ",%s");
        APR_ARRAY_PUSH(arguments, const char *) =
            listed[i < count ? i : count - 1].record->id;
    }
    iu_buffer_puts(&sql, ")");
    return (iu_statement){sql.data, arguments};
}

/* The row with an id; NULL: none. */
static const char *const *find_row(const apr_array_header_t *rows,
                                   const char *id)
{
    int i;

    for (i = 0; i < rows->nelts; i++) {
        const char *const *row = APR_ARRAY_IDX(rows, i, const char *const *);

        if (strcmp(row[ROW_ID], id) == 0) {
            return row;
        }
    }
    return NULL;
}

iu_problem *iu_store_fetch(iu_store *store, const iu_store_call *call,
                           const char *set_id, const iu_listed *listed,
                           int count, apr_array_header_t **records)
{
    iu_statement statement = fetch_statement(call->pool, set_id, listed, count);
    apr_array_header_t *rows;
    iu_problem *problem = run(store, call, IU_READ_KEYS, &statement, &rows);
    int i;

    if (problem) {
        return problem;
    }
    *records = apr_array_make(call->pool, count, sizeof(iu_record *));
    for (i = 0; i < count; i++) {
        const char *id = listed[i].record->id;
        const char *const *row = find_row(rows, id);

        if (row) {
            APR_ARRAY_PUSH(*records, iu_record *) =
                iu_store_make_record(call->pool, set_id, id, row);
        }
    }
    return NULL;
}

iu_problem *iu_store_count(iu_store *store, const iu_store_call *call,
                           const char *set_id, const iu_expression *filter,
                           apr_int64_t *count)
{
    iu_statement statement =
        iu_query_sql_count(call->pool, store->database.dialect, set_id, filter);
    apr_array_header_t *rows;
    iu_problem *problem = run(store, call, IU_READ_LIST, &statement, &rows);

    if (!problem) {
        *count = apr_atoi64(APR_ARRAY_IDX(rows, 0, const char *const *)[0]);
    }
    return problem;
}
