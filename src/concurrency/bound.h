/* SPDX-License-Identifier: Apache-2.0 */
/* The limits within which one request waits, and its statements run. */
#ifndef IU_CONCURRENCY_BOUND_H
#define IU_CONCURRENCY_BOUND_H

#include "event.h"

/* Returns nonzero if the client has gone, so that nobody needs the answer.
 * Called by the request's thread, only after it has waited for a while. */
typedef int iu_is_gone(void *client);

typedef struct iu_bound {
    apr_time_t deadline; /* of iu_clock_now */
    iu_is_gone *is_gone; /* NULL: never ask */
    void *client;        /* argument of is_gone */
} iu_bound;

/* How long iu_bound_wait waits at most. */
#define IU_BOUND_INTERVAL apr_time_from_msec(250)

/* As iu_event_wait, but returns 0 if the bound's deadline has passed or, after
 * an interval, its client has gone; and 1 also if an interval has passed. */
int iu_bound_wait(const iu_bound *bound, iu_event *event,
                  apr_uint32_t expected);

#endif
