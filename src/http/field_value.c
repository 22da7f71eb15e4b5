/* SPDX-License-Identifier: Apache-2.0 */
#include "field_value.h"

#include <string.h>

#include "../text/name.h"

int iu_field_is(iu_span part, const char *name)
{
    return iu_is_name(part.text, part.length, name);
}

void iu_field_skip_space(const char **at)
{
    *at += strspn(*at, " \t");
}

void iu_field_skip_commas(const char **at)
{
    *at += strspn(*at, ", \t");
}

int iu_field_is_visible(const char *text, apr_size_t max)
{
    const char *at = text;

    while (*at > 0x20 && *at < 0x7f) {
        at++;
    }
    return at != text && !*at && (apr_size_t)(at - text) <= max;
}

iu_span iu_field_read_token(const char **at)
{
    iu_span token = {*at, strcspn(*at, " \t,;=\"")};

    *at += token.length;
    iu_field_skip_space(at);
    return token;
}

iu_span iu_field_read_value(const char **at)
{
    iu_span value;

    iu_field_skip_space(at);
    if (**at != '"') {
        return iu_field_read_token(at);
    }
    value.text = ++*at;
    while (**at && **at != '"') {
        *at += **at == '\\' && (*at)[1] ? 2 : 1;
    }
    value.length = *at - value.text;
    if (**at) {
        ++*at;
    }
    iu_field_skip_space(at);
    return value;
}

int iu_field_read_parameter(const char **at, iu_span *name, iu_span *value)
{
    while (**at == ';') {
        ++*at;
        iu_field_skip_space(at);
        *name = iu_field_read_token(at);
        *value = (iu_span){"", 0};
        if (**at == '=') {
            ++*at;
            *value = iu_field_read_value(at);
        }
        if (name->length) {
            return 1;
        }
    }
    return 0;
}

int iu_field_next_member(const char **at)
{
    while (**at && **at != ',') {
        if (**at == '"') {
            iu_field_read_value(at);
        }
        else {
            ++*at;
        }
    }
    iu_field_skip_commas(at);
    return **at != '\0';
}
