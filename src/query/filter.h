/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of $filter (OData 4.01 URL Conventions section 5.1.1). */
#ifndef IU_QUERY_FILTER_H
#define IU_QUERY_FILTER_H

#include "../problem/problem.h"
#include "expression.h"

/* Parses the decoded, NUL-terminated UTF-8 value of $filter to a tree in pool.
 * Names of operators, functions and properties match in any case. Returns NULL
 * or a problem with the target "$filter" and the position of the error:
 * IU_FILTER_INVALID, IU_FILTER_TOO_DEEP, IU_FILTER_TOO_LARGE, or
 * IU_OPTION_PART_UNSUPPORTED for valid OData that this service does not
 * support. */
iu_problem *iu_filter_read(apr_pool_t *pool, const char *text,
                           const iu_expression **filter);

#endif
