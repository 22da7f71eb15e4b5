/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_insights_used: the Microsoft Graph call "Create used" and the entity set
 * around it, served by Apache httpd. This file is the table of contents: the
 * hooks, and the way of each request through the rooms under src/.
 */
#include "src/httpd/private.h"

#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include <apr_strings.h>

#include "src/graph/json_text.h"
#include "src/graph/negotiation.h"
#include "src/graph/query.h"
#include "src/graph/used_insight.h"
#include "src/httpd/access.h"
#include "src/httpd/change.h"
#include "src/httpd/claim.h"
#include "src/httpd/collection.h"
#include "src/httpd/config.h"
#include "src/httpd/database.h"
#include "src/httpd/description.h"
#include "src/httpd/error_page.h"
#include "src/httpd/reply.h"
#include "src/httpd/request.h"
#include "src/httpd/request_body.h"
#include "src/store/clock.h"
#include "src/store/store.h"

/* Prepares for calls of the store, and sees that the invitation is known where
 * there is a way to tell. */
static iu_problem *begin_call(request_rec *r, iu_store_call *call)
{
    const iu_config *config = iu_config_of(r);
    const char *query = iu_config_invitation_query(config);
    iu_store *store = iu_database_store(r);

    if (!store) {
        return iu_problem_make(r->pool, IU_DATABASE_REFUSED);
    }
    call->pool = r->pool;
    call->origin = iu_request_get(r)->origin;
    call->deadline = iu_clock_now() + iu_config_commit_timeout(config);
    call->queue_limit = iu_config_queue(config);
    return query
               ? iu_store_check_invitation(
                     store, call, query, iu_request_get(r)->route.invitation_id)
               : NULL;
}

/* What the header fields and the query ask for (OData 4.01 Protocol sections
 * 8.2 and 11.2). */
static iu_problem *negotiate(request_rec *r, iu_query_target target,
                             iu_metadata *metadata, iu_query *query)
{
    iu_problem *problem = iu_request_check_version(r);

    if (problem) {
        return problem;
    }
    /* A number alone is plain text, whatever else a client likes. */
    if (target != IU_QUERY_COUNT &&
        !iu_accept_read(apr_table_get(r->headers_in, "Accept"), metadata)) {
        return iu_problem_make(r->pool, IU_NOT_ACCEPTABLE, "application/json");
    }
    return iu_query_read(r->pool, target, r->args,
                         apr_table_get(r->headers_in, "Prefer"), query);
}

static iu_problem *read_conditions(request_rec *r, iu_preconditions *conditions)
{
    conditions->if_match = apr_table_get(r->headers_in, "If-Match");
    conditions->if_none_match = apr_table_get(r->headers_in, "If-None-Match");
    return iu_preconditions_check(r->pool, conditions);
}

static iu_problem *read_body(request_rec *r, const iu_json **root)
{
    const iu_config *config = iu_config_of(r);
    iu_problem *problem;
    iu_buffer body;

    if (!iu_content_type_is_json(
            apr_table_get(r->headers_in, "Content-Type"))) {
        return iu_problem_make(r->pool, IU_CONTENT_TYPE);
    }
    problem = iu_request_body_read(r, iu_config_max_body(config), &body);
    return problem ? problem
                   : iu_json_read(r->pool, body.data, body.length, root);
}

/* Clients repeat by themselves what has a Retry-After. Without an id of their
 * own that would store a second record. */
static void forbid_repeat(iu_problem *problem)
{
    problem->status = HTTP_INTERNAL_SERVER_ERROR;
    problem->code = "InternalServerError";
    problem->retry_after = 0;
}

/* Completes record with what the server gives it, and stores it. */
static iu_problem *store_record(request_rec *r, iu_record *record)
{
    iu_store_call call;
    iu_problem *problem = begin_call(r, &call);
    int is_named = record->id != NULL;

    record->invitation_id = iu_request_get(r)->route.invitation_id;
    if (!is_named) {
        char *id = apr_palloc(r->pool, IU_UUID_SIZE);

        iu_uuid_ordered(iu_request_random(r), id, apr_time_now());
        record->id = id;
    }
    iu_version_make(iu_request_random(r), record->version);
    if (!problem) {
        problem = iu_store_insert(iu_database_store(r), &call, record);
    }
    if (problem && problem->kind == IU_ALREADY_EXISTS) {
        problem->location = iu_reply_location(r, record);
    }
    if (problem && problem->kind == IU_COMMIT_UNKNOWN && !is_named) {
        forbid_repeat(problem);
    }
    return problem;
}

