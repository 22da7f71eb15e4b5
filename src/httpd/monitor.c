/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor.h"

#include <http_protocol.h>

int iu_monitor_begin(request_rec *r, const char *handler)
{
    if (!r->handler || strcmp(r->handler, handler) != 0) {
        return DECLINED;
    }
    if (r->method_number == M_GET) { /* and HEAD */
        return OK;
    }
    ap_clear_method_list(r->allowed_methods);
    r->allowed = AP_METHOD_BIT << M_GET;
    r->allowed_methods->method_mask = r->allowed;
    return HTTP_METHOD_NOT_ALLOWED;
}

void iu_monitor_send(request_rec *r, int status, const char *content_type,
                     const iu_buffer *content)
{
    /* The handler returns OK: httpd sends no page of its own for an error. */
    r->status = status;
    ap_set_content_type(r, content_type);
    ap_set_content_length(r, (apr_off_t)content->length);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    ap_rwrite(content->data, (int)content->length, r);
}
