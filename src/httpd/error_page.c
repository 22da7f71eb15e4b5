/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as JSON: see error_page.h. */
#include "error_page.h"

#include <http_core.h>
#include <http_main.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include <apr_strings.h>

#include "../text/excerpt.h"
#include "config.h"
#include "request.h"

#define FILTER "INSIGHTS_USED_ERROR"

/* How much of an unread body is taken in to keep the connection. */
#define DROPPED_BODY_MAX (64 * 1024)

/* Seconds to wait where whoever refused the request gave no better guess. */
#define USUAL_RETRY_AFTER "5"

/* Whether a path begins with one of the service roots of a server. */
static int is_under_root(server_rec *server, const char *path)
{
    const apr_array_header_t *roots = iu_server_config_of(server)->roots;
    int i;

    for (i = 0; i < roots->nelts; i++) {
        const char *root = APR_ARRAY_IDX(roots, i, const char *);
        apr_size_t length = strlen(root);

        if (!strncmp(path, root, length) &&
            (path[length] == '/' || path[length] == '\0')) {
            return 1;
        }
    }
    return 0;
}

/* The target of a request that failed before httpd had parsed it: it stands in
 * the request line, behind the method. */
static const char *early_target(const request_rec *r)
{
    const char *space;

    if (r->uri) {
        return r->uri;
    }
    space = r->the_request ? strchr(r->the_request, ' ') : NULL;
    return space ? space + 1 : "";
}

/* Whether a request whose virtual host is not known may be under one of the
 * service roots. r->server is the first one of its address then. mod_http2 does
 * not keep a path that is too long: then any root will do. */
static int may_be_under_root(const request_rec *r)
{
    int is_unknown = r->proto_num >= HTTP_VERSION(2, 0) &&
                     r->status == HTTP_REQUEST_URI_TOO_LARGE;
    server_rec *server = ap_server_conf;

    while (server &&
           !(is_unknown ? iu_server_config_of(server)->roots->nelts > 0
                        : is_under_root(server, early_target(r)))) {
        server = server->next;
    }
    return server != NULL;
}

/* An error may come before httpd has looked for the Location, or even before
 * it knows the virtual host: then the path alone has to tell. */
static int is_ours(request_rec *r)
{
    if (r->per_dir_config != r->server->lookup_defaults) {
        return iu_config_of(r)->enabled == 1;
    }
    return r->hostname && r->status != HTTP_REQUEST_URI_TOO_LARGE
               ? is_under_root(r->server, early_target(r))
               : may_be_under_root(r);
}

/* Whether the client sent the token that it has to (RFC 6750 section 2.1). */
static int has_token(const request_rec *r)
{
    const char *credentials = apr_table_get(r->headers_in, "Authorization");

    return credentials && !strncasecmp(credentials, "Bearer ", 7) &&
           credentials[7 + strspn(credentials + 7, " ")];
}

/* The request that failed, where r was made to answer for it by an
 * ErrorDocument; else NULL. */
static request_rec *failed_request(request_rec *r)
{
    return r->prev && ap_is_HTTP_ERROR(r->prev->status) ? r->prev : NULL;
}

/* Tells the operator where to look: the client's message speaks of the token,
 * whoever refused the request. */
static void log_hint(request_rec *r, iu_problem *problem)
{
    const char *type = ap_auth_type(r);

    if (r->status == HTTP_FORBIDDEN) {
        iu_problem_log(r->pool, problem,
                       "no rule of this module: a Require directive, "
                       "mod_security, mod_evasive or another module refused "
                       "it");
    }
    else if (r->status == HTTP_UNAUTHORIZED && type &&
             (!strcasecmp(type, "Basic") || !strcasecmp(type, "Digest"))) {
        iu_problem_log(r->pool, problem,
                       "AuthType is %s here: a <Location> that comes later "
                       "may override that of the service root",
                       type);
    }
}

