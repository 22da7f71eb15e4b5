/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits how often the log reports a state that every request meets, such as an
 * outage: once when it begins, then a count at intervals, and when it is over.
 */
#ifndef IU_CONCURRENCY_TALLY_H
#define IU_CONCURRENCY_TALLY_H

#include <stdatomic.h>

#include <apr_time.h>

/* Between two lines of the log. */
#define IU_TALLY_INTERVAL apr_time_from_sec(30)

/* All zero: it has not happened. Any thread may call any function at any
 * time. */
typedef struct iu_tally {
    _Atomic apr_time_t told; /* when the log last told of it; 0: it is over */
    _Atomic apr_time_t last; /* when it happened last */
    _Atomic apr_uint32_t count; /* how often since told */
} iu_tally;

/* What is to be logged; all but IU_TALLY_NOTHING are returned to exactly one
 * caller. */
typedef enum iu_tally_news {
    IU_TALLY_NOTHING,
    IU_TALLY_FIRST, /* what has happened now */
    IU_TALLY_MORE   /* that it happened *count times since the last line */
} iu_tally_news;

/* Counts one. now is iu_clock_now's. */
iu_tally_news iu_tally_add(iu_tally *tally, apr_time_t now,
                           apr_uint32_t *count);

/* Whether to log that it is over: it did not happen for an interval. *count is
 * as above. Costs a load where it has not happened. */
int iu_tally_is_over(iu_tally *tally, apr_time_t now, apr_uint32_t *count);

#endif
