/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of $filter, $orderby, $select and $expand (OData 4.01 ABNF), one
 * after the other, as they stand in the option's decoded value.
 */
#ifndef IU_QUERY_LEXER_H
#define IU_QUERY_LEXER_H

#include <apr.h>

typedef enum iu_token_kind {
    IU_TOKEN_END,
    IU_TOKEN_NAME,     /* an operator's, a function's, a path with its slashes:
                        * whatever begins like one */
    IU_TOKEN_STRING,   /* with its quotes */
    IU_TOKEN_UNCLOSED, /* the same to the end of the text, its quote missing */
    IU_TOKEN_NUMBER,   /* what begins with a digit, or with '-' and a digit: an
                        * integer, a date, an instant, or none of them */
    IU_TOKEN_CHARACTER /* one of any other kind */
} iu_token_kind;

typedef struct iu_token {
    iu_token_kind kind;
    const char *text; /* where it stands; the begin of the value: see
                       * iu_token_first */
    apr_size_t length;
} iu_token;

/* The first token of a NUL-terminated text in UTF-8. */
iu_token iu_token_first(const char *text);

/* The one that follows; after the end comes the end again. Spaces and tabs
 * between tokens are passed over. */
iu_token iu_token_next(iu_token token);

/* Whether token is the name of length strlen(name), in any case. */
int iu_token_is_name(iu_token token, const char *name);

/* Whether token is one character that stands alone, such as '('. */
int iu_token_is(iu_token token, char character);

/* Where token stands in text, in characters from 1. */
int iu_token_position(const char *text, iu_token token);

#endif
