/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of $orderby (OData 4.01 URL Conventions section 5.1.5). */
#ifndef IU_QUERY_ORDER_BY_H
#define IU_QUERY_ORDER_BY_H

#include "query.h"

/* Reads the decoded value of $orderby (NULL: not given, the default) into the
 * order of query, which is total: the key comes last. NULL, or
 * IU_ORDER_INVALID or IU_OPTION_PART_UNSUPPORTED. */
iu_problem *iu_order_by_read(apr_pool_t *pool, const char *text,
                             iu_query *query);

#endif
