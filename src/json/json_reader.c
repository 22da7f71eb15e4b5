/* SPDX-License-Identifier: Apache-2.0 */
#include "json_reader.h"

#include <locale.h>
#include <string.h>

#include <apr_strings.h>

#include "json_tree.h"

static int is_white_space(const char *text, apr_size_t length)
{
    const char *end = text + length;

    while (text < end &&
           (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t')) {
        text++;
    }
    return text == end;
}

static iu_problem *failure(apr_pool_t *pool, const char *why)
{
    return iu_problem_explain(pool, iu_problem_make(pool, IU_JSON_FAILED),
                              "json-c: %s", why);
}

/* Does not set JSON_TOKENER_STRICT: with it json-c 0.18 refuses bytes above
 * 0x7F in strings and integers of more than 64 bits, which are valid JSON. The
 * guard has refused everything else that strict mode refuses. */
static iu_problem *parse(apr_pool_t *pool, const iu_json_passed *passed,
                         json_object **tree)
{
    /* json-c counts a scalar as a level of its own. */
    json_tokener *tokener = json_tokener_new_ex(IU_JSON_DEPTH + 1);
    enum json_tokener_error error;
    apr_size_t length;
    locale_t c_locale;
    locale_t own;

    if (!tokener) {
        return failure(pool, "out of memory");
    }
    /* json-c duplicates the thread's locale for each text. glibc does that
     * without an allocation and without its process-wide lock if the locale is
     * "C". */
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    own = uselocale(c_locale);
    /* With the NUL, which ends a number. */
    *tree =
        json_tokener_parse_ex(tokener, passed->value, (int)passed->length + 1);
    uselocale(own);
    if (c_locale) {
        freelocale(c_locale);
    }
    error = json_tokener_get_error(tokener);
    length = json_tokener_get_parse_end(tokener);
    json_tokener_free(tokener);
    if (*tree) {
        iu_json_own(pool, *tree);
    }
    if (error != json_tokener_success) {
        return failure(pool, json_tokener_error_desc(error));
    }
    return length == passed->length
               ? NULL
               : failure(pool, "it stopped before the end");
}

/* Computes from the tree what the guard counted: iu_json_passed.size. */
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

/* Makes json-c print each number as the client sent it; json-c itself clamps
 * integers to 64 bits. Returns the remaining numbers. */
static const char **keep_numbers(json_object *tree, const char **numbers)
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
            numbers = keep_numbers(json_object_array_get_idx(tree, i), numbers);
        }
        return numbers;
    case json_type_object:
        json_object_object_foreachC(tree, member)
        {
            numbers = keep_numbers(member.val, numbers);
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
    /* Out of memory, json-c 0.16 truncates strings and omits values. */
    if (size_of(tree) != passed.size) {
        return failure(pool, "it did not read all of the text");
    }
    if (json_object_is_type(tree, json_type_object)) {
        json_object_set_userdata(
            tree, apr_pmemdup(pool, &passed.size, sizeof passed.size), NULL);
    }
    if (passed.numbers) {
        keep_numbers(tree, (const char **)passed.numbers->elts);
    }
    *root = (iu_json *)tree;
    return NULL;
}

void iu_json_release(apr_pool_t *pool, const iu_json *root)
{
    if (root) {
        apr_pool_cleanup_run(pool, iu_json_tree(root), iu_json_put);
    }
}

const char *iu_json_library_version(void)
{
    return json_c_version();
}

iu_json_type iu_json_type_of(const iu_json *value)
{
    switch (json_object_get_type(iu_json_tree(value))) {
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
    return *(const apr_size_t *)json_object_get_userdata(iu_json_tree(root));
}

const char *iu_json_string(const iu_json *value, apr_size_t *length)
{
    *length = json_object_get_string_len(iu_json_tree(value));
    return json_object_get_string(iu_json_tree(value));
}

const char *iu_json_literal(const iu_json *value)
{
    const char *text = json_object_to_json_string_ext(
        iu_json_tree(value),
        JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

    return text ? text : ""; /* out of memory */
}

void iu_json_each_member(const iu_json *object, iu_json_visit *visit,
                         void *baton)
{
    struct json_object_iter member;

    json_object_object_foreachC(iu_json_tree(object), member)
    {
        if (!visit(baton, member.key, (iu_json *)member.val)) {
            return;
        }
    }
}

apr_size_t iu_json_count(const iu_json *array)
{
    return json_object_array_length(iu_json_tree(array));
}

const iu_json *iu_json_element(const iu_json *array, apr_size_t index)
{
    return (iu_json *)json_object_array_get_idx(iu_json_tree(array), index);
}
