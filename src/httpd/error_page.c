/* SPDX-License-Identifier: Apache-2.0 */
#include "error_page.h"

#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include "../text/excerpt.h"
#include "error_scope.h"
#include "request.h"
#include "request_body.h"

#define FILTER "INSIGHTS_USED_ERROR"

/* Seconds, if the module that refused the request set no Retry-After. */
#define DEFAULT_RETRY_AFTER "5"

/* Whether the client sent a bearer token (RFC 6750 section 2.1). */
static int has_token(const request_rec *r)
{
    const char *credentials = apr_table_get(r->headers_in, "Authorization");

    return credentials && !strncasecmp(credentials, "Bearer ", 7) &&
           credentials[7 + strspn(credentials + 7, " ")];
}

/* If r is the internal redirect to an ErrorDocument: the request that failed.
 * Otherwise NULL. */
static request_rec *failed_request(request_rec *r)
{
    return r->prev && ap_is_HTTP_ERROR(r->prev->status) ? r->prev : NULL;
}

/* Adds a hint for the operator to the log line: the client's message blames the
 * token, whichever module refused the request. */
static void add_log_hint(request_rec *r, iu_problem *problem)
{
    const char *type = ap_auth_type(r);

    if (r->status == HTTP_FORBIDDEN) {
        iu_problem_explain(r->pool, problem,
                           "not refused by this module but by a Require "
                           "directive, mod_security, mod_evasive or another "
                           "module");
    }
    else if (r->status == HTTP_UNAUTHORIZED && type &&
             (!strcasecmp(type, "Basic") || !strcasecmp(type, "Digest"))) {
        iu_problem_explain(
            r->pool, problem,
            "AuthType is %s here: a later <Location> may override "
            "the one of the service root",
            type);
    }
}

iu_problem *iu_error_page_problem(request_rec *r)
{
    iu_problem_kind kind = iu_problem_kind_of_status(r->status);
    const request_rec *failed = failed_request(r);
    const char *target = iu_error_scope_target(failed ? failed : r);
    iu_problem *problem;

    if (kind == IU_HTTP_UNAUTHORIZED && !has_token(r)) {
        kind = IU_HTTP_TOKEN_EMPTY;
    }
    problem = iu_problem_make(r->pool, kind,
                              iu_excerpt(r->pool, target, strlen(target)));
    problem->status = r->status;
    add_log_hint(r, problem);
    return problem;
}

/* The same, logged. */
static iu_problem *problem_of_status(request_rec *r)
{
    iu_problem *problem = iu_error_page_problem(r);

    iu_request_log(r, problem);
    return problem;
}

/* Sets a header field unless another module has. In err_headers_out, so that
 * mod_headers' "always set", which runs later, replaces it. */
static void set_default(request_rec *r, const char *name, const char *value)
{
    if (!apr_table_get(r->headers_out, name) &&
        !apr_table_get(r->err_headers_out, name)) {
        apr_table_setn(r->err_headers_out, name, value);
    }
}

void iu_error_page_set_defaults(request_rec *r)
{
    if (r->status == HTTP_UNAUTHORIZED) {
        set_default(r, "WWW-Authenticate",
                    has_token(r) ? "Bearer error=\"invalid_token\"" : "Bearer");
    }
    if (r->status == HTTP_SERVICE_UNAVAILABLE ||
        r->status == HTTP_TOO_MANY_REQUESTS) {
        set_default(r, "Retry-After", DEFAULT_RETRY_AFTER);
    }
}

static void set_headers(request_rec *r, const iu_request *request)
{
    apr_table_t *headers = r->headers_out;

    ap_set_content_type(r, "application/json");
    apr_table_unset(headers, "ETag"); /* of an ErrorDocument */
    apr_table_unset(headers, "Last-Modified");
    apr_table_unset(headers, "Accept-Ranges");
    apr_table_setn(headers, "OData-Version", "4.0");
    apr_table_setn(headers, "Content-Language", "en");
    apr_table_setn(headers, "X-Content-Type-Options", "nosniff");
    apr_table_setn(headers, "Cache-Control", "no-store");
    iu_request_set_ids(request, headers);
    iu_error_page_set_defaults(r);
}

