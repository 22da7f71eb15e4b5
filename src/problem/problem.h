/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An error of a request. Functions return it; NULL means success. (src/dialect
 * and src/database return an iu_failure, of which src/store makes a problem.)
 * A problem is made where the error is found, logged once and rendered once, as
 * a JSON error (OData JSON Format 4.01 section 21) with the members that
 * Microsoft Graph has. problem_list.h lists the kinds.
 */
#ifndef IU_PROBLEM_PROBLEM_H
#define IU_PROBLEM_PROBLEM_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "../text/buffer.h"

/* One kind for each entry of problem_list.h. */
typedef enum iu_problem_kind {
#define IU_PROBLEM(name, number, status, code, message) name,
#include "problem_list.h"
#undef IU_PROBLEM
    IU_PROBLEM_KINDS /* number of kinds */
} iu_problem_kind;

/* One of several faults in a request body. */
typedef struct iu_fault {
    iu_problem_kind kind;
    const char *message; /* UTF-8, for the client */
    const char *target;  /* property path, "lastUsed/lastAccessedDateTime";
                          * NULL: the whole body */
} iu_fault;

typedef struct iu_problem {
    iu_problem_kind kind;
    int status;          /* HTTP status code */
    const char *number;  /* "IU0012": in the answer, the log and the request's
                          * notes */
    const char *code;    /* Graph's error code, "BadRequest" */
    const char *message; /* UTF-8, for the client; no SQL, paths or hosts */
    const char *target;  /* property path or query option, or NULL */
    apr_array_header_t *details; /* of iu_fault, at most IU_PROBLEM_DETAILS;
                                  * NULL: none */
    const char *log_detail; /* for the log only: driver messages, paths; NULL:
                             * message is sufficient */
    int retry_after;        /* Retry-After in seconds; 0: no such header */
    const char *location;   /* Location of a 409: a URL, or NULL */
    const char *repeatability_result; /* Repeatability-Result: a constant, or
                                       * NULL */
} iu_problem;

/* Maximum number of faults that are reported for one request body. */
#define IU_PROBLEM_DETAILS 20

/* Makes a problem in pool. The kind's message in problem_list.h is a printf
 * format for the arguments after kind. */
iu_problem *iu_problem_make(apr_pool_t *pool, iu_problem_kind kind, ...);

/* Sets problem->log_detail, which only the log has, from a printf format, in
 * pool. Returns problem. */
iu_problem *iu_problem_explain(apr_pool_t *pool, iu_problem *problem,
                               const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A deep copy in pool, for problems that several requests share. */
iu_problem *iu_problem_copy(apr_pool_t *pool, const iu_problem *problem);

/* Sets the header fields that a response with the problem has besides those of
 * its content: Retry-After, Location, Repeatability-Result. The values are in
 * pool or in problem. */
void iu_problem_set_headers(const iu_problem *problem, apr_pool_t *pool,
                            apr_table_t *headers);

/* Appends the JSON error to out. date is the time of the error; request_id and
 * client_request_id identify the request, NULL: left out. */
void iu_problem_render(const iu_problem *problem, apr_time_t date,
                       const char *request_id, const char *client_request_id,
                       iu_buffer *out);

/* The number of a kind, "IU0012"; a constant. */
const char *iu_problem_number(iu_problem_kind kind);

/* The kind for an error status that httpd or another module has set:
 * IU_HTTP_UNAUTHORIZED for 401 and so on; IU_HTTP_CLIENT or IU_HTTP_SERVER if
 * the status has no kind of its own. */
iu_problem_kind iu_problem_kind_of_status(int status);

#endif
