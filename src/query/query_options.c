/* SPDX-License-Identifier: Apache-2.0 */
/* OData's system query options: see query_options.h. */
#include "query_options.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/excerpt.h"
#include "../text/percent.h"
#include "../text/utf8.h"

#define TAKES(target) (1u << (target))

typedef struct option_line {
    const char *name;
    unsigned targets; /* set of TAKES(…): where it may stand */
} option_line;

/* OData 4.01 URL Conventions section 5.1; in the order of iu_system_option,
 * then those that no resource takes. */
static const option_line options_known[] = {
    {"$count", TAKES(IU_QUERY_COLLECTION)},
    {"$expand", TAKES(IU_QUERY_COLLECTION) | TAKES(IU_QUERY_ENTITY)},
    {"$filter", TAKES(IU_QUERY_COLLECTION) | TAKES(IU_QUERY_COUNT)},
    {"$orderby", TAKES(IU_QUERY_COLLECTION)},
    {"$select", TAKES(IU_QUERY_COLLECTION) | TAKES(IU_QUERY_ENTITY)},
    {"$skip", TAKES(IU_QUERY_COLLECTION)},
    {"$skiptoken", TAKES(IU_QUERY_COLLECTION)},
    {"$top", TAKES(IU_QUERY_COLLECTION)},
    {"$apply", 0},
    {"$compute", 0},
    {"$deltatoken", 0},
    {"$format", 0},
    {"$id", 0},
    {"$index", 0},
    {"$levels", 0},
    {"$schemaversion", 0},
    {"$search", 0}};

#define KNOWN (sizeof(options_known) / sizeof(options_known[0]))

/* One piece of a query between the ampersands. */
typedef struct pair {
    const char *text; /* as it came */
    apr_size_t length;
    const char *name; /* decoded */
    const char *value;
} pair;

const char *iu_system_option_name(iu_system_option option)
{
    return options_known[option].name;
}

/* The index in options_known, or KNOWN. */
static size_t option_of(const char *name)
{
    size_t i = 0;

    name += *name == '$';
    while (i < KNOWN && strcasecmp(name, options_known[i].name + 1) != 0) {
        i++;
    }
    return i;
}

/* Decodes one side of a pair; NULL where it is no text. */
static const char *decode(apr_pool_t *pool, const char *text, apr_size_t length)
{
    char *decoded = iu_percent_decode(pool, text, length, 1, &length);

    return decoded && iu_utf8_is_text(decoded, length) ? decoded : NULL;
}

/* Reads the pair that begins at text. Returns 0 where it is no text. */
static int read_pair(apr_pool_t *pool, const char *text, pair *out)
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

static const char *behind(const pair *piece)
{
    const char *end = piece->text + piece->length;

    return end + (*end == '&');
}

static const char *quote(apr_pool_t *pool, const char *name)
{
    return iu_excerpt(pool, name, strlen(name));
}

/* Notes the value of the option that a pair names. Where the option is known,
 * *known is its line, else NULL. */
static iu_problem *note_value(apr_pool_t *pool, const pair *piece,
                              const char *values[KNOWN],
                              const option_line **known)
{
    size_t option = option_of(piece->name);
    iu_problem_kind fault;

    *known = option < KNOWN ? &options_known[option] : NULL;
    if (!*known && *piece->name != '$') {
        return NULL;
    }
    if (*known && !values[option]) {
        values[option] = piece->value;
        return NULL;
    }
    fault = *known ? IU_OPTION_TWICE : IU_OPTION_UNKNOWN;
    return iu_problem_make(pool, fault, quote(pool, piece->name));
}

iu_problem *iu_query_options_read(apr_pool_t *pool, iu_query_target target,
                                  const char *text, iu_options *options)
{
    const char *values[KNOWN] = {NULL};
    iu_problem *unsupported = NULL;
    pair piece;

    for (; text && *text; text = behind(&piece)) {
        const option_line *known;
        iu_problem *problem;

        if (!read_pair(pool, text, &piece)) {
            return iu_problem_make(pool, IU_OPTION_ENCODING,
                                   iu_excerpt(pool, piece.text, piece.length));
        }
        problem = note_value(pool, &piece, values, &known);
        if (problem) {
            return problem;
        }
        if (known && !(known->targets & TAKES(target))) {
            unsupported = iu_problem_make(pool, IU_OPTION_UNSUPPORTED,
                                          quote(pool, piece.name));
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
    pair piece;

    for (; text && *text; text = behind(&piece)) {
        if (read_pair(pool, text, &piece) &&
            option_of(piece.name) == (size_t)option) {
            continue;
        }
        memcpy(to, piece.text, behind(&piece) - piece.text);
        to += behind(&piece) - piece.text;
    }
    *to = '\0';
    return out;
}
