/* SPDX-License-Identifier: Apache-2.0 */
/* The query of a request target: OData's system query options. */
#ifndef IU_GRAPH_QUERY_OPTIONS_H
#define IU_GRAPH_QUERY_OPTIONS_H

#include "problem.h"

/* Refuses what a resource without system query options must not ignore
 * (OData 4.01 Protocol 11.2.1; CONTRACT section 5): IU_OPTION_UNSUPPORTED for a
 * known one (with or without '$', in any case, '$' as %24 too),
 * IU_OPTION_UNKNOWN for another name with '$', IU_OPTION_TWICE for one given
 * twice. Other names are the client's own. query is without '?', NULL: none. */
iu_problem *iu_query_options_refuse(apr_pool_t *pool, const char *query);

#endif
