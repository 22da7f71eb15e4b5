/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include "../concurrency/clock.h"
#include "../graph/used_insight.h"
#include "../http/odata_version.h"
#include "../text/uuid.h"
#include "change.h"
#include "collection.h"
#include "description.h"
#include "work.h"

/* Steps before an action; prepare() runs them in this order. The OData version
 * and the query are checked for every action. */
enum {
    ACCEPTS_JSON = 1, /* the answer is JSON: check Accept */
    HAS_CONDITIONS = 2,
    HAS_BODY = 4,
    NEEDS_STORE = 8
};

typedef struct action {
    iu_route_kind kind;
    iu_method method;
    iu_query_target options; /* query options that it accepts */
    int steps;
    iu_problem *(*run)(iu_work *work);
} action;

/* Sets work->call, and runs the query for the invitation if one is configured.
 * Returns NULL, IU_DATABASE_REFUSED, or a problem of
 * iu_store_check_invitation. */
static iu_problem *begin_call(iu_work *work)
{
    const iu_operation *operation = work->operation;
    const iu_settings *settings = &operation->settings;
    iu_store_call *call = &work->call;

    if (!operation->store) {
        return iu_problem_make(operation->pool, IU_DATABASE_REFUSED);
    }
    call->pool = operation->pool;
    call->origin = operation->origin;
    call->deadline = iu_clock_now() + settings->timeout;
    call->queue_limit = settings->queue_limit;
    call->is_gone = operation->is_gone;
    call->client = operation->source;
    return settings->invitation_query
               ? iu_store_check_invitation(operation->store, call,
                                           settings->invitation_query,
                                           operation->route.invitation_id)
               : NULL;
}

/* Clients retry automatically after a 503 with Retry-After. A create without an
 * id would then store a second record: answer 500. */
static void forbid_retry(iu_problem *problem)
{
    problem->status = 500;
    problem->code = "InternalServerError";
    problem->retry_after = 0;
}

/* Sets the fields of record that the server generates, and stores it. */
static iu_problem *store_record(iu_work *work, iu_record *record)
{
    const iu_operation *operation = work->operation;
    iu_problem *problem = begin_call(work);
    int has_id = record->id != NULL;

    record->invitation_id = operation->route.invitation_id;
    if (!has_id) {
        char *id = apr_palloc(operation->pool, IU_UUID_SIZE);

        iu_uuid_ordered(operation->random, id, apr_time_now());
        record->id = id;
    }
    iu_version_make(operation->random, record->version);
    if (!problem) {
        problem = iu_store_insert(operation->store, &work->call, record);
    }
    if (problem && problem->kind == IU_ALREADY_EXISTS) {
        problem->location = iu_answer_location(operation, record);
    }
    if (problem && problem->kind == IU_COMMIT_UNKNOWN && !has_id) {
        forbid_retry(problem);
    }
    return problem;
}

/* POST …/used. Checks the body before it uses the database, therefore without
 * NEEDS_STORE. */
static iu_problem *create(iu_work *work)
{
    const iu_operation *operation = work->operation;
    iu_record record;
    iu_problem *problem = iu_used_insight_read(
        operation->pool, work->body, operation->settings.required, &record);

    if (!problem) {
        problem = store_record(work, &record);
    }
    if (!problem) {
        iu_answer_created(operation, work->answer, &record, work->metadata);
    }
    return problem;
}

/* Finds the record of the route. */
static iu_problem *find_record(iu_work *work, iu_record **record)
{
    const iu_route *route = &work->operation->route;

    return iu_store_find(work->operation->store, &work->call,
                         route->invitation_id, route->id, record);
}

/* GET …/used/{id} */
static iu_problem *find(iu_work *work)
{
    const iu_shape shape = {work->metadata, work->query.select,
                            work->query.select_text,
                            work->query.expand_resource};
    apr_pool_t *pool = work->operation->pool;
    iu_record *record;
    iu_problem *problem = find_record(work, &record);

    if (!problem) {
        problem = iu_if_match_check(pool, &work->conditions, record->version);
    }
    if (problem) {
        return problem;
    }
    if (iu_if_none_match_check(pool, &work->conditions, record->version)) {
        iu_answer_not_modified(work->operation, work->answer, record);
    }
    else {
        iu_answer_found(work->operation, work->answer, record, &shape);
    }
    return NULL;
}

/* GET …/used/{id}/resource */
static iu_problem *find_resource(iu_work *work)
{
    iu_record *record;
    iu_problem *problem = find_record(work, &record);

    if (!problem) {
        iu_answer_resource(work->operation, work->answer, record,
                           work->metadata);
    }
    return problem;
}

