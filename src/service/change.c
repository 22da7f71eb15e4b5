/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a record that is there. */
#include "change.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/used_insight.h"
#include "../http/prefer.h"

/* One change, the baton of its attempts. */
typedef struct change {
    const iu_work *work;
    int may_create;

    iu_record record; /* what an update stored */
    int is_created;
} change;

/* Whether there may be an attempt with what was found. */
static iu_problem *check(const change *changing, apr_pool_t *pool,
                         const iu_record *found)
{
    const iu_operation *operation = changing->work->operation;
    const iu_preconditions *conditions = &changing->work->conditions;
    const char *version = found ? found->version : NULL;
    /* Where there is no record, If-Match is false whatever it says (RFC 9110
     * section 13.1.1): 412, not the 404 of a request without it. */
    iu_problem *problem = iu_if_match_check(pool, conditions, version);

    if (!problem) {
        problem = iu_if_none_match_check(pool, conditions, version);
    }
    if (problem) {
        return problem;
    }
    if (!found && !changing->may_create) {
        return iu_problem_make(pool, IU_NOT_FOUND, operation->route.id);
    }
    return found && !conditions->if_match &&
                   operation->settings.if_match_required
               ? iu_problem_make(pool, IU_PRECONDITION_REQUIRED)
               : NULL;
}

/* Runs attempts. What the last one leaves in its pool lives as long as the
 * operation. A change that names a version is refused when another comes first:
 * it need not queue to learn that. */
static iu_problem *run(change *changing, iu_store_attempt *attempt)
{
    const iu_work *work = changing->work;
    const iu_route *route = &work->operation->route;
    const char *if_match = work->conditions.if_match;
    int queues = !if_match || strcmp(if_match, "*") == 0;

    return iu_store_change(work->operation->store, &work->call,
                           route->invitation_id, route->id, queues, attempt,
                           changing);
}

/* A PATCH bounds its own body only: many of them must not make a record that no
 * create could. What is larger already may still become smaller. */
static iu_problem *check_size(const change *changing, apr_pool_t *pool,
                              const iu_record *found)
{
    apr_size_t length = changing->record.document_length;
    apr_int64_t limit =
        changing->work->operation->settings.max_body + IU_DOCUMENT_TYPES;

    return (apr_int64_t)length > limit &&
                   (!found || length > found->document_length)
               ? iu_problem_make(pool, IU_MERGED_TOO_LARGE, limit)
               : NULL;
}

/* An iu_store_attempt. */
static iu_problem *update(void *baton, const iu_store_call *call,
                          const iu_record *found)
{
    change *changing = baton;
    const iu_operation *operation = changing->work->operation;
    iu_record *record = &changing->record;
    iu_problem *problem = check(changing, call->pool, found);

    if (!problem) {
        problem = iu_used_insight_merge(call->pool, changing->work->body,
                                        operation->settings.required,
                                        operation->route.id, found, record);
    }
    if (!problem) {
        problem = check_size(changing, call->pool, found);
    }
    if (problem) {
        return problem;
    }
    changing->is_created = !found;
    record->invitation_id = operation->route.invitation_id;
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
    change changing = {
        .work = work,
        .may_create = iu_if_none_match_any(&work->conditions) ||
                      iu_prefer_has(prefer, "create-if-missing"),
    };
    iu_record *record = &changing.record;
    iu_problem *problem = run(&changing, update);

    if (problem) {
        return problem;
    }
    /* A part of an answer lives in its pool itself, not in one below. */
    record->document = apr_pstrmemdup(operation->pool, record->document,
                                      record->document_length);
    (changing.is_created ? iu_answer_created : iu_answer_updated)(
        operation, work->answer, record, work->metadata);
    return NULL;
}

/* An iu_store_attempt. */
static iu_problem *delete_found(void *baton, const iu_store_call *call,
                                const iu_record *found)
{
    const change *changing = baton;
    iu_problem *problem = check(changing, call->pool, found);

    return problem ? problem
                   : iu_store_delete(changing->work->operation->store, call,
                                     found->invitation_id, found->id,
                                     found->version);
}

iu_problem *iu_change_delete(iu_work *work)
{
    change changing = {.work = work};
    iu_problem *problem = run(&changing, delete_found);

    if (!problem) {
        iu_answer_no_content(work->answer);
    }
    return problem;
}
