/* SPDX-License-Identifier: Apache-2.0 */
#include "prefer.h"

#include <limits.h>

#include <apr_lib.h>

#include "field_value.h"

/* Finds the first preference with one of two names. *value is empty if it has
 * none. */
static int find_preference(const char *prefer, const char *name,
                           const char *other_name, iu_span *value)
{
    if (!prefer) {
        return 0;
    }
    iu_field_skip_space(&prefer);
    do {
        iu_span found = iu_field_read_token(&prefer);

        *value = (iu_span){"", 0};
        if (*prefer == '=') {
            prefer++;
            *value = iu_field_read_value(&prefer);
        }
        if (iu_field_is(found, name) || iu_field_is(found, other_name)) {
            return 1;
        }
    } while (iu_field_next_member(&prefer));
    return 0;
}

iu_return iu_prefer_return(const char *prefer)
{
    iu_span value;

    if (!find_preference(prefer, "return", "return", &value)) {
        return IU_RETURN_UNSPECIFIED;
    }
    if (iu_field_is(value, "minimal")) {
        return IU_RETURN_MINIMAL;
    }
    return iu_field_is(value, "representation") ? IU_RETURN_REPRESENTATION
                                                : IU_RETURN_UNSPECIFIED;
}

int iu_prefer_page_size(const char *prefer)
{
    iu_span value;
    apr_size_t i;
    int size = 0;

    if (!find_preference(prefer, "maxpagesize", "odata.maxpagesize", &value)) {
        return 0;
    }
    for (i = 0; i < value.length; i++) {
        if (!apr_isdigit(value.text[i])) {
            return 0;
        }
        size = size > INT_MAX / 10 - 1 ? INT_MAX
                                       : size * 10 + (value.text[i] - '0');
    }
    return size;
}

int iu_prefer_has(const char *prefer, const char *name)
{
    if (!prefer) {
        return 0;
    }
    iu_field_skip_space(&prefer);
    do {
        if (iu_field_is(iu_field_read_token(&prefer), name) && *prefer != '=') {
            return 1;
        }
    } while (iu_field_next_member(&prefer));
    return 0;
}
