/* SPDX-License-Identifier: Apache-2.0 */
/* Splits the query of a request target into OData's system query options (OData
 * 4.01 Protocol 11.2.1). */
#ifndef IU_QUERY_QUERY_OPTIONS_H
#define IU_QUERY_QUERY_OPTIONS_H

#include "../problem/problem.h"
#include "query.h"

/* The options that at least one resource accepts. */
typedef enum iu_system_option {
    IU_SYSTEM_COUNT,
    IU_SYSTEM_EXPAND,
    IU_SYSTEM_FILTER,
    IU_SYSTEM_FORMAT,
    IU_SYSTEM_ORDERBY,
    IU_SYSTEM_SELECT,
    IU_SYSTEM_SKIP,
    IU_SYSTEM_SKIPTOKEN,
    IU_SYSTEM_TOP,
    IU_SYSTEM_OPTIONS
} iu_system_option;

/* The decoded value of each option; "": no value, NULL: absent. */
typedef struct iu_options {
    const char *values[IU_SYSTEM_OPTIONS];
} iu_options;

/* The name, "$top"; a constant. */
const char *iu_system_option_name(iu_system_option option);

/* Parses text, the query without '?' (NULL: none). The values are in pool.
 * Names match in any case, with or without '$'; '+' is a space. Returns NULL,
 * IU_OPTION_ENCODING, IU_OPTION_UNKNOWN for a name with '$' that OData does not
 * define, IU_OPTION_TWICE, or IU_OPTION_UNSUPPORTED for an OData option that
 * the target does not accept: none is ignored, except custom query options,
 * whose names have no '$', even if they are not percent-encoded UTF-8. */
iu_problem *iu_query_options_read(apr_pool_t *pool, iu_query_target target,
                                  const char *text, iu_options *options);

/* Copies text, which iu_query_options_read accepted (NULL: none), to pool, but
 * without one option, and without what is not percent-encoded UTF-8. */
char *iu_query_options_without(apr_pool_t *pool, const char *text,
                               iu_system_option option);

#endif
