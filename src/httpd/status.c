/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "../metrics/exposition.h"
#include "stores.h"

/* What the page says of a database. */
static const struct {
    iu_metric metric;
    const char *name; /* for ?auto */
    const char *text;
} lines[] = {
    {IU_METRIC_REQUESTS, "Requests", "requests"},
    {IU_METRIC_PROBLEMS, "Errors", "errors of requests"},
    {IU_METRIC_CHANGES, "Changes", "used insights created, updated, deleted"},
    {IU_METRIC_WRITES_WAITING, "WritesWaiting", "requests that wait to write"},
    {IU_METRIC_READERS_BUSY, "ReadersBusy", "connections that read"},
    {IU_METRIC_CHILDREN, "Children", "child processes"},
    {IU_METRIC_BREAKER_OPEN, "ChildrenDown",
     "child processes for which the database is down"},
    {IU_METRIC_OUTAGES, "Outages", "outages"},
    {IU_METRIC_RECONNECTS, "Reconnects", "reconnections"},
};

/* The sum of a counter or gauge over its labels. */
static apr_int64_t total_of(const iu_metrics *metrics, iu_metric metric)
{
    apr_int64_t total = 0;
    int i;

    for (i = 0; i < iu_metric_list[metric].cells; i++) {
        total += iu_metrics_sum(metrics, metric, i);
    }
    return total;
}

static void print_database(request_rec *r, const iu_exposed *exposed, int brief)
{
    int number = iu_metrics_number(exposed->metrics);
    size_t i;

    if (!brief) {
        ap_rprintf(r, "<h3>Database %s-%d</h3>\n<dl>\n", exposed->driver,
                   number);
    }
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        apr_int64_t total = total_of(exposed->metrics, lines[i].metric);

        if (brief) {
            ap_rprintf(r, "InsightsUsed[%s-%d]%s: %" APR_INT64_T_FMT "\n",
                       exposed->driver, number, lines[i].name, total);
        }
        else {
            ap_rprintf(r, "<dt>%" APR_INT64_T_FMT " %s</dt>\n", total,
                       lines[i].text);
        }
    }
    if (!brief) {
        ap_rputs("</dl>\n", r);
    }
}

/* A status_hook of mod_status. */
static int print_status(request_rec *r, int flags)
{
    int brief = flags & AP_STATUS_SHORT;
    apr_array_header_t *exposed = iu_stores_expose(r->pool);
    int i;

    if (exposed->nelts > 0 && !brief) {
        ap_rputs("<hr />\n<h2>Used insights</h2>\n", r);
    }
    for (i = 0; i < exposed->nelts; i++) {
        print_database(r, &APR_ARRAY_IDX(exposed, i, iu_exposed), brief);
    }
    return OK;
}

void iu_status_register(void)
{
    APR_OPTIONAL_HOOK(ap, status_hook, print_status, NULL, NULL,
                      APR_HOOK_MIDDLE);
}
