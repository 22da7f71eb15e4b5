/* SPDX-License-Identifier: Apache-2.0 */
/* Which requests are the module's. */
#include "mapping.h"

#include <http_core.h>
#include <http_request.h>

#include <apr_strings.h>

#include "config.h"
#include "error_page.h"

#define HANDLER "insights-used"

/* In front of r->uri this makes a r->filename that names no file. */
#define NO_FILE "insights-used:"

/* Whether no module has rewritten the path. */
static int is_as_sent(const request_rec *r)
{
    return r->parsed_uri.path && !strcmp(r->uri, r->parsed_uri.path);
}

/* The request target to read the route from. r->unparsed_uri keeps %2F and
 * %252F apart, which r->uri does not; but only r->uri is what was rewritten. */
static const char *target_of(request_rec *r)
{
    return is_as_sent(r) ? r->unparsed_uri
                         : ap_os_escape_path(r->pool, r->uri, 1);
}

/* Claims r where the configuration that it has now is a service root's. */
static void claim(request_rec *r)
{
    const iu_config *config = iu_config_of(r);
    iu_request *request;

    if (config->enabled != 1) {
        return;
    }
    iu_error_page_override_documents(r);
    request = iu_request_get(r);
    request->route_problem =
        iu_route_read(r->pool, config->root, target_of(r), &request->route);
    if (request->route.kind != IU_ROUTE_NONE) {
        request->root = config->root;
        request->filename = apr_pstrcat(r->pool, NO_FILE, r->uri, NULL);
    }
}

int iu_mapping_translate(request_rec *r)
{
    ap_conf_vector_t *before = r->per_dir_config;
    int status = OK;

    if (r->proxyreq) {
        return DECLINED;
    }
    if (!is_as_sent(r)) {
        /* before is the configuration of the path before rewriting. */
        r->per_dir_config = r->server->lookup_defaults;
        status = ap_location_walk(r);
    }
    if (status == OK) {
        claim(r);
    }
    r->per_dir_config = before;
    return status == OK ? DECLINED : status;
}

/* The claim on r; NULL: there is none, or r has got another path since. */
static iu_request *claim_of(const request_rec *r)
{
    iu_request *request = iu_request_find(r);

    return request && request->filename &&
                   !strcmp(r->uri, request->filename + strlen(NO_FILE))
               ? request
               : NULL;
}

int iu_mapping_end_translation(request_rec *r)
{
    const iu_request *request = claim_of(r);

    if (!request) {
        return DECLINED;
    }
    r->filename = apr_pstrdup(r->pool, request->filename);
    return OK;
}

/* Sets one of the two names of a key, or makes sure that no other request's is
 * left: a subrequest begins with its parent's variables. */
static void set_key(request_rec *r, const char *variable, const char *note,
                    const char *key)
{
    if (key) {
        apr_table_setn(r->subprocess_env, variable, key);
        apr_table_setn(r->notes, note, key);
    }
    else {
        apr_table_unset(r->subprocess_env, variable);
    }
}

int iu_mapping_map_to_storage(request_rec *r)
{
    const iu_request *request = claim_of(r);

    if (!request) {
        return DECLINED;
    }
    /* An Alias may have named a file, another module a handler. */
    r->filename = apr_pstrdup(r->pool, request->filename);
    r->handler = HANDLER;
    /* Not "no such file", which mod_dir's FallbackResource and mod_speling take
     * for a request that nobody answers. */
    r->finfo.filetype = APR_UNKFILE;
    set_key(r, IU_VARIABLE_INVITATION, IU_NOTE_INVITATION,
            request->route.invitation_id);
    set_key(r, IU_VARIABLE_ID, IU_NOTE_ID, request->route.id);
    return OK;
}

/* Whether httpd would take the outcome of other's access check for r's, too:
 * its own comparison (ap_process_request_internal). */
static int has_config_of(const request_rec *r, const request_rec *other)
{
    return other && other->per_dir_config == r->per_dir_config;
}

int iu_mapping_recheck_access(request_rec *r)
{
    iu_request *request = claim_of(r);

    if (!request) {
        return DECLINED;
    }
    if (has_config_of(r, r->prev)) {
        request->authenticated = r->prev;
    }
    if (has_config_of(r, r->prev) || has_config_of(r, r->main)) {
        /* The merge with an empty vector is a copy. */
        r->per_dir_config = ap_merge_per_dir_configs(
            r->pool, r->per_dir_config, ap_create_per_dir_config(r->pool));
    }
    return DECLINED;
}

static int is_handler(const request_rec *r)
{
    return r->handler && !strcmp(r->handler, HANDLER);
}

int iu_mapping_set_type(request_rec *r)
{
    return is_handler(r) && claim_of(r) ? OK : DECLINED;
}

iu_request *iu_mapping_find(request_rec *r)
{
    const iu_config *config = iu_config_of(r);
    iu_request *request;

    if (!is_handler(r)) {
        return NULL;
    }
    request = claim_of(r);
    if (request && config->enabled == 1 && config->root &&
        !strcmp(config->root, request->root)) {
        return request;
    }
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                  "IU0143: not answering %s: another module led the request "
                  "there, or SetHandler " HANDLER " is set there, after its "
                  "access was checked for another path",
                  r->uri);
    return NULL;
}
