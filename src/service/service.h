/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the methods of the resources that docs/api.md describes. Independent of
 * httpd, so that tests can call it as httpd's handler does. */
#ifndef IU_SERVICE_SERVICE_H
#define IU_SERVICE_SERVICE_H

#include "answer.h"
#include "operation.h"

/* Names and versions of the libraries that are loaded, in pool:
 * "json-c 0.16, SQLite 3.40.1". */
const char *iu_service_libraries(apr_pool_t *pool);

/* The methods of a kind of resource: one bit (1u << method) for each. */
unsigned iu_service_methods(iu_route_kind kind);

/* Runs operation, which must live until the answer is sent; the caller must
 * have checked access. *answer must be zero except for headers; what it refers
 * to lives as long as operation->pool. Returns NULL, IU_METHOD_NOT_ALLOWED,
 * operation->route_problem or a problem of the action. */
iu_problem *iu_service_run(const iu_operation *operation, iu_answer *answer);

/*
 * For a batch, which commits the writes of several operations at once: begin
 * each, write, finish each.
 */

/* An operation that waits for its write to be committed. */
typedef struct iu_pending iu_pending;

/* Runs operation up to its write; arguments and result as of iu_service_run.
 * *pending: NULL if it writes nothing and the answer is complete, or it has
 * failed. It is in operation->pool. */
iu_problem *iu_service_begin(const iu_operation *operation, iu_answer *answer,
                             iu_pending **pending);

/* The call with which to write. */
const iu_store_call *iu_service_call(const iu_pending *pending);

/* The write, for iu_store_write or iu_store_write_all. */
iu_write *iu_service_write(iu_pending *pending);

/* Makes the answer after the write has its outcome. Returns NULL or a problem;
 * IU_VERSION_CONFLICT: nothing was changed, and iu_service_prepare or
 * iu_service_repeat may succeed. */
iu_problem *iu_service_finish(iu_pending *pending);

/* Prepares the write again. Returns NULL or a problem. */
iu_problem *iu_service_prepare(iu_pending *pending);

/* Prepares, writes and finishes again, by itself, until there is no conflict.
 * Returns NULL or a problem. */
iu_problem *iu_service_repeat(iu_pending *pending);

#endif
