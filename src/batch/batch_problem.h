/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with the envelope of a $batch request. */
#ifndef IU_BATCH_BATCH_PROBLEM_H
#define IU_BATCH_BATCH_PROBLEM_H

#include "../problem/problem.h"

/* Makes an IU_BATCH_INVALID in pool. Its target is "requests/{index}/{member}",
 * its message ends with a sentence from a printf format. */
iu_problem *iu_batch_invalid(apr_pool_t *pool, int index, const char *member,
                             const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
