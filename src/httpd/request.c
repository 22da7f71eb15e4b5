/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <apr_strings.h>

#include "../http/field_value.h"
#include "stores.h"

/* Longest client-request-id that we echo; Graph's clients send GUIDs. */
#define CLIENT_REQUEST_ID_MAX 128

int iu_request_is_client_id(const char *id)
{
    return iu_field_is_visible(id, CLIENT_REQUEST_ID_MAX);
}

iu_request *iu_request_find(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &insights_used_module);
}

iu_random *iu_request_random(const request_rec *r)
{
    conn_rec *c = r->connection;
    iu_random *random =
        ap_get_module_config(c->conn_config, &insights_used_module);

    if (!random) {
        random = apr_pcalloc(c->pool, sizeof(*random));
        ap_set_module_config(c->conn_config, &insights_used_module, random);
    }
    return random;
}

static void attach(request_rec *r, iu_request *request)
{
    apr_table_setn(r->notes, IU_NOTE_REQUEST_ID, request->request_id);
    apr_table_setn(r->notes, IU_NOTE_CLIENT_REQUEST_ID,
                   request->client_request_id);
    ap_set_module_config(r->request_config, &insights_used_module, request);
}

iu_request *iu_request_get(request_rec *r)
{
    iu_request *request = iu_request_find(r);
    const char *client;

    if (request) {
        return request;
    }
    request = apr_pcalloc(r->pool, sizeof(*request));
    iu_uuid_random(iu_request_random(r), request->request_id);
    client = apr_table_get(r->headers_in, "client-request-id");
    request->client_request_id = client && iu_request_is_client_id(client)
                                     ? client
                                     : request->request_id;
    request->origin =
        apr_pstrcat(r->pool, "request-id ", request->request_id,
                    " client-request-id ", request->client_request_id, NULL);
    attach(r, request);
    return request;
}

void iu_request_share(request_rec *r, request_rec *failed)
{
    attach(r, iu_request_get(failed));
}

void iu_request_set_ids(const iu_request *request, apr_table_t *headers)
{
    apr_table_setn(headers, "request-id", request->request_id);
    apr_table_setn(headers, "client-request-id", request->client_request_id);
}

/* Info for a fault of the client and for a client that has gone; error for a
 * fault of the server and for a request that passed no authentication. */
static int level_of(const request_rec *r, const iu_problem *problem)
{
    if (problem->kind == IU_UNVOUCHED) {
        return APLOG_ERR;
    }
    return problem->status >= HTTP_INTERNAL_SERVER_ERROR &&
                   problem->status != HTTP_NOT_IMPLEMENTED &&
                   problem->kind != IU_CLIENT_GONE
               ? iu_stores_note_refused(r, problem)
               : APLOG_INFO;
}

void iu_request_log(request_rec *r, const iu_problem *problem)
{
    apr_table_setn(r->notes, IU_NOTE_ERROR, problem->number);
    iu_request_log_as(r, problem, iu_request_get(r)->origin);
}

void iu_request_log_as(request_rec *r, const iu_problem *problem,
                       const char *origin)
{
    /* A variable: level_of counts, and ap_log_rerror evaluates it twice. */
    int level = level_of(r, problem);

    iu_metrics_count(iu_stores_metrics(r->server), IU_METRIC_PROBLEMS,
                     problem->kind);
    ap_log_rerror(
        APLOG_MARK, level, 0, r, "%s: %s: %d %s%s%s%s%s", problem->number,
        origin, problem->status, problem->message, problem->target ? " (" : "",
        problem->target ? problem->target : "", problem->target ? ")" : "",
        problem->log_detail
            ? apr_pstrcat(r->pool, " Cause: ", problem->log_detail, NULL)
            : "");
}

int iu_request_fail(request_rec *r, iu_problem *problem)
{
    iu_request *request = iu_request_get(r);

    if (problem->kind == IU_BODY_REFUSED) {
        return problem->status; /* httpd has answered and logged already */
    }
    request->problem = problem;
    iu_problem_set_headers(problem, r->pool, r->err_headers_out);
    iu_request_log(r, problem);
    return problem->status;
}
