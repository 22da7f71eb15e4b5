/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a record that is there: see change.h. */
#include "change.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/used_insight.h"
#include "config.h"
#include "database.h"
#include "reply.h"
#include "request.h"

/* One change, the baton of its attempts. */
typedef struct change {
    request_rec *r;
    iu_store *store;
    const iu_route *route;
    const iu_preconditions *conditions;
    int may_create;

    const iu_json *body; /* of an update */
    iu_record record;    /* what it stored */
    int is_created;
} change;

/* Whether there may be an attempt with what was found. */
static iu_problem *check(const change *changing, apr_pool_t *pool,
                         const iu_record *found)
{
    const iu_config *config = iu_config_of(changing->r);
    const iu_preconditions *conditions = changing->conditions;
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
        return iu_problem_make(pool, IU_NOT_FOUND, changing->route->id);
    }
    if (found && !conditions->if_match && config->if_match_required == 1) {
        return iu_problem_make(pool, IU_PRECONDITION_REQUIRED);
    }
    return NULL;
}

/* Runs attempts. What the last one leaves in its pool lives as long as r. A
 * change that names a version is refused when another comes first: it need not
 * queue to learn that. */
static iu_problem *run(change *changing, const iu_store_call *call,
                       iu_store_attempt *attempt)
{
    const char *if_match = changing->conditions->if_match;
    int queues = !if_match || strcmp(if_match, "*") == 0;

    changing->store = iu_database_store(changing->r);
    changing->route = &iu_request_get(changing->r)->route;
    return iu_store_change(changing->store, call,
                           changing->route->invitation_id, changing->route->id,
                           queues, attempt, changing);
}

/* A PATCH bounds its own body only: many of them must not make a record that no
 * create could. What is larger already may still become smaller. */
static iu_problem *check_size(const change *changing, apr_pool_t *pool,
                              const iu_record *found)
{
    apr_size_t length = changing->record.document_length;
    apr_int64_t limit =
        iu_config_max_body(iu_config_of(changing->r)) + IU_DOCUMENT_TYPES;

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
    iu_record *record = &changing->record;
    iu_problem *problem = check(changing, call->pool, found);

    if (!problem) {
        problem =
            iu_used_insight_merge(call->pool, changing->body,
                                  iu_config_required(iu_config_of(changing->r)),
                                  changing->route->id, found, record);
    }
    if (!problem) {
        problem = check_size(changing, call->pool, found);
    }
    if (problem) {
        return problem;
    }
    changing->is_created = !found;
    record->invitation_id = changing->route->invitation_id;
    iu_version_make(iu_request_random(changing->r), record->version);
    if (found) {
        return iu_store_update(changing->store, call, record, found->version);
    }
    problem = iu_store_insert(changing->store, call, record);
    return problem && problem->kind == IU_ALREADY_EXISTS
               ? iu_problem_make(call->pool, IU_VERSION_CONFLICT, record->id)
               : problem;
}

iu_problem *iu_change_update(request_rec *r, const iu_store_call *call,
                             const iu_preconditions *conditions,
                             const iu_json *body, iu_metadata metadata)
{
    change changing = {.r = r, .conditions = conditions, .body = body};
    iu_problem *problem;

    changing.may_create = iu_if_none_match_any(conditions) ||
                          iu_prefer_has(apr_table_get(r->headers_in, "Prefer"),
                                        "create-if-missing");
    problem = run(&changing, call, update);
    if (problem) {
        return problem;
    }
    /* Buckets want what they hold to be r's own. */
    changing.record.document = apr_pstrmemdup(r->pool, changing.record.document,
                                              changing.record.document_length);
    (changing.is_created ? iu_reply_created
                         : iu_reply_updated)(r, &changing.record, metadata);
    return NULL;
}

/* An iu_store_attempt. */
static iu_problem *delete_found(void *baton, const iu_store_call *call,
                                const iu_record *found)
{
    const change *changing = baton;
    iu_problem *problem = check(changing, call->pool, found);

    return problem
               ? problem
               : iu_store_delete(changing->store, call, found->invitation_id,
                                 found->id, found->version);
}

iu_problem *iu_change_delete(request_rec *r, const iu_store_call *call,
                             const iu_preconditions *conditions)
{
    change changing = {.r = r, .conditions = conditions};
    iu_problem *problem = run(&changing, call, delete_found);

    if (!problem) {
        iu_reply_deleted(r);
    }
    return problem;
}
