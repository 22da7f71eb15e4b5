/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "../http/odata_version.h"
#include "../json/json_reader.h"
#include "change.h"
#include "collection.h"
#include "create.h"
#include "description.h"
#include "negotiation.h"
#include "work.h"

const char *iu_service_libraries(apr_pool_t *pool)
{
    return apr_pstrcat(pool, "json-c ", iu_json_library_version(), ", SQLite ",
                       iu_store_sqlite3_version(), NULL);
}

/* One step of an action. Returns NULL, or a problem, which ends the action. */
typedef iu_problem *step(iu_work *work);

/* How an action writes, after its steps. */
typedef struct writing {
    step *prepare; /* sets work->write */
    step *finish;  /* makes the answer after the write has its outcome;
                    * IU_VERSION_CONFLICT: to be prepared again */
    step *run; /* prepares, writes and finishes until there is no conflict */
} writing;

/* What a method does with a kind of resource. */
typedef struct action {
    iu_route_kind kind;
    iu_method method;
    const writing *writing; /* NULL: the last step makes the answer */
    step *steps[9];         /* in order; ends with NULL */
} action;

/*** The first steps ***/

/* Checks the OData version and refuses requests for isolation (OData 4.01
 * Protocol section 8.2). */
static iu_problem *check_odata_headers(iu_work *work)
{
    const apr_table_t *headers = work->operation->headers;
    apr_pool_t *pool = work->operation->pool;

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

static iu_problem *read_query(iu_work *work, iu_query_target target)
{
    const iu_operation *operation = work->operation;

    return iu_query_read(operation->pool, target, operation->query,
                         apr_table_get(operation->headers, "Prefer"),
                         &work->query);
}

static iu_problem *no_options(iu_work *work)
{
    return read_query(work, IU_QUERY_NONE);
}

static iu_problem *entity_options(iu_work *work)
{
    return read_query(work, IU_QUERY_ENTITY);
}

static iu_problem *collection_options(iu_work *work)
{
    return read_query(work, IU_QUERY_COLLECTION);
}

static iu_problem *count_options(iu_work *work)
{
    return read_query(work, IU_QUERY_COUNT);
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

/* Sets work->set_id. Paths that name one user lead to one set: users/{id}, me,
 * and the invitation of which the configured query, if any, knows the user.
 * Returns NULL, or a problem of iu_store_check_invitation. */
static iu_problem *find_set(iu_work *work)
{
    const iu_operation *operation = work->operation;
    const iu_owner *owner = &operation->route.owner;
    const char *query = operation->settings.invitation_query;
    const char *user_id = NULL;
    iu_problem *problem = NULL;

    if (owner->kind != IU_OWNER_INVITATION) {
        user_id = owner->id;
    }
    else if (query) {
        problem = iu_store_check_invitation(operation->store, &work->call,
                                            query, owner->id, &user_id);
    }
    work->set_id =
        user_id ? iu_key_of_user_set(operation->pool, user_id) : owner->id;
    return problem;
}

/* Sets work->call and work->set_id. Returns NULL, IU_DATABASE_REFUSED, or a
 * problem of find_set. */
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
    call->deadline = operation->deadline ? operation->deadline
                                         : iu_clock_now() + settings->timeout;
    call->queue_limit = settings->queue_limit;
    call->is_gone = operation->is_gone;
    call->client = operation->source;
    return find_set(work);
}

/*** The last steps ***/

/* Finds the record of the route. */
static iu_problem *find_record(iu_work *work, iu_record **record)
{
    const iu_operation *operation = work->operation;

    return iu_store_find(operation->store, &work->call, work->set_id,
                         operation->route.id, record);
}

static iu_problem *find(iu_work *work)
{
    const iu_shape shape = iu_work_shape(work);
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
        return NULL;
    }
    return iu_answer_found(work->operation, work->answer, record, &shape);
}

static iu_problem *find_resource(iu_work *work)
{
    iu_record *record;
    iu_problem *problem = find_record(work, &record);

    return problem ? problem
                   : iu_answer_resource(work->operation, work->answer, record,
                                        work->format);
}

/*** The actions ***/

static const writing creating = {iu_create_prepare, iu_create_finish,
                                 iu_create_run};
static const writing changing = {iu_change_prepare, iu_change_finish,
                                 iu_change_run};

