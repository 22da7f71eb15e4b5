/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from outside, read as JSON: strictly, and into a tree. */
#ifndef IU_GRAPH_JSON_SCAN_H
#define IU_GRAPH_JSON_SCAN_H

#include <apr_pools.h>

#define IU_JSON_DEPTH 8    /* objects and arrays within each other */
#define IU_JSON_VALUES 256 /* values of any kind, the outermost counted */

typedef enum iu_json_type {
    IU_JSON_NULL,
    IU_JSON_BOOLEAN,
    IU_JSON_NUMBER,
    IU_JSON_STRING,
    IU_JSON_ARRAY,
    IU_JSON_OBJECT
} iu_json_type;

/* A value, for json_text.c: everybody else reads it by json_text.h. */
typedef struct iu_json {
    iu_json_type type;
    const char *name; /* of a member, unescaped; NULL: of none */
    apr_size_t name_length;
    const char *text; /* where it stands in the text that was read */
    apr_size_t text_length;
    const char *string;    /* of an IU_JSON_STRING, unescaped, NUL-terminated */
    apr_size_t length;     /* of string */
    struct iu_json *first; /* member or element; NULL: none */
    struct iu_json *next;  /* the one behind it in the same object or array */
} iu_json;

typedef struct iu_json_fault {
    apr_size_t offset;  /* byte at which the text went wrong */
    unsigned line;      /* from 1; lines end with LF */
    unsigned column;    /* in characters, from 1 */
    const char *reason; /* a constant: "a name is given twice in one object" */
} iu_json_fault;

/* The tree of length bytes that are one JSON text within the limits: RFC 8259
 * grammar, UTF-8, no U+0000 and no lone surrogate in strings, no name twice in
 * one object (compared after unescaping). It is in pool, but for what points
 * into text. Where they are not, NULL, and fault tells where and why. */
iu_json *iu_json_scan(apr_pool_t *pool, const char *text, apr_size_t length,
                      iu_json_fault *fault);

#endif
