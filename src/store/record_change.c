/* SPDX-License-Identifier: Apache-2.0 */
/* Reads, changes and writes a record. */
#include "../concurrency/clock.h"
#include "store_private.h"

/* Reads the record and calls attempt. */
static iu_problem *try_once(iu_store *store, const iu_store_call *call,
                            const iu_record_waiter *waiter,
                            iu_store_attempt *attempt, void *baton)
{
    iu_record *found = NULL;
    iu_problem *problem =
        iu_store_find(store, call, waiter->set_id, waiter->id, &found);

    if (problem && problem->kind != IU_NOT_FOUND) {
        return problem;
    }
    return attempt(baton, call, found);
}

/* Whether the deadline came before the attempt could change anything. */
static int is_late(const iu_problem *problem)
{
    return problem && (problem->kind == IU_COMMIT_TIMEOUT ||
                       problem->kind == IU_READ_TIMEOUT ||
                       problem->kind == IU_READ_STOPPED);
}

static int has_time(const iu_store_call *call)
{
    return iu_clock_now() < call->deadline;
}

iu_problem *iu_store_change(iu_store *store, const iu_store_call *call,
                            const char *set_id, const char *id, int use_queue,
                            iu_store_attempt *attempt, void *baton)
{
    iu_record_waiter waiter = {.set_id = set_id, .id = id};
    iu_store_call attempt_call = *call;
    iu_problem *problem;
    int queued = 0;
    int conflicts = 0;

    apr_pool_create(&attempt_call.pool, call->pool);
    if (use_queue && iu_record_queue_has(store->record_queue, &waiter)) {
        queued =
            iu_record_queue_join(store->record_queue, &waiter, call->deadline);
    }
    do {
        apr_pool_clear(attempt_call.pool);
        problem = try_once(store, &attempt_call, &waiter, attempt, baton);
        if (!problem || problem->kind != IU_VERSION_CONFLICT) {
            break;
        }
        conflicts++;
        if (use_queue && !queued) {
            queued = iu_record_queue_join(store->record_queue, &waiter,
                                          call->deadline);
        }
    } while (has_time(call));
    if (queued) {
        iu_record_queue_leave(store->record_queue, &waiter);
    }
    if (conflicts > 0 && is_late(problem)) {
        /* The time went to the conflicts. */
        problem = iu_problem_make(attempt_call.pool, IU_VERSION_CONFLICT, id);
        problem->retry_after = 1;
    }
    return problem;
}
