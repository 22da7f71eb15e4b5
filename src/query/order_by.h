/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of $orderby (OData 4.01 URL Conventions section 5.1.5). */
#ifndef IU_QUERY_ORDER_BY_H
#define IU_QUERY_ORDER_BY_H

#include "query.h"

/* Parses the decoded value of $orderby (NULL: absent, default order) into
 * query->order, and appends the key so that the order is total. Returns NULL,
 * IU_ORDER_INVALID or IU_OPTION_PART_UNSUPPORTED. */
iu_problem *iu_order_by_read(apr_pool_t *pool, const char *text,
                             iu_query *query);

#endif
