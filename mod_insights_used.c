/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_insights_used: Microsoft Graph's "Create used" and the entity set around
 * it. This file has the hooks and the handler.
 *
 * A request's way through httpd's hooks. Our functions are indented; above and
 * below each of them are the modules that run before and after it.
 *
 *   translate_name         iu_batch_hooks_begin
 *     |                  mod_rewrite, mod_proxy
 *     |                    iu_mapping_translate: is it ours? reads the route
 *     |                  mod_alias
 *     |                    iu_mapping_end_translation: it is not a file
 *     |                  mod_userdir, mod_vhost_alias, core: not reached
 *     v
 *   map_to_storage       mod_proxy
 *     |                    iu_mapping_map_to_storage: sets r->handler, the keys
 *     |                  http_core, core: not reached
 *     v
 *   post_perdir_config     iu_batch_hooks_configure
 *     |                  any other module
 *     |                    iu_mapping_recheck_access: for internal redirects
 *     v
 *   access_checker       any other module
 *   access_checker_ex      iu_batch_hooks_authorize
 *     |                  mod_authz_core: Require, as far as it needs no user
 *   check_user_id        mod_oauth2, mod_auth_openidc: set r->user and claims
 *   auth_checker           iu_mapping_note_caller: who "me" is
 *     |                  mod_authz_core: Require
 *     |
 *     v
 *   type_checker           iu_mapping_end_type_check: it is not a file
 *     |                  mod_negotiation, mod_mime, mod_mime_magic: not reached
 *     v
 *   fixups                 iu_batch_hooks_hide
 *     |                  mod_rewrite
 *     |                    iu_batch_hooks_show
 *     |                  any other module
 *     v
 *   handler                handler: iu_access_check, iu_service_run, or for
 *     |                    $batch iu_request_batch_run: a subrequest for each
 *     |                    request takes the same way up to here
 *     |                  mod_actions: not reached
 *     v
 *   log_transaction        iu_counters_count_request
 *
 * Requests for monitoring take another way: SetHandler names the handlers in
 * metrics_page.c and probes.c, which need no route.
 *
 * Any hook may end the request with an error. httpd then runs the hook
 * insert_error_filter, where error_page.c adds the filter that replaces httpd's
 * page by JSON.
 */
#include "src/httpd/module.h"

#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include "src/httpd/access.h"
#include "src/httpd/batch_hooks.h"
#include "src/httpd/config.h"
#include "src/httpd/counters.h"
#include "src/httpd/error_page.h"
#include "src/httpd/mapping.h"
#include "src/httpd/metrics_page.h"
#include "src/httpd/probes.h"
#include "src/httpd/request.h"
#include "src/httpd/request_batch.h"
#include "src/httpd/request_operation.h"
#include "src/httpd/response.h"
#include "src/httpd/status.h"
#include "src/httpd/stores.h"
#include "src/service/service.h"
#include "src/text/version.h"

static iu_problem *run(request_rec *r, iu_answer *answer)
{
    /* Not on the stack: the answer may be continued while it is sent. */
    iu_operation *operation = apr_palloc(r->pool, sizeof(*operation));

    iu_request_operation_make(r, operation);
    return iu_service_run(operation, answer);
}

/* Serves a mapped request. Returns NULL, or a problem. */
static iu_problem *serve(request_rec *r, const iu_request *request)
{
    int is_batch = request->route.kind == IU_ROUTE_BATCH;
    unsigned methods = is_batch ? 1u << IU_METHOD_POST
                                : iu_service_methods(request->route.kind);
    iu_access access = is_batch ? IU_ACCESS_BATCH
                       : iu_request_method(r) == IU_METHOD_GET
                           ? IU_ACCESS_READ
                           : IU_ACCESS_WRITE;
    iu_answer answer = {.headers = r->headers_out};
    iu_problem *problem;

    if (r->method_number == M_OPTIONS) {
        /* Before the access check: a browser's preflight has no token. The
         * answer has nothing that is not in the documentation. */
        iu_response_send_options(r, methods);
        return NULL;
    }
    iu_response_allow(r, methods);
    problem = iu_access_check(r, access);
    if (!problem) {
        problem = (is_batch ? iu_request_batch_run : run)(r, &answer);
    }
    if (!problem) {
        iu_response_send(r, &answer);
    }
    return problem;
}

static int handler(request_rec *r)
{
    const iu_request *request = iu_mapping_find(r);
    iu_problem *problem;

    if (!request) {
        return DECLINED;
    }
    problem = serve(r, request);
    if (problem) {
        return iu_request_fail(r, problem);
    }
    iu_stores_note_served(r);
    return OK;
}

