/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that go out from what is stored: see store.h. */
#include "../concurrency/clock.h"
#include "store_private.h"

/* Reads the record and has it changed. */
static iu_problem *try_once(iu_store *store, const iu_store_call *call,
                            const iu_line_place *place,
                            iu_store_attempt *attempt, void *baton)
{
    iu_record *found = NULL;
    iu_problem *problem =
        iu_store_find(store, call, place->invitation_id, place->id, &found);

    if (problem && problem->kind != IU_NOT_FOUND) {
        return problem;
    }
    return attempt(baton, call, found);
}

static int has_time(const iu_store_call *call)
{
    return iu_clock_now() < call->deadline;
}

iu_problem *iu_store_change(iu_store *store, const iu_store_call *call,
                            const char *invitation_id, const char *id,
                            int queues, iu_store_attempt *attempt, void *baton)
{
    iu_line_place place = {.invitation_id = invitation_id, .id = id};
    iu_store_call own = *call;
    iu_problem *problem;
    int in_line = 0;

    apr_pool_create(&own.pool, call->pool);
    if (queues && iu_line_has(store->line, &place)) {
        in_line = iu_line_join(store->line, &place, call->deadline);
    }
    do {
        apr_pool_clear(own.pool);
        problem = try_once(store, &own, &place, attempt, baton);
        if (!problem || problem->kind != IU_VERSION_CONFLICT) {
            break;
        }
        if (queues && !in_line) {
            in_line = iu_line_join(store->line, &place, call->deadline);
        }
    } while (has_time(call));
    if (in_line) {
        iu_line_leave(store->line, &place);
    }
    return problem;
}
