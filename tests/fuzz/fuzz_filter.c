/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: src/query/filter.c. A tree is within the limits, each node
 * is as expression.h describes it, and each text is UTF-8; no text becomes SQL;
 * the position of a fault is within the filter.
 */
#include <stdint.h>

#include <apr_general.h>

#include "../../src/graph/date_time_offset.h"
#include "../../src/query/filter.h"
#include "../../src/query/order_by.h"
#include "../../src/text/utf8.h"
#include "statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_boolean(const iu_expression *node)
{
    return node->type == IU_VALUE_BOOLEAN || node->type == IU_VALUE_NULL;
}

static void check_literal(const iu_expression *node)
{
    must(node->count == 0);
    must(!node->text == (node->type < IU_VALUE_TEXT));
    must(!node->text || iu_utf8_is_text(node->text, strlen(node->text)));
    must(node->type != IU_VALUE_INSTANT ||
         strlen(node->text) == IU_INSTANT_SIZE - 1);
    must(node->type != IU_VALUE_DATE || strlen(node->text) == 10);
    must(node->type != IU_VALUE_BOOLEAN || (node->number & ~1) == 0);
}

/* Operands that are compared have the same type, or are null. */
static void check_compared(const iu_expression *node)
{
    const iu_expression *first = node->operands[0];
    int i;

    for (i = 1; i < node->count; i++) {
        const iu_expression *other = node->operands[i];

        must(first->type == other->type || first->type == IU_VALUE_NULL ||
             other->type == IU_VALUE_NULL);
        must(first->type != IU_VALUE_OBJECT || other->type == IU_VALUE_NULL);
        must(node->operator!= IU_IN || other->operator== IU_LITERAL);
    }
}

static void check_operands(const iu_expression *node)
{
    int i;

    switch (node->operator) {
    case IU_AND:
    case IU_OR:
    case IU_NOT:
        must(node->operator== IU_NOT ? node->count == 1 : node->count >= 2);
        for (i = 0; i < node->count; i++) {
            must(is_boolean(node->operands[i]));
        }
        break;
    case IU_EQ:
    case IU_NE:
    case IU_GT:
    case IU_GE:
    case IU_LT:
    case IU_LE:
        must(node->count == 2);
        check_compared(node);
        break;
    case IU_IN:
        must(node->count >= 2);
        check_compared(node);
        break;
    default:
        must(node->count >= 1 && node->count <= 3);
    }
}

/* Returns the number of nodes. */
static int check_node(const iu_expression *node, int depth)
{
    int nodes = 1;
    int i;

    must(depth <= IU_FILTER_DEPTH);
    if (node->operator== IU_LITERAL) {
        check_literal(node);
    }
    else if (node->operator== IU_PROPERTY) {
        must(node->property >= iu_properties &&
             node->property < iu_properties + iu_property_count);
        must(node->count == 0);
    }
    else if (node->operator== IU_OBJECT) {
        must(node->member > iu_members &&
             node->member < iu_members + iu_member_count);
        must(node->type == IU_VALUE_OBJECT && node->count == 0);
    }
    else {
        check_operands(node);
    }
    for (i = 0; i < node->count; i++) {
        nodes += check_node(node->operands[i], depth + 1);
    }
    return nodes;
}

/* Changes the literals of a tree. */
static void change(const iu_expression *node)
{
    iu_expression *changed = (iu_expression *)node;
    int i;

    if (node->text) {
        changed->text = "other";
    }
    if (node->operator== IU_LITERAL && node->type == IU_VALUE_INTEGER) {
        changed->number = 7;
    }
    for (i = 0; i < node->count; i++) {
        change(node->operands[i]);
    }
}

static void check_sql(apr_pool_t *pool, const iu_expression *filter)
{
    iu_query query = {.filter = filter, .top = 1};
    const char *before;

    must(!iu_order_by_read(pool, NULL, &query));
    before = statements_of(pool, &query);
    change(filter);
    must(strcmp(before, statements_of(pool, &query)) == 0);
}

static void check_problem(const iu_problem *problem, const char *text)
{
    const char *place = strstr(problem->message, "at character ");
    apr_int64_t position;

    must(place != NULL && strcmp(problem->target, "$filter") == 0);
    must(problem->status == 400 || problem->status == 501);
    must(iu_utf8_is_text(problem->message, strlen(problem->message)));
    position = apr_atoi64(place + strlen("at character "));
    must(position >= 1 &&
         position <= (apr_int64_t)iu_utf8_characters(text, strlen(text)) + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *parent;
    apr_pool_t *pool;
    const char *text;
    const iu_expression *filter;
    iu_problem *problem;

    if (!parent) {
        apr_initialize();
        apr_pool_create(&parent, NULL);
    }
    if (!iu_utf8_is_text((const char *)data, size)) {
        return 0;
    }
    apr_pool_create(&pool, parent);
    text = apr_pstrmemdup(pool, (const char *)data, size);
    problem = iu_filter_read(pool, text, &filter);
    if (problem) {
        check_problem(problem, text);
    }
    else {
        must(is_boolean(filter));
        must(check_node(filter, 1) <= IU_FILTER_NODES);
        check_sql(pool, filter);
    }
    apr_pool_destroy(pool);
    return 0;
}
