/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses JSON from outside: checks it (json_guard.h), then parses it with
 * json-c. Hides json-c's types.
 */
#ifndef IU_JSON_JSON_READER_H
#define IU_JSON_JSON_READER_H

#include <apr_pools.h>

#include "../problem/problem.h"
#include "json_guard.h"

typedef enum iu_json_type {
    IU_JSON_NULL,
    IU_JSON_BOOLEAN,
    IU_JSON_NUMBER,
    IU_JSON_STRING,
    IU_JSON_ARRAY,
    IU_JSON_OBJECT
} iu_json_type;

/* A value; a JSON null is NULL. The memory is json-c's; a cleanup of the pool
 * that was passed to iu_json_read frees it. Two threads must not use values of
 * the same text at the same time. */
typedef struct iu_json iu_json;

/* Parses length bytes of text, and overwrites them and the byte after them.
 * *root lives until pool is cleared, and does not point into text. Returns
 * NULL, or a problem and leaves *root unchanged: IU_BODY_EMPTY (only white
 * space), IU_BODY_NOT_JSON, IU_JSON_FAILED. */
iu_problem *iu_json_read(apr_pool_t *pool, char *text, apr_size_t length,
                         const iu_json **root);

/* Frees root before pool is cleared. Worthwhile before a wait: the tree is many
 * small allocations, which are still in the processor's cache now, and which
 * other requests can reuse meanwhile. root may be NULL. */
void iu_json_release(apr_pool_t *pool, const iu_json *root);

/* The version of the json-c that is loaded. */
const char *iu_json_library_version(void);

iu_json_type iu_json_type_of(const iu_json *value);

/* Returns approximately the length of root's JSON text without white space.
 * Numbers are underestimated, and an escaped character counts as one byte. root
 * must come from iu_json_read and be an IU_JSON_OBJECT. */
apr_size_t iu_json_size(const iu_json *root);

/* The value of an IU_JSON_STRING: UTF-8, NUL-terminated, without a NUL inside.
 * Lives as long as value. */
const char *iu_json_string(const iu_json *value, apr_size_t *length);

/* The JSON text of value without white space; numbers as the client sent them.
 * Lives as long as value. */
const char *iu_json_literal(const iu_json *value);

/* Calls visit for each member, in the order of the text, until it returns 0.
 * object must be an IU_JSON_OBJECT. */
typedef int iu_json_visit(void *baton, const char *name, const iu_json *value);
void iu_json_each_member(const iu_json *object, iu_json_visit *visit,
                         void *baton);

/* The number of elements of an IU_JSON_ARRAY, and one of them. */
apr_size_t iu_json_count(const iu_json *array);
const iu_json *iu_json_element(const iu_json *array, apr_size_t index);

#endif
