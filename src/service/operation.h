/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to the service, independent of httpd: src/httpd makes it from a
 * request_rec.
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

/* Methods of the service's resources. HEAD is a GET with is_head. */
typedef enum iu_method {
    IU_METHOD_GET,
    IU_METHOD_POST,
    IU_METHOD_PATCH,
    IU_METHOD_DELETE,
    IU_METHOD_UNKNOWN /* any other */
} iu_method;

/* Their names: all but that of IU_METHOD_UNKNOWN. */
extern const char *const iu_method_names[IU_METHOD_UNKNOWN];

/* The method of a name; IU_METHOD_UNKNOWN also for HEAD. */
iu_method iu_method_find(const char *name);

/* The configuration that applies to a request. */
typedef struct iu_settings {
    const char *service_root; /* absolute URL, no trailing slash */
    unsigned required;        /* set of IU_MEMBER_… that a create requires */
    int if_match_required;    /* for changes */
    int has_batch;            /* the service has a $batch */
    const char *invitation_query; /* SQL; NULL: every invitation exists, with a
                                   * set of its own */
    apr_int64_t max_body;         /* bytes */
    apr_interval_time_t timeout;  /* for the database */
    apr_uint32_t queue_limit;     /* requests of this child that may wait */
    apr_interval_time_t repeat_window; /* how old a repeated create may be */
    int max_target; /* bytes of the longest request target, path
                                   * and query, that the server accepts */
} iu_settings;

typedef struct iu_operation iu_operation;

/* Reads the whole body, at most settings.max_body bytes, into operation->pool.
 * Returns NULL or a problem. */
typedef iu_problem *iu_read_body(const iu_operation *operation,
                                 iu_buffer *body);

struct iu_operation {
    apr_pool_t *pool; /* lives until the answer is sent; used by one thread */
    iu_route route;   /* with the owner's id, also of IU_OWNER_ME,
                                * unless there is a route_problem */
    iu_problem *route_problem; /* from iu_route_read: invalid key;
                                * IU_USER_UNKNOWN; or NULL */
    iu_method method;
    int is_head;                /* the content will not be sent */
    const apr_table_t *headers; /* request headers */
    const char *query;          /* after the '?'; NULL: none */
    iu_read_body *read_body;    /* to be called at most once */
    iu_is_gone *is_gone;        /* whether the client is gone; NULL: never */
    void *source;               /* for read_body and is_gone */
    apr_time_t deadline;        /* for the database, of iu_clock_now; 0:
                                 * settings.timeout after the body was read */
    iu_settings settings;
    iu_store *store;    /* NULL: creating it failed, which was logged */
    iu_random *random;  /* belongs to this thread */
    const char *origin; /* the request's ids, for the log */
};

#endif
