/* SPDX-License-Identifier: Apache-2.0 */
#include "bound.h"

#include "clock.h"

int iu_bound_wait(const iu_bound *bound, iu_event *event, apr_uint32_t expected)
{
    apr_time_t until = iu_clock_now() + IU_BOUND_INTERVAL;

    if (until > bound->deadline) {
        until = bound->deadline;
    }
    return iu_event_wait(event, expected, until) ||
           (until < bound->deadline &&
            !(bound->is_gone && bound->is_gone(bound->client)));
}
