/* SPDX-License-Identifier: Apache-2.0 */
#include "create.h"

#include <string.h>

#include "../concurrency/clock.h"
#include "../graph/used_insight.h"
#include "../text/digest.h"
#include "../text/uuid.h"

iu_problem *iu_create_read_keys(iu_work *work)
{
    const iu_operation *operation = work->operation;

    return iu_repeatability_read(
        operation->pool, operation->headers, apr_time_now(),
        operation->settings.repeat_window, &work->keys);
}

iu_problem *iu_create_read(iu_work *work)
{
    const iu_operation *operation = work->operation;
    iu_problem *problem =
        iu_used_insight_read(operation->pool, work->body,
                             operation->settings.required, &work->write.record);

    iu_json_release(operation->pool, work->body);
    return problem;
}

iu_problem *iu_create_name(iu_work *work)
{
    const iu_operation *operation = work->operation;
    iu_record *record = &work->write.record;

    record->set_id = work->set_id;
    work->may_repeat =
        record->id != NULL || iu_repeatability_field(&work->keys) != NULL;
    if (!record->id && work->may_repeat) {
        record->id =
            iu_repeatability_id(operation->pool, &work->keys, record->set_id);
        iu_digest_make(record->document, record->document_length,
                       record->digest);
    }
    else if (!record->id) {
        char *id = apr_palloc(operation->pool, IU_UUID_SIZE);

        iu_uuid_ordered(operation->random, id, apr_time_now());
        record->id = id;
    }
    return NULL;
}

iu_problem *iu_create_prepare(iu_work *work)
{
    iu_version_make(work->operation->random, work->write.record.version);
    work->write.kind = IU_INSERT;
    return NULL;
}

/* Answers with the record that the create made, or that it repeats. To accept
 * a pair is to promise an answer to its repeat, so not for an id of the
 * client's own, whose repeat is refused. */
static iu_problem *answer_created(iu_work *work, const iu_record *record)
{
    const iu_shape shape = iu_work_shape(work);

    if (work->keys.request_id && *work->write.record.digest) {
        apr_table_setn(work->answer->headers, "Repeatability-Result",
                       "accepted");
    }
    return iu_answer_created(work->operation, work->answer, record, &shape);
}

/* Answers a create with a key under which there is a record already: this is
 * the repeat of the request that made it, or another request with its key. The
 * record may have changed since; its digest has not. */
static iu_problem *answer_repeat(iu_work *work)
{
    const iu_record *record = &work->write.record;
    apr_pool_t *pool = work->operation->pool;
    iu_record *found;
    iu_problem *problem = iu_store_find(work->operation->store, &work->call,
                                        record->set_id, record->id, &found);

    if (problem && problem->kind == IU_NOT_FOUND) { /* deleted meanwhile */
        problem = iu_problem_make(pool, IU_VERSION_CONFLICT, record->id);
        problem->retry_after = 1;
    }
    if (problem) {
        return problem;
    }
    if (strcmp(found->digest, record->digest) == 0) {
        return answer_created(work, found);
    }
    problem = iu_problem_make(pool, IU_REPEAT_DIFFERS,
                              iu_repeatability_field(&work->keys));
    if (work->keys.request_id) {
        problem->repeatability_result = "rejected";
    }
    return problem;
}

/* Clients retry automatically after a 503 with Retry-After. A create that may
 * not be repeated would then store a second record: answer 500. */
static void forbid_retry(iu_problem *problem)
{
    problem->status = 500;
    problem->code = "InternalServerError";
    problem->retry_after = 0;
}

iu_problem *iu_create_finish(iu_work *work)
{
    const iu_record *record = &work->write.record;
    iu_problem *problem = work->write.problem;

    if (!problem) {
        return answer_created(work, record);
    }
    if (problem->kind == IU_ALREADY_EXISTS && *record->digest) {
        return answer_repeat(work);
    }
    if (problem->kind == IU_ALREADY_EXISTS) {
        problem->location = iu_answer_location(work->operation, record);
    }
    else if (problem->kind == IU_COMMIT_UNKNOWN && !work->may_repeat) {
        forbid_retry(problem);
    }
    return problem;
}

iu_problem *iu_create_run(iu_work *work)
{
    iu_write *const writes[] = {&work->write};
    iu_problem *problem;

    do {
        iu_create_prepare(work); /* cannot fail */
        iu_store_write(work->operation->store, &work->call, writes, 1);
        problem = iu_create_finish(work);
    } while (problem && problem->kind == IU_VERSION_CONFLICT &&
             iu_clock_now() < work->call.deadline);
    return problem;
}
