/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_hooks.h"

#include <string.h>

#include <http_config.h>
#include <http_core.h>
#include <http_request.h>

#include "config.h"
#include "request.h"

/* Whether r is a request of a batch, and r->main is not hidden. */
static int is_in_batch(const request_rec *r)
{
    const iu_request *outer = r->main ? iu_request_find(r->main) : NULL;

    return outer && outer->route.kind == IU_ROUTE_BATCH;
}

/* Removes the claims that the authentication of the batch has set. */
static void remove_claims(request_rec *r)
{
    const char *prefix = iu_config_claim_prefix(iu_config_of(r->main));
    const apr_array_header_t *inherited = apr_table_elts(r->subprocess_env);
    apr_table_t *kept = apr_table_make(r->pool, inherited->nelts);
    int i;

    for (i = 0; i < inherited->nelts; i++) {
        const apr_table_entry_t *variable =
            &APR_ARRAY_IDX(inherited, i, const apr_table_entry_t);

        if (strncmp(variable->key, prefix, strlen(prefix)) != 0) {
            apr_table_addn(kept, variable->key, variable->val);
        }
    }
    r->subprocess_env = kept;
}

/* Runs mod_setenvif's function. Of its calls for one request the first takes
 * the directives outside of sections, and the others those in sections. */
static void set_variables(request_rec *r)
{
    const apr_array_header_t *hooks = ap_hook_get_header_parser();
    int i;

    for (i = 0; hooks && i < hooks->nelts; i++) {
        const ap_LINK_header_parser_t *hook =
            &APR_ARRAY_IDX(hooks, i, const ap_LINK_header_parser_t);

        if (!strcmp(hook->szName, "mod_setenvif.c")) {
            hook->pFunc(r);
        }
    }
}

int iu_batch_hooks_begin(request_rec *r)
{
    if (is_in_batch(r)) {
        set_variables(r);
    }
    return iu_batch_hooks_hide(r);
}

int iu_batch_hooks_configure(request_rec *r)
{
    iu_batch_hooks_show(r);
    if (is_in_batch(r)) {
        set_variables(r);
    }
    return DECLINED;
}

/* Whether an AuthType is one of these modules', which can check a token again
 * and again. */
static int is_of_tokens(const char *type)
{
    static const char *const types[] = {
        "oauth2",                                    /* mod_oauth2 */
        "oauth20", "openid-connect", "auth-openidc", /* mod_auth_openidc */
    };
    size_t i;

    for (i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!strcasecmp(type, types[i])) {
            return 1;
        }
    }
    return 0;
}

int iu_batch_hooks_authorize(request_rec *r)
{
    const char *type = ap_auth_type(r);

    if (!is_in_batch(r)) {
        return DECLINED;
    }
    if (!type) {
        remove_claims(r);
    }
    else if (is_of_tokens(type)) {
        remove_claims(r);
        iu_batch_hooks_hide(r);
    }
    return DECLINED;
}

int iu_batch_hooks_hide(request_rec *r)
{
    if (is_in_batch(r)) {
        iu_request_get(r)->batch = r->main;
        r->main = NULL;
    }
    return DECLINED;
}

int iu_batch_hooks_show(request_rec *r)
{
    iu_request *request = iu_request_find(r);

    if (request && request->batch) {
        r->main = request->batch;
        request->batch = NULL;
    }
    return DECLINED;
}
