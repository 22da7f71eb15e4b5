/* SPDX-License-Identifier: Apache-2.0 */
#include "query_options.h"

#include <string.h>

#include "../text/excerpt.h"
#include "../text/percent.h"
#include "../text/utf8.h"

#define ALLOWED(target) (1u << (target))
#define LISTS (ALLOWED(IU_QUERY_COLLECTION) | ALLOWED(IU_QUERY_COUNT))

typedef struct known_option {
    const char *name;
    unsigned targets; /* bits ALLOWED(target) of the resources that accept it */
} known_option;

/* OData 4.01 URL Conventions section 5.1, in the order of iu_system_option,
 * then the options that no resource accepts. */
static const known_option known_options[] = {
    {"$count", ALLOWED(IU_QUERY_COLLECTION)},
    {"$expand", LISTS | ALLOWED(IU_QUERY_ENTITY)},
    {"$filter", LISTS},
    {"$format", LISTS | ALLOWED(IU_QUERY_ENTITY) | ALLOWED(IU_QUERY_NONE)},
    {"$orderby", LISTS},
    {"$select", LISTS | ALLOWED(IU_QUERY_ENTITY)},
    {"$skip", LISTS},
    {"$skiptoken", ALLOWED(IU_QUERY_COLLECTION)},
    {"$top", LISTS},
    {"$apply", 0},
    {"$compute", 0},
    {"$deltatoken", 0},
    {"$id", 0},
    {"$index", 0},
    {"$levels", 0},
    {"$schemaversion", 0},
    {"$search", 0}};

#define KNOWN (sizeof(known_options) / sizeof(known_options[0]))

/* One name=value between ampersands. */
typedef struct name_value {
    const char *text; /* as sent */
    apr_size_t length;
    const char *name; /* decoded */
    const char *value;
} name_value;

const char *iu_system_option_name(iu_system_option option)
{
    return known_options[option].name;
}

/* The index in known_options, or KNOWN. */
static size_t find_option(const char *name)
{
    size_t i = 0;

    name += *name == '$';
    while (i < KNOWN && strcasecmp(name, known_options[i].name + 1) != 0) {
        i++;
    }
    return i;
}

/* Decodes a name or value; NULL if it is not valid UTF-8, or contains NUL. */
static const char *decode(apr_pool_t *pool, const char *text, apr_size_t length)
{
    char *decoded = iu_percent_decode(pool, text, length, 1, &length);

    return decoded && iu_utf8_is_text(decoded, length) ? decoded : NULL;
}

/* Reads the pair at text. Returns 0 if it cannot be decoded. */
static int read_pair(apr_pool_t *pool, const char *text, name_value *out)
{
    apr_size_t name = strcspn(text, "=&");
    apr_size_t value;

    out->text = text;
    out->length = strcspn(text, "&");
    value = out->length > name ? name + 1 : name;
    out->name = decode(pool, text, name);
    out->value = decode(pool, text + value, out->length - value);
    return out->name && out->value;
}

/* The start of the next pair, or the end of the query. */
static const char *next_pair(const name_value *pair)
{
    const char *end = pair->text + pair->length;

    return end + (*end == '&');
}

static const char *quote(apr_pool_t *pool, const char *name)
{
    return iu_excerpt(pool, name, strlen(name));
}

/* Whether a pair is a system query option, or would be if OData defined its
 * name. A name that cannot be decoded is judged by its first character. */
static int is_system_option(const name_value *pair)
{
    if (pair->name) {
        return *pair->name == '$' || find_option(pair->name) < KNOWN;
    }
    return *pair->text == '$' || !strncmp(pair->text, "%24", 3);
}

/* Stores the value of a system query option. *known is the option; NULL: a
 * custom query option. */
static iu_problem *store_value(apr_pool_t *pool, const name_value *pair,
                               const char *values[KNOWN],
                               const known_option **known)
{
    size_t option = find_option(pair->name);
    iu_problem_kind fault;

    *known = option < KNOWN ? &known_options[option] : NULL;
    if (!*known && *pair->name != '$') {
        return NULL;
    }
    if (*known && !values[option]) {
        values[option] = pair->value;
        return NULL;
    }
    fault = *known ? IU_OPTION_TWICE : IU_OPTION_UNKNOWN;
    return iu_problem_make(pool, fault, quote(pool, pair->name));
}

iu_problem *iu_query_options_read(apr_pool_t *pool, iu_query_target target,
                                  const char *text, iu_options *options)
{
    const char *values[KNOWN] = {NULL};
    iu_problem *unsupported = NULL;
    name_value pair;

    for (; text && *text; text = next_pair(&pair)) {
        const known_option *known;
        iu_problem *problem;

        if (!read_pair(pool, text, &pair)) {
            if (!is_system_option(&pair)) {
                continue;
            }
            return iu_problem_make(pool, IU_OPTION_ENCODING,
                                   iu_excerpt(pool, pair.text, pair.length));
        }
        problem = store_value(pool, &pair, values, &known);
        if (problem) {
            return problem;
        }
        if (known && !(known->targets & ALLOWED(target))) {
            unsupported = iu_problem_make(pool, IU_OPTION_UNSUPPORTED,
                                          quote(pool, pair.name));
        }
    }
    memcpy(options->values, values, sizeof(options->values));
    return unsupported;
}

char *iu_query_options_without(apr_pool_t *pool, const char *text,
                               iu_system_option option)
{
    char *out = apr_palloc(pool, (text ? strlen(text) : 0) + 1);
    char *to = out;
    name_value pair;

    for (; text && *text; text = next_pair(&pair)) {
        if (!read_pair(pool, text, &pair) ||
            find_option(pair.name) == (size_t)option) {
            continue;
        }
        memcpy(to, pair.text, next_pair(&pair) - pair.text);
        to += next_pair(&pair) - pair.text;
    }
    *to = '\0';
    return out;
}
