/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers of $select and $expand (OData 4.01 URL Conventions sections
 * 5.1.3 and 5.1.4). */
#ifndef IU_QUERY_SELECT_H
#define IU_QUERY_SELECT_H

#include "query.h"

/* Parses the decoded value of $select into query->select and select_text, which
 * has each name once, in the order of the type table. Returns NULL,
 * IU_PROPERTY_UNKNOWN, IU_SELECT_INVALID or IU_OPTION_PART_UNSUPPORTED. */
iu_problem *iu_select_read(apr_pool_t *pool, const char *text, iu_query *query);

/* Parses the decoded value of $expand into query->expand_resource. Returns
 * NULL, IU_EXPAND_INVALID, or IU_OPTION_PART_UNSUPPORTED for nested options,
 * $ref and $count. */
iu_problem *iu_expand_read(apr_pool_t *pool, const char *text, iu_query *query);

#endif
