/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of the service: one request, free of the server that received
 * it. httpd's side makes one of a request_rec.
 */
#ifndef IU_SERVICE_OPERATION_H
#define IU_SERVICE_OPERATION_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "../graph/route.h"
#include "../problem/problem.h"
#include "../store/store.h"
#include "../text/buffer.h"
#include "../text/random.h"

/* The methods that the service's resources have. HEAD is a GET. */
typedef enum iu_method {
    IU_METHOD_GET,
    IU_METHOD_POST,
    IU_METHOD_PATCH,
    IU_METHOD_DELETE,
    IU_METHOD_UNKNOWN /* any other */
} iu_method;

/* What the operator has set for the place of a request. */
typedef struct iu_settings {
    const char *service_root;     /* its absolute URL, no slash at the end */
    unsigned required;            /* set of IU_MEMBER_…, for a create */
    int if_match_required;        /* by changes */
    const char *invitation_query; /* SQL; NULL: every invitation is known */
    apr_int64_t max_body;         /* bytes */
    apr_interval_time_t timeout;  /* for the database */
    apr_uint32_t queue_limit;     /* requests of this child that may wait */
    int max_target;               /* bytes of a request target that the server
                                   * takes, path and query */
} iu_settings;

typedef struct iu_operation iu_operation;

/* Reads the body to its end, at most settings.max_body bytes. *body lives as
 * long as the operation's pool. NULL, or a problem. */
typedef iu_problem *iu_read_body(const iu_operation *operation,
                                 iu_buffer *body);

struct iu_operation {
    apr_pool_t *pool; /* lives until the answer is sent; of one thread */
    iu_route route;
    iu_problem *route_problem; /* what is wrong with a key; NULL: nothing */
    iu_method method;
    int is_head;                /* the content will not be sent */
    const apr_table_t *headers; /* the header fields of the request */
    const char *query;          /* behind the '?'; NULL: none */
    iu_read_body *read_body;    /* called once at most */
    iu_is_gone *is_gone;        /* whether its client has; NULL: never */
    void *source;               /* for read_body and is_gone */
    iu_settings settings;
    iu_store *store;    /* NULL: it could not be made, which was logged */
    iu_random *random;  /* of the operation's thread */
    const char *origin; /* the request's ids, for log lines */
};

#endif
