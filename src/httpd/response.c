/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of the service as responses of httpd. */
#include "response.h"

#include <http_core.h>
#include <http_protocol.h>
#include <util_filter.h>

#include <apr_buckets.h>
#include <apr_strings.h>

#include "request.h"

/* Begins a response. As an ErrorDocument of another place it has the status of
 * the error, as httpd's own handlers leave it. */
static void begin(request_rec *r, int status)
{
    if (!ap_is_HTTP_ERROR(r->status)) {
        r->status = status;
    }
    apr_table_setn(r->headers_out, "OData-Version", "4.0");
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    iu_request_set_ids(iu_request_get(r), r->headers_out);
}

/* Moves the parts of an answer into a brigade; returns their length. */
static apr_off_t take_parts(request_rec *r, iu_answer *answer,
                            apr_bucket_brigade *brigade)
{
    apr_off_t length = 0;
    int i;

    for (i = 0; i < answer->parts->nelts; i++) {
        const iu_span *part = &APR_ARRAY_IDX(answer->parts, i, iu_span);

        APR_BRIGADE_INSERT_TAIL(
            brigade,
            apr_bucket_pool_create(part->text, part->length, answer->parts_pool,
                                   r->connection->bucket_alloc));
        length += (apr_off_t)part->length;
    }
    apr_array_clear(answer->parts);
    return length;
}

/* Passes a brigade on and empties it. Returns 0, which is logged, where the
 * client is gone. */
static int pass(request_rec *r, apr_bucket_brigade *brigade)
{
    apr_status_t status = ap_pass_brigade(r->output_filters, brigade);

    apr_brigade_cleanup(brigade);
    if (status != APR_SUCCESS) {
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, status, r,
                      "IU0142: %s: the client did not take the answer",
                      iu_request_get(r)->origin);
    }
    return status == APR_SUCCESS;
}

/* Puts an end to the connection in place of that of the message, as
 * mod_proxy does: there is no other way to take back a 200. */
static void break_off(request_rec *r, apr_bucket_brigade *brigade,
                      iu_problem *problem)
{
    iu_request_log(r, problem);
    r->connection->keepalive = AP_CONN_CLOSE;
    APR_BRIGADE_INSERT_TAIL(
        brigade, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool,
                                        r->connection->bucket_alloc));
}

/* Sends what comes behind the beginning, which is in brigade, and the end. */
static void send_rest(request_rec *r, iu_answer *answer,
                      apr_bucket_brigade *brigade)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    iu_problem *problem = NULL;

    while (!problem && answer->next) {
        APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_flush_create(alloc));
        if (!pass(r, brigade)) {
            return;
        }
        problem = answer->next(answer);
        take_parts(r, answer, brigade);
    }
    if (problem) {
        break_off(r, brigade, problem);
    }
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    pass(r, brigade);
}

void iu_response_send(request_rec *r, iu_answer *answer)
{
    apr_bucket_brigade *brigade;
    apr_off_t length;

    begin(r, answer->status);
    if (!answer->content_type) {
        return;
    }
    ap_set_content_type(r, answer->content_type);
    brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    length = take_parts(r, answer, brigade);
    if (length > 0 && !answer->next) { /* a HEAD may have left it out */
        ap_set_content_length(r, length);
    }
    send_rest(r, answer, brigade);
}

/* The methods of the service as httpd names them. */
static const struct {
    iu_method method;
    int number;
    const char *names;
} names[] = {{IU_METHOD_GET, M_GET, "GET, HEAD, "},
             {IU_METHOD_POST, M_POST, "POST, "},
             {IU_METHOD_PATCH, M_PATCH, "PATCH, "},
             {IU_METHOD_DELETE, M_DELETE, "DELETE, "}};

#define NAMES (sizeof(names) / sizeof(names[0]))

void iu_response_send_options(request_rec *r, unsigned methods)
{
    const core_server_config *core =
        ap_get_core_module_config(r->server->module_config);
    const char *allow = "";
    size_t i;

    begin(r, HTTP_NO_CONTENT);
    for (i = 0; i < NAMES; i++) {
        if (methods & 1u << names[i].method) {
            allow = apr_pstrcat(r->pool, allow, names[i].names, NULL);
        }
    }
    apr_table_setn(r->headers_out, "Allow",
                   apr_pstrcat(r->pool, allow,
                               core->trace_enable == AP_TRACE_DISABLE
                                   ? "OPTIONS"
                                   : "OPTIONS, TRACE",
                               NULL));
}

void iu_response_allow(request_rec *r, unsigned methods)
{
    size_t i;

    ap_clear_method_list(r->allowed_methods);
    r->allowed = AP_METHOD_BIT << M_OPTIONS;
    for (i = 0; i < NAMES; i++) {
        if (methods & 1u << names[i].method) {
            r->allowed |= AP_METHOD_BIT << names[i].number;
        }
    }
    r->allowed_methods->method_mask = r->allowed;
}
