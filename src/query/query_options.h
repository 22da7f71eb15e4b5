/* SPDX-License-Identifier: Apache-2.0 */
/* The query of a request target, taken apart: OData's system query options
 * (OData 4.01 Protocol 11.2.1; CONTRACT section 5). */
#ifndef IU_QUERY_QUERY_OPTIONS_H
#define IU_QUERY_QUERY_OPTIONS_H

#include "../problem/problem.h"
#include "query.h"

/* The options there are: those that some resource takes come first. */
typedef enum iu_system_option {
    IU_SYSTEM_COUNT,
    IU_SYSTEM_EXPAND,
    IU_SYSTEM_FILTER,
    IU_SYSTEM_ORDERBY,
    IU_SYSTEM_SELECT,
    IU_SYSTEM_SKIP,
    IU_SYSTEM_SKIPTOKEN,
    IU_SYSTEM_TOP,
    IU_SYSTEM_OPTIONS
} iu_system_option;

/* The decoded value of each option, "" where it has none; NULL: not given. */
typedef struct iu_options {
    const char *values[IU_SYSTEM_OPTIONS];
} iu_options;

/* The name as it is documented: "$top"; a constant. */
const char *iu_system_option_name(iu_system_option option);

/* Takes apart text, which is without '?' (NULL: none), into texts in pool.
 * Names match in any case, with or without '$'; '+' is a space. NULL, or
 * IU_OPTION_ENCODING, IU_OPTION_UNKNOWN for a name with '$' that OData does not
 * have, IU_OPTION_TWICE, IU_OPTION_UNSUPPORTED for one of OData's that the
 * target does not take: none is ignored. Other names are the client's own. */
iu_problem *iu_query_options_read(apr_pool_t *pool, iu_query_target target,
                                  const char *text, iu_options *options);

/* Copies text (NULL: none) into pool as it came, but without one option. */
char *iu_query_options_without(apr_pool_t *pool, const char *text,
                               iu_system_option option);

#endif
