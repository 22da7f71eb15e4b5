/* SPDX-License-Identifier: Apache-2.0 */
#include "json_parts.h"

#include <string.h>

#define ENDS_EARLY "the text ends too early"

static int fail(iu_json_parts *parts, const char *at, const char *reason)
{
    parts->at = at;
    parts->reason = at == parts->end ? ENDS_EARLY : reason;
    return 0;
}

static int is_white_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_white_space(iu_json_parts *parts)
{
    while (parts->at < parts->end && is_white_space(*parts->at)) {
        parts->at++;
    }
}

/* Skips white space and c. Returns 0 if something else follows the white
 * space. */
static int skip_mark(iu_json_parts *parts, char c)
{
    skip_white_space(parts);
    if (parts->at == parts->end || *parts->at != c) {
        return 0;
    }
    parts->at++;
    return 1;
}

/* Whether the byte at "at" is escaped: after an odd number of backslashes. */
static int is_escaped(const char *begin, const char *at)
{
    const char *first = at;

    while (first > begin && first[-1] == '\\') {
        first--;
    }
    return (at - first) % 2;
}

/* Skips a string, from one quote to the other. Most bytes of a batch are in
 * strings: memchr is several times faster than a loop over them. */
static int skip_string(iu_json_parts *parts)
{
    const char *begin = parts->at + 1;
    const char *at = begin;

    while ((at = memchr(at, '"', parts->end - at)) && is_escaped(begin, at)) {
        at++;
    }
    if (!at) {
        return fail(parts, parts->end, ENDS_EARLY);
    }
    parts->at = at + 1;
    return 1;
}

/* Skips an object or array, to the bracket that closes the first one. Whether
 * it is of the same kind is seen when the part is read. */
static int skip_nested(iu_json_parts *parts)
{
    apr_size_t depth = 0;

    while (parts->at < parts->end) {
        switch (*parts->at) {
        case '"':
            if (!skip_string(parts)) {
                return 0;
            }
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        default:
            break;
        }
        parts->at++;
        if (depth == 0) {
            return 1;
        }
    }
    return fail(parts, parts->end, ENDS_EARLY);
}

/* Skips a number or literal: all up to the next mark. */
static int skip_scalar(iu_json_parts *parts)
{
    static const char marks[] = " \t\r\n,:\"[]{}";
    const char *at = parts->at;

    while (at < parts->end && !memchr(marks, *at, sizeof marks - 1)) {
        at++;
    }
    if (at == parts->at) {
        return fail(parts, at, "a value is expected");
    }
    parts->at = at;
    return 1;
}

int iu_json_read_part(iu_json_parts *parts, iu_span *value)
{
    int found;

    value->text = parts->at;
    if (parts->at < parts->end && *parts->at == '"') {
        found = skip_string(parts);
    }
    else if (parts->at < parts->end &&
             (*parts->at == '{' || *parts->at == '[')) {
        found = skip_nested(parts);
    }
    else {
        found = skip_scalar(parts);
    }
    value->length = parts->at - value->text;
    return found;
}

/* Reads what follows the last part. Returns 0, like iu_json_next_…. */
static int finish(iu_json_parts *parts)
{
    parts->close = '\0';
    if (parts->is_inner) {
        return 0;
    }
    skip_white_space(parts);
    if (parts->at < parts->end) {
        fail(parts, parts->at, "the text goes on after its end");
    }
    return 0;
}

/* Moves to the next part. */
static int next_part(iu_json_parts *parts)
{
    if (parts->reason || !parts->close) {
        return 0;
    }
    if (skip_mark(parts, parts->close)) {
        return finish(parts);
    }
    if (parts->count > 0 && !skip_mark(parts, ',')) {
        return fail(parts, parts->at,
                    parts->close == '}'
                        ? "a comma or a closing brace is expected"
                        : "a comma or a closing bracket is expected");
    }
    parts->count++;
    skip_white_space(parts);
    return 1;
}

static void open_parts(iu_json_parts *parts, char open)
{
    parts->close = open == '{' ? '}' : ']';
    if (!skip_mark(parts, open)) {
        fail(parts, parts->at,
             open == '{' ? "an object is expected" : "an array is expected");
    }
}

void iu_json_parts_begin(iu_json_parts *parts, iu_span text, char open)
{
    *parts = (iu_json_parts){.at = text.text, .end = text.text + text.length};
    open_parts(parts, open);
}

void iu_json_parts_enter(iu_json_parts *inner, const iu_json_parts *outer,
                         char open)
{
    *inner = (iu_json_parts){.at = outer->at, .end = outer->end, .is_inner = 1};
    open_parts(inner, open);
}

void iu_json_parts_leave(const iu_json_parts *inner, iu_json_parts *outer)
{
    outer->at = inner->at;
    outer->reason = inner->reason;
}

int iu_json_next_member(iu_json_parts *parts, iu_span *name)
{
    if (!next_part(parts)) {
        return 0;
    }
    if (parts->at == parts->end || *parts->at != '"') {
        return fail(parts, parts->at, "a name in double quotes is expected");
    }
    name->text = parts->at;
    if (!skip_string(parts)) {
        return 0;
    }
    name->length = parts->at - name->text;
    if (!skip_mark(parts, ':')) {
        return fail(parts, parts->at, "a colon is expected");
    }
    skip_white_space(parts);
    return 1;
}

int iu_json_next_element(iu_json_parts *parts)
{
    return next_part(parts);
}

void iu_json_locate(const char *text, const char *at, unsigned *line,
                    unsigned *column)
{
    *line = *column = 1;
    for (; text < at; text++) {
        if (*text == '\n') {
            ++*line;
            *column = 1;
        }
        else {
            *column += (*text & 0xC0) != 0x80;
        }
    }
}
