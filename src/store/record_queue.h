/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue for requests that change the same record. Without it all of them read
 * the same version, one succeeds, and the others have read and written for
 * nothing. In the queue they take turns. It covers this process only: other
 * processes may still change the record in between.
 */
#ifndef IU_STORE_RECORD_QUEUE_H
#define IU_STORE_RECORD_QUEUE_H

#include <apr_pools.h>

#include "../concurrency/event.h"

typedef struct iu_record_queue iu_record_queue;

/* A request in the queue. The caller owns it and keeps it from
 * iu_record_queue_join to iu_record_queue_leave. */
typedef struct iu_record_waiter {
    const char *set_id; /* the record's keys, set by the caller */
    const char *id;
    iu_event is_first; /* among those of its record; the request that was first
                        * sets it when it leaves */
    struct iu_record_waiter *next;
} iu_record_waiter;

/* Creates an empty queue in pool. */
apr_status_t iu_record_queue_create(iu_record_queue **queue, apr_pool_t *pool);

/* Whether a request is queued for the record of waiter, which is not queued
 * itself. Costs one load if the whole queue is empty, as it usually is. */
int iu_record_queue_has(iu_record_queue *queue, const iu_record_waiter *waiter);

/* Appends waiter and waits until it is the first of its record. Returns 1, or 0
 * if deadline (of iu_clock_now) came first: then waiter is no longer queued. */
int iu_record_queue_join(iu_record_queue *queue, iu_record_waiter *waiter,
                         apr_time_t deadline);

/* Removes waiter and wakes the next request for its record. */
void iu_record_queue_leave(iu_record_queue *queue, iu_record_waiter *waiter);

#endif
