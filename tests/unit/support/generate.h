/* SPDX-License-Identifier: Apache-2.0 */
/* Random queries; the same seed generates the same queries. */
#ifndef IU_TESTS_UNIT_GENERATE_H
#define IU_TESTS_UNIT_GENERATE_H

#include "evaluate.h"

typedef struct iu_generator {
    apr_uint64_t state; /* at first: the seed */
    apr_pool_t *pool;   /* for what is generated */
    /* Literals are values of these records, or parts of values. */
    const iu_sample *samples;
    int sample_count;
} iu_generator;

/* A number from 0 to limit - 1. */
int iu_generate_number(iu_generator *generator, int limit);

/* A node with copies of count operands. */
const iu_expression *iu_expression_make(apr_pool_t *pool, iu_operator operator,
                                        iu_value_type type, int count,
                                        const iu_expression *const *operands);

/* Leaf nodes: a property by its index, a text, a number (boolean or
 * integer). */
const iu_expression *iu_expression_property(apr_pool_t *pool, int index);
const iu_expression *iu_expression_text(apr_pool_t *pool, const char *text);
const iu_expression *iu_expression_number(apr_pool_t *pool, iu_value_type type,
                                          apr_int64_t number);

/* A filter with operators nested at most depth deep and with at most
 * IU_FILTER_NODES nodes, as the parser builds it. */
const iu_expression *iu_generate_filter(iu_generator *generator, int depth);

/* Sets the order of a query: at most so many keys, and id as the last one. */
void iu_generate_order(iu_generator *generator, int keys, iu_query *query);

/* The text of $filter for a filter (NULL: ""), and of $orderby for an order. */
const char *iu_expression_describe(apr_pool_t *pool,
                                   const iu_expression *expression);
const char *iu_order_describe(apr_pool_t *pool, const iu_query *query);

#endif
