/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text from outside, read once and strictly. json-c alone lets through
 * much that is no JSON (single quotes, NaN, raw control characters, duplicate
 * names, bytes after a NUL, overlong UTF-8) and turns small hostile texts into
 * very large trees; so the text is scanned first (json_scan.h), and json-c only
 * builds the tree of what passed.
 */
#ifndef IU_GRAPH_JSON_TEXT_H
#define IU_GRAPH_JSON_TEXT_H

#include <apr_pools.h>

#include "json_scan.h"
#include "problem.h"

/* A value of a parsed text: json-c's, which only json_text.c knows. A NULL
 * pointer is a value as well, JSON's null: iu_json_type_of and iu_json_literal
 * take it. */
typedef struct json_object iu_json;

typedef enum iu_json_type {
    IU_JSON_NULL,
    IU_JSON_BOOLEAN,
    IU_JSON_NUMBER,
    IU_JSON_STRING,
    IU_JSON_ARRAY,
    IU_JSON_OBJECT
} iu_json_type;

/* Scans and parses. *root lives until pool is cleared. NULL, or a problem:
 * IU_BODY_EMPTY (nothing but white space), IU_BODY_NOT_JSON, which leave *root
 * alone. */
iu_problem *iu_json_read(apr_pool_t *pool, const char *text, apr_size_t length,
                         const iu_json **root);

iu_json_type iu_json_type_of(const iu_json *value);

/* The UTF-8 of an IU_JSON_STRING; it has no NUL inside and lives as long as
 * value. */
const char *iu_json_string(const iu_json *value, apr_size_t *length);

/* The JSON text of a value, for messages only: integers beyond 64 bits are
 * clamped. Lives as long as value, or until it is asked for again. */
const char *iu_json_literal(const iu_json *value);

/* Calls visit for each member in the order of the text; stops where it
 * returns 0. object must be an IU_JSON_OBJECT. */
typedef int iu_json_visit(void *baton, const char *name, const iu_json *value);
void iu_json_each_member(const iu_json *object, iu_json_visit *visit,
                         void *baton);

/* The elements of an IU_JSON_ARRAY; index must be below its length. */
apr_size_t iu_json_array_length(const iu_json *array);
const iu_json *iu_json_array_element(const iu_json *array, apr_size_t index);

#endif
