/* SPDX-License-Identifier: Apache-2.0 */
/* The literals of $filter (OData 4.01 ABNF, primitiveLiteral). */
#ifndef IU_QUERY_FILTER_LITERAL_H
#define IU_QUERY_FILTER_LITERAL_H

#include <apr_pools.h>

#include "expression.h"
#include "lexer.h"

/* Reads token, a string, a number or a name, as an IU_LITERAL, its text
 * in pool. Returns 0 where it is no literal: a name that
 * is a property's or function's, a number of no known form. */
int iu_filter_literal(apr_pool_t *pool, iu_token token, iu_expression *literal);

#endif
