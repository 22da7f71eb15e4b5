/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A problem is the only error value that crosses the borders of the rooms.
 * NULL means success. It is made where the fault is found, logged once and
 * rendered once (as the JSON error of OData JSON Format 4.01 section 21 in the
 * shape of Microsoft Graph). The kinds are listed in problem_list.h.
 */
#ifndef IU_PROBLEM_PROBLEM_H
#define IU_PROBLEM_PROBLEM_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "../text/buffer.h"

/* The kinds of problem, one for each line of problem_list.h. */
typedef enum iu_problem_kind {
#define IU_PROBLEM(name, number, status, code, message) name,
#include "problem_list.h"
#undef IU_PROBLEM
    IU_PROBLEM_KINDS
} iu_problem_kind;

/* One fault among several of the same request body. */
typedef struct iu_fault {
    iu_problem_kind kind;
    const char *message; /* UTF-8, for the client */
    const char *target;  /* property path as lastUsed/lastAccessedDateTime;
                          * NULL: the body as a whole */
} iu_fault;

typedef struct iu_problem {
    iu_problem_kind kind;
    int status;          /* HTTP status code */
    const char *number;  /* "IU0012": the same in log, answer and notes */
    const char *code;    /* Graph's error code, "BadRequest" */
    const char *message; /* UTF-8, for the client; no SQL, paths or hosts */
    const char *target;  /* property path, or NULL */
    apr_array_header_t *details; /* of iu_fault, at most IU_PROBLEM_DETAILS;
                                  * NULL: none */
    const char *log_detail; /* what only the operator may read: driver text,
                             * paths; NULL: nothing besides message */
    int retry_after;        /* seconds for Retry-After; 0: no such header */
    const char *location;   /* URL for Location (409), or NULL */
} iu_problem;

/* How many faults of one body are told (the contract's limit). */
#define IU_PROBLEM_DETAILS 20

/* Makes a problem of a kind in pool. The kind's message in problem_list.h is
 * a printf format for what follows. */
iu_problem *iu_problem_make(apr_pool_t *pool, iu_problem_kind kind, ...);

/* Formats what only the log may show, in problem's place. */
iu_problem *iu_problem_log(apr_pool_t *pool, iu_problem *problem,
                           const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A deep copy in pool, for a problem that is shared by several requests. */
iu_problem *iu_problem_copy(apr_pool_t *pool, const iu_problem *problem);

/* Renders the body of the answer. date is when the fault happened, printed in
 * UTC with a Z; the two ids are those of the request. */
void iu_problem_render(const iu_problem *problem, apr_time_t date,
                       const char *request_id, const char *client_request_id,
                       iu_buffer *out);

/* The name "IU0012" of a kind; a constant. */
const char *iu_problem_number(iu_problem_kind kind);

/* The kind that stands for an HTTP error status which httpd or another module
 * made: 401 → IU_HTTP_UNAUTHORIZED …, any other → the generic of its class. */
iu_problem_kind iu_problem_kind_of_status(int status);

#endif