/* Maps a status that httpd or another module set to a problem. */
static iu_problem *problem_of_status(request_rec *r)
{
    iu_problem_kind kind = iu_problem_kind_of_status(r->status);
    const request_rec *failed = failed_request(r);
    const char *target = early_target(failed ? failed : r);
    iu_problem *problem;

    if (kind == IU_HTTP_UNAUTHORIZED && !has_token(r)) {
        kind = IU_HTTP_TOKEN_EMPTY;
    }
    problem = iu_problem_make(r->pool, kind,
                              iu_excerpt(r->pool, target, strlen(target)));
    problem->status = r->status;
    log_hint(r, problem);
    iu_request_log(r, problem);
    return problem;
}

/* Sets a header field of the answer unless somebody has, where mod_headers'
 * "always set", which comes later, replaces it. */
static void set_default(request_rec *r, const char *name, const char *value)
{
    if (!apr_table_get(r->headers_out, name) &&
        !apr_table_get(r->err_headers_out, name)) {
        apr_table_setn(r->err_headers_out, name, value);
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
    if (r->status == HTTP_UNAUTHORIZED) {
        set_default(r, "WWW-Authenticate",
                    has_token(r) ? "Bearer error=\"invalid_token\"" : "Bearer");
    }
    if (r->status == HTTP_SERVICE_UNAVAILABLE ||
        r->status == HTTP_TOO_MANY_REQUESTS) {
        set_default(r, "Retry-After", USUAL_RETRY_AFTER);
    }
}

/* Renders the error and sets the headers that go with it. */
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

/* Drops httpd's page; what is not data (flushes, the end) goes on. */
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

/* Whether the client announced a body that nobody has read to its end. */
static int has_unread_body(const request_rec *r)
{
    const iu_request *request = iu_request_find(r);
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    return !(request && request->body_read) &&
           (apr_table_get(r->headers_in, "Transfer-Encoding") ||
            (length && strcmp(length, "0")));
}

/* Adds up the data of a brigade. Returns whether the body ends in it. */
static int count_body(const apr_bucket_brigade *brigade, apr_size_t *length)
{
    const apr_bucket *bucket;

    for (bucket = APR_BRIGADE_FIRST(brigade);
         bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        if (APR_BUCKET_IS_EOS(bucket)) {
            return 1;
        }
        *length += bucket->length; /* huge where it is not known */
    }
    return 0;
}

/* Takes in the body as far as it is here. Returns whether that is all of it. */
static int drop_body(request_rec *r)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_size_t length = 0;
    int ended = 0;

    while (!ended && length <= DROPPED_BODY_MAX &&
           ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                          APR_NONBLOCK_READ, HUGE_STRING_LEN) == APR_SUCCESS &&
           !APR_BRIGADE_EMPTY(brigade)) {
        ended = count_body(brigade, &length);
        apr_brigade_cleanup(brigade);
    }
    apr_brigade_destroy(brigade);
    return ended;
}

static void add_error_filter(request_rec *r, request_rec *failed)
{
    /* httpd reads what is left of the body before it answers: a client that
     * stalls would get a 408 in place of this error. */
    if (has_unread_body(failed) &&
        (failed->expecting_100 || !drop_body(failed))) {
        r->connection->keepalive = AP_CONN_CLOSE;
    }
    ap_add_output_filter(FILTER, NULL, r, r->connection);
}

/* An insert_filter hook: an ErrorDocument answers for a request that failed
 * before iu_error_page_override_documents could prevent it. */
static void replace_error_document(request_rec *r)
{
    request_rec *failed = failed_request(r);

    if (failed && is_ours(failed)) {
        iu_request_share(r, failed);
        add_error_filter(r, failed);
    }
}

/* An insert_error_filter hook: httpd is about to send its own page. */
static void replace_error_page(request_rec *r)
{
    if (failed_request(r)) {
        replace_error_document(r);
    }
    else if (ap_is_HTTP_ERROR(r->status) && is_ours(r)) {
        add_error_filter(r, r);
    }
}

/* Overrides each ErrorDocument (documents has them by the index of their
 * status) of first to last. An index stands for 500, too, where httpd does not
 * know the status. */
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
        /* Up to the last of each class that httpd 2.4 knows. */
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