/* Renders the error and sets its headers. */
static apr_bucket *make_page(ap_filter_t *f)
{
    request_rec *r = f->r;
    iu_request *request = iu_request_get(r);
    iu_problem *problem = request->problem;
    iu_buffer page;

    if (!problem || problem->status != r->status) {
        problem = problem_of_status(r);
    }
    iu_buffer_init(&page, r->pool, 1024);
    iu_problem_render(problem, apr_time_now(), request->request_id,
                      request->client_request_id, &page);
    set_headers(r, request);
    ap_set_content_length(r, page.length);
    return apr_bucket_pool_create(page.data, page.length, r->pool,
                                  f->c->bucket_alloc);
}

/* The output filter. Replaces httpd's page by ours; metadata buckets stay. */
static apr_status_t replace_page(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    apr_bucket *bucket = APR_BRIGADE_FIRST(brigade);

    while (bucket != APR_BRIGADE_SENTINEL(brigade)) {
        apr_bucket *next = APR_BUCKET_NEXT(bucket);

        if (!APR_BUCKET_IS_METADATA(bucket)) {
            apr_bucket_delete(bucket);
        }
        bucket = next;
    }
    if (!f->ctx) {
        f->ctx = f;
        APR_BRIGADE_INSERT_HEAD(brigade, make_page(f));
    }
    return ap_pass_brigade(f->next, brigade);
}

static void add_error_filter(request_rec *r, request_rec *failed)
{
    /* On a connection that it keeps, httpd reads the rest of the body before it
     * answers: a client that stalls would get a 408 instead of this error. */
    if (!iu_request_body_discard(failed)) {
        r->connection->keepalive = AP_CONN_CLOSE;
    }
    ap_add_output_filter(FILTER, NULL, r, r->connection);
}

/* An insert_filter hook, for an ErrorDocument: the request failed before
 * iu_error_page_override_documents could prevent the redirect. */
static void replace_error_document(request_rec *r)
{
    request_rec *failed = failed_request(r);

    if (failed && iu_error_scope_contains(failed)) {
        iu_request_share(r, failed);
        add_error_filter(r, failed);
    }
}

/* An insert_error_filter hook: httpd is about to send its own page, for an
 * error or a redirect. */
static void replace_error_page(request_rec *r)
{
    if (failed_request(r)) {
        replace_error_document(r);
    }
    else if (ap_is_HTTP_ERROR(r->status) && iu_error_scope_contains(r)) {
        add_error_filter(r, r);
    }
}

/* Overrides the ErrorDocuments of first to last. documents is keyed by the
 * index of the status; a status that httpd does not know has the index of
 * 500. */
static void override_documents(request_rec *r, apr_hash_t *documents, int first,
                               int last)
{
    int unknown = ap_index_of_response(HTTP_INTERNAL_SERVER_ERROR);
    int status;

    for (status = first; status <= last; status++) {
        int index = ap_index_of_response(status);

        if ((index != unknown || status == HTTP_INTERNAL_SERVER_ERROR) &&
            apr_hash_get(documents, &index, sizeof index)) {
            ap_custom_response(r, status, " ");
        }
    }
}

void iu_error_page_override_documents(request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    apr_hash_t *documents = core->response_code_exprs;

    if (documents) {
        /* Up to the highest status of each class that httpd 2.4 knows. */
        override_documents(r, documents, HTTP_BAD_REQUEST,
                           HTTP_UNAVAILABLE_FOR_LEGAL_REASONS);
        override_documents(r, documents, HTTP_INTERNAL_SERVER_ERROR,
                           HTTP_NETWORK_AUTHENTICATION_REQUIRED);
    }
}

void iu_error_page_register(void)
{
    ap_register_output_filter(FILTER, replace_page, NULL, AP_FTYPE_RESOURCE);
    ap_hook_insert_error_filter(replace_error_page, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_filter(replace_error_document, NULL, NULL, APR_HOOK_LAST);
}
