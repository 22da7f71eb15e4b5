/* SPDX-License-Identifier: Apache-2.0 */
#include "clause.h"

#include <apr_strings.h>

#include "../text/excerpt.h"

iu_clause iu_clause_begin(apr_pool_t *pool, const char *option,
                          iu_problem_kind invalid, const char *text)
{
    iu_clause clause = {pool, option, invalid, text, iu_token_first(text),
                        NULL};

    return clause;
}

iu_token iu_clause_take(iu_clause *clause)
{
    iu_token token = clause->token;

    clause->token = iu_token_next(token);
    return token;
}

int iu_clause_take_name(iu_clause *clause, const char *name)
{
    if (!iu_token_is_name(clause->token, name)) {
        return 0;
    }
    iu_clause_take(clause);
    return 1;
}

int iu_clause_take_character(iu_clause *clause, char character)
{
    if (!iu_token_is(clause->token, character)) {
        return 0;
    }
    iu_clause_take(clause);
    return 1;
}

int iu_clause_ended(const iu_clause *clause)
{
    return clause->token.kind == IU_TOKEN_END;
}

const char *iu_clause_quote(const iu_clause *clause, iu_token token)
{
    return iu_excerpt(clause->pool, token.text, token.length);
}

void iu_clause_refuse(iu_clause *clause, iu_token token, const char *reason)
{
    clause->problem =
        iu_problem_make(clause->pool, clause->invalid,
                        iu_token_position(clause->text, token), reason);
    clause->problem->target = clause->option;
}

void iu_clause_refuse_unsupported(iu_clause *clause, iu_token token)
{
    clause->problem =
        iu_problem_make(clause->pool, IU_OPTION_PART_UNSUPPORTED,
                        iu_clause_quote(clause, token),
                        iu_token_position(clause->text, token), clause->option);
    clause->problem->target = clause->option;
}

void iu_clause_refuse_next(iu_clause *clause, const char *expected)
{
    iu_token token = clause->token;
    const char *reason;

    if (token.kind == IU_TOKEN_UNCLOSED) {
        reason = "The text has no quote at its end.";
    }
    else if (iu_clause_ended(clause)) {
        reason = apr_psprintf(clause->pool, "%s was expected, not the end.",
                              expected);
    }
    else {
        reason = apr_psprintf(clause->pool, "%s was expected, not '%s'.",
                              expected, iu_clause_quote(clause, token));
    }
    iu_clause_refuse(clause, token, reason);
}
