/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: src/query/skip_token.c. The input is an $orderby, a NUL,
 * and a token or its content. An accepted token has values that records can
 * have, is the same when it is written again, and does not become SQL.
 */
#include <stdint.h>

#include <apr_base64.h>
#include <apr_general.h>

#include "../../src/graph/date_time_offset.h"
#include "../../src/query/order_by.h"
#include "../../src/query/skip_token.h"
#include "../../src/text/utf8.h"
#include "statement.h"

#define FINGERPRINT_SIZE 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const iu_query *query)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        const iu_property *property = query->order[i].property;
        const char *value = query->after[i];

        must(value || property != &iu_properties[0]);
        if (!value) {
            continue;
        }
        must(iu_utf8_is_text(value, strlen(value)));
        must(property->type != IU_EDM_DATE_TIME_OFFSET ||
             strlen(value) == IU_INSTANT_SIZE - 1);
        must(iu_utf8_characters(value, strlen(value)) <= IU_ORDER_CHARACTERS);
    }
}

/* The statements are the same with other values. */
static void check_sql(apr_pool_t *pool, const iu_query *query)
{
    const char **values = apr_palloc(pool, query->order_count * sizeof *values);
    iu_query other = *query;
    int i;

    for (i = 0; i < query->order_count; i++) {
        values[i] = query->after[i] ? "other" : NULL;
    }
    other.after = values;
    must(strcmp(statements_of(pool, query), statements_of(pool, &other)) == 0);
}

/* Reads a token; if it is accepted, returns it written again. */
static const char *read_token(apr_pool_t *pool, const char *token,
                              iu_query *query)
{
    iu_query again = *query;
    const char *written;
    int i;

    if (iu_skip_token_read(pool, token, query)) {
        must(!query->after);
        return NULL;
    }
    check_values(query);
    check_sql(pool, query);
    written = iu_skip_token_write(pool, query, query->after);
    must(!iu_skip_token_read(pool, written, &again));
    for (i = 0; i < query->order_count; i++) {
        must(!query->after[i] == !again.after[i]);
        must(!query->after[i] || !strcmp(query->after[i], again.after[i]));
    }
    return written;
}

/* The token with these bytes after its fingerprint, here 0. */
static const char *wrap(apr_pool_t *pool, const char *inside, size_t length)
{
    char *bytes = apr_pcalloc(pool, FINGERPRINT_SIZE + length + 1);
    char *token =
        apr_palloc(pool, apr_base64_encode_len(FINGERPRINT_SIZE + (int)length));
    char *c;

    memcpy(bytes + FINGERPRINT_SIZE, inside, length);
    apr_base64_encode(token, bytes, FINGERPRINT_SIZE + (int)length);
    token[strcspn(token, "=")] = '\0';
    for (c = token; *c; c++) {
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    }
    return token;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *parent;
    apr_pool_t *pool;
    iu_query query = {.top = 1};
    const char *text;
    const char *token;
    const char *written;
    size_t order;

    if (!parent) {
        apr_initialize();
        apr_pool_create(&parent, NULL);
    }
    apr_pool_create(&pool, parent);
    text = apr_pstrmemdup(pool, (const char *)data, size);
    order = strlen(text);
    if (order < size && iu_utf8_is_text(text, order) &&
        !iu_order_by_read(pool, text, &query)) {
        read_token(pool, text + order + 1, &query);
        token = wrap(pool, text + order + 1, size - order - 1);
        written = read_token(pool, token, &query);
        must(!written || strcmp(written, token) == 0);
    }
    apr_pool_destroy(pool);
    return 0;
}
