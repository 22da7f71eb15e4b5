/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_insights_used: the Microsoft Graph call "Create used" and the entity set
 * around it, served by Apache httpd. This file is the table of contents: the
 * hooks, and the way of each request through the rooms under src/.
 */
#include "src/httpd/module.h"

#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>

#include "src/httpd/access.h"
#include "src/httpd/mapping.h"
#include "src/httpd/config.h"
#include "src/httpd/error_page.h"
#include "src/httpd/request.h"
#include "src/httpd/request_operation.h"
#include "src/httpd/response.h"
#include "src/httpd/stores.h"
#include "src/service/service.h"

/* Answers a claimed request, or tells why not. */
static iu_problem *answer(request_rec *r, const iu_request *request)
{
    unsigned methods = iu_service_methods(request->route.kind);
    iu_method method = iu_request_method(r);
    iu_answer answer = {.headers = r->headers_out};
    iu_operation operation;
    iu_problem *problem;

    if (r->method_number == M_OPTIONS) {
        /* A browser's preflight has no token, and learns nothing here that
         * is not in the documentation. */
        iu_response_send_options(r, methods);
        return NULL;
    }
    iu_response_allow(r, methods);
    problem = iu_access_check(r, method == IU_METHOD_GET ? IU_ACCESS_READ
                                                         : IU_ACCESS_WRITE);
    if (!problem) {
        iu_request_operation_make(r, &operation);
        problem = iu_service_run(&operation, &answer);
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
    problem = answer(r, request);
    if (problem) {
        return iu_request_fail(r, problem);
    }
    iu_stores_note_served(r);
    return OK;
}

/* The neighbours of the hooks of a request, whatever the order of LoadModule:
 * the operator's rules come first, rewriting, proxying and redirecting. What
 * runs at the start depends on no other module. */
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
    ap_hook_pre_config(iu_stores_pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(iu_config_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(iu_stores_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_test_config(iu_stores_test_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(iu_stores_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    /* First, so that the stores go last: other modules' threads that run
     * requests end before. */
    ap_hook_child_init(iu_stores_child_init, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_translate_name(iu_mapping_translate, rewriting, redirecting,
                           APR_HOOK_FIRST);
    ap_hook_translate_name(iu_mapping_end_translation, redirecting, files,
                           APR_HOOK_MIDDLE);
    ap_hook_map_to_storage(iu_mapping_map_to_storage, rewriting, http,
                           APR_HOOK_FIRST);
    /* Last: nobody changes the configuration behind it. */
    ap_hook_post_perdir_config(iu_mapping_recheck_access, NULL, NULL,
                               APR_HOOK_LAST);
    ap_hook_type_checker(iu_mapping_set_type, NULL, types, APR_HOOK_FIRST);
    ap_hook_handler(handler, NULL, actions_of_methods, APR_HOOK_MIDDLE);
    iu_error_page_register();
}

module AP_MODULE_DECLARE_DATA insights_used_module = {
    STANDARD20_MODULE_STUFF, iu_config_create,       iu_config_merge,
    iu_server_config_create, iu_server_config_merge, iu_config_commands,
    register_hooks,          AP_MODULE_FLAG_NONE};
