/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text from outside: the strict scan, then the tree that json-c builds. */
#include "json_text.h"

#include <stdlib.h>

#include <json.h>

static int is_white_space(const char *text, apr_size_t length)
{
    const char *end = text + length;

    while (text < end &&
           (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t')) {
        text++;
    }
    return text == end;
}

static iu_problem *not_json(apr_pool_t *pool, const iu_json_fault *fault)
{
    return iu_problem_make(pool, IU_BODY_NOT_JSON, fault->line, fault->column,
                           fault->reason);
}

static apr_status_t release_tree(void *tree)
{
    json_object_put(tree);
    return APR_SUCCESS;
}

/* Builds the tree of a text that the scan has passed. Returns 0 where json-c
 * does not take the whole of it, and in fault how far it came. */
static int build_tree(const char *text, int length, json_object **tree,
                      iu_json_fault *fault)
{
    /* json-c counts a scalar inside as one level more. */
    json_tokener *tokener = json_tokener_new_ex(IU_JSON_DEPTH + 1);
    enum json_tokener_error error;
    apr_size_t parsed;

    if (!tokener) {
        abort(); /* no memory: what APR's pools do in httpd */
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    *tree = json_tokener_parse_ex(tokener, text, length);
    error = json_tokener_get_error(tokener);
    parsed = json_tokener_get_parse_end(tokener);
    if (error == json_tokener_continue && parsed == (apr_size_t)length) {
        /* A number as the outermost value could go on: a NUL ends it. */
        *tree = json_tokener_parse_ex(tokener, "", 1);
        error = json_tokener_get_error(tokener);
    }
    json_tokener_free(tokener);
    if (error == json_tokener_success && parsed == (apr_size_t)length) {
        return 1;
    }
    json_object_put(*tree);
    iu_json_locate(text, text + parsed, "the JSON reader stopped", fault);
    return 0;
}

iu_problem *iu_json_read(apr_pool_t *pool, const char *text, apr_size_t length,
                         const iu_json **root)
{
    iu_json_fault fault;
    json_object *tree;

    if (is_white_space(text, length)) {
        return iu_problem_make(pool, IU_BODY_EMPTY);
    }
    if (!iu_json_scan(text, length, &fault) ||
        !build_tree(text, length, &tree, &fault)) {
        return not_json(pool, &fault);
    }
    apr_pool_cleanup_register(pool, tree, release_tree, apr_pool_cleanup_null);
    *root = tree;
    return NULL;
}

/* json-c takes no pointers to const, though reading changes nothing that can
 * be seen. */
static json_object *as_json_c(const iu_json *value)
{
    return (json_object *)value;
}

iu_json_type iu_json_type_of(const iu_json *value)
{
    switch (json_object_get_type(value)) {
    case json_type_boolean:
        return IU_JSON_BOOLEAN;
    case json_type_double:
    case json_type_int:
        return IU_JSON_NUMBER;
    case json_type_string:
        return IU_JSON_STRING;
    case json_type_array:
        return IU_JSON_ARRAY;
    case json_type_object:
        return IU_JSON_OBJECT;
    case json_type_null:
        break;
    }
    return IU_JSON_NULL;
}

const char *iu_json_string(const iu_json *value, apr_size_t *length)
{
    *length = json_object_get_string_len(value);
    return json_object_get_string(as_json_c(value));
}

const char *iu_json_literal(const iu_json *value)
{
    return json_object_to_json_string_ext(as_json_c(value),
                                          JSON_C_TO_STRING_PLAIN);
}

void iu_json_each_member(const iu_json *object, iu_json_visit *visit,
                         void *baton)
{
    struct json_object_iter member;

    json_object_object_foreachC(as_json_c(object), member)
    {
        if (!visit(baton, member.key, member.val)) {
            return;
        }
    }
}

apr_size_t iu_json_array_length(const iu_json *array)
{
    return json_object_array_length(array);
}

const iu_json *iu_json_array_element(const iu_json *array, apr_size_t index)
{
    return json_object_array_get_idx(array, index);
}
