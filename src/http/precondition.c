/* SPDX-License-Identifier: Apache-2.0 */
/* If-Match and If-None-Match: see precondition.h. */
#include "precondition.h"

#include <string.h>

static void skip_space(const char **at)
{
    *at += strspn(*at, " \t");
}

/* Moves to the next element of a list; empty ones are passed over (RFC 9110
 * section 5.6.1.2). */
static void skip_commas(const char **at)
{
    *at += strspn(*at, ", \t");
}

/* Reads an entity tag (RFC 9110 section 8.8.3) and what may stand before the
 * next: *opaque gets what is inside of its quotes. NULL: there is none. */
static const char *read_tag(const char *at, const char **opaque,
                            apr_size_t *length)
{
    const char *c;

    if (at[0] == 'W' && at[1] == '/') {
        at += 2;
    }
    if (*at != '"') {
        return NULL;
    }
    *opaque = c = at + 1;
    while ((unsigned char)*c > ' ' && *c != '"' && *c != 0x7f) {
        c++;
    }
    if (*c != '"') {
        return NULL;
    }
    *length = c - *opaque;
    c++;
    skip_space(&c);
    if (*c && *c != ',') {
        return NULL;
    }
    skip_commas(&c);
    return c;
}

static int is_any(const char *value)
{
    skip_space(&value);
    if (*value != '*') {
        return 0;
    }
    value++;
    skip_space(&value);
    return *value == '\0';
}

static int is_valid(const char *value)
{
    const char *opaque;
    apr_size_t length;

    if (is_any(value)) {
        return 1;
    }
    skip_commas(&value);
    do {
        value = read_tag(value, &opaque, &length);
    } while (value && *value);
    return value != NULL;
}

/* Whether the inside of an entity tag is a version. mod_deflate and mod_brotli
 * append what they did to the tags that they send (DeflateAlterETag,
 * BrotliAlterETag); the comparison is weak in any case, so that tells nothing
 * new. */
static int is_version(const char *opaque, apr_size_t length,
                      const char *version)
{
    static const char *const suffixes[] = {"", "-gzip", "-gunzip", "-br"};
    apr_size_t own = strlen(version);
    size_t i;

    if (length < own || memcmp(opaque, version, own) != 0) {
        return 0;
    }
    for (i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (length - own == strlen(suffixes[i]) &&
            !memcmp(opaque + own, suffixes[i], length - own)) {
            return 1;
        }
    }
    return 0;
}

/* Whether a valid value names a version, or any. */
static int names(const char *value, const char *version)
{
    const char *opaque;
    apr_size_t length;

    if (!version || is_any(value)) {
        return version != NULL;
    }
    skip_commas(&value);
    while (value && *value) {
        value = read_tag(value, &opaque, &length);
        if (value && is_version(opaque, length, version)) {
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
    return !conditions->if_match || names(conditions->if_match, version)
               ? NULL
               : iu_problem_make(pool, IU_PRECONDITION_FAILED, "If-Match");
}

iu_problem *iu_if_none_match_check(apr_pool_t *pool,
                                   const iu_preconditions *conditions,
                                   const char *version)
{
    return conditions->if_none_match &&
                   names(conditions->if_none_match, version)
               ? iu_problem_make(pool, IU_PRECONDITION_FAILED, "If-None-Match")
               : NULL;
}

int iu_if_none_match_any(const iu_preconditions *conditions)
{
    return conditions->if_none_match && is_any(conditions->if_none_match);
}
