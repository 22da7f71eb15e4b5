/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <time.h>

apr_time_t iu_clock_now(void)
{
    struct timespec now;

    /* Cannot fail: Linux always has this clock, and the address is valid. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return apr_time_from_sec(now.tv_sec) + now.tv_nsec / 1000;
}
