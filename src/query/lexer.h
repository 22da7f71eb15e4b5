/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splits the decoded value of $filter, $orderby, $select or $expand into tokens
 * (OData 4.01 ABNF).
 */
#ifndef IU_QUERY_LEXER_H
#define IU_QUERY_LEXER_H

#include <apr.h>

typedef enum iu_token_kind {
    IU_TOKEN_END,
    IU_TOKEN_NAME,     /* operator, function, keyword or path, with its slashes;
                        * may be unknown */
    IU_TOKEN_STRING,   /* with its quotes */
    IU_TOKEN_UNCLOSED, /* a string without its closing quote, up to the end */
    IU_TOKEN_NUMBER,   /* begins with a digit, or '-' and a digit: integer, date
                        * or instant; may be invalid */
    IU_TOKEN_CHARACTER /* any other single character */
} iu_token_kind;

typedef struct iu_token {
    iu_token_kind kind;
    const char *text; /* points into the value */
    apr_size_t length;
} iu_token;

/* The first token of a NUL-terminated text in UTF-8. */
iu_token iu_token_first(const char *text);

/* The next token; after IU_TOKEN_END, IU_TOKEN_END again. Skips spaces and
 * tabs. */
iu_token iu_token_next(iu_token token);

/* Whether token is name, in any case. */
int iu_token_is_name(iu_token token, const char *name);

/* Whether token is this single character, such as '('. */
int iu_token_is(iu_token token, char character);

/* The position of token in text, in characters from 1. */
int iu_token_position(const char *text, iu_token token);

#endif