/* POST …/used */
static iu_problem *create(request_rec *r)
{
    iu_metadata metadata;
    iu_query query;
    const iu_json *body;
    iu_record record;
    iu_problem *problem = negotiate(r, IU_QUERY_NONE, &metadata, &query);

    if (!problem) {
        problem = read_body(r, &body);
    }
    if (!problem) {
        problem = iu_used_insight_read(
            r->pool, body, iu_config_required(iu_config_of(r)), &record);
    }
    if (!problem) {
        problem = store_record(r, &record);
    }
    if (!problem) {
        iu_reply_created(r, &record, metadata);
    }
    return problem;
}

/* Finds the record that the request target names. */
static iu_problem *find_record(request_rec *r, iu_record **record)
{
    const iu_route *route = &iu_request_get(r)->route;
    iu_store_call call;
    iu_problem *problem = begin_call(r, &call);

    if (!problem) {
        problem = iu_store_find(iu_database_store(r), &call,
                                route->invitation_id, route->id, record);
    }
    return problem;
}

/* GET …/used/{id} */
static iu_problem *find(request_rec *r)
{
    iu_preconditions conditions;
    iu_metadata metadata;
    iu_query query;
    iu_record *record;
    iu_problem *problem = negotiate(r, IU_QUERY_ENTITY, &metadata, &query);

    if (!problem) {
        problem = read_conditions(r, &conditions);
    }
    if (!problem) {
        problem = find_record(r, &record);
    }
    if (!problem) {
        problem = iu_if_match_check(r->pool, &conditions, record->version);
    }
    if (problem) {
        return problem;
    }
    if (iu_if_none_match_check(r->pool, &conditions, record->version)) {
        iu_reply_not_modified(r, record);
    }
    else {
        const iu_shape shape = {metadata, query.select, query.select_text,
                                query.expand_resource};

        iu_reply_found(r, record, &shape);
    }
    return NULL;
}

/* PATCH …/used/{id} */
static iu_problem *update(request_rec *r)
{
    iu_preconditions conditions;
    iu_metadata metadata;
    iu_query query;
    const iu_json *body;
    iu_store_call call;
    iu_problem *problem = negotiate(r, IU_QUERY_NONE, &metadata, &query);

    if (!problem) {
        problem = read_conditions(r, &conditions);
    }
    if (!problem) {
        problem = read_body(r, &body);
    }
    if (!problem) {
        problem = begin_call(r, &call);
    }
    return problem ? problem
                   : iu_change_update(r, &call, &conditions, body, metadata);
}

/* DELETE …/used/{id} */
static iu_problem *delete_record(request_rec *r)
{
    iu_preconditions conditions;
    iu_metadata metadata;
    iu_query query;
    iu_store_call call;
    iu_problem *problem = negotiate(r, IU_QUERY_NONE, &metadata, &query);

    if (!problem) {
        problem = read_conditions(r, &conditions);
    }
    if (!problem) {
        problem = begin_call(r, &call);
    }
    return problem ? problem : iu_change_delete(r, &call, &conditions);
}

/* GET …/used/{id}/resource */
static iu_problem *find_resource(request_rec *r)
{
    iu_metadata metadata;
    iu_query query;
    iu_record *record;
    iu_problem *problem = negotiate(r, IU_QUERY_NONE, &metadata, &query);

    if (!problem) {
        problem = find_record(r, &record);
    }
    if (!problem) {
        iu_reply_resource(r, record, metadata);
    }
    return problem;
}

/* GET …/used */
static iu_problem *list(request_rec *r)
{
    iu_metadata metadata;
    iu_query query;
    iu_store_call call;
    iu_problem *problem = negotiate(r, IU_QUERY_COLLECTION, &metadata, &query);

    if (!problem) {
        problem = begin_call(r, &call);
    }
    return problem ? problem : iu_collection_send(r, &call, &query, metadata);
}

/* GET …/used/$count */
static iu_problem *count(request_rec *r)
{
    iu_query query;
    iu_store_call call;
    iu_problem *problem = negotiate(r, IU_QUERY_COUNT, NULL, &query);

    if (!problem) {
        problem = begin_call(r, &call);
    }
    return problem ? problem : iu_collection_count(r, &call, &query);
}

