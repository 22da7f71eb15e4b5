/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/used_insight.h"
#include "../http/prefer.h"

/* Baton of iu_store_attempt for one PATCH or DELETE. */
typedef struct change_baton {
    const iu_work *work;
    int may_create;

    /* Set by the last attempt at an update. */
    iu_record record;
    int is_created;
} change_baton;

/* Checks the conditions of the request for the record that was found; NULL: it
 * does not exist. */
static iu_problem *check_found(const change_baton *change, apr_pool_t *pool,
                               const iu_record *found)
{
    const iu_operation *operation = change->work->operation;
    const iu_preconditions *conditions = &change->work->conditions;
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
    if (!found && !change->may_create) {
        return iu_problem_make(pool, IU_NOT_FOUND, operation->route.id);
    }
    return found && !conditions->if_match &&
                   operation->settings.if_match_required
               ? iu_problem_make(pool, IU_PRECONDITION_REQUIRED)
               : NULL;
}

/* Runs attempts until one succeeds or fails for good. The pool of the last
 * attempt lives as long as the operation. A change with an ETag in If-Match
 * need not queue behind other changes of the record: it fails if one comes
 * first. */
static iu_problem *run_attempts(change_baton *change, iu_store_attempt *attempt)
{
    const iu_work *work = change->work;
    const iu_route *route = &work->operation->route;
    const char *if_match = work->conditions.if_match;
    int use_queue = !if_match || strcmp(if_match, "*") == 0;

    return iu_store_change(work->operation->store, &work->call,
                           route->invitation_id, route->id, use_queue, attempt,
                           change);
}

/* Limits the document to the size that a create permits: repeated PATCH
 * requests must not exceed it. A document that is larger already may be changed
 * if it does not grow. */
static iu_problem *check_size(const change_baton *change, apr_pool_t *pool,
                              const iu_record *found)
{
    apr_size_t length = change->record.document_length;
    apr_int64_t limit =
        change->work->operation->settings.max_body + IU_DOCUMENT_TYPES;

    return (apr_int64_t)length > limit &&
                   (!found || length > found->document_length)
               ? iu_problem_make(pool, IU_MERGED_TOO_LARGE, limit)
               : NULL;
}

/* An iu_store_attempt. */
static iu_problem *update(void *baton, const iu_store_call *call,
                          const iu_record *found)
{
    change_baton *change = baton;
    const iu_operation *operation = change->work->operation;
    iu_record *record = &change->record;
    iu_problem *problem = check_found(change, call->pool, found);

    if (!problem) {
        problem = iu_used_insight_merge(call->pool, change->work->body,
                                        operation->settings.required,
                                        operation->route.id, found, record);
    }
    if (!problem) {
        problem = check_size(change, call->pool, found);
    }
    if (problem) {
        return problem;
    }
    change->is_created = !found;
    record->set_id = operation->route.invitation_id;
    iu_version_make(operation->random, record->version);
    if (found) {
        return iu_store_update(operation->store, call, record, found->version);
    }
    problem = iu_store_insert(operation->store, call, record);
    return problem && problem->kind == IU_ALREADY_EXISTS
               ? iu_problem_make(call->pool, IU_VERSION_CONFLICT, record->id)
               : problem;
}

iu_problem *iu_change_update(iu_work *work)
{
    const iu_operation *operation = work->operation;
    const char *prefer = apr_table_get(operation->headers, "Prefer");
    change_baton change = {
        .work = work,
        .may_create = iu_if_none_match_any(&work->conditions) ||
                      iu_prefer_has(prefer, "create-if-missing"),
    };
    iu_record *record = &change.record;
    iu_problem *problem = run_attempts(&change, update);

    if (problem) {
        return problem;
    }
    /* The parts of an answer must be in its pool, not in a subpool. */
    record->document = apr_pstrmemdup(operation->pool, record->document,
                                      record->document_length);
    return (change.is_created ? iu_answer_created : iu_answer_updated)(
        operation, work->answer, record, work->metadata);
}

/* An iu_store_attempt. */
static iu_problem *delete_found(void *baton, const iu_store_call *call,
                                const iu_record *found)
{
    const change_baton *change = baton;
    iu_problem *problem = check_found(change, call->pool, found);

    return problem ? problem
                   : iu_store_delete(change->work->operation->store, call,
                                     found->set_id, found->id, found->version);
}

iu_problem *iu_change_delete(iu_work *work)
{
    change_baton change = {.work = work};
    iu_problem *problem = run_attempts(&change, delete_found);

    if (!problem) {
        iu_answer_no_content(work->answer);
    }
    return problem;
}
