/* SPDX-License-Identifier: Apache-2.0 */
/* What the module knows of one request under a service root. */
#ifndef IU_HTTPD_REQUEST_H
#define IU_HTTPD_REQUEST_H

#include "module.h"

#include "../graph/route.h"
#include "../problem/problem.h"
#include "../text/uuid.h"

typedef struct iu_request {
    iu_route route;            /* kind IU_ROUTE_NONE: not for us to answer */
    iu_problem *route_problem; /* IU_KEY_…, or NULL */
    const char *root;          /* the service root that the route was read for;
                                * NULL with filename */
    const char *filename;      /* for r->filename while the request is claimed
                                * (claim.h); NULL: it is not */
    const request_rec *authenticated; /* the request before an internal
                                       * redirect that keeps to its
                                       * configuration; NULL: there is none */
    char request_id[IU_UUID_SIZE];
    const char *client_request_id; /* the client's, or request_id */
    const char *origin;            /* both ids, as log lines have them */
    int body_read;                 /* whether its body was read to the end */
    iu_problem *problem;           /* why it is refused; NULL: it is not, or
                                    * by another module */
} iu_request;

/* The names of the request's notes, for %{…}n in access logs. */
#define IU_NOTE_REQUEST_ID "insights-used-request-id"
#define IU_NOTE_CLIENT_REQUEST_ID "insights-used-client-request-id"
#define IU_NOTE_ERROR "insights-used-error"
#define IU_NOTE_INVITATION "insights-used-invitation"
#define IU_NOTE_ID "insights-used-id"

/* The environment variables with the keys of the path, decoded, for Require
 * expr. They are set before access is checked; not set: the path has no such
 * key. */
#define IU_VARIABLE_INVITATION "INSIGHTS_USED_INVITATION"
#define IU_VARIABLE_ID "INSIGHTS_USED_ID"

/* The record of r, made at the first call; it lives in r->pool. */
iu_request *iu_request_get(request_rec *r);

/* The record of r if it was made, else NULL. */
iu_request *iu_request_find(const request_rec *r);

/* Makes the record of failed that of r, too, which answers for it. */
void iu_request_share(request_rec *r, request_rec *failed);

/* Random bytes for r's thread: a stock that the connection keeps. */
iu_random *iu_request_random(const request_rec *r);

/* Puts the two ids into headers, r->headers_out or r->err_headers_out. */
void iu_request_set_ids(const iu_request *request, apr_table_t *headers);

/* Takes problem as the outcome of r, logs it, and returns what a handler or a
 * hook has to return for it. The answer is made by error_page.h. */
int iu_request_fail(request_rec *r, iu_problem *problem);

/* Logs problem, once, and notes its number for access logs. */
void iu_request_log(request_rec *r, const iu_problem *problem);

#endif