/* What is done where. GET stands for HEAD, too. */
static const struct {
    iu_route_kind kind;
    int method;
    iu_problem *(*run)(request_rec *r);
} actions[] = {
    {IU_ROUTE_SERVICE_DOCUMENT, M_GET, iu_description_service},
    {IU_ROUTE_METADATA, M_GET, iu_description_metadata},
    {IU_ROUTE_OPENAPI, M_GET, iu_description_openapi},
    {IU_ROUTE_COLLECTION, M_GET, list},
    {IU_ROUTE_COLLECTION, M_POST, create},
    {IU_ROUTE_COUNT, M_GET, count},
    {IU_ROUTE_ITEM, M_GET, find},
    {IU_ROUTE_ITEM, M_PATCH, update},
    {IU_ROUTE_ITEM, M_DELETE, delete_record},
    {IU_ROUTE_RESOURCE, M_GET, find_resource},
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

/* The set of methods that a resource has. */
static apr_int64_t methods_of(iu_route_kind kind)
{
    apr_int64_t methods = AP_METHOD_BIT << M_OPTIONS;
    size_t i;

    for (i = 0; i < ACTIONS; i++) {
        if (actions[i].kind == kind) {
            methods |= AP_METHOD_BIT << actions[i].method;
        }
    }
    return methods;
}

/* What httpd makes Allow of, in a 405 and in a 501. */
static void tell_methods(request_rec *r, iu_route_kind kind)
{
    ap_clear_method_list(r->allowed_methods);
    r->allowed_methods->method_mask = r->allowed = methods_of(kind);
}

static iu_problem *run_action(request_rec *r, const iu_request *request)
{
    size_t i = 0;

    tell_methods(r, request->route.kind);
    while (i < ACTIONS && (actions[i].kind != request->route.kind ||
                           actions[i].method != r->method_number)) {
        i++;
    }
    if (i == ACTIONS) {
        return iu_problem_make(r->pool, IU_METHOD_NOT_ALLOWED);
    }
    return request->route_problem ? request->route_problem : actions[i].run(r);
}

static iu_problem *answer(request_rec *r, const iu_request *request)
{
    iu_problem *problem;

    if (r->method_number == M_OPTIONS) {
        /* A browser's preflight has no token, and learns nothing here that
         * is not in the documentation. */
        iu_reply_options(r, methods_of(request->route.kind));
        return NULL;
    }
    problem = iu_access_check(r, r->method_number == M_GET ? IU_ACCESS_READ
                                                           : IU_ACCESS_WRITE);
    return problem ? problem : run_action(r, request);
}

static int handler(request_rec *r)
{
    const iu_request *request = iu_claim_find(r);
    iu_problem *problem;

    if (!request) {
        return DECLINED;
    }
    problem = answer(r, request);
    if (problem) {
        return iu_request_fail(r, problem);
    }
    iu_database_served(r);
    return OK;
}

/* The neighbours of the hooks, whatever the order of LoadModule. The operator's
 * rules come first: rewriting, proxying and redirecting. */
static void register_hooks(apr_pool_t *pool)
{
    static const char *const rewriting[] = {"mod_rewrite.c", "mod_proxy.c",
                                            NULL};
    static const char *const redirecting[] = {"mod_alias.c", NULL};
    static const char *const files[] = {"mod_userdir.c", "mod_vhost_alias.c",
                                        NULL};
    /* Answers TRACE for what has no handler of its own. */
    static const char *const http[] = {"http_core.c", NULL};
    static const char *const types[] = {"mod_negotiation.c", "mod_mime.c",
                                        "mod_mime_magic.c", NULL};
    /* Its Script directive is for what nobody else answers. */
    static const char *const actions_of_methods[] = {"mod_actions.c", NULL};

    (void)pool;
    ap_hook_pre_config(iu_database_pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(iu_config_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(iu_database_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_test_config(iu_database_test_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(iu_database_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    /* First, so that the stores go last: other modules' threads that run
     * requests end before. */
    ap_hook_child_init(iu_database_child_init, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_translate_name(iu_claim_translate, rewriting, redirecting,
                           APR_HOOK_FIRST);
    ap_hook_translate_name(iu_claim_end_translation, redirecting, files,
                           APR_HOOK_MIDDLE);
    ap_hook_map_to_storage(iu_claim_map_to_storage, rewriting, http,
                           APR_HOOK_FIRST);
    ap_hook_type_checker(iu_claim_type, NULL, types, APR_HOOK_FIRST);
    ap_hook_handler(handler, NULL, actions_of_methods, APR_HOOK_MIDDLE);
    iu_error_page_register();
}

module AP_MODULE_DECLARE_DATA insights_used_module = {
    STANDARD20_MODULE_STUFF, iu_config_create,       iu_config_merge,
    iu_server_config_create, iu_server_config_merge, iu_config_commands,
    register_hooks,          AP_MODULE_FLAG_NONE};
