/* SPDX-License-Identifier: Apache-2.0 */
/* The names of $filter besides those of properties: the functions there are,
 * and what OData has and this service does not ("foreign"), which is answered
 * 501 where a name that nobody knows is answered 400. */
#ifndef IU_QUERY_FILTER_NAME_H
#define IU_QUERY_FILTER_NAME_H

#include "expression.h"
#include "lexer.h"

#define IU_FUNCTION_OPERANDS 3

typedef struct iu_function {
    const char *name;
    iu_operator operator;
    iu_value_type type;
    int least; /* operands */
    int most;
    iu_value_type operands[IU_FUNCTION_OPERANDS];
} iu_function;

/* The function that token names, in any case; NULL: none. */
const iu_function *iu_filter_function(iu_token token);

/* Whether token names an operator that stands between two operands, foreign
 * ones included. */
int iu_filter_is_operator(iu_token token);

/* Whether token names an operator of arithmetic or of flags. */
int iu_filter_is_foreign_operator(iu_token token);

/* Whether token, which a parenthesis follows, names a foreign function, or one
 * of a path: any, all. */
int iu_filter_is_foreign_function(iu_token token);

/* Whether a part of the path token is no property in OData, either: the current
 * item, the set, an alias, a type. */
int iu_filter_is_foreign_path(iu_token token);

/* Whether the path token leads to the entity beside this one, or on from it. */
int iu_filter_is_navigation(iu_token token);

#endif
