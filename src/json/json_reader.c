/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text from outside, read by json-c. */
#include "json_reader.h"

#include <locale.h>
#include <string.h>

#include <json-c/json.h>

/* An iu_json is a json_object of json-c. Its functions that only read take
 * pointers to what is not constant. */
static json_object *tree_of(const iu_json *value)
{
    return (json_object *)value;
}

static int is_white_space(const char *text, apr_size_t length)
{
    const char *end = text + length;

    while (text < end &&
           (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t')) {
        text++;
    }
    return text == end;
}

static apr_status_t put_tree(void *tree)
{
    json_object_put(tree);
    return APR_SUCCESS;
}

static iu_problem *failure(apr_pool_t *pool, const char *why)
{
    return iu_problem_log(pool, iu_problem_make(pool, IU_JSON_FAILED),
                          "json-c: %s", why);
}

/* Not JSON_TOKENER_STRICT: with it json-c 0.18 refuses bytes above 0x7F in
 * strings, and integers beyond 64 bits, which are JSON. What it would refuse
 * rightly, the guard has refused. */
static iu_problem *parse(apr_pool_t *pool, const iu_json_passed *passed,
                         json_object **tree)
{
    /* A scalar inside counts as one level more. */
    json_tokener *tokener = json_tokener_new_ex(IU_JSON_DEPTH + 1);
    enum json_tokener_error error;
    apr_size_t length;
    locale_t own;

    if (!tokener) {
        return failure(pool, "out of memory");
    }
    /* json-c copies the locale of the thread for each text, and changes the
     * copy. Of this one, libc has no copies to make, and no lock to take. */
    own = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
    /* Only at a NUL it knows that a number has ended. */
    *tree =
        json_tokener_parse_ex(tokener, passed->value, (int)passed->length + 1);
    uselocale(own);
    error = json_tokener_get_error(tokener);
    length = json_tokener_get_parse_end(tokener);
    json_tokener_free(tokener);
    if (*tree) {
        apr_pool_cleanup_register(pool, *tree, put_tree, apr_pool_cleanup_null);
    }
    if (error != json_tokener_success) {
        return failure(pool, json_tokener_error_desc(error));
    }
    return length == passed->length
               ? NULL
               : failure(pool, "it stopped before the end");
}

/* About as many bytes as the text of a value has: iu_json_passed.size. */
static apr_size_t size_of(json_object *tree)
{
    struct json_object_iter member;
    apr_size_t size = IU_JSON_MARKS;
    size_t i;

    switch (json_object_get_type(tree)) {
    case json_type_string:
        return size + json_object_get_string_len(tree);
    case json_type_array:
        for (i = 0; i < json_object_array_length(tree); i++) {
            size += size_of(json_object_array_get_idx(tree, i));
        }
        return size;
    case json_type_object:
        json_object_object_foreachC(tree, member)
        {
            size += strlen(member.key) + size_of(member.val);
        }
        return size;
    default:
        return size;
    }
}

/* Gives each number the text that it is printed as: json-c clamps integers.
 * Returns the numbers of what comes behind tree. */
static const char **name_numbers(json_object *tree, const char **numbers)
{
    struct json_object_iter member;
    size_t i;

    switch (json_object_get_type(tree)) {
    case json_type_int:
    case json_type_double:
        json_object_set_serializer(tree, json_object_userdata_to_json_string,
                                   (void *)*numbers, NULL);
        return numbers + 1;
    case json_type_array:
        for (i = 0; i < json_object_array_length(tree); i++) {
            numbers = name_numbers(json_object_array_get_idx(tree, i), numbers);
        }
        return numbers;
    case json_type_object:
        json_object_object_foreachC(tree, member)
        {
            numbers = name_numbers(member.val, numbers);
        }
        return numbers;
    default:
        return numbers;
    }
}

iu_problem *iu_json_read(apr_pool_t *pool, char *text, apr_size_t length,
                         const iu_json **root)
{
    json_object *tree = NULL;
    iu_json_passed passed;
    iu_json_fault fault;
    iu_problem *problem;

    if (is_white_space(text, length)) {
        return iu_problem_make(pool, IU_BODY_EMPTY);
    }
    if (!iu_json_guard(pool, text, length, &passed, &fault)) {
        return iu_problem_make(pool, IU_BODY_NOT_JSON, fault.line, fault.column,
                               fault.reason);
    }
    passed.value[passed.length] = '\0';
    problem = parse(pool, &passed, &tree);
    if (problem) {
        return problem;
    }
    /* Out of memory, json-c 0.16 cuts strings and leaves values out. */
    if (size_of(tree) != passed.size) {
        return failure(pool, "it did not read all of the text");
    }
    if (json_object_is_type(tree, json_type_object)) {
        json_object_set_userdata(tree, (void *)passed.size, NULL);
    }
    if (passed.numbers) {
        name_numbers(tree, (const char **)passed.numbers->elts);
    }
    *root = (iu_json *)tree;
    return NULL;
}

void iu_json_release(apr_pool_t *pool, const iu_json *root)
{
    if (root) {
        apr_pool_cleanup_run(pool, tree_of(root), put_tree);
    }
}

iu_json_type iu_json_type_of(const iu_json *value)
{
    switch (json_object_get_type(tree_of(value))) {
    case json_type_boolean:
        return IU_JSON_BOOLEAN;
    case json_type_int:
    case json_type_double:
        return IU_JSON_NUMBER;
    case json_type_string:
        return IU_JSON_STRING;
    case json_type_array:
        return IU_JSON_ARRAY;
    case json_type_object:
        return IU_JSON_OBJECT;
    default:
        return IU_JSON_NULL;
    }
}

apr_size_t iu_json_size(const iu_json *root)
{
    return (apr_size_t)json_object_get_userdata(tree_of(root));
}

const char *iu_json_string(const iu_json *value, apr_size_t *length)
{
    *length = json_object_get_string_len(tree_of(value));
    return json_object_get_string(tree_of(value));
}

const char *iu_json_literal(const iu_json *value)
{
    const char *text = json_object_to_json_string_ext(
        tree_of(value),
        JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

    return text ? text : ""; /* out of memory: nothing to quote */
}

void iu_json_each_member(const iu_json *object, iu_json_visit *visit,
                         void *baton)
{
    struct json_object_iter member;

    json_object_object_foreachC(tree_of(object), member)
    {
        if (!visit(baton, member.key, (iu_json *)member.val)) {
            return;
        }
    }
}

apr_size_t iu_json_count(const iu_json *array)
{
    return json_object_array_length(tree_of(array));
}

const iu_json *iu_json_element(const iu_json *array, apr_size_t index)
{
    return (iu_json *)json_object_array_get_idx(tree_of(array), index);
}
