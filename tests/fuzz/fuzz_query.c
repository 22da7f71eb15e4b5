/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: src/query/query.c: options, order, selection, skip token. A
 * query that is accepted is as query.h describes it, and the link to its next
 * page is the same query after the given values.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/query/query.h"
#include "../../src/text/utf8.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_same(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static void check_query(const iu_query *query)
{
    apr_uint32_t seen = 0;
    int i;

    must(query->order_count >= 1 && query->order_count <= IU_ORDER_MAX + 1);
    for (i = 0; i < query->order_count; i++) {
        apr_uint32_t bit = 1u << (query->order[i].property - iu_properties);

        must(!(seen & bit));
        seen |= bit;
    }
    must(query->order[i - 1].property == &iu_properties[0]);
    must(query->top >= 0 && query->top <= IU_PAGE_MAX && query->skip >= 0);
    must(!query->after || !query->skip);
    must(!query->select == !query->select_text);
    must((query->select &
          ~(((1u << iu_property_count) - 1) | IU_SELECT_RESOURCE)) == 0);
}

/* Values that a record can have, made from the input. */
static const char **values_for(apr_pool_t *pool, const iu_query *query,
                               const char *text)
{
    const char **values =
        apr_palloc(pool, sizeof(*values) * query->order_count);
    apr_size_t length = strlen(text);
    /* Custom options need not be UTF-8. */
    int is_value = iu_utf8_is_text(text, length) &&
                   iu_utf8_characters(text, length) <= IU_ORDER_CHARACTERS;
    int i;

    for (i = 0; i < query->order_count - 1; i++) {
        if ((length + i) % 3 == 0) {
            values[i] = NULL;
        }
        else if (query->order[i].property->type == IU_EDM_DATE_TIME_OFFSET) {
            values[i] = "2026-01-02T03:04:05.678901234567";
        }
        else {
            values[i] = is_value ? text : "";
        }
    }
    values[i] = "key";
    return values;
}

static void check_next(apr_pool_t *pool, const iu_query *query,
                       const char *text, const char *const *values)
{
    iu_query next;
    int i;

    must(!iu_query_read(pool, IU_QUERY_COLLECTION,
                        iu_query_next(pool, text, query, values), NULL, &next));
    must(next.after != NULL && next.order_count == query->order_count);
    for (i = 0; i < next.order_count; i++) {
        must(next.order[i].property == query->order[i].property &&
             next.order[i].descending == query->order[i].descending);
        must(is_same(next.after[i], values[i]));
    }
    must(next.top == query->top && next.count == query->count);
    must(!next.filter == !query->filter);
    must(next.expand_resource == query->expand_resource &&
         is_same(next.format, query->format));
    must(next.select == query->select &&
         is_same(next.select_text, query->select_text));
}

static void check_problem(const iu_problem *problem)
{
    must(problem->status == 400 || problem->status == 501);
    must(iu_utf8_is_text(problem->message, strlen(problem->message)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *parent;
    apr_pool_t *pool;
    const char *text;
    iu_query query;
    iu_problem *problem;
    int target;

    if (!parent) {
        apr_initialize();
        apr_pool_create(&parent, NULL);
    }
    apr_pool_create(&pool, parent);
    text = apr_pstrmemdup(pool, (const char *)data, size);
    for (target = IU_QUERY_COUNT; target <= IU_QUERY_NONE; target++) {
        problem = iu_query_read(pool, target, text, text, &query);
        if (problem) {
            check_problem(problem);
        }
    }
    problem = iu_query_read(pool, IU_QUERY_COLLECTION, text, NULL, &query);
    if (problem) {
        check_problem(problem);
    }
    else {
        check_query(&query);
        check_next(pool, &query, text,
                   query.after ? query.after : values_for(pool, &query, text));
    }
    apr_pool_destroy(pool);
    return 0;
}
