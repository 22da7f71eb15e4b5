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

static void set_common_headers(request_rec *r)
{
    apr_table_setn(r->headers_out, "OData-Version", "4.0");
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    iu_request_set_ids(iu_request_get(r), r->headers_out);
}

static void set_etag(request_rec *r, const iu_record *record)
{
    apr_table_setn(r->headers_out, "ETag",
                   apr_pstrcat(r->pool, "W/\"", record->version, "\"", NULL));
}

/* Sends length bytes that live as long as r, and nothing else. */
static void send_parts(request_rec *r, const iu_representation *parts)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);
    apr_status_t status;

    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_pool_create(parts->head,
                                                            parts->head_length,
                                                            r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_pool_create(parts->tail,
                                                            parts->tail_length,
                                                            r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    status = ap_pass_brigade(r->output_filters, brigade);
    if (status != APR_SUCCESS) {
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, status, r,
                      "IU0142: %s: the client did not take the answer",
                      iu_request_get(r)->origin);
    }
}

static void send_record(request_rec *r, const char *service_root,
                        const iu_record *record, iu_metadata metadata)
{
    iu_representation parts;

    set_common_headers(r);
    set_etag(r, record);
    iu_used_insight_represent(r->pool, record, metadata, service_root, &parts);
    ap_set_content_type(r, iu_content_type_of(metadata));
    ap_set_content_length(r, parts.head_length + parts.tail_length);
    send_parts(r, &parts);
}

void iu_reply_created(request_rec *r, const iu_record *record,
                      iu_metadata metadata)
{
    iu_return preferred =
        iu_prefer_return(apr_table_get(r->headers_in, "Prefer"));
    const char *service_root = iu_service_root(r);
    const char *location = location_of(r, service_root, record);

    apr_table_setn(r->headers_out, "Location", location);
    if (preferred == IU_RETURN_MINIMAL) {
        r->status = HTTP_NO_CONTENT;
        set_common_headers(r);
        set_etag(r, record);
        apr_table_setn(r->headers_out, "OData-EntityId", location);
        apr_table_setn(r->headers_out, "Preference-Applied", "return=minimal");
        return;
    }
    r->status = HTTP_CREATED;
    if (preferred == IU_RETURN_REPRESENTATION) {
        apr_table_setn(r->headers_out, "Preference-Applied",
                       "return=representation");
    }
    send_record(r, service_root, record, metadata);
}

void iu_reply_found(request_rec *r, const iu_record *record,
                    iu_metadata metadata)
{
    r->status = HTTP_OK;
    send_record(r, iu_service_root(r), record, metadata);
}

void iu_reply_options(request_rec *r, apr_int64_t methods)
{
    const core_server_config *core =
        ap_get_core_module_config(r->server->module_config);

    r->status = HTTP_NO_CONTENT;
    set_common_headers(r);
    apr_table_setn(
        r->headers_out, "Allow",
        apr_pstrcat(
            r->pool, methods & (AP_METHOD_BIT << M_GET) ? "GET, HEAD, " : "",
            methods & (AP_METHOD_BIT << M_POST) ? "POST, " : "", "OPTIONS",
            core->trace_enable == AP_TRACE_DISABLE ? "" : ", TRACE", NULL));
}
