/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/used_insight.h"
#include "../http/prefer.h"

/* Whether a PATCH may create a record that does not exist. */
static int may_create(const iu_work *work)
{
    const iu_operation *operation = work->operation;

    return operation->method == IU_METHOD_PATCH &&
           (iu_if_none_match_any(&work->conditions) ||
            iu_prefer_has(apr_table_get(operation->headers, "Prefer"),
                          "create-if-missing"));
}

/* Checks the conditions of the request for the record that was found; NULL: it
 * does not exist. */
static iu_problem *check_found(const iu_work *work, apr_pool_t *pool,
                               const iu_record *found)
{
    const iu_operation *operation = work->operation;
    const iu_preconditions *conditions = &work->conditions;
    const char *version = found ? found->version : NULL;
    /* Without a record If-Match is false, even "*" (RFC 9110 section 13.1.1):
     * answer 412, not 404. */
    iu_problem *problem = iu_if_match_check(pool, conditions, version);

    if (!problem) {
        problem = iu_if_none_match_check(pool, conditions, version);
    }
    if (problem) {
        return problem;
    }
    if (!found && !may_create(work)) {
        return iu_problem_make(pool, IU_NOT_FOUND, operation->route.id);
    }
    return found && !conditions->if_match &&
                   operation->settings.if_match_required
               ? iu_problem_make(pool, IU_PRECONDITION_REQUIRED)
               : NULL;
}

/* Limits the document to the size that a create permits: repeated PATCH
 * requests must not exceed it. A document that is larger already may be changed
 * if it does not grow. */
static iu_problem *check_size(const iu_work *work, apr_pool_t *pool,
                              const iu_record *found)
{
    apr_size_t length = work->write.record.document_length;
    apr_int64_t limit = work->operation->settings.max_body + IU_DOCUMENT_TYPES;

    return (apr_int64_t)length > limit &&
                   (!found || length > found->document_length)
               ? iu_problem_make(pool, IU_MERGED_TOO_LARGE, limit)
               : NULL;
}

/* Sets work->write to the update of found, or if that is NULL to an insert. */
static iu_problem *prepare_update(iu_work *work, apr_pool_t *pool,
                                  const iu_record *found)
{
    const iu_operation *operation = work->operation;
    iu_record *record = &work->write.record;
    iu_problem *problem =
        iu_used_insight_merge(pool, work->body, operation->settings.required,
                              operation->route.id, found, record);

    if (!problem) {
        problem = check_size(work, pool, found);
    }
    if (problem) {
        return problem;
    }
    record->set_id = work->set_id;
    iu_version_make(operation->random, record->version);
    work->write.kind = found ? IU_UPDATE : IU_INSERT;
    return NULL;
}

/* Sets work->write by the record that was found; NULL: none. pool: for problems
 * and the new record. */
static iu_problem *prepare(iu_work *work, apr_pool_t *pool,
                           const iu_record *found)
{
    iu_problem *problem = check_found(work, pool, found);

    if (problem) {
        return problem;
    }
    apr_cpystrn(work->write.expected, found ? found->version : "",
                sizeof work->write.expected);
    if (work->operation->method == IU_METHOD_PATCH) {
        return prepare_update(work, pool, found);
    }
    work->write.kind = IU_DELETE;
    work->write.record = *found;
    return NULL;
}

iu_problem *iu_change_prepare(iu_work *work)
{
    const iu_operation *operation = work->operation;
    iu_record *found = NULL;
    iu_problem *problem =
        iu_store_find(operation->store, &work->call, work->set_id,
                      operation->route.id, &found);

    return problem && problem->kind != IU_NOT_FOUND
               ? problem
               : prepare(work, operation->pool, found);
}

/* The outcome of work->write. A PATCH that found no record and whose insert
 * then found one must be prepared again. */
static iu_problem *check_outcome(iu_work *work, apr_pool_t *pool)
{
    const iu_write *write = &work->write;

    return write->problem && write->problem->kind == IU_ALREADY_EXISTS
               ? iu_problem_make(pool, IU_VERSION_CONFLICT, write->record.id)
               : write->problem;
}

/* Makes the answer. */
static iu_problem *answer(iu_work *work)
{
    const iu_operation *operation = work->operation;
    const iu_shape shape = iu_work_shape(work);
    iu_record *record = &work->write.record;

    if (work->write.kind == IU_DELETE) {
        iu_answer_no_content(work->answer);
        return NULL;
    }
    /* The parts of an answer must be in its pool, not in a subpool. */
    record->document = apr_pstrmemdup(operation->pool, record->document,
                                      record->document_length);
    return (work->write.kind == IU_INSERT
                ? iu_answer_created
                : iu_answer_updated)(operation, work->answer, record, &shape);
}

iu_problem *iu_change_finish(iu_work *work)
{
    iu_problem *problem = check_outcome(work, work->operation->pool);

    return problem ? problem : answer(work);
}

/* An iu_store_attempt. */
static iu_problem *attempt(void *baton, const iu_store_call *call,
                           const iu_record *found)
{
    iu_work *work = baton;
    iu_write *const writes[] = {&work->write};
    iu_problem *problem = prepare(work, call->pool, found);

    if (problem) {
        return problem;
    }
    iu_store_write(work->operation->store, call, writes, 1);
    return check_outcome(work, call->pool);
}

/* The pool of the last attempt lives as long as the operation. A change with an
 * ETag in If-Match need not queue behind other changes of the record: it fails
 * if one comes first. */
iu_problem *iu_change_run(iu_work *work)
{
    const iu_operation *operation = work->operation;
    const char *if_match = work->conditions.if_match;
    int use_queue = !if_match || strcmp(if_match, "*") == 0;
    iu_problem *problem =
        iu_store_change(operation->store, &work->call, work->set_id,
                        operation->route.id, use_queue, attempt, work);

    return problem ? problem : answer(work);
}
