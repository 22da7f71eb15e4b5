/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request asks of a collection or an entity: OData's system query
 * options and page size preferences, read and checked (CONTRACT section 5).
 */
#ifndef IU_QUERY_QUERY_H
#define IU_QUERY_QUERY_H

#include "../problem/problem.h"
#include "expression.h"

#define IU_PAGE_DEFAULT 100
#define IU_PAGE_MAX 999
#define IU_ORDER_MAX 8 /* keys of one $orderby */

/* Characters of a text by which rows are put in order; what follows does not
 * count (documented; MariaDB would cut at a length of its own, and the skip
 * token must stay short enough for a URL). */
#define IU_ORDER_CHARACTERS 255

/* The navigation property resource in $select: it has no value to be returned
 * but where it is expanded, so this stands in select_text alone. */
#define IU_SELECT_RESOURCE (1u << 31)

typedef struct iu_order_key {
    const iu_property *property; /* never the same twice */
    int descending;
} iu_order_key;

typedef struct iu_query {
    const iu_expression *filter; /* NULL: every record */
    /* Ends with the key (id), so that the order is total. */
    iu_order_key order[IU_ORDER_MAX + 1];
    int order_count;
    /* Where the page begins: one value for each key of order, of the last
     * record before it (NULL: null; an instant as sortable UTC text). NULL: at
     * the beginning. */
    const char *const *after;
    apr_int64_t skip; /* records to pass over; 0 where after is set */
    int top;          /* records of this page at most: 0 to IU_PAGE_MAX */
    int count;        /* $count=true */
    int maxpagesize;  /* the preference was applied */
    int expand_resource;
    /* One bit for each of iu_properties (1 << index), a complex member being
     * all of its properties, and IU_SELECT_RESOURCE; 0: no $select,
     * everything. */
    apr_uint32_t select;
    const char *select_text; /* as the context URL names it, canonical spelling:
                              * "id,lastUsed/lastAccessedDateTime"; NULL: no
                              * $select */
    apr_uint64_t fingerprint; /* of filter and order: whose skip tokens fit */
} iu_query;

/* The kinds of resource, which differ in the options they take. */
typedef enum iu_query_target {
    IU_QUERY_COLLECTION, /* all */
    IU_QUERY_COUNT,      /* $filter (and $search: refused) */
    IU_QUERY_ENTITY,     /* $select, $expand */
    IU_QUERY_NONE        /* no system query option at all: nothing to read but
                          * whether there is one */
} iu_query_target;

/* Reads the query of a request target (without '?'; NULL: none) and the value
 * of Prefer (NULL: none). *query and what it points to live in pool. Returns
 * NULL, or what query_options.h tells of a target's options, or a problem of
 * one option's value, with its place where it has one: IU_OPTION_VALUE,
 * IU_OPTION_PART_UNSUPPORTED, IU_PROPERTY_UNKNOWN, IU_FILTER_INVALID,
 * IU_FILTER_TOO_DEEP, IU_FILTER_TOO_LARGE, IU_ORDER_INVALID, IU_SELECT_INVALID,
 * IU_EXPAND_INVALID, IU_SKIP_TOKEN_INVALID. */
iu_problem *iu_query_read(apr_pool_t *pool, iu_query_target target,
                          const char *text, const char *prefer,
                          iu_query *query);

/* The query of the link to the next page, in pool: every option of the request
 * as it came (percent-encoded where a URL must be), but $skiptoken, which leads
 * behind the record whose values of query->order are given (as query->after has
 * them; of a text longer than IU_ORDER_CHARACTERS the rest is left out). text
 * is what iu_query_read made query of. */
const char *iu_query_next(apr_pool_t *pool, const char *text,
                          const iu_query *query, const char *const *values);

#endif
