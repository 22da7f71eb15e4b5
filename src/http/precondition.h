/* SPDX-License-Identifier: Apache-2.0 */
/* If-Match and If-None-Match (RFC 9110 section 13.1, OData 4.01 Protocol
 * sections 8.2.4 and 8.2.5). */
#ifndef IU_HTTP_PRECONDITION_H
#define IU_HTTP_PRECONDITION_H

#include "../problem/problem.h"

/* The values of the two header fields, repeated ones joined by commas; NULL:
 * absent. */
typedef struct iu_preconditions {
    const char *if_match;
    const char *if_none_match;
} iu_preconditions;

/* Returns NULL if both are absent, "*" or a list of entity tags, else
 * IU_PRECONDITION_INVALID. Call it before the functions below. */
iu_problem *iu_preconditions_check(apr_pool_t *pool,
                                   const iu_preconditions *conditions);

/* Evaluates If-Match for the resource's version (NULL: it does not exist).
 * Returns NULL if the condition is true or absent, else IU_PRECONDITION_FAILED.
 * The comparison is weak, as OData requires: the service's ETags are weak. */
iu_problem *iu_if_match_check(apr_pool_t *pool,
                              const iu_preconditions *conditions,
                              const char *version);

/* The same for If-None-Match. */
iu_problem *iu_if_none_match_check(apr_pool_t *pool,
                                   const iu_preconditions *conditions,
                                   const char *version);

/* Whether If-None-Match is "*": the resource must not exist. */
int iu_if_none_match_any(const iu_preconditions *conditions);

#endif
