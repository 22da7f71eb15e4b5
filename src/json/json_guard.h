/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks a JSON text before json-c parses it. json-c accepts much that is not
 * JSON, decodes some escapes wrongly, and builds very large trees from small
 * texts. The guard refuses such texts, and decodes escapes itself.
 */
#ifndef IU_JSON_JSON_GUARD_H
#define IU_JSON_JSON_GUARD_H

#include <apr_pools.h>
#include <apr_tables.h>

#define IU_JSON_DEPTH 8    /* objects and arrays within each other */
#define IU_JSON_VALUES 256 /* values of any kind, including the root */

/* Quotes, colon and comma of a member with a string, in bytes. */
#define IU_JSON_MARKS 6

/* A text that the guard accepted. */
typedef struct iu_json_passed {
    char *value; /* the text without the white space around it */
    apr_size_t length;
    apr_size_t size; /* bytes of all names and strings, unescaped, plus
                      * IU_JSON_MARKS for each value */
    apr_array_header_t *numbers; /* of const char *: the text of each number,
                                  * in order; NULL: no numbers */
} iu_json_passed;

typedef struct iu_json_fault {
    apr_size_t offset;  /* of the first wrong byte */
    unsigned line;      /* from 1; lines end with LF */
    unsigned column;    /* in characters, from 1 */
    const char *reason; /* a constant: "a name is given twice in one object" */
} iu_json_fault;

/* Returns whether length bytes of text are one JSON text within the limits:
 * RFC 8259 grammar, UTF-8, no U+0000 and no lone surrogate in strings, no
 * duplicate name in an object (compared after decoding escapes).
 *
 * If so, sets *passed, with numbers in pool, and replaces each escape in the
 * text by its character, or by the shortest escape if the character must be
 * escaped (RFC 8259 section 7). Spaces after the closing quote make up for the
 * difference in length.
 *
 * If not, sets *fault, whose offset, line and column refer to the original
 * text. The text itself is then partly rewritten.
 *
 * text[length] is overwritten in both cases. */
int iu_json_guard(apr_pool_t *pool, char *text, apr_size_t length,
                  iu_json_passed *passed, iu_json_fault *fault);

#endif
