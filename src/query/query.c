/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include <errno.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "../http/prefer.h"
#include "../text/buffer.h"
#include "../text/excerpt.h"
#include "filter.h"
#include "order_by.h"
#include "query_options.h"
#include "select.h"
#include "skip_token.h"

static iu_problem *refuse_value(apr_pool_t *pool, iu_system_option option,
                                const char *value, const char *expected)
{
    iu_problem *problem = iu_problem_make(
        pool, IU_OPTION_VALUE, iu_excerpt(pool, value, strlen(value)),
        iu_system_option_name(option), expected);

    problem->target = iu_system_option_name(option);
    return problem;
}

/* Parses a whole number up to most. Does nothing if value is NULL. */
static iu_problem *read_number(apr_pool_t *pool, iu_system_option option,
                               const char *value, apr_int64_t most,
                               apr_int64_t *number)
{
    apr_int64_t parsed;
    char *end;

    if (!value) {
        return NULL;
    }
    errno = 0;
    parsed = apr_strtoi64(value, &end, 10);
    if (!apr_isdigit(*value) || *end || errno || parsed > most) {
        return refuse_value(pool, option, value,
                            apr_psprintf(pool,
                                         "a whole number from 0 to "
                                         "%" APR_INT64_T_FMT,
                                         most));
    }
    *number = parsed;
    return NULL;
}

static iu_problem *read_count(apr_pool_t *pool, const char *value,
                              iu_query *query)
{
    if (!value || !strcasecmp(value, "false")) {
        return NULL;
    }
    query->count = !strcasecmp(value, "true");
    return query->count
               ? NULL
               : refuse_value(pool, IU_SYSTEM_COUNT, value, "true or false");
}

/* Sets the page size: the smaller of $top and the preference maxpagesize, or
 * the default. */
static iu_problem *read_top(apr_pool_t *pool, const char *value,
                            const char *prefer, iu_query *query)
{
    apr_int64_t top = value ? 0 : IU_PAGE_DEFAULT;
    iu_problem *problem =
        read_number(pool, IU_SYSTEM_TOP, value, IU_PAGE_MAX, &top);
    int preferred = iu_prefer_page_size(prefer);

    query->top = (int)top;
    if (preferred && (!value || preferred < top)) {
        query->top = preferred < IU_PAGE_MAX ? preferred : IU_PAGE_MAX;
        query->maxpagesize = 1;
    }
    return problem;
}

/* FNV-1a with 64 bits. It need not be cryptographic: a forged token leads to a
 * page that the client could request anyway. */
static apr_uint64_t add_hash(apr_uint64_t hash, const void *bytes,
                             apr_size_t length)
{
    const unsigned char *byte = bytes;
    const unsigned char *end = byte + length;

    for (; byte < end; byte++) {
        hash = (hash ^ *byte) * APR_UINT64_C(0x100000001B3);
    }
    return hash;
}

static apr_uint64_t compute_fingerprint(const iu_query *query,
                                        const char *filter)
{
    apr_uint64_t fingerprint = APR_UINT64_C(0xCBF29CE484222325);
    int i;

    for (i = 0; i < query->order_count; i++) {
        const char *name = query->order[i].property->name;
        const char *member = query->order[i].property->member->name;
        char direction = (char)query->order[i].descending;

        fingerprint = add_hash(fingerprint, member, strlen(member) + 1);
        fingerprint = add_hash(fingerprint, name, strlen(name) + 1);
        fingerprint = add_hash(fingerprint, &direction, 1);
    }
    return filter ? add_hash(fingerprint, filter, strlen(filter)) : fingerprint;
}

static iu_problem *read_filter(apr_pool_t *pool, const iu_options *options,
                               iu_query *query)
{
    const char *filter = options->values[IU_SYSTEM_FILTER];

    return filter ? iu_filter_read(pool, filter, &query->filter) : NULL;
}

/* Reads the options that select records and their order. */
static iu_problem *read_records(apr_pool_t *pool, const iu_options *options,
                                iu_query *query)
{
    const char *filter = options->values[IU_SYSTEM_FILTER];
    const char *token = options->values[IU_SYSTEM_SKIPTOKEN];
    iu_problem *problem = read_filter(pool, options, query);

    if (!problem) {
        problem =
            iu_order_by_read(pool, options->values[IU_SYSTEM_ORDERBY], query);
    }
    if (!problem) {
        problem =
            read_number(pool, IU_SYSTEM_SKIP, options->values[IU_SYSTEM_SKIP],
                        APR_INT64_MAX, &query->skip);
    }
    query->fingerprint = compute_fingerprint(query, filter);
    if (!problem && token) {
        query->skip = 0;
        problem = iu_skip_token_read(pool, token, query);
    }
    return problem;
}

/* Reads the options of which page of a collection to list. */
static iu_problem *read_page(apr_pool_t *pool, const iu_options *options,
                             const char *prefer, iu_query *query)
{
    iu_problem *problem = read_records(pool, options, query);

    if (!problem) {
        problem = read_top(pool, options->values[IU_SYSTEM_TOP], prefer, query);
    }
    return problem ? problem
                   : read_count(pool, options->values[IU_SYSTEM_COUNT], query);
}

iu_problem *iu_query_read(apr_pool_t *pool, iu_query_target target,
                          const char *text, const char *prefer, iu_query *query)
{
    iu_options options;
    iu_problem *problem = iu_query_options_read(pool, target, text, &options);

    memset(query, 0, sizeof(*query));
    query->format = problem ? NULL : options.values[IU_SYSTEM_FORMAT];
    if (problem || target == IU_QUERY_NONE) {
        return problem;
    }
    if (target == IU_QUERY_COUNT) {
        return read_filter(pool, &options, query);
    }
    if (target == IU_QUERY_COLLECTION) {
        problem = read_page(pool, &options, prefer, query);
    }
    if (!problem && options.values[IU_SYSTEM_SELECT]) {
        problem = iu_select_read(pool, options.values[IU_SYSTEM_SELECT], query);
    }
    if (!problem && options.values[IU_SYSTEM_EXPAND]) {
        problem = iu_expand_read(pool, options.values[IU_SYSTEM_EXPAND], query);
    }
    return problem;
}

/* Appends a query, and percent-encodes characters that the client should have
 * encoded (RFC 3986 section 3.4). */
static void write_query(iu_buffer *out, const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~!$&'()*+,;=:@/?%";

    while (*text) {
        apr_size_t run = strspn(text, allowed);

        iu_buffer_append(out, text, run);
        text += run;
        run = strcspn(text, allowed);
        iu_buffer_percent_encoded(out, text, run);
        text += run;
    }
}

const char *iu_query_next(apr_pool_t *pool, const char *text,
                          const iu_query *query, const char *const *values)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 256);
    write_query(&out,
                iu_query_options_without(pool, text, IU_SYSTEM_SKIPTOKEN));
    if (out.length > 0 && out.data[out.length - 1] != '&') {
        iu_buffer_puts(&out, "&");
    }
    iu_buffer_puts(&out, "$skiptoken=");
    iu_buffer_puts(&out, iu_skip_token_write(pool, query, values));
    return out.data;
}
