/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions that a request makes in If-Match and If-None-Match (RFC 9110
 * section 13.1, OData 4.01 Protocol sections 8.2.4 and 8.2.5). */
#ifndef IU_HTTP_PRECONDITION_H
#define IU_HTTP_PRECONDITION_H

#include "../problem/problem.h"

/* The values of the two header fields, of several lines with commas between;
 * NULL: absent. */
typedef struct iu_preconditions {
    const char *if_match;
    const char *if_none_match;
} iu_preconditions;

/* Whether both are "*" or a list of entity tags: NULL, or
 * IU_PRECONDITION_INVALID. What follows wants that. */
iu_problem *iu_preconditions_check(apr_pool_t *pool,
                                   const iu_preconditions *conditions);

/* NULL: If-Match holds for the version that a resource has (NULL: there is no
 * such resource), or is absent; else IU_PRECONDITION_FAILED. Tags are compared
 * weakly: OData asks for that, since its tags are weak. */
iu_problem *iu_if_match_check(apr_pool_t *pool,
                              const iu_preconditions *conditions,
                              const char *version);

/* The same of If-None-Match. */
iu_problem *iu_if_none_match_check(apr_pool_t *pool,
                                   const iu_preconditions *conditions,
                                   const char *version);

/* Whether If-None-Match is "*": there must be no such resource. */
int iu_if_none_match_any(const iu_preconditions *conditions);

#endif