/* clang-format off */
static const action actions[] = {
    /* GET {root} */
    {IU_ROUTE_SERVICE_DOCUMENT, IU_METHOD_GET, NULL,
        {check_odata_headers, no_options, iu_negotiate_json,
         iu_description_service}},
    /* GET {root}/$metadata */
    {IU_ROUTE_METADATA, IU_METHOD_GET, NULL,
        {check_odata_headers, no_options, iu_description_metadata}},
    /* GET {root}/openapi.json */
    {IU_ROUTE_OPENAPI, IU_METHOD_GET, NULL,
        {check_odata_headers, no_options, iu_description_openapi}},
    /* GET …/used */
    {IU_ROUTE_COLLECTION, IU_METHOD_GET, NULL,
        {check_odata_headers, collection_options, iu_negotiate_json,
         begin_call, iu_collection_list}},
    /* POST …/used; checks the whole body before it uses the database */
    {IU_ROUTE_COLLECTION, IU_METHOD_POST, &creating,
        {check_odata_headers, no_options, iu_negotiate_json,
         iu_create_read_keys, read_body, iu_create_read, begin_call,
         iu_create_name}},
    /* GET …/used/$count; plain text, whatever Accept says */
    {IU_ROUTE_COUNT, IU_METHOD_GET, NULL,
        {check_odata_headers, count_options, iu_negotiate_plain_text,
         begin_call, iu_collection_count}},
    /* GET, PATCH, DELETE …/used/{id} */
    {IU_ROUTE_ITEM, IU_METHOD_GET, NULL,
        {check_odata_headers, entity_options, iu_negotiate_json,
         read_conditions, begin_call, find}},
    {IU_ROUTE_ITEM, IU_METHOD_PATCH, &changing,
        {check_odata_headers, no_options, iu_negotiate_json, read_conditions,
         read_body, begin_call}},
    {IU_ROUTE_ITEM, IU_METHOD_DELETE, &changing,
        {check_odata_headers, no_options, iu_negotiate_json, read_conditions,
         begin_call}},
    /* GET …/used/{id}/resource */
    {IU_ROUTE_RESOURCE, IU_METHOD_GET, NULL,
        {check_odata_headers, no_options, iu_negotiate_json, begin_call,
         find_resource}},
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

/* The action of a method on a kind of resource; NULL: not allowed. */
static const action *find_action(iu_route_kind kind, iu_method method)
{
    size_t i;

    for (i = 0; i < ACTIONS; i++) {
        if (actions[i].kind == kind && actions[i].method == method) {
            return &actions[i];
        }
    }
    return NULL;
}

struct iu_pending {
    const action *action;
    iu_work work;
};

/* Runs an operation up to the point where its action prepares a write. */
static iu_problem *start(iu_pending *started, const iu_operation *operation,
                         iu_answer *answer)
{
    const action *action =
        find_action(operation->route.kind, operation->method);
    iu_problem *problem = operation->route_problem;
    step *const *next;

    if (!action) {
        return iu_problem_make(operation->pool, IU_METHOD_NOT_ALLOWED);
    }
    *started = (iu_pending){.action = action,
                            .work = {.operation = operation, .answer = answer}};
    for (next = action->steps; !problem && *next; next++) {
        problem = (*next)(&started->work);
    }
    return problem;
}

iu_problem *iu_service_run(const iu_operation *operation, iu_answer *answer)
{
    iu_pending started;
    iu_problem *problem = start(&started, operation, answer);

    return problem || !started.action->writing
               ? problem
               : started.action->writing->run(&started.work);
}

iu_problem *iu_service_begin(const iu_operation *operation, iu_answer *answer,
                             iu_pending **pending)
{
    iu_pending *started = apr_palloc(operation->pool, sizeof *started);
    iu_problem *problem = start(started, operation, answer);

    *pending = NULL;
    if (!problem && started->action->writing) {
        problem = iu_service_prepare(started);
        *pending = problem ? NULL : started;
    }
    return problem;
}

const iu_store_call *iu_service_call(const iu_pending *pending)
{
    return &pending->work.call;
}

iu_write *iu_service_write(iu_pending *pending)
{
    return &pending->work.write;
}

iu_problem *iu_service_prepare(iu_pending *pending)
{
    return pending->action->writing->prepare(&pending->work);
}

iu_problem *iu_service_finish(iu_pending *pending)
{
    return pending->action->writing->finish(&pending->work);
}

iu_problem *iu_service_repeat(iu_pending *pending)
{
    return pending->action->writing->run(&pending->work);
}
