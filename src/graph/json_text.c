/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text from outside: see json_text.h. */
#include "json_text.h"

static int is_white_space(const char *text, apr_size_t length)
{
    const char *end = text + length;

    while (text < end &&
           (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t')) {
        text++;
    }
    return text == end;
}

iu_problem *iu_json_read(apr_pool_t *pool, const char *text, apr_size_t length,
                         const iu_json **root)
{
    iu_json_fault fault;
    const iu_json *read;

    if (is_white_space(text, length)) {
        return iu_problem_make(pool, IU_BODY_EMPTY);
    }
    read = iu_json_scan(pool, text, length, &fault);
    if (!read) {
        return iu_problem_make(pool, IU_BODY_NOT_JSON, fault.line, fault.column,
                               fault.reason);
    }
    *root = read;
    return NULL;
}

iu_json_type iu_json_type_of(const iu_json *value)
{
    return value ? value->type : IU_JSON_NULL;
}

const char *iu_json_string(const iu_json *value, apr_size_t *length)
{
    *length = value->length;
    return value->string;
}

const char *iu_json_literal(const iu_json *value, apr_size_t *length)
{
    *length = value->text_length;
    return value->text;
}

void iu_json_each_member(const iu_json *object, iu_json_visit *visit,
                         void *baton)
{
    const iu_json *member;

    for (member = object->first; member; member = member->next) {
        if (!visit(baton, member->name, member)) {
            return;
        }
    }
}

const iu_json *iu_json_first(const iu_json *array)
{
    return array->first;
}

const iu_json *iu_json_next(const iu_json *element)
{
    return element->next;
}
