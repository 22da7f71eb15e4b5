/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <string.h>

/* These functions advance *at over what they read, and return 0 if something
 * else is there. None reads past a NUL. */

static int skip(const char **at, const char *expected)
{
    apr_size_t length = strlen(expected);

    if (strncmp(*at, expected, length) != 0) {
        return 0;
    }
    *at += length;
    return 1;
}

static int skip_string(const char **at)
{
    const char *c = *at;

    if (*c++ != '"') {
        return 0;
    }
    while (*(c += strcspn(c, "\"\\")) == '\\' && c[1]) {
        c += 2;
    }
    if (*c != '"') {
        return 0;
    }
    *at = c + 1;
    return 1;
}

/* Reads a member's name and the colon. */
static int read_name(const char **at, iu_span *name)
{
    name->text = *at + 1;
    if (!skip_string(at)) {
        return 0;
    }
    name->length = *at - name->text - 1;
    return skip(at, ":");
}

static int skip_value(const char **at)
{
    return skip_string(at) || skip(at, "null");
}

static int property_of(const iu_member *member, iu_span name)
{
    int i;

    for (i = 0; i < iu_property_count; i++) {
        if (iu_properties[i].member == member &&
            strlen(iu_properties[i].name) == name.length &&
            !memcmp(iu_properties[i].name, name.text, name.length)) {
            return i;
        }
    }
    return -1; /* @odata.type, or a property of a later version */
}

/* Reads an object after its opening brace. member NULL: an unknown member. */
static int read_object(const char **at, const iu_member *member,
                       iu_document *document)
{
    do {
        const char *value;
        iu_span name;
        int property;

        if (!read_name(at, &name)) {
            return 0;
        }
        value = *at;
        if (!skip_value(at)) {
            return 0;
        }
        property = member ? property_of(member, name) : -1;
        if (property >= 0) {
            document->properties[property] = (iu_span){value, *at - value};
        }
    } while (skip(at, ","));
    return skip(at, "}");
}

static int read_member(const char **at, iu_document *document)
{
    const iu_member *member;
    const char *value;
    iu_span name;

    if (!read_name(at, &name)) {
        return 0;
    }
    member = iu_member_find(name.text, name.length);
    value = *at;
    if (!(skip(at, "{") ? read_object(at, member, document) : skip_value(at))) {
        return 0;
    }
    if (member) {
        document->members[member - iu_members] = (iu_span){value, *at - value};
    }
    return 1;
}

int iu_document_read(const char *text, iu_document *document)
{
    memset(document, 0, sizeof(*document));
    if (!skip(&text, "{")) {
        return 0;
    }
    if (!skip(&text, "}")) {
        do {
            if (!read_member(&text, document)) {
                return 0;
            }
        } while (skip(&text, ","));
        if (!skip(&text, "}")) {
            return 0;
        }
    }
    return *text == '\0';
}

int iu_span_is_string(iu_span span)
{
    return span.text && *span.text == '"';
}
