/* SPDX-License-Identifier: Apache-2.0 */
/* What the module knows of one request under a service root. */
#ifndef IU_HTTPD_REQUEST_H
#define IU_HTTPD_REQUEST_H

#include "module.h"

#include "../graph/route.h"
#include "../problem/problem.h"
#include "../text/uuid.h"

typedef struct iu_request {
    iu_route route;            /* kind IU_ROUTE_NONE: not ours to answer */
    iu_problem *route_problem; /* IU_KEY_…, or NULL */
    const char *root;          /* the service root for which the route was read;
                                * set with filename */
    const char *filename;      /* value of r->filename while the request is
                                * mapped (mapping.h); NULL: not mapped */
    const request_rec *authenticated; /* after an internal redirect within one
                                       * configuration: the request before it;
                                       * otherwise NULL */
    request_rec *batch; /* while a request of a batch hides its r->main: that;
                         * otherwise NULL */
    char request_id[IU_UUID_SIZE];
    const char *client_request_id; /* the client's, or request_id */
    const char *origin;            /* both ids, for log lines */
    int body_read;                 /* the body was read to its end */
    iu_problem *problem;           /* why the module refuses the request;
                                    * NULL: it does not */
} iu_request;

/* Names of the request's notes, for %{…}n in access logs. */
#define IU_NOTE_REQUEST_ID "insights-used-request-id"
#define IU_NOTE_CLIENT_REQUEST_ID "insights-used-client-request-id"
#define IU_NOTE_ERROR "insights-used-error"
#define IU_NOTE_INVITATION "insights-used-invitation"
#define IU_NOTE_USER "insights-used-user"
#define IU_NOTE_ID "insights-used-id"
/* Of a batch: its requests, and those with a status of 400 or above. */
#define IU_NOTE_BATCH "insights-used-batch"
#define IU_NOTE_BATCH_FAILED "insights-used-batch-failed"

/* Environment variables with the decoded keys of the path, for Require expr:
 * set before access is checked, unless the path does not have the key. The user
 * of "me" is known only after authentication. */
#define IU_VARIABLE_INVITATION "INSIGHTS_USED_INVITATION"
#define IU_VARIABLE_USER "INSIGHTS_USED_USER"
#define IU_VARIABLE_ID "INSIGHTS_USED_ID"

/* The iu_request of r, in r->pool. Created by the first call. */
iu_request *iu_request_get(request_rec *r);

/* The iu_request of r; NULL: not created yet. */
iu_request *iu_request_find(const request_rec *r);

/* Gives r, the ErrorDocument of failed, the iu_request of failed. */
void iu_request_share(request_rec *r, request_rec *failed);

/* A buffer of random bytes, which r's connection keeps. Only one thread at a
 * time serves a connection. */
iu_random *iu_request_random(const request_rec *r);

/* Sets both ids in headers: r->headers_out or r->err_headers_out. */
void iu_request_set_ids(const iu_request *request, apr_table_t *headers);

/* Fails r with problem and logs it. Returns the status that the handler must
 * return; error_page.c then renders problem. */
int iu_request_fail(request_rec *r, iu_problem *problem);

/* Logs problem and notes its number for access logs. Call it once per
 * problem. */
void iu_request_log(request_rec *r, const iu_problem *problem);

/* Logs a problem of a request in the batch r; origin: the ids of both. */
void iu_request_log_as(request_rec *r, const iu_problem *problem,
                       const char *origin);

/* Whether the value of client-request-id can be echoed in a header field and
 * the error log: only visible ASCII, and not too long. */
int iu_request_is_client_id(const char *id);

#endif
