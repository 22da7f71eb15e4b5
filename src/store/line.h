/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue for requests that change the same record. Without it each of them
 * reads a version and finds a newer one when it writes: one request succeeds at
 * a time, and all others have read and written for nothing. In the queue they
 * take turns. It covers this process only; other processes may still change the
 * record in between.
 */
#ifndef IU_STORE_LINE_H
#define IU_STORE_LINE_H

#include <apr_pools.h>

#include "../concurrency/event.h"

typedef struct iu_line iu_line;

/* A place in the queue; the caller owns it, from iu_line_join to
 * iu_line_leave. */
typedef struct iu_line_place {
    const char *invitation_id; /* the record's keys, set by the caller */
    const char *id;
    iu_event is_first; /* for its record; set by the request that left */
    struct iu_line_place *next;
} iu_line_place;

/* Makes an empty line, which lives in pool. */
apr_status_t iu_line_create(iu_line **line, apr_pool_t *pool);

/* Whether there is somebody in line for the record of place, which is not in
 * line itself. Mostly nobody is there at all: then it costs a load. */
int iu_line_has(iu_line *line, const iu_line_place *place);

/* Joins at the end and waits until nobody is before place for the same record.
 * Returns 0 where deadline (of iu_clock_now) came first: place is not in line
 * then. */
int iu_line_join(iu_line *line, iu_line_place *place, apr_time_t deadline);

/* Leaves it to the next. */
void iu_line_leave(iu_line *line, iu_line_place *place);

#endif
