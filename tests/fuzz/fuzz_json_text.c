/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: what is read as JSON is what json-c reads, too, which takes
 * more; a fault is within the text; a literal is JSON itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <json-c/json.h>

#include "../../src/graph/json_text.h"
#include "../../src/graph/utf8.h"
#include "must.h"

/* What libFuzzer calls. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fault(const iu_json_fault *fault, size_t size)
{
    must(fault->offset <= size);
    must(fault->line >= 1 && fault->line <= fault->offset + 1);
    must(fault->column >= 1 && fault->column <= fault->offset + 1);
    must(fault->reason != NULL && *fault->reason != '\0');
}

static void check_utf8(const char *text, size_t length)
{
    const char *end = text + length;

    must(strlen(text) == length);
    while (text < end) {
        size_t bytes = iu_utf8_length(text, end);

        must(bytes > 0);
        text += bytes;
    }
}

static void compare(const iu_json *value, json_object *other);

/* The members of json-c's that are still to come. */
typedef struct members {
    struct json_object_iterator next;
    struct json_object_iterator end;
} members;

static int compare_member(void *baton, const char *name, const iu_json *value)
{
    members *others = baton;

    check_utf8(name, strlen(name));
    must(!json_object_iter_equal(&others->next, &others->end));
    must(strcmp(json_object_iter_peek_name(&others->next), name) == 0);
    compare(value, json_object_iter_peek_value(&others->next));
    json_object_iter_next(&others->next);
    return 1;
}

static void compare_members(const iu_json *object, json_object *other)
{
    members others = {json_object_iter_begin(other),
                      json_object_iter_end(other)};

    iu_json_each_member(object, compare_member, &others);
    must(json_object_iter_equal(&others.next, &others.end));
}

static void compare_elements(const iu_json *array, json_object *other)
{
    const iu_json *element;
    size_t i = 0;

    for (element = iu_json_first(array); element;
         element = iu_json_next(element)) {
        must(i < json_object_array_length(other));
        compare(element, json_object_array_get_idx(other, i++));
    }
    must(i == json_object_array_length(other));
}

/* Numbers are not compared: json-c clamps integers. */
static void compare(const iu_json *value, json_object *other)
{
    enum json_type type = json_object_get_type(other);
    const char *text;
    size_t length;

    switch (iu_json_type_of(value)) {
    case IU_JSON_NULL:
        must(type == json_type_null);
        break;
    case IU_JSON_BOOLEAN:
        text = iu_json_literal(value, &length);
        must(type == json_type_boolean);
        must(json_object_get_boolean(other) == (*text == 't'));
        break;
    case IU_JSON_NUMBER:
        must(type == json_type_int || type == json_type_double);
        break;
    case IU_JSON_STRING:
        text = iu_json_string(value, &length);
        check_utf8(text, length);
        must(type == json_type_string);
        must(strcmp(json_object_get_string(other), text) == 0);
        break;
    case IU_JSON_ARRAY:
        must(type == json_type_array);
        compare_elements(value, other);
        break;
    case IU_JSON_OBJECT:
        must(type == json_type_object);
        compare_members(value, other);
        break;
    }
}

/* Whether a pair of escaped surrogates may be that of U+xD800 to U+xDFFF beyond
 * the first plane: json-c 0.16 takes these for halves of pairs. */
static int is_mistaken_by_json_c(const char *text, size_t size)
{
    const char *end = text + size;
    const char *at = text;

    while ((at = memchr(at, '\\', end - at)) && end - at >= 6) {
        at++;
        if (at[0] == 'u' && strchr("dD", at[1]) && strchr("89abAB", at[2]) &&
            strchr("37bfBF", at[3]) && strchr("67", at[4])) {
            return 1;
        }
    }
    return 0;
}

static void check_tree(const iu_json *root, const char *text, size_t size)
{
    /* A scalar inside counts as one level more; a NUL ends a number. */
    json_tokener *tokener = json_tokener_new_ex(IU_JSON_DEPTH + 1);
    char *copy = malloc(size + 1);
    json_object *tree;

    must(tokener && copy);
    memcpy(copy, text, size);
    copy[size] = '\0';
    tree = json_tokener_parse_ex(tokener, copy, (int)size + 1);
    must(json_tokener_get_error(tokener) == json_tokener_success);
    compare(root, tree);
    json_object_put(tree);
    json_tokener_free(tokener);
    free(copy);
}

static void check_literal(apr_pool_t *pool, const iu_json *root)
{
    size_t length;
    const char *literal = iu_json_literal(root, &length);
    const iu_json *again;

    must(iu_json_read(pool, literal, length, &again) == NULL);
    must(iu_json_type_of(again) == iu_json_type_of(root));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    iu_json_fault fault;
    iu_problem *problem;
    const iu_json *root;
    apr_pool_t *pool;

    must(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    problem = iu_json_read(pool, text, size, &root);
    if (!problem) {
        if (!is_mistaken_by_json_c(text, size)) {
            check_tree(root, text, size);
        }
        check_literal(pool, root);
    }
    else {
        must(!iu_json_scan(pool, text, size, &fault));
        check_fault(&fault, size);
        must(problem->kind == IU_BODY_NOT_JSON ||
             problem->kind == IU_BODY_EMPTY);
    }
    apr_pool_destroy(pool);
    return 0;
}
