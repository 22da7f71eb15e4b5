/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of success: see reply.h. */
#include "reply.h"

#include <http_core.h>
#include <http_protocol.h>
#include <util_filter.h>

#include <apr_buckets.h>
#include <apr_strings.h>

#include "../graph/buffer.h"
#include "../graph/representation.h"
#include "../graph/route.h"
#include "request.h"
#include "service_root.h"

static const char *location_of(request_rec *r, const char *service_root,
                               const iu_record *record)
{
    iu_buffer url;

    iu_buffer_init(&url, r->pool, 256);
    iu_buffer_puts(&url, service_root);
    iu_buffer_puts(&url, "/");
    iu_route_write(&url, record->invitation_id, record->id);
    return url.data;
}

const char *iu_reply_location(request_rec *r, const iu_record *record)
{
    return location_of(r, iu_service_root(r), record);
}

/* Begins an answer. As an ErrorDocument of another place it has the status of
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

/* For what a client may ask for in several forms (RFC 9110 section 12.5.5,
 * RFC 7240 section 2). */
static void set_vary(request_rec *r)
{
    apr_table_setn(r->headers_out, "Vary", "Accept, Prefer");
}

static void set_etag(request_rec *r, const iu_record *record)
{
    apr_table_setn(r->headers_out, "ETag",
                   apr_pstrcat(r->pool, "W/\"", record->version, "\"", NULL));
}

void iu_reply_begin(request_rec *r, int status, const char *content_type)
{
    begin(r, status);
    set_vary(r);
    ap_set_content_type(r, content_type);
}

int iu_reply_pass(request_rec *r, apr_bucket_brigade *brigade)
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

void iu_reply_append(request_rec *r, apr_bucket_brigade *brigade,
                     const char *text, apr_size_t length, apr_pool_t *pool)
{
    APR_BRIGADE_INSERT_TAIL(
        brigade, apr_bucket_pool_create(text, length, pool,
                                        r->connection->bucket_alloc));
}

/* Sends the last of an answer. */
static void send_last(request_rec *r, apr_bucket_brigade *brigade)
{
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_eos_create(r->connection->bucket_alloc));
    iu_reply_pass(r, brigade);
}

void iu_reply_send(request_rec *r, int status, const char *content_type,
                   const char *text, apr_size_t length)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);

    iu_reply_begin(r, status, content_type);
    ap_set_content_length(r, (apr_off_t)length);
    iu_reply_append(r, brigade, text, length, r->pool);
    send_last(r, brigade);
}

static void send_record(request_rec *r, int status, const char *service_root,
                        const iu_record *record, const iu_shape *shape)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    iu_representation parts;

    iu_reply_begin(r, status, iu_content_type_of(shape->metadata));
    set_etag(r, record);
    iu_used_insight_represent(r->pool, record, shape, service_root, &parts);
    ap_set_content_length(r, parts.head_length + parts.tail_length);
    iu_reply_append(r, brigade, parts.head, parts.head_length, r->pool);
    iu_reply_append(r, brigade, parts.tail, parts.tail_length, r->pool);
    send_last(r, brigade);
}

/* The answer to a change: the representation, or 204 where the client prefers
 * that. */
static void send_change(request_rec *r, int status, const char *service_root,
                        const iu_record *record, iu_metadata metadata)
{
    iu_return preferred =
        iu_prefer_return(apr_table_get(r->headers_in, "Prefer"));
    const iu_shape shape = {metadata, 0, NULL, 0};

    if (preferred == IU_RETURN_MINIMAL) {
        begin(r, HTTP_NO_CONTENT);
        set_vary(r);
        set_etag(r, record);
        apr_table_setn(r->headers_out, "OData-EntityId",
                       location_of(r, service_root, record));
        apr_table_setn(r->headers_out, "Preference-Applied", "return=minimal");
        return;
    }
    if (preferred == IU_RETURN_REPRESENTATION) {
        apr_table_setn(r->headers_out, "Preference-Applied",
                       "return=representation");
    }
    send_record(r, status, service_root, record, &shape);
}

void iu_reply_created(request_rec *r, const iu_record *record,
                      iu_metadata metadata)
{
    const char *service_root = iu_service_root(r);

    apr_table_setn(r->headers_out, "Location",
                   location_of(r, service_root, record));
    send_change(r, HTTP_CREATED, service_root, record, metadata);
}

void iu_reply_updated(request_rec *r, const iu_record *record,
                      iu_metadata metadata)
{
    send_change(r, HTTP_OK, iu_service_root(r), record, metadata);
}

void iu_reply_deleted(request_rec *r)
{
    begin(r, HTTP_NO_CONTENT);
}

void iu_reply_found(request_rec *r, const iu_record *record,
                    const iu_shape *shape)
{
    send_record(r, HTTP_OK, iu_service_root(r), record, shape);
}

void iu_reply_not_modified(request_rec *r, const iu_record *record)
{
    begin(r, HTTP_NOT_MODIFIED);
    set_vary(r);
    set_etag(r, record);
}

void iu_reply_resource(request_rec *r, const iu_record *record,
                       iu_metadata metadata)
{
    iu_buffer text;

    iu_buffer_init(&text, r->pool, 512);
    if (!iu_used_insight_represent_resource(&text, record, metadata,
                                            iu_service_root(r))) {
        begin(r, HTTP_NO_CONTENT);
        return;
    }
    iu_reply_send(r, HTTP_OK, iu_content_type_of(metadata), text.data,
                  text.length);
}

void iu_reply_options(request_rec *r, apr_int64_t methods)
{
    static const struct {
        int method;
        const char *names;
    } names[] = {{M_GET, "GET, HEAD, "},
                 {M_POST, "POST, "},
                 {M_PATCH, "PATCH, "},
                 {M_DELETE, "DELETE, "}};
    const core_server_config *core =
        ap_get_core_module_config(r->server->module_config);
    iu_buffer allow;
    size_t i;

    begin(r, HTTP_NO_CONTENT);
    iu_buffer_init(&allow, r->pool, 64);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (methods & (AP_METHOD_BIT << names[i].method)) {
            iu_buffer_puts(&allow, names[i].names);
        }
    }
    iu_buffer_puts(&allow, "OPTIONS");
    if (core->trace_enable != AP_TRACE_DISABLE) {
        iu_buffer_puts(&allow, ", TRACE");
    }
    apr_table_setn(r->headers_out, "Allow", allow.data);
}
