/* SPDX-License-Identifier: Apache-2.0 */
/* OData's system query options: see query_options.h. */
#include "query_options.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "excerpt.h"

/* OData 4.01 URL Conventions section 5.1; these may come without '$'. */
static const char *const options[] = {
    "filter", "orderby", "select", "expand",    "top",   "skip",
    "count",  "search",  "format", "skiptoken", "apply", "compute"};

/* The index in options, or -1. */
static int option_of(const char *name)
{
    int i;

    for (i = 0; i < (int)(sizeof(options) / sizeof(options[0])); i++) {
        if (!strcasecmp(name, options[i])) {
            return i;
        }
    }
    return -1;
}

static int is_hex(const char *digits)
{
    return apr_isxdigit(digits[0]) && apr_isxdigit(digits[1]);
}

/* The name of the pair that begins at pair, decoded as far as names need it:
 * '+' and %xx. */
static const char *name_of(apr_pool_t *pool, const char *pair,
                           apr_size_t length)
{
    char *name = apr_pstrmemdup(pool, pair, length);
    const char *from = name;
    char *to = name;

    for (; *from; from++) {
        if (*from == '%' && is_hex(from + 1)) {
            char digits[] = {from[1], from[2], '\0'};

            *to++ = (char)apr_strtoi64(digits, NULL, 16);
            from += 2;
        }
        else {
            *to++ = *from == '+' ? ' ' : *from;
        }
    }
    *to = '\0';
    return name;
}

iu_problem *iu_query_options_refuse(apr_pool_t *pool, const char *query)
{
    const char *unsupported = NULL;
    unsigned seen = 0;

    while (query && *query) {
        const char *name = name_of(pool, query, strcspn(query, "=&"));
        int option = option_of(name + (*name == '$'));
        const char *quoted = iu_excerpt(pool, name, strlen(name));

        if (option < 0 && *name == '$') {
            return iu_problem_make(pool, IU_OPTION_UNKNOWN, quoted);
        }
        if (option >= 0) {
            if (seen & (1u << option)) {
                return iu_problem_make(pool, IU_OPTION_TWICE, quoted);
            }
            seen |= 1u << option;
            unsupported = quoted;
        }
        query += strcspn(query, "&");
        query += *query == '&';
    }
    return unsupported
               ? iu_problem_make(pool, IU_OPTION_UNSUPPORTED, unsupported)
               : NULL;
}
