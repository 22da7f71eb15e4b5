/* SPDX-License-Identifier: Apache-2.0 */
#include "media_type.h"

#include <string.h>

#include <apr_lib.h>

#include "field_value.h"

/* "utf8" is not a registered name, but some clients send it. The JSON reader
 * checks the bytes in any case. */
static int is_utf8(iu_span charset)
{
    return iu_field_is(charset, "utf-8") || iu_field_is(charset, "utf8");
}

int iu_content_type_is_json(const char *content_type)
{
    iu_span name;
    iu_span value;

    if (!content_type) {
        return 0;
    }
    iu_field_skip_space(&content_type);
    if (!iu_field_is(iu_field_read_token(&content_type), "application/json")) {
        return 0;
    }
    while (iu_field_read_parameter(&content_type, &name, &value)) {
        if (iu_field_is(name, "charset") && !is_utf8(value)) {
            return 0;
        }
    }
    return *content_type == '\0';
}

/* Whether the charset of a media range allows UTF-8. */
static int allows_utf8(iu_span charset)
{
    return is_utf8(charset) || iu_field_is(charset, "*");
}

/* Java's HttpURLConnection sends a single star for any type. */
static int is_any_type(iu_span type)
{
    return iu_field_is(type, "*/*") || iu_field_is(type, "*");
}

/* How closely a media range matches a type: of several ranges, the most
 * specific one decides (RFC 9110 section 12.5.1). */
typedef enum specificity {
    NO_MATCH,
    ANY_TYPE,
    ANY_SUBTYPE,
    SAME_TYPE,
    SAME_TYPE_WITH_FORMAT /* application/json;metadata=… */
} specificity;

/* One media range of Accept, compared with application/json. */
typedef struct media_range {
    specificity specificity;
    int quality; /* thousandths */
    iu_json_format format;
} media_range;

/* Converts a weight (RFC 9110 section 12.4.2) to thousandths. An invalid weight
 * counts as 1. */
static int read_quality(iu_span value)
{
    const char *c = value.text;
    const char *end = c + value.length;
    int weight = -1;
    int scale;

    if (c < end && (*c == '0' || *c == '1')) {
        weight = (*c++ - '0') * 1000;
    }
    if (c < end && *c == '.') {
        c++;
        for (scale = 100; c < end && scale && apr_isdigit(*c); scale /= 10) {
            weight = (weight < 0 ? 0 : weight) + (*c++ - '0') * scale;
        }
    }
    return c == end && weight >= 0 && weight <= 1000 ? weight : 1000;
}

/* Read the value of a format parameter. Return 0 if it is not valid. */
static int read_metadata(iu_span value, iu_metadata *metadata)
{
    if (iu_field_is(value, "minimal")) {
        *metadata = IU_METADATA_MINIMAL;
    }
    else if (iu_field_is(value, "none")) {
        *metadata = IU_METADATA_NONE;
    }
    else if (iu_field_is(value, "full")) {
        *metadata = IU_METADATA_FULL;
    }
    else {
        return 0;
    }
    return 1;
}

static int read_boolean(iu_span value, int *boolean)
{
    *boolean = iu_field_is(value, "true");
    return *boolean || iu_field_is(value, "false");
}

/* Applies a format parameter that is honoured: it makes a range for the type
 * more specific, and rules the range out if its value is not valid. */
static void apply_format(media_range *range, int is_valid)
{
    if (!is_valid) {
        range->specificity = NO_MATCH;
    }
    else if (range->specificity == SAME_TYPE) {
        range->specificity = SAME_TYPE_WITH_FORMAT;
    }
}

/* Whether a JSON format parameter can be ignored, with any value: the
 * Content-Type of the answer states the format in use (OData JSON Format 4.01
 * section 3). */
static int is_ignored(iu_span name)
{
    static const char *const names[] = {"odata.streaming", "streaming",
                                        "ExponentialDecimals"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (iu_field_is(name, names[i])) {
            return 1;
        }
    }
    return 0;
}

/* Applies one parameter of a range. A format that this service does not
 * produce rules the range out (OData 4.01 Protocol 8.2.1). */
static void apply_parameter(media_range *range, iu_span name, iu_span value)
{
    if (iu_field_is(name, "odata.metadata") || iu_field_is(name, "metadata")) {
        apply_format(range, read_metadata(value, &range->format.metadata));
    }
    else if (iu_field_is(name, "IEEE754Compatible")) {
        apply_format(range,
                     read_boolean(value, &range->format.ieee754_compatible));
    }
    else if (iu_field_is(name, "charset") ? !allows_utf8(value)
                                          : !is_ignored(name)) {
        range->specificity = NO_MATCH;
    }
}

