/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields on a message's form: see negotiation.h. */
#include "negotiation.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>

/* A piece of a field's value. */
typedef struct span {
    const char *text;
    apr_size_t length;
} span;

static int is_text(span part, const char *text)
{
    return part.length == strlen(text) &&
           !strncasecmp(part.text, text, part.length);
}

/* "utf8" is no registered name, but some clients send it; the bytes are
 * checked, whatever they are called. */
static int is_utf8(span charset)
{
    return is_text(charset, "utf-8") || is_text(charset, "utf8");
}

static void skip_space(const char **at)
{
    while (**at == ' ' || **at == '\t') {
        (*at)++;
    }
}

/* Reads up to a delimiter; a '/' is part of it, for media ranges. */
static span read_token(const char **at)
{
    span token = {*at, strcspn(*at, " \t,;=\"")};

    *at += token.length;
    skip_space(at);
    return token;
}

/* Reads a token or what stands in a quoted-string; its escapes are kept, as no
 * value that is looked for here has any. */
static span read_value(const char **at)
{
    span value;

    skip_space(at);
    if (**at != '"') {
        return read_token(at);
    }
    value.text = ++*at;
    while (**at && **at != '"') {
        *at += **at == '\\' && (*at)[1] ? 2 : 1;
    }
    value.length = *at - value.text;
    if (**at) {
        ++*at;
    }
    skip_space(at);
    return value;
}

/* Reads "; name=value" or "; name"; 0 where no parameter comes. */
static int read_parameter(const char **at, span *name, span *value)
{
    while (**at == ';') {
        ++*at;
        skip_space(at);
        *name = read_token(at);
        *value = (span){"", 0};
        if (**at == '=') {
            ++*at;
            *value = read_value(at);
        }
        if (name->length) {
            return 1;
        }
    }
    return 0;
}

/* Moves to the next member of a comma-separated list; 0 at its end. What stands
 * between that is no list syntax is passed over. */
static int next_member(const char **at)
{
    while (**at && **at != ',') {
        if (**at == '"') {
            read_value(at);
        }
        else {
            ++*at;
        }
    }
    while (**at == ',' || **at == ' ' || **at == '\t') {
        ++*at;
    }
    return **at != '\0';
}

int iu_content_type_is_json(const char *content_type)
{
    span name;
    span value;

    if (!content_type) {
        return 0;
    }
    skip_space(&content_type);
    if (!is_text(read_token(&content_type), "application/json")) {
        return 0;
    }
    while (read_parameter(&content_type, &name, &value)) {
        if (is_text(name, "charset") && !is_utf8(value)) {
            return 0;
        }
    }
    return *content_type == '\0';
}

/* Java's HttpURLConnection writes one star where RFC 9110 has two. */
static int is_any_type(span range)
{
    return is_text(range, "*/*") || is_text(range, "*");
}

/* One media range of Accept. */
typedef struct range {
    int specificity; /* 3 application/json with metadata, 2 without, 1
                      * application slash star, 0 star slash star, -1 none of
                      * these */
    int quality;     /* thousandths */
    iu_metadata metadata;
} range;

/* A weight of RFC 9110 section 12.4.2 in thousandths; anything else counts as
 * none given. */
static int read_quality(span value)
{
    char text[6];
    char *end;
    double weight;

    if (value.length == 0 || value.length >= sizeof(text)) {
        return 1000;
    }
    memcpy(text, value.text, value.length);
    text[value.length] = '\0';
    weight = strtod(text, &end);
    return *end || !(weight >= 0 && weight <= 1) ? 1000
                                                 : (int)(weight * 1000 + 0.5);
}

static int read_metadata(span value, iu_metadata *metadata)
{
    if (is_text(value, "minimal")) {
        *metadata = IU_METADATA_MINIMAL;
    }
    else if (is_text(value, "none")) {
        *metadata = IU_METADATA_NONE;
    }
    else if (is_text(value, "full")) {
        *metadata = IU_METADATA_FULL;
    }
    else {
        return 0;
    }
    return 1;
}

/* Whether a parameter of JSON makes no difference here: the answer says what it
 * is (OData JSON Format 4.01 section 3). */
static int is_indifferent(span name)
{
    static const char *const names[] = {"odata.streaming", "streaming",
                                        "IEEE754Compatible",
                                        "ExponentialDecimals"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is_text(name, names[i])) {
            return 1;
        }
    }
    return 0;
}

/* Reads one parameter of a range's format, which rules the range out where it
 * is not made (OData 4.01 Protocol 8.2.1). */
static void read_range_parameter(range *out, span name, span value)
{
    if (is_text(name, "odata.metadata") || is_text(name, "metadata")) {
        if (!read_metadata(value, &out->metadata)) {
            out->specificity = -1;
        }
        else if (out->specificity == 2) {
            out->specificity = 3;
        }
    }
    else if (is_text(name, "charset") ? !is_utf8(value) && !is_text(value, "*")
                                      : !is_indifferent(name)) {
        out->specificity = -1;
    }
}

static range read_range(const char **accept)
{
    range out = {-1, 1000, IU_METADATA_MINIMAL};
    span type = read_token(accept);
    int weighted = 0;
    span name;
    span value;

    if (is_text(type, "application/json")) {
        out.specificity = 2;
    }
    else if (is_text(type, "application/*")) {
        out.specificity = 1;
    }
    else if (is_any_type(type)) {
        out.specificity = 0;
    }
    while (read_parameter(accept, &name, &value)) {
        if (is_text(name, "q")) { /* what follows is not of the format */
            out.quality = read_quality(value);
            weighted = 1;
        }
        else if (!weighted) {
            read_range_parameter(&out, name, value);
        }
    }
    return out;
}