/* A post_config hook: logs the versions at each start and reload. */
static int log_versions(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *server)
{
    (void)pconf;
    (void)plog;
    /* At the start httpd runs this hook twice. */
    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                     "IU0160: mod_insights_used/" IU_MODULE_VERSION ", %s",
                     iu_service_libraries(ptemp));
    }
    return OK;
}

static void register_start_hooks(void)
{
    /* No neighbours: these do not depend on other modules. */
    ap_hook_pre_config(iu_stores_pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(iu_config_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(iu_stores_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_test_config(iu_stores_test_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(log_versions, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(iu_stores_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    /* First, because pool cleanups run in reverse order: the threads of other
     * modules, which may run requests, end before the stores are closed. */
    ap_hook_child_init(iu_stores_child_init, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_child_status(iu_counters_end_child, NULL, NULL, APR_HOOK_MIDDLE);
}

/* Neighbours of the hooks of all requests and of those of a batch. */
static const char *const rewriting[] = {"mod_rewrite.c", "mod_proxy.c", NULL};
static const char *const requiring[] = {"mod_authz_core.c", NULL};

/* Each hook names its neighbours, so that their order does not depend on
 * LoadModule: the operator's rewriting, proxying and redirecting come first. */
static void register_request_hooks(void)
{
    static const char *const redirecting[] = {"mod_alias.c", NULL};
    static const char *const files[] = {"mod_userdir.c", "mod_vhost_alias.c",
                                        NULL};
    static const char *const proxying[] = {"mod_proxy.c", NULL};
    /* Answers TRACE unless a module maps the request before. */
    static const char *const trace[] = {"http_core.c", NULL};
    static const char *const types[] = {"mod_negotiation.c", "mod_mime.c",
                                        "mod_mime_magic.c", NULL};
    /* Its Script directive is for methods that no other handler answers. */
    static const char *const scripts[] = {"mod_actions.c", NULL};

    /*                     function, runs after, runs before, position */
    ap_hook_translate_name(iu_mapping_translate, rewriting, redirecting,
                           APR_HOOK_FIRST);
    ap_hook_translate_name(iu_mapping_end_translation, redirecting, files,
                           APR_HOOK_MIDDLE);
    ap_hook_map_to_storage(iu_mapping_map_to_storage, proxying, trace,
                           APR_HOOK_FIRST);
    /* Last, so that no module changes the configuration afterwards. */
    ap_hook_post_perdir_config(iu_mapping_recheck_access, NULL, NULL,
                               APR_HOOK_LAST);
    /* As mod_authz_core's: with any other hook for access, httpd would check
     * access again for each subrequest of other handlers. */
    ap_hook_check_authz(iu_mapping_note_caller, NULL, requiring,
                        APR_HOOK_REALLY_FIRST, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_type_checker(iu_mapping_end_type_check, NULL, types,
                         APR_HOOK_FIRST);
    ap_hook_handler(handler, NULL, scripts, APR_HOOK_MIDDLE);
    ap_hook_log_transaction(iu_counters_count_request, NULL, NULL,
                            APR_HOOK_MIDDLE);
    iu_error_page_register();
}

/* For requests of a batch, which are subrequests. */
static void register_batch_hooks(void)
{
    ap_hook_translate_name(iu_batch_hooks_begin, NULL, rewriting,
                           APR_HOOK_REALLY_FIRST);
    ap_hook_post_perdir_config(iu_batch_hooks_configure, NULL, NULL,
                               APR_HOOK_REALLY_FIRST);
    ap_hook_check_access_ex(iu_batch_hooks_authorize, NULL, requiring,
                            APR_HOOK_REALLY_FIRST, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_fixups(iu_batch_hooks_hide, NULL, rewriting, APR_HOOK_REALLY_FIRST);
    ap_hook_fixups(iu_batch_hooks_show, rewriting, NULL, APR_HOOK_FIRST);
}

/* For monitoring: the operator names these handlers by SetHandler. */
static void register_monitoring(void)
{
    ap_hook_handler(iu_metrics_page_handle, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(iu_probes_ready, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(iu_probes_live, NULL, NULL, APR_HOOK_MIDDLE);
    iu_status_register();
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    register_start_hooks();
    register_request_hooks();
    register_batch_hooks();
    register_monitoring();
}

module AP_MODULE_DECLARE_DATA insights_used_module = {
    STANDARD20_MODULE_STUFF, iu_config_create,       iu_config_merge,
    iu_server_config_create, iu_server_config_merge, iu_config_commands,
    register_hooks,          AP_MODULE_FLAG_NONE};
