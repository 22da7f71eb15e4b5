/* SPDX-License-Identifier: Apache-2.0 */
#include "response.h"

#include <http_core.h>
#include <http_protocol.h>
#include <util_filter.h>

#include <apr_buckets.h>
#include <apr_strings.h>

#include "request.h"

/* Sets the status and the headers of all responses. If r answers as the
 * ErrorDocument of a request outside the service, it keeps the status of the
 * error, as httpd's own handlers do. */
static void begin_response(request_rec *r, int status)
{
    if (!ap_is_HTTP_ERROR(r->status)) {
        r->status = status;
    }
    apr_table_setn(r->headers_out, "OData-Version", "4.0");
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    iu_request_set_ids(iu_request_get(r), r->headers_out);
}

/* Moves the parts of an answer into a brigade. Returns their length. */
static apr_off_t move_parts(request_rec *r, iu_answer *answer,
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

/* Passes a brigade on and empties it. Logs and returns 0 if the client has
 * gone. */
static int pass_on(request_rec *r, apr_bucket_brigade *brigade)
{
    apr_status_t status = ap_pass_brigade(r->output_filters, brigade);

    apr_brigade_cleanup(brigade);
    if (status != APR_SUCCESS) {
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, status, r,
                      "IU0142: %s: cannot send the response to the client",
                      iu_request_get(r)->origin);
    }
    return status == APR_SUCCESS;
}

/* Ends the connection without ending the message, as mod_proxy does: a 200 that
 * has been sent cannot be taken back otherwise. */
static void abort_response(request_rec *r, apr_bucket_brigade *brigade,
                           iu_problem *problem)
{
    iu_request_log(r, problem);
    r->connection->keepalive = AP_CONN_CLOSE;
    APR_BRIGADE_INSERT_TAIL(
        brigade, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool,
                                        r->connection->bucket_alloc));
}

/* Sends brigade, which has the first parts, then the other parts and the
 * end. */
static void send_parts(request_rec *r, iu_answer *answer,
                       apr_bucket_brigade *brigade)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    iu_problem *problem = NULL;

    while (!problem && answer->next) {
        APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_flush_create(alloc));
        if (!pass_on(r, brigade)) {
            return;
        }
        problem = answer->next(answer);
        move_parts(r, answer, brigade);
    }
    if (problem) {
        abort_response(r, brigade, problem);
    }
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    pass_on(r, brigade);
}

void iu_response_send(request_rec *r, iu_answer *answer)
{
    apr_bucket_brigade *brigade;
    apr_off_t length;

    begin_response(r, answer->status);
    if (!answer->content_type) {
        return;
    }
    ap_set_content_type(r, answer->content_type);
    brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    length = move_parts(r, answer, brigade);
    if (length > 0 && !answer->next) { /* 0: a HEAD whose body was not made */
        ap_set_content_length(r, length);
    }
    send_parts(r, answer, brigade);
}

void iu_response_send_options(request_rec *r, unsigned methods)
{
    const core_server_config *core =
        ap_get_core_module_config(r->server->module_config);
    const char *allow = "";
    int i;

    begin_response(r, HTTP_NO_CONTENT);
    for (i = 0; i < IU_METHOD_UNKNOWN; i++) {
        if (methods & 1u << i) {
            allow = apr_pstrcat(r->pool, allow, iu_method_names[i],
                                i == IU_METHOD_GET ? ", HEAD, " : ", ", NULL);
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
    int i;

    ap_clear_method_list(r->allowed_methods);
    r->allowed = AP_METHOD_BIT << M_OPTIONS;
    for (i = 0; i < IU_METHOD_UNKNOWN; i++) {
        if (methods & 1u << i) {
            r->allowed |= AP_METHOD_BIT
                          << ap_method_number_of(iu_method_names[i]);
        }
    }
    r->allowed_methods->method_mask = r->allowed;
}
