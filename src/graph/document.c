/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <string.h>

/* Returns the end of the JSON string at text. */
static const char *skip_string(const char *text)
{
    text++;
    while (*(text += strcspn(text, "\"\\")) == '\\') {
        text += 2;
    }
    return text + 1;
}

/* Reads a member's name, and advances *at to its value. */
static iu_span read_name(const char **at)
{
    iu_span name = {*at + 1, 0};

    *at = skip_string(*at);
    name.length = *at - name.text - 1;
    (*at)++;
    return name;
}

/* Returns the end of the value at text, a string or null. */
static const char *skip_value(const char *text)
{
    return *text == '"' ? skip_string(text) : text + strlen("null");
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
    return -1; /* @odata.type */
}

/* Reads the object at text; returns its end. */
static const char *read_object(const char *text, const iu_member *member,
                               iu_document *document)
{
    do {
        iu_span name = (text++, read_name(&text));
        int property = property_of(member, name);
        const char *value = text;

        text = skip_value(text);
        if (property >= 0) {
            document->properties[property] = (iu_span){value, text - value};
        }
    } while (*text == ',');
    return text + 1;
}

void iu_document_read(const char *text, iu_document *document)
{
    memset(document, 0, sizeof(*document));
    while (*text++ != '}' && *text == '"') {
        iu_span name = read_name(&text);
        const iu_member *member = iu_member_find(name.text, name.length);
        const char *value = text;

        text = *text == '{' ? read_object(text, member, document)
                            : skip_value(text);
        document->members[member - iu_members] = (iu_span){value, text - value};
    }
}

int iu_span_is_string(iu_span span)
{
    return span.text && *span.text == '"';
}
