/* SPDX-License-Identifier: Apache-2.0 */
/* The literals of $filter (OData 4.01 ABNF, primitiveLiteral). */
#ifndef IU_QUERY_FILTER_LITERAL_H
#define IU_QUERY_FILTER_LITERAL_H

#include <apr_pools.h>

#include "expression.h"
#include "lexer.h"

/* Parses a string, number or name as an IU_LITERAL, with its text in pool.
 * Returns 0 if token is not a literal: the name of a property or function, or a
 * number in an unknown format. */
int iu_filter_literal(apr_pool_t *pool, iu_token token, iu_expression *literal);

#endif