int iu_accept_read(const char *accept, iu_metadata *metadata)
{
    /* The range that speaks for each metadata: the most specific one. */
    range speaks[] = {{-1, 0, IU_METADATA_MINIMAL},
                      {-1, 0, IU_METADATA_NONE},
                      {-1, 0, IU_METADATA_FULL}};
    range *best = &speaks[IU_METADATA_MINIMAL];
    int i;

    *metadata = IU_METADATA_MINIMAL;
    if (!accept) {
        return 1;
    }
    skip_space(&accept);
    if (*accept == '\0') {
        return 1;
    }
    do {
        range one = read_range(&accept);

        if (one.specificity > speaks[one.metadata].specificity) {
            speaks[one.metadata] = one;
        }
    } while (next_member(&accept));
    for (i = 1; i < 3; i++) {
        if (speaks[i].quality > best->quality) {
            best = &speaks[i];
        }
    }
    *metadata = best->metadata;
    return best->quality > 0;
}

/* How well a media range fits a type: 2 by name, 1 type slash star, 0 star
 * slash star, -1 not. */
static int fit_of(span range, const char *type)
{
    apr_size_t before_star = strcspn(type, "/") + 1;

    if (is_text(range, type)) {
        return 2;
    }
    if (range.length == before_star + 1 && range.text[before_star] == '*' &&
        !strncasecmp(range.text, type, before_star)) {
        return 1;
    }
    return is_any_type(range) ? 0 : -1;
}

/* The quality that Accept gives a type, in thousandths: that of the range that
 * fits it best. */
static int quality_of(const char *accept, const char *type)
{
    int best = -1;
    int quality = 0;

    do {
        int fit = fit_of(read_token(&accept), type);
        int one = 1000;
        span name;
        span value;

        while (read_parameter(&accept, &name, &value)) {
            if (is_text(name, "q")) {
                one = read_quality(value);
            }
            else if (is_text(name, "charset") && !is_utf8(value) &&
                     !is_text(value, "*")) {
                fit = -1;
            }
        }
        if (fit > best) {
            best = fit;
            quality = one;
        }
    } while (next_member(&accept));
    return quality;
}

int iu_accept_choose(const char *accept, const char *const *types, int count)
{
    int chosen = -1;
    int best = 0;
    int i;

    if (accept) {
        skip_space(&accept);
    }
    if (!accept || *accept == '\0') {
        return 0;
    }
    for (i = 0; i < count; i++) {
        int quality = quality_of(accept, types[i]);

        if (quality > best) {
            best = quality;
            chosen = i;
        }
    }
    return chosen;
}

const char *iu_content_type_of(iu_metadata metadata)
{
    static const char *const types[] = {
        "application/json;odata.metadata=minimal;odata.streaming=true;"
        "IEEE754Compatible=false;charset=utf-8",
        "application/json;odata.metadata=none;odata.streaming=true;"
        "IEEE754Compatible=false;charset=utf-8",
        "application/json;odata.metadata=full;odata.streaming=true;"
        "IEEE754Compatible=false;charset=utf-8"};

    return types[metadata];
}

/* Finds the first preference that has one of two names, and its value, which is
 * empty where it has none. */
static int find_preference(const char *prefer, const char *name,
                           const char *other_name, span *value)
{
    if (!prefer) {
        return 0;
    }
    skip_space(&prefer);
    do {
        span found = read_token(&prefer);

        *value = (span){"", 0};
        if (*prefer == '=') {
            prefer++;
            *value = read_value(&prefer);
        }
        if (is_text(found, name) || is_text(found, other_name)) {
            return 1;
        }
    } while (next_member(&prefer));
    return 0;
}

iu_return iu_prefer_return(const char *prefer)
{
    span value;

    if (!find_preference(prefer, "return", "return", &value)) {
        return IU_RETURN_UNSAID;
    }
    if (is_text(value, "minimal")) {
        return IU_RETURN_MINIMAL;
    }
    return is_text(value, "representation") ? IU_RETURN_REPRESENTATION
                                            : IU_RETURN_UNSAID;
}

int iu_prefer_page_size(const char *prefer)
{
    span value;
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
    skip_space(&prefer);
    do {
        if (is_text(read_token(&prefer), name) && *prefer != '=') {
            return 1;
        }
    } while (next_member(&prefer));
    return 0;
}

/* The version in a field's value: up to a ';', behind which Microsoft's older
 * clients name themselves ("4.0;NetFx"). Empty where something else follows. */
static span read_version(const char *value)
{
    span version = read_token(&value);

    if (*value && *value != ';') {
        version.length = 0;
    }
    return version;
}

int iu_odata_version_known(const char *version)
{
    return !version || is_text(read_version(version), "4.0") ||
           is_text(read_version(version), "4.01");
}

int iu_odata_max_version_allows(const char *version)
{
    span given;
    char *end;
    long major;

    if (!version) {
        return 1;
    }
    given = read_version(version);
    if (!apr_isdigit(*version)) {
        return 0;
    }
    major = strtol(version, &end, 10);
    if (*end == '.' && apr_isdigit(end[1])) {
        end += 1 + strspn(end + 1, "0123456789");
    }
    return end == given.text + given.length && major >= 4;
}
