/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text from outside, read by json-c behind a guard (json_guard.h). What
 * reads a value need not know that library.
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

/* A value. That of a JSON null is NULL. Its memory is not the pool's: it is
 * freed when the pool that it was read with is cleared. No two threads may use
 * values of one text at the same time. */
typedef struct iu_json iu_json;

/* Reads length bytes of text, which are changed, and the byte behind them, too.
 * *root lives until pool is cleared, and does not need the text. NULL, or a
 * problem, which leaves *root alone: IU_BODY_EMPTY (nothing but white space),
 * IU_BODY_NOT_JSON, IU_JSON_FAILED. */
iu_problem *iu_json_read(apr_pool_t *pool, char *text, apr_size_t length,
                         const iu_json **root);

/* Frees what was read with pool, earlier than that is cleared. Worth it before
 * a wait: it is many small pieces, which are out of the processor's cache by
 * then, and others need new ones meanwhile. */
void iu_json_release(apr_pool_t *pool, const iu_json *root);

iu_json_type iu_json_type_of(const iu_json *value);

/* About as many bytes as the JSON text of root has without white space: each
 * number counts for less, and what must be escaped for one. root must be what
 * was read, and an IU_JSON_OBJECT. */
apr_size_t iu_json_size(const iu_json *root);

/* The UTF-8 of an IU_JSON_STRING, NUL-terminated; it has no NUL inside. */
const char *iu_json_string(const iu_json *value, apr_size_t *length);

/* The JSON text of value without white space; numbers are as they were sent.
 * Lives as long as value. */
const char *iu_json_literal(const iu_json *value);

/* Calls visit for each member in the order of the text; stops where it
 * returns 0. object must be an IU_JSON_OBJECT. */
typedef int iu_json_visit(void *baton, const char *name, const iu_json *value);
void iu_json_each_member(const iu_json *object, iu_json_visit *visit,
                         void *baton);

/* The elements of an IU_JSON_ARRAY: how many, and that of an index below. */
apr_size_t iu_json_count(const iu_json *array);
const iu_json *iu_json_element(const iu_json *array, apr_size_t index);

#endif
