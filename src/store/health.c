/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether requests can be served. Reading is tried each time. Writing is tried
 * only if no request has shown for a while that it works, or the last that
 * tried was refused: then clients may be sent elsewhere, and nobody else would
 * find out that the cause is gone. Only a commit shows that there is room on
 * the disk, so the trial is a used insight that is stored and removed, in a set
 * that no path names. It is the same one in each child and on each machine: one
 * that a killed child leaves is removed by the next trial.
 */
#include "store_private.h"

#include <apr_strings.h>

#include "../concurrency/clock.h"

/* Keys have no control characters. */
#define TRIAL_SET "\nreadiness"
#define TRIAL_ID "trial"
#define TRIAL_VERSION "0000000000000000"

/* How long a commit shows that writing works. */
#define PROVEN apr_time_from_sec(60)

/* Tries to read. */
static iu_problem *try_to_read(iu_store *store, const iu_store_call *call)
{
    iu_record *found;
    iu_problem *problem = iu_store_find(store, call, TRIAL_SET, "none", &found);

    return problem && problem->kind == IU_NOT_FOUND ? NULL : problem;
}

/* Makes one write of the trial record durable. */
static iu_problem *write_trial(iu_store *store, const iu_store_call *call,
                               iu_write_kind kind)
{
    iu_write write = {.kind = kind,
                      .record = {.set_id = TRIAL_SET,
                                 .id = TRIAL_ID,
                                 .version = TRIAL_VERSION,
                                 .last_accessed = "",
                                 .last_modified = "",
                                 .document = "{}",
                                 .document_length = 2}};
    iu_write *const writes[] = {&write};

    if (kind == IU_DELETE) {
        apr_cpystrn(write.expected, TRIAL_VERSION, sizeof write.expected);
    }
    iu_store_write(store, call, writes, 1);
    return write.problem;
}

/* Stores the record, unless one is left or is another's trial, and removes it,
 * unless another trial does. */
static iu_problem *store_and_remove(iu_store *store, const iu_store_call *call)
{
    iu_problem *problem = write_trial(store, call, IU_INSERT);

    if (problem && problem->kind != IU_ALREADY_EXISTS) {
        return problem;
    }
    problem = write_trial(store, call, IU_DELETE);
    return problem && problem->kind == IU_VERSION_CONFLICT ? NULL : problem;
}

/* Tries to write. A constraint or a trigger of the operator's may refuse that
 * the record is stored or removed; then writing cannot be tried. */
static iu_problem *try_to_write(iu_store *store, const iu_store_call *call)
{
    iu_problem *problem =
        store->has_no_trial ? NULL : store_and_remove(store, call);

    if (problem && problem->kind == IU_STATEMENT_FAILED) {
        store->has_no_trial = 1;
        iu_database_tell(&store->database, IU_LOG_WARNING, call->origin,
                         "IU0109: the database refuses the record by which "
                         "readiness is checked: %s; only reading is checked",
                         problem->log_detail);
        return NULL;
    }
    return problem;
}

iu_problem *iu_store_check_health(iu_store *store, const iu_store_call *call)
{
    const iu_write_state *writes = store->database.writes;
    apr_time_t durable = atomic_load(&writes->durable_at);
    iu_problem *problem = try_to_read(store, call);

    if (problem ||
        (durable != 0 && durable > atomic_load(&writes->refused_at) &&
         iu_clock_now() - durable < PROVEN)) {
        return problem;
    }
    return try_to_write(store, call);
}
