/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_problem.h"

#include <apr_strings.h>

iu_problem *iu_batch_invalid(apr_pool_t *pool, int index, const char *member,
                             const char *format, ...)
{
    iu_problem *problem;
    va_list arguments;

    va_start(arguments, format);
    problem = iu_problem_make(pool, IU_BATCH_INVALID,
                              apr_pvsprintf(pool, format, arguments));
    va_end(arguments);
    problem->target = apr_psprintf(pool, "requests/%d/%s", index, member);
    return problem;
}
