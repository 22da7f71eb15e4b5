/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

_Static_assert(sizeof(iu_event) == 4, "futex(2) works on 32 bits");

int iu_event_wait(iu_event *event, apr_uint32_t expected, apr_time_t deadline)
{
    apr_interval_time_t left = deadline - iu_clock_now();
    struct timespec timeout;

    if (left <= 0) {
        return 0;
    }
    timeout.tv_sec = (time_t)apr_time_sec(left);
    timeout.tv_nsec = (long)apr_time_usec(left) * 1000;
    return syscall(SYS_futex, event, FUTEX_WAIT_PRIVATE, expected, &timeout,
                   NULL, 0) == 0 ||
           errno != ETIMEDOUT;
}

void iu_event_wake(iu_event *event, int count)
{
    syscall(SYS_futex, event, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
