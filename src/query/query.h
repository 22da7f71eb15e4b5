/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The query options of a request for a collection or an entity: OData's system
 * query options (OData 4.01 Protocol 11.2.1) and the preference maxpagesize.
 */
#ifndef IU_QUERY_QUERY_H
#define IU_QUERY_QUERY_H

#include "../problem/problem.h"
#include "expression.h"

#define IU_PAGE_DEFAULT 100
#define IU_PAGE_MAX 999
#define IU_ORDER_MAX 8 /* keys of one $orderby */

/* Rows are ordered by this many characters of a text, as documented: MariaDB
 * would truncate at a limit of its own, and the skip token contains the values
 * and must fit into a URL. */
#define IU_ORDER_CHARACTERS 255

/* The navigation property resource in $select. It has a value only if it is
 * expanded, so this affects select_text and navigation links only. */
#define IU_SELECT_RESOURCE (1u << 31)

typedef struct iu_order_key {
    const iu_property *property; /* each at most once */
    int descending;
} iu_order_key;

typedef struct iu_query {
    const iu_expression *filter; /* NULL: every record */
    /* Of a collection; ends with the key (id), so that the order is total. */
    iu_order_key order[IU_ORDER_MAX + 1];
    int order_count;
    /* The last record before this page: its value for each key of order (NULL:
     * null; an instant as sortable UTC text). NULL: this is the first page. */
    const char *const *after;
    apr_int64_t skip; /* records to skip; 0 if after is set */
    int top;          /* page size: 0 to IU_PAGE_MAX */
    int count;        /* $count=true */
    int maxpagesize;  /* whether the preference was applied */
    int expand_resource;
    const char *format; /* the value of $format; NULL: absent */
    /* One bit for each of iu_properties (1 << index), and IU_SELECT_RESOURCE. A
     * complex member is all of its properties. 0: no $select, everything. */
    apr_uint32_t select;
    const char *select_text;  /* for the context URL, in canonical spelling:
                              * "id,lastUsed/lastAccessedDateTime"; NULL: no
                              * $select */
    apr_uint64_t fingerprint; /* of filter and order; a skip token is valid only
                               * for queries with the same fingerprint */
} iu_query;

/* Kinds of resource by the options they accept beside $format. */
typedef enum iu_query_target {
    IU_QUERY_COLLECTION, /* all */
    IU_QUERY_COUNT,      /* $filter; $top, $skip, $orderby, $select and $expand
                          * have no effect (OData 4.01 Protocol 11.2.10) */
    IU_QUERY_ENTITY,     /* $select, $expand */
    IU_QUERY_NONE        /* none */
} iu_query_target;

/* Parses the query of a request target (without '?'; NULL: none) and the value
 * of Prefer (NULL: none). *query points into pool. Returns NULL, a problem of
 * iu_query_options_read, or one for the value of an option (with the position
 * if it is a clause): IU_OPTION_VALUE, IU_OPTION_PART_UNSUPPORTED,
 * IU_PROPERTY_UNKNOWN, IU_FILTER_INVALID, IU_FILTER_TOO_DEEP,
 * IU_FILTER_TOO_LARGE, IU_ORDER_INVALID, IU_SELECT_INVALID, IU_EXPAND_INVALID,
 * IU_SKIP_TOKEN_INVALID. */
iu_problem *iu_query_read(apr_pool_t *pool, iu_query_target target,
                          const char *text, const char *prefer,
                          iu_query *query);

/* Makes the query of the link to the next page, in pool: the options of text,
 * which is the query that iu_query_read parsed, and a $skiptoken for the last
 * record of this page. Options are copied as sent, but characters that are
 * invalid in a URL are percent-encoded. values are the values of that record
 * for query->order, as in query->after, but of any length: characters after
 * IU_ORDER_CHARACTERS are ignored. */
const char *iu_query_next(apr_pool_t *pool, const char *text,
                          const iu_query *query, const char *const *values);

#endif
