/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock for deadlines. The wall clock (apr_time_now) may be set at any
 * time, which must neither end a wait early nor prolong it.
 */
#ifndef IU_CONCURRENCY_CLOCK_H
#define IU_CONCURRENCY_CLOCK_H

#include <apr_time.h>

/* µs since some moment before this process began, which is the same for all
 * processes of the machine; never set. */
apr_time_t iu_clock_now(void);

#endif
