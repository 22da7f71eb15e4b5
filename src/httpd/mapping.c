/* SPDX-License-Identifier: Apache-2.0 */
#include "mapping.h"

#include <http_core.h>
#include <http_request.h>

#include <apr_strings.h>

#include "access.h"
#include "config.h"
#include "error_page.h"

#define HANDLER "insights-used"

/* NO_FILE and r->uri make a r->filename that names no file. */
#define NO_FILE "insights-used:"

/* Whether no module has rewritten the path. */
static int is_as_sent(const request_rec *r)
{
    return r->parsed_uri.path && !strcmp(r->uri, r->parsed_uri.path);
}

/* The request target to read the route from: r->unparsed_uri, which keeps %2F
 * and %252F apart, or the rewritten path, which only r->uri has. */
static const char *target_of(request_rec *r)
{
    return is_as_sent(r) ? r->unparsed_uri
                         : ap_os_escape_path(r->pool, r->uri, 1);
}

/* Maps r if its current configuration is a service root's. */
static void map_request(request_rec *r)
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
    if (request->route.kind == IU_ROUTE_BATCH && iu_config_batch(config) == 0) {
        request->route.kind = IU_ROUTE_NONE;
    }
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
        /* r->per_dir_config is for the path as it was before rewriting. */
        r->per_dir_config = r->server->lookup_defaults;
        status = ap_location_walk(r);
    }
    if (status == OK) {
        map_request(r);
    }
    r->per_dir_config = before;
    return status == OK ? DECLINED : status;
}

/* The iu_request of r if r is mapped and still has the same path; otherwise
 * NULL. */
static iu_request *find_mapped(const request_rec *r)
{
    iu_request *request = iu_request_find(r);

    return request && request->filename &&
                   !strcmp(r->uri, request->filename + strlen(NO_FILE))
               ? request
               : NULL;
}

/* Copies request->filename, by which find_mapped recognizes the request: other
 * modules may change r->filename in place. Usually it is set already. */
static void set_filename(request_rec *r, const iu_request *request)
{
    if (!r->filename || strcmp(r->filename, request->filename) != 0) {
        r->filename = apr_pstrdup(r->pool, request->filename);
    }
}

int iu_mapping_end_translation(request_rec *r)
{
    const iu_request *request = find_mapped(r);

    if (!request) {
        return DECLINED;
    }
    set_filename(r, request);
    return OK;
}

/* Sets the variable and the note of a key. Without a key it unsets the
 * variable, which a subrequest inherits from its parent. */
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

/* The key of an owner of this kind; NULL: the path has none. */
static const char *owner_of_kind(const iu_request *request, iu_owner_kind kind)
{
    const iu_owner *owner = &request->route.owner;

    return owner->kind == kind ? owner->id : NULL;
}

int iu_mapping_map_to_storage(request_rec *r)
{
    const iu_request *request = find_mapped(r);

    if (!request) {
        return DECLINED;
    }
    /* An Alias may have set a file, another module a handler. */
    set_filename(r, request);
    r->handler = HANDLER;
    /* APR_NOFILE would make mod_dir's FallbackResource and mod_speling take the
     * request for one that nobody answers. */
    r->finfo.filetype = APR_UNKFILE;
    set_key(r, IU_VARIABLE_INVITATION, IU_NOTE_INVITATION,
            owner_of_kind(request, IU_OWNER_INVITATION));
    set_key(r, IU_VARIABLE_USER, IU_NOTE_USER,
            owner_of_kind(request, IU_OWNER_USER));
    set_key(r, IU_VARIABLE_ID, IU_NOTE_ID, request->route.id);
    return OK;
}

int iu_mapping_note_caller(request_rec *r)
{
    iu_request *request = find_mapped(r);

    if (request && request->route.owner.kind == IU_OWNER_ME) {
        request->route.owner.id = iu_access_user_id(r);
        set_key(r, IU_VARIABLE_USER, IU_NOTE_USER, request->route.owner.id);
    }
    return DECLINED;
}

/* Whether httpd would reuse the access check of other for r: the comparison of
 * ap_process_request_internal. */
static int has_config_of(const request_rec *r, const request_rec *other)
{
    return other && other->per_dir_config == r->per_dir_config;
}

int iu_mapping_recheck_access(request_rec *r)
{
    iu_request *request = find_mapped(r);

    if (!request) {
        return DECLINED;
    }
    if (has_config_of(r, r->prev)) {
        request->authenticated = r->prev;
    }
    if (has_config_of(r, r->prev) || has_config_of(r, r->main)) {
        /* A copy, which differs by its address: merged with an empty vector. */
        r->per_dir_config = ap_merge_per_dir_configs(
            r->pool, r->per_dir_config, ap_create_per_dir_config(r->pool));
    }
    return DECLINED;
}

static int is_handler(const request_rec *r)
{
    return r->handler && !strcmp(r->handler, HANDLER);
}

int iu_mapping_end_type_check(request_rec *r)
{
    return is_handler(r) && find_mapped(r) ? OK : DECLINED;
}

iu_request *iu_mapping_find(request_rec *r)
{
    const iu_config *config = iu_config_of(r);
    iu_request *request;

    if (!is_handler(r)) {
        return NULL;
    }
    request = find_mapped(r);
    if (request && config->enabled == 1 && config->root &&
        !strcmp(config->root, request->root)) {
        return request;
    }
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                  "IU0143: not answering %s: access was checked for another "
                  "path, then another module led the request here, or "
                  "SetHandler " HANDLER " is set here",
                  r->uri);
    return NULL;
}
