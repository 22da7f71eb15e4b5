/* SPDX-License-Identifier: Apache-2.0 */
/* The value of a query option on its way through a parser: what $filter,
 * $orderby, $select and $expand have in common. */
#ifndef IU_QUERY_CLAUSE_H
#define IU_QUERY_CLAUSE_H

#include "../problem/problem.h"
#include "lexer.h"

typedef struct iu_clause {
    apr_pool_t *pool;
    const char *option;      /* "$filter"; a constant */
    iu_problem_kind invalid; /* what iu_clause_refuse makes; its message has the
                              * position and the reason */
    const char *text;        /* the decoded value: UTF-8, NUL-terminated */
    iu_token token;          /* the next one */
    iu_problem *problem;     /* NULL, or why the clause is refused */
} iu_clause;

iu_clause iu_clause_begin(apr_pool_t *pool, const char *option,
                          iu_problem_kind invalid, const char *text);

/* Steps over the next token and returns it. */
iu_token iu_clause_take(iu_clause *clause);

/* Steps over the next token if it is this name (in any case) or character.
 * Returns whether it was. */
int iu_clause_take_name(iu_clause *clause, const char *name);
int iu_clause_take_character(iu_clause *clause, char character);

/* Whether every token was read. */
int iu_clause_ended(const iu_clause *clause);

/* What stands at token, for a message. */
const char *iu_clause_quote(const iu_clause *clause, iu_token token);

/* These set clause->problem, with option as its target, because of what stands
 * at token; reason is a sentence. */
void iu_clause_refuse(iu_clause *clause, iu_token token, const char *reason);

/* Because OData has it and this service has not: IU_OPTION_PART_UNSUPPORTED.*/
void iu_clause_refuse_unsupported(iu_clause *clause, iu_token token);

/* Because of the next token, where something else was expected. */
void iu_clause_refuse_next(iu_clause *clause, const char *expected);

#endif
