/* SPDX-License-Identifier: Apache-2.0 */
#include "precondition.h"

#include <string.h>

#include "field_value.h"

/* Reads an entity tag (RFC 9110 section 8.8.3) and the commas after it. *tag
 * is the text between the quotes. Returns 0 if there is no valid tag. */
static int read_tag(const char **at, iu_span *tag)
{
    const char *c = *at;

    if (c[0] == 'W' && c[1] == '/') {
        c += 2;
    }
    if (*c != '"') {
        return 0;
    }
    tag->text = ++c;
    while ((unsigned char)*c > ' ' && *c != '"' && *c != 0x7f) {
        c++;
    }
    if (*c != '"') {
        return 0;
    }
    tag->length = c - tag->text;
    c++;
    iu_field_skip_space(&c);
    if (*c && *c != ',') {
        return 0;
    }
    iu_field_skip_commas(&c);
    *at = c;
    return 1;
}

static int is_any(const char *value)
{
    iu_field_skip_space(&value);
    if (*value != '*') {
        return 0;
    }
    value++;
    iu_field_skip_space(&value);
    return *value == '\0';
}

static int is_valid(const char *value)
{
    iu_span tag;

    if (is_any(value)) {
        return 1;
    }
    iu_field_skip_commas(&value);
    do {
        if (!read_tag(&value, &tag)) {
            return 0;
        }
    } while (*value);
    return 1;
}

/* Whether a tag names a version. mod_deflate and mod_brotli append a suffix to
 * the ETag that they send (DeflateAlterETag, BrotliAlterETag): ignore it, since
 * the comparison is weak. */
static int tag_matches(iu_span tag, const char *version)
{
    static const char *const suffixes[] = {"", "-gzip", "-gunzip", "-br"};
    apr_size_t length = strlen(version);
    size_t i;

    if (tag.length < length || memcmp(tag.text, version, length) != 0) {
        return 0;
    }
    for (i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (tag.length - length == strlen(suffixes[i]) &&
            !memcmp(tag.text + length, suffixes[i], tag.length - length)) {
            return 1;
        }
    }
    return 0;
}

/* Whether a valid field value matches a version. version NULL: no. */
static int matches(const char *value, const char *version)
{
    iu_span tag;

    if (!version || is_any(value)) {
        return version != NULL;
    }
    iu_field_skip_commas(&value);
    while (read_tag(&value, &tag)) {
        if (tag_matches(tag, version)) {
            return 1;
        }
    }
    return 0;
}

iu_problem *iu_preconditions_check(apr_pool_t *pool,
                                   const iu_preconditions *conditions)
{
    if (conditions->if_match && !is_valid(conditions->if_match)) {
        return iu_problem_make(pool, IU_PRECONDITION_INVALID, "If-Match");
    }
    if (conditions->if_none_match && !is_valid(conditions->if_none_match)) {
        return iu_problem_make(pool, IU_PRECONDITION_INVALID, "If-None-Match");
    }
    return NULL;
}

iu_problem *iu_if_match_check(apr_pool_t *pool,
                              const iu_preconditions *conditions,
                              const char *version)
{
    return !conditions->if_match || matches(conditions->if_match, version)
               ? NULL
               : iu_problem_make(pool, IU_PRECONDITION_FAILED, "If-Match");
}

iu_problem *iu_if_none_match_check(apr_pool_t *pool,
                                   const iu_preconditions *conditions,
                                   const char *version)
{
    return conditions->if_none_match &&
                   matches(conditions->if_none_match, version)
               ? iu_problem_make(pool, IU_PRECONDITION_FAILED, "If-None-Match")
               : NULL;
}

int iu_if_none_match_any(const iu_preconditions *conditions)
{
    return conditions->if_none_match && is_any(conditions->if_none_match);
}