/* clang-format off */
static const action actions[] = {
    {IU_ROUTE_SERVICE_DOCUMENT, IU_METHOD_GET, IU_QUERY_NONE,
        ACCEPTS_JSON, iu_description_service},
    {IU_ROUTE_METADATA, IU_METHOD_GET, IU_QUERY_NONE,
        0, iu_description_metadata},
    {IU_ROUTE_OPENAPI, IU_METHOD_GET, IU_QUERY_NONE,
        0, iu_description_openapi},
    {IU_ROUTE_COLLECTION, IU_METHOD_GET, IU_QUERY_COLLECTION,
        ACCEPTS_JSON | NEEDS_STORE, iu_collection_list},
    {IU_ROUTE_COLLECTION, IU_METHOD_POST, IU_QUERY_NONE,
        ACCEPTS_JSON | HAS_BODY, create},
    /* $count is plain text, whatever Accept says. */
    {IU_ROUTE_COUNT, IU_METHOD_GET, IU_QUERY_COUNT,
        NEEDS_STORE, iu_collection_count},
    {IU_ROUTE_ITEM, IU_METHOD_GET, IU_QUERY_ENTITY,
        ACCEPTS_JSON | HAS_CONDITIONS | NEEDS_STORE, find},
    {IU_ROUTE_ITEM, IU_METHOD_PATCH, IU_QUERY_NONE,
        ACCEPTS_JSON | HAS_CONDITIONS | HAS_BODY | NEEDS_STORE,
        iu_change_update},
    {IU_ROUTE_ITEM, IU_METHOD_DELETE, IU_QUERY_NONE,
        ACCEPTS_JSON | HAS_CONDITIONS | NEEDS_STORE, iu_change_delete},
    {IU_ROUTE_RESOURCE, IU_METHOD_GET, IU_QUERY_NONE,
        ACCEPTS_JSON | NEEDS_STORE, find_resource},
};
/* clang-format on */

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

unsigned iu_service_methods(iu_route_kind kind)
{
    unsigned methods = 0;
    size_t i;

    for (i = 0; i < ACTIONS; i++) {
        if (actions[i].kind == kind) {
            methods |= 1u << actions[i].method;
        }
    }
    return methods;
}

/* Checks the OData version and refuses requests for isolation (OData 4.01
 * Protocol section 8.2). */
static iu_problem *check_odata_headers(const iu_operation *operation)
{
    const apr_table_t *headers = operation->headers;
    apr_pool_t *pool = operation->pool;

    if (!iu_odata_version_known(apr_table_get(headers, "OData-Version"))) {
        return iu_problem_make(pool, IU_ODATA_VERSION);
    }
    if (!iu_odata_max_version_allows(
            apr_table_get(headers, "OData-MaxVersion"))) {
        return iu_problem_make(pool, IU_ODATA_MAX_VERSION);
    }
    if (apr_table_get(headers, "Isolation")) {
        return iu_problem_make(pool, IU_ISOLATION, "Isolation");
    }
    return apr_table_get(headers, "OData-Isolation")
               ? iu_problem_make(pool, IU_ISOLATION, "OData-Isolation")
               : NULL;
}

static iu_problem *read_conditions(iu_work *work)
{
    const apr_table_t *headers = work->operation->headers;

    work->conditions.if_match = apr_table_get(headers, "If-Match");
    work->conditions.if_none_match = apr_table_get(headers, "If-None-Match");
    return iu_preconditions_check(work->operation->pool, &work->conditions);
}

static iu_problem *read_body(iu_work *work)
{
    const iu_operation *operation = work->operation;
    iu_problem *problem;
    iu_buffer body;

    if (!iu_content_type_is_json(
            apr_table_get(operation->headers, "Content-Type"))) {
        return iu_problem_make(operation->pool, IU_CONTENT_TYPE);
    }
    problem = operation->read_body(operation, &body);
    return problem ? problem
                   : iu_json_read(operation->pool, body.data, body.length,
                                  &work->body);
}

/* Runs the steps before an action. */
static iu_problem *prepare(iu_work *work, const action *chosen)
{
    const iu_operation *operation = work->operation;
    const apr_table_t *headers = operation->headers;
    iu_problem *problem = check_odata_headers(operation);

    if (!problem && chosen->steps & ACCEPTS_JSON &&
        !iu_accept_allows_json(apr_table_get(headers, "Accept"),
                               &work->metadata)) {
        problem = iu_problem_make(operation->pool, IU_NOT_ACCEPTABLE,
                                  "application/json");
    }
    if (!problem) {
        problem =
            iu_query_read(operation->pool, chosen->options, operation->query,
                          apr_table_get(headers, "Prefer"), &work->query);
    }
    if (!problem && chosen->steps & HAS_CONDITIONS) {
        problem = read_conditions(work);
    }
    if (!problem && chosen->steps & HAS_BODY) {
        problem = read_body(work);
    }
    if (!problem && chosen->steps & NEEDS_STORE) {
        problem = begin_call(work);
    }
    return problem;
}

iu_problem *iu_service_run(const iu_operation *operation, iu_answer *answer)
{
    iu_work work = {.operation = operation, .answer = answer};
    iu_problem *problem = operation->route_problem;
    size_t i = 0;

    while (i < ACTIONS && (actions[i].kind != operation->route.kind ||
                           actions[i].method != operation->method)) {
        i++;
    }
    if (i == ACTIONS) {
        return iu_problem_make(operation->pool, IU_METHOD_NOT_ALLOWED);
    }
    if (!problem) {
        problem = prepare(&work, &actions[i]);
    }
    return problem ? problem : actions[i].run(&work);
}
