/* SPDX-License-Identifier: Apache-2.0 */
/* The clock for deadlines: Linux's CLOCK_MONOTONIC. */
#include "clock.h"

#include <time.h>

apr_time_t iu_clock_now(void)
{
    struct timespec now;

    /* It cannot fail: POSIX requires the clock, and the address is good. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return apr_time_from_sec(now.tv_sec) + now.tv_nsec / 1000;
}
