/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a query option's parser, and what the parsers of $filter,
 * $orderby, $select and $expand have in common. */
#ifndef IU_QUERY_CLAUSE_H
#define IU_QUERY_CLAUSE_H

#include "../problem/problem.h"
#include "lexer.h"

typedef struct iu_clause {
    apr_pool_t *pool;
    const char *option;      /* "$filter"; a constant */
    iu_problem_kind invalid; /* for iu_clause_refuse; its message takes the
                              * position and the reason */
    const char *text;        /* the decoded value: UTF-8, NUL-terminated */
    iu_token token;          /* the next token */
    iu_problem *problem;     /* NULL: no error so far */
} iu_clause;

/* Starts at the first token of text. */
iu_clause iu_clause_begin(apr_pool_t *pool, const char *option,
                          iu_problem_kind invalid, const char *text);

/* Consumes the next token and returns it. */
iu_token iu_clause_take(iu_clause *clause);

/* Consume the next token if it is this name (in any case) or character, and
 * return whether it was. */
int iu_clause_take_name(iu_clause *clause, const char *name);
int iu_clause_take_character(iu_clause *clause, char character);

/* Whether every token was read. */
int iu_clause_ended(const iu_clause *clause);

/* The text of token for a message, in clause->pool. */
const char *iu_clause_quote(const iu_clause *clause, iu_token token);

/* The following functions set clause->problem, with option as its target. */

/* Refuses token as invalid; reason is a sentence. */
void iu_clause_refuse(iu_clause *clause, iu_token token, const char *reason);

/* Refuses token, valid OData that this service does not support:
 * IU_OPTION_PART_UNSUPPORTED. */
void iu_clause_refuse_unsupported(iu_clause *clause, iu_token token);

/* Refuses the next token as invalid: something else was expected. */
void iu_clause_refuse_next(iu_clause *clause, const char *expected);

#endif
