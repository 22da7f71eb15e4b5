/* SPDX-License-Identifier: Apache-2.0 */
/* Names in $filter other than properties (OData 4.01 URL Conventions section
 * 5.1.1): the functions of this service, and names that OData defines but this
 * service does not support. The latter are answered with 501, unknown names
 * with 400. */
#ifndef IU_QUERY_FILTER_NAME_H
#define IU_QUERY_FILTER_NAME_H

#include "expression.h"
#include "lexer.h"

#define IU_FUNCTION_OPERANDS 3

typedef struct iu_function {
    const char *name;
    iu_operator operator;
    iu_value_type type;
    int min_operands;
    int max_operands;
    iu_value_type operands[IU_FUNCTION_OPERANDS];
} iu_function;

/* Finds the function that token names, in any case; NULL: none. */
const iu_function *iu_filter_function(iu_token token);

/* Whether token names a binary operator, supported or not. */
int iu_filter_is_operator(iu_token token);

/* Whether token names an unsupported operator: arithmetic, or "has". */
int iu_filter_is_unsupported_operator(iu_token token);

/* Whether token, a name before a parenthesis, is an unsupported function, with
 * or without a path, as in items/any(…). */
int iu_filter_is_unsupported_function(iu_token token);

/* Whether the path token has an unsupported segment: $it, $count and the like,
 * an alias (@…) or a type cast. */
int iu_filter_is_unsupported_path(iu_token token);

/* Whether the path token begins with the navigation property. */
int iu_filter_is_navigation(iu_token token);

#endif
