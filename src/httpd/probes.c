/* SPDX-License-Identifier: Apache-2.0 */
#include "probes.h"

#include <apr_strings.h>

#include "../problem/problem.h"
#include "monitor.h"
#include "request.h"
#include "stores.h"

#define READY "insights-used-ready"
#define LIVE "insights-used-live"

static void send_text(request_rec *r, int status, const char *text)
{
    iu_buffer content;

    iu_buffer_init(&content, r->pool, strlen(text) + 1);
    iu_buffer_puts(&content, text);
    iu_monitor_send(r, status, "application/json", &content);
}

/* Sends 503 in the form of the service's errors. The message is the same for
 * all numbers: those of problem_list.h are about a request. */
static void send_problem(request_rec *r, iu_problem *problem)
{
    iu_buffer content;

    problem->status = HTTP_SERVICE_UNAVAILABLE;
    problem->code = "ServiceUnavailable";
    problem->message = "The service is not ready for requests.";
    apr_table_setn(r->notes, IU_NOTE_ERROR, problem->number);
    apr_table_setn(r->headers_out, "Retry-After", "1");
    iu_buffer_init(&content, r->pool, 256);
    iu_problem_render(problem, apr_time_now(), NULL, NULL, &content);
    iu_monitor_send(r, problem->status, "application/json", &content);
}

int iu_probes_ready(request_rec *r)
{
    iu_problem *problem;
    int status = iu_monitor_begin(r, READY);

    if (status != OK) {
        return status;
    }
    problem = iu_stores_check(r);
    if (problem) {
        send_problem(r, problem);
    }
    else {
        send_text(r, HTTP_OK, "{\"status\":\"ready\"}");
    }
    return OK;
}

int iu_probes_live(request_rec *r)
{
    int status = iu_monitor_begin(r, LIVE);

    if (status == OK) {
        send_text(r, HTTP_OK, "{\"status\":\"live\"}");
    }
    return status;
}
