/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text from outside, read once and strictly. The parser is our own
 * (json_scan.h), because those of libraries let through much that is no JSON,
 * or must not be here (duplicate names, lone surrogates), turn small hostile
 * texts into very large trees, and take as long as the rest of the module
 * together: docs/performance.md.
 */
#ifndef IU_GRAPH_JSON_TEXT_H
#define IU_GRAPH_JSON_TEXT_H

#include <apr_pools.h>

#include "json_scan.h"
#include "problem.h"

/* Reads a text. *root lives until pool is cleared, and needs the text as long.
 * NULL, or a problem: IU_BODY_EMPTY (nothing but white space),
 * IU_BODY_NOT_JSON, which leave *root alone. */
iu_problem *iu_json_read(apr_pool_t *pool, const char *text, apr_size_t length,
                         const iu_json **root);

/* value NULL is taken for a null. */
iu_json_type iu_json_type_of(const iu_json *value);

/* The UTF-8 of an IU_JSON_STRING, NUL-terminated; it has no NUL inside. */
const char *iu_json_string(const iu_json *value, apr_size_t *length);

/* The JSON text of a value just as it was sent, not NUL-terminated. */
const char *iu_json_literal(const iu_json *value, apr_size_t *length);

/* Calls visit for each member in the order of the text; stops where it
 * returns 0. object must be an IU_JSON_OBJECT. */
typedef int iu_json_visit(void *baton, const char *name, const iu_json *value);
void iu_json_each_member(const iu_json *object, iu_json_visit *visit,
                         void *baton);

/* The elements of an IU_JSON_ARRAY: the first, and the one behind another;
 * NULL: there is none. */
const iu_json *iu_json_first(const iu_json *array);
const iu_json *iu_json_next(const iu_json *element);

#endif
