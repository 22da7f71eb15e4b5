/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A circuit breaker: while the database is known to be down, requests fail at
 * once instead of waiting for it. One call a second probes whether it is back.
 */
#ifndef IU_CONCURRENCY_BREAKER_H
#define IU_CONCURRENCY_BREAKER_H

#include <stdatomic.h>

#include <apr_time.h>

/* Time between two probes. */
#define IU_BREAKER_INTERVAL apr_time_from_sec(1)

/* All zero: closed, every call is admitted. All functions are thread-safe; now
 * is iu_clock_now's. */
typedef struct iu_breaker {
    _Atomic apr_time_t next_probe; /* 0: closed */
} iu_breaker;

/* Seconds until the next probe, rounded up; 0 if the breaker is closed or a
 * probe is due. Changes nothing. */
int iu_breaker_retry_after(iu_breaker *breaker, apr_time_t now);

/* Whether the caller may try to reach the database: always while the breaker is
 * closed, otherwise one caller per interval. */
int iu_breaker_admit(iu_breaker *breaker, apr_time_t now);

/* Reports that the database could not be reached. Returns 1 to the one caller
 * that opened the breaker. */
int iu_breaker_failed(iu_breaker *breaker, apr_time_t now);

/* Reports that the database answered. Returns 1 to the one caller that closed
 * the breaker. */
int iu_breaker_succeeded(iu_breaker *breaker);

#endif
