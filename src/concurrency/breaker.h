/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A circuit breaker: while a database is known to be down nobody waits for it;
 * one call a second is let through to see whether it is back.
 */
#ifndef IU_CONCURRENCY_BREAKER_H
#define IU_CONCURRENCY_BREAKER_H

#include <stdatomic.h>

#include <apr_time.h>

/* Between two probes. */
#define IU_BREAKER_INTERVAL apr_time_from_sec(1)

/* All zero is a closed breaker: everything goes through. Any thread may call
 * any function at any time. */
typedef struct iu_breaker {
    _Atomic apr_time_t next_probe; /* 0: closed */
} iu_breaker;

/* Seconds until the next probe, rounded up; 0 where the breaker is closed or a
 * probe is due. Changes nothing. */
int iu_breaker_wait(iu_breaker *breaker, apr_time_t now);

/* Whether the caller may try to reach the database: always while the breaker
 * is closed, else one caller an interval. */
int iu_breaker_admit(iu_breaker *breaker, apr_time_t now);

/* What became of a try. They return whether that opened the breaker, or closed
 * it: 1 to exactly one caller for each change. */
int iu_breaker_failed(iu_breaker *breaker, apr_time_t now);
int iu_breaker_succeeded(iu_breaker *breaker);

#endif
