/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits log lines about a condition that every request meets, such as an
 * outage: one line when it begins, a count at intervals, one line when it ends.
 */
#ifndef IU_CONCURRENCY_TALLY_H
#define IU_CONCURRENCY_TALLY_H

#include <stdatomic.h>

#include <apr_time.h>

/* Time between two log lines. */
#define IU_TALLY_INTERVAL apr_time_from_sec(30)

/* All zero: nothing has happened. All functions are thread-safe; now is
 * iu_clock_now's. */
typedef struct iu_tally {
    _Atomic apr_time_t logged_at; /* time of the last log line; 0: it is over */
    _Atomic apr_time_t last_at;   /* when it last happened */
    _Atomic apr_uint32_t count;   /* how often since logged_at */
} iu_tally;

/* What the caller must log. Exactly one caller gets each FIRST and MORE. */
typedef enum iu_tally_result {
    IU_TALLY_NOTHING,
    IU_TALLY_FIRST, /* this occurrence */
    IU_TALLY_MORE   /* *count more occurrences since the last line */
} iu_tally_result;

/* Counts one occurrence. Sets *count with IU_TALLY_MORE only. */
iu_tally_result iu_tally_add(iu_tally *tally, apr_time_t now,
                             apr_uint32_t *count);

/* Returns 1 to the one caller that must log that it is over: it has not
 * happened for an interval. *count: occurrences since the last line. Costs one
 * load if nothing has happened. */
int iu_tally_is_over(iu_tally *tally, apr_time_t now, apr_uint32_t *count);

#endif
