/* SPDX-License-Identifier: Apache-2.0 */
#include "negotiation.h"

/* The value of Accept, or what $format means as one; NULL: neither is there. */
static const char *read_accept(const iu_work *work)
{
    const char *format = work->query.format;

    return format ? iu_accept_of_format(format)
                  : apr_table_get(work->operation->headers, "Accept");
}

static iu_problem *refuse(const iu_work *work, const char *names)
{
    iu_problem *problem = iu_problem_make(
        work->operation->pool, IU_NOT_ACCEPTABLE, names,
        work->query.format ? "query option $format" : "Accept header");

    problem->target = work->query.format ? "$format" : NULL;
    return problem;
}

iu_problem *iu_negotiate_json(iu_work *work)
{
    return iu_accept_allows_json(read_accept(work), &work->format)
               ? NULL
               : refuse(work, "application/json");
}

iu_problem *iu_negotiate_plain_text(iu_work *work)
{
    static const char *const types[] = {"text/plain"};
    int chosen;

    return work->query.format ? iu_negotiate(work, types, 1, types[0], &chosen)
                              : NULL;
}

iu_problem *iu_negotiate(const iu_work *work, const char *const *types,
                         int count, const char *names, int *chosen)
{
    *chosen = iu_accept_choose(read_accept(work), types, count);
    return *chosen < 0 ? refuse(work, names) : NULL;
}
