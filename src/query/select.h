/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of $select and $expand (OData 4.01 URL Conventions sections
 * 5.1.3 and 5.1.4). */
#ifndef IU_QUERY_SELECT_H
#define IU_QUERY_SELECT_H

#include "query.h"

/* Reads the decoded value of $select into query->select and select_text, whose
 * names stand in the order of the type and once each. NULL, or
 * IU_PROPERTY_UNKNOWN, IU_SELECT_INVALID or IU_OPTION_PART_UNSUPPORTED. */
iu_problem *iu_select_read(apr_pool_t *pool, const char *text, iu_query *query);

/* Reads the decoded value of $expand into query->expand_resource. NULL, or
 * IU_EXPAND_INVALID or IU_OPTION_PART_UNSUPPORTED (options of its own,
 * references, counts). */
iu_problem *iu_expand_read(apr_pool_t *pool, const char *text, iu_query *query);

#endif
