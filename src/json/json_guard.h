/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between a text from outside and json-c, which lets through much
 * that is not JSON, decodes some escapes wrongly, and makes very large trees of
 * small texts. The guard checks the text first and changes it so that json-c
 * reads it rightly.
 */
#ifndef IU_JSON_JSON_GUARD_H
#define IU_JSON_JSON_GUARD_H

#include <apr_pools.h>
#include <apr_tables.h>

#define IU_JSON_DEPTH 8    /* objects and arrays within each other */
#define IU_JSON_VALUES 256 /* values of any kind, the outermost counted */

/* The quotes, the colon and the comma of a member. */
#define IU_JSON_MARKS 6

/* What the guard knows of a text that it passed. */
typedef struct iu_json_passed {
    char *value; /* in the text, without the white space around it */
    apr_size_t length;
    apr_size_t size; /* bytes of all names and strings without their escapes,
                      * and IU_JSON_MARKS for each value */
    apr_array_header_t *numbers; /* of const char *: each number as it was
                                  * sent, in their order; NULL: none */
} iu_json_passed;

typedef struct iu_json_fault {
    apr_size_t offset;  /* byte at which the text went wrong */
    unsigned line;      /* from 1; lines end with LF */
    unsigned column;    /* in characters, from 1 */
    const char *reason; /* a constant: "a name is given twice in one object" */
} iu_json_fault;

/* Returns whether length bytes of text are one JSON text within the limits:
 * RFC 8259 grammar, UTF-8, no U+0000 and no lone surrogate in strings, no name
 * twice in one object (compared without escapes).
 *
 * If so, sets *passed, whose numbers are in pool. In the text each escape has
 * become the character that it stands for, or, where that must be escaped
 * (RFC 8259 section 7), its shortest escape; spaces fill the place up.
 *
 * If not, sets *fault, whose places are those of the text as it was sent. The
 * text is spoilt then. */
int iu_json_guard(apr_pool_t *pool, char *text, apr_size_t length,
                  iu_json_passed *passed, iu_json_fault *fault);

#endif
