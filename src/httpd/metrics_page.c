/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics_page.h"

#include "../http/media_type.h"
#include "../metrics/exposition.h"
#include "../text/version.h"
#include "monitor.h"
#include "stores.h"

#define HANDLER "insights-used-metrics"

/* Text unless the client prefers OpenMetrics. A client that accepts neither
 * gets text, too: a scraper shows it better than an error. */
static iu_exposition_format choose_format(const request_rec *r)
{
    static const char *const types[] = {"text/plain",
                                        "application/openmetrics-text"};

    return iu_accept_choose(apr_table_get(r->headers_in, "Accept"), types, 2) ==
                   1
               ? IU_EXPOSITION_OPENMETRICS
               : IU_EXPOSITION_TEXT;
}

int iu_metrics_page_handle(request_rec *r)
{
    iu_exposition_format format;
    apr_array_header_t *exposed;
    iu_buffer page;
    int status = iu_monitor_begin(r, HANDLER);

    if (status != OK) {
        return status;
    }
    format = choose_format(r);
    exposed = iu_stores_expose(r->pool);
    iu_buffer_init(&page, r->pool, 16 * 1024);
    iu_exposition_write(&page, format, IU_MODULE_VERSION,
                        (const iu_exposed *)exposed->elts, exposed->nelts);
    apr_table_mergen(r->headers_out, "Vary", "Accept");
    iu_monitor_send(r, HTTP_OK,
                    format == IU_EXPOSITION_OPENMETRICS
                        ? "application/openmetrics-text; version=1.0.0; "
                          "charset=utf-8"
                        : "text/plain; version=0.0.4; charset=utf-8",
                    &page);
    return OK;
}
