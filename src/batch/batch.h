/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the requests of a batch, in waves: what depends on nothing first, then
 * what depends on that. All writes of a wave are committed together; the
 * requests of an atomicity group are written all or none.
 */
#ifndef IU_BATCH_BATCH_H
#define IU_BATCH_BATCH_H

#include "batch_request.h"
#include "batch_response.h"

/* How the server runs one request. */
typedef struct iu_batch_host {
    /* Sets *entry, except id, in pool. */
    void (*identify)(void *baton, const iu_batch_item *item, apr_pool_t *pool,
                     iu_batch_entry *entry);
    /* Authorizes item as if it had come alone. Returns NULL and sets route,
     * route_problem, query, settings, store, random, origin, is_gone and source
     * of *operation, in pool; or returns a problem in pool, and adds its header
     * fields to entry. */
    iu_problem *(*open)(void *baton, const iu_batch_item *item,
                        apr_pool_t *pool, iu_operation *operation,
                        iu_batch_entry *entry);
    /* Logs the outcome of item. problem: NULL if it succeeded. */
    void (*log)(void *baton, const iu_batch_item *item,
                const iu_batch_entry *entry, int status,
                const iu_problem *problem);
    void *baton;
} iu_batch_host;

/* Runs all requests and writes response, which the caller has begun and has yet
 * to end. deadline: for the database, of iu_clock_now. *failed: how many
 * requests have a status of 400 or above. Memory is in pool, and only that of
 * response lasts. Returns NULL, or a problem of the database if for this reason
 * no request could be tried: the batch can be repeated. */
iu_problem *iu_batch_run(apr_pool_t *pool, const iu_batch_request *request,
                         const iu_batch_host *host, apr_time_t deadline,
                         iu_batch_response *response, int *failed);

#endif
