/* SPDX-License-Identifier: Apache-2.0 */
/* Queries at random, of which the same seed makes the same again. */
#ifndef IU_TESTS_UNIT_GENERATE_H
#define IU_TESTS_UNIT_GENERATE_H

#include "evaluate.h"

typedef struct iu_generator {
    apr_uint64_t state; /* at first: the seed */
    apr_pool_t *pool;   /* for what is made */
    /* Where literals are taken from: they are values of these, or parts. */
    const iu_sample *samples;
    int sample_count;
} iu_generator;

/* A number from 0 to below limit, which is 1 or more. */
int iu_generate_number(iu_generator *generator, int limit);

/* A node of count operands, which are copied. */
const iu_expression *iu_expression_make(apr_pool_t *pool, iu_operator operator,
                                        iu_value_type type, int count,
                                        const iu_expression *const *operands);

/* Leaves: a property by its index, a text, a number (boolean or integer). */
const iu_expression *iu_expression_property(apr_pool_t *pool, int index);
const iu_expression *iu_expression_text(apr_pool_t *pool, const char *text);
const iu_expression *iu_expression_number(apr_pool_t *pool, iu_value_type type,
                                          apr_int64_t number);

/* A filter of at most so many operators within each other and at most
 * IU_FILTER_NODES nodes, such as the parser may make. */
const iu_expression *iu_generate_filter(iu_generator *generator, int depth);

/* Sets the order of a query: at most so many keys, then id. */
void iu_generate_order(iu_generator *generator, int keys, iu_query *query);

/* A filter as $filter has it (NULL: ""), and an order as $orderby has it. */
const char *iu_expression_describe(apr_pool_t *pool,
                                   const iu_expression *expression);
const char *iu_order_describe(apr_pool_t *pool, const iu_query *query);

#endif
