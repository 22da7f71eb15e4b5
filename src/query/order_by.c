/* SPDX-License-Identifier: Apache-2.0 */
#include "order_by.h"

#include <apr_strings.h>

#include "clause.h"
#include "filter_name.h"

/* Most recently used first. */
#define DEFAULT_ORDER "lastUsed/lastAccessedDateTime desc"

/* Refuses a name that is not a property. */
static void refuse_name(iu_clause *in, iu_token name)
{
    int is_call = iu_token_is(iu_token_next(name), '(');

    if (iu_filter_is_unsupported_path(name) || iu_filter_is_navigation(name) ||
        iu_token_is_name(name, "not") ||
        (is_call && (iu_filter_function(name) ||
                     iu_filter_is_unsupported_function(name)))) {
        iu_clause_refuse_unsupported(in, name);
        return;
    }
    iu_clause_refuse(
        in, name,
        is_call ? apr_psprintf(in->pool, "The function '%s' is not known.",
                               iu_clause_quote(in, name))
                : iu_property_fault(in->pool, name.text, name.length));
}

/* Reads a property path. Other expressions are not supported. */
static const iu_property *read_property(iu_clause *in)
{
    iu_token token = in->token;
    const iu_property *property;

    if (token.kind == IU_TOKEN_STRING || token.kind == IU_TOKEN_NUMBER ||
        iu_token_is(token, '(') || iu_token_is(token, '-')) {
        iu_clause_refuse_unsupported(in, token);
        return NULL;
    }
    if (token.kind != IU_TOKEN_NAME) {
        iu_clause_refuse_next(in, "A property");
        return NULL;
    }
    iu_clause_take(in);
    property = iu_property_find(token.text, token.length);
    if (!property || iu_token_is(in->token, '(')) {
        refuse_name(in, token);
        return NULL;
    }
    return property;
}

/* Reads the direction of a key, and checks that a comma or the end follows. */
static int read_direction(iu_clause *in)
{
    int descending = iu_clause_take_name(in, "desc");

    if (!descending) {
        iu_clause_take_name(in, "asc");
    }
    if (iu_filter_is_operator(in->token)) {
        iu_clause_refuse_unsupported(in, in->token);
    }
    else if (!iu_clause_ended(in) && !iu_token_is(in->token, ',')) {
        iu_clause_refuse_next(in, "'asc', 'desc', ',' or the end");
    }
    return descending;
}

/* Whether further keys cannot change the order, since ids are unique. */
static int is_total(const iu_query *query)
{
    return query->order_count > 0 &&
           query->order[query->order_count - 1].property == IU_KEY_PROPERTY;
}

static void add_key(iu_query *query, const iu_property *property,
                    int descending)
{
    if (!is_total(query)) {
        query->order[query->order_count++] =
            (iu_order_key){property, descending};
    }
}

iu_problem *iu_order_by_read(apr_pool_t *pool, const char *text,
                             iu_query *query)
{
    iu_clause in = iu_clause_begin(pool, "$orderby", IU_ORDER_INVALID,
                                   text ? text : DEFAULT_ORDER);
    apr_uint32_t seen = 0;
    int keys = 0;

    query->order_count = 0;
    do {
        iu_token token = in.token;
        const iu_property *property = read_property(&in);
        int descending = property ? read_direction(&in) : 0;
        apr_uint32_t bit;

        if (in.problem) {
            return in.problem;
        }
        bit = 1u << (property - iu_properties);
        if (seen & bit) {
            iu_clause_refuse(&in, token, "The property stands there twice.");
        }
        else if (++keys > IU_ORDER_MAX) {
            iu_clause_refuse(
                &in, token,
                apr_psprintf(pool, "More than %d keys.", IU_ORDER_MAX));
        }
        else {
            add_key(query, property, descending);
        }
        seen |= bit;
    } while (!in.problem && iu_clause_take_character(&in, ','));
    add_key(query, IU_KEY_PROPERTY, 0);
    return in.problem;
}
