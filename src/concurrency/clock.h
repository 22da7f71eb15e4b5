/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock for deadlines: CLOCK_MONOTONIC. The wall clock (apr_time_now) may
 * be set at any time, which must neither end a wait early nor prolong it.
 */
#ifndef IU_CONCURRENCY_CLOCK_H
#define IU_CONCURRENCY_CLOCK_H

#include <apr_time.h>

/* Microseconds since a fixed moment before this process began. All processes of
 * the machine share that moment; nothing sets this clock. */
apr_time_t iu_clock_now(void);

#endif