static media_range read_range(const char **accept)
{
    media_range range = {NO_MATCH, 1000, {IU_METADATA_MINIMAL, 0}};
    iu_span type = iu_field_read_token(accept);
    int has_weight = 0;
    iu_span name;
    iu_span value;

    if (iu_field_is(type, "application/json")) {
        range.specificity = SAME_TYPE;
    }
    else if (iu_field_is(type, "application/*")) {
        range.specificity = ANY_SUBTYPE;
    }
    else if (is_any_type(type)) {
        range.specificity = ANY_TYPE;
    }
    while (iu_field_read_parameter(accept, &name, &value)) {
        /* Parameters after the weight are not part of the media range. */
        if (iu_field_is(name, "q")) {
            range.quality = read_quality(value);
            has_weight = 1;
        }
        else if (!has_weight) {
            apply_parameter(&range, name, value);
        }
    }
    return range;
}

const char *iu_accept_of_format(const char *format)
{
    if (!strcasecmp(format, "json")) {
        return "application/json";
    }
    if (!strcasecmp(format, "xml")) {
        return "application/xml";
    }
    /* What is no media type matches none; a blank Accept would match all. */
    return strchr(format, '/') ? format : "none";
}

int iu_accept_allows_json(const char *accept, iu_json_format *format)
{
    /* The most specific range for each format, by metadata and
     * ieee754_compatible. */
    media_range ranges[3][2] = {{{NO_MATCH, 0, {IU_METADATA_MINIMAL, 0}}}};
    const media_range *best = &ranges[IU_METADATA_MINIMAL][0];
    int i;

    *format = best->format;
    if (!accept) {
        return 1;
    }
    iu_field_skip_space(&accept);
    if (*accept == '\0') {
        return 1;
    }
    do {
        media_range range = read_range(&accept);
        media_range *same =
            &ranges[range.format.metadata][range.format.ieee754_compatible];

        if (range.specificity > same->specificity) {
            *same = range;
        }
    } while (iu_field_next_member(&accept));
    for (i = 1; i < 6; i++) {
        if (ranges[i / 2][i % 2].quality > best->quality) {
            best = &ranges[i / 2][i % 2];
        }
    }
    *format = best->format;
    return best->quality > 0;
}

static specificity compare_type(iu_span range, const char *type)
{
    apr_size_t subtype = strcspn(type, "/") + 1;

    if (iu_field_is(range, type)) {
        return SAME_TYPE;
    }
    if (range.length == subtype + 1 && range.text[subtype] == '*' &&
        !strncasecmp(range.text, type, subtype)) {
        return ANY_SUBTYPE;
    }
    return is_any_type(range) ? ANY_TYPE : NO_MATCH;
}

/* Returns the quality of a type in thousandths: that of the most specific
 * range that matches it; 0 if none does. */
static int find_quality(const char *accept, const char *type)
{
    specificity best = NO_MATCH;
    int best_quality = 0;

    do {
        specificity match = compare_type(iu_field_read_token(&accept), type);
        int quality = 1000;
        iu_span name;
        iu_span value;

        while (iu_field_read_parameter(&accept, &name, &value)) {
            if (iu_field_is(name, "q")) {
                quality = read_quality(value);
            }
            else if (iu_field_is(name, "charset") && !allows_utf8(value)) {
                match = NO_MATCH;
            }
        }
        if (match > best) {
            best = match;
            best_quality = quality;
        }
    } while (iu_field_next_member(&accept));
    return best_quality;
}

int iu_accept_choose(const char *accept, const char *const *types, int count)
{
    int chosen = -1;
    int best = 0;
    int i;

    if (accept) {
        iu_field_skip_space(&accept);
    }
    if (!accept || *accept == '\0') {
        return 0;
    }
    for (i = 0; i < count; i++) {
        int quality = find_quality(accept, types[i]);

        if (quality > best) {
            best = quality;
            chosen = i;
        }
    }
    return chosen;
}

#define CONTENT_TYPE(metadata, ieee754_compatible)                             \
    "application/json;odata.metadata=" metadata ";odata.streaming=true;"       \
    "IEEE754Compatible=" ieee754_compatible ";charset=utf-8"

const char *iu_json_content_type(iu_json_format format)
{
    static const char *const types[][2] = {
        [IU_METADATA_MINIMAL] = {CONTENT_TYPE("minimal", "false"),
                                 CONTENT_TYPE("minimal", "true")},
        [IU_METADATA_NONE] = {CONTENT_TYPE("none", "false"),
                              CONTENT_TYPE("none", "true")},
        [IU_METADATA_FULL] = {CONTENT_TYPE("full", "false"),
                              CONTENT_TYPE("full", "true")}};

    return types[format.metadata][format.ieee754_compatible];
}
