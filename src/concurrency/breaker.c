/* SPDX-License-Identifier: Apache-2.0 */
#include "breaker.h"

int iu_breaker_retry_after(iu_breaker *breaker, apr_time_t now)
{
    apr_time_t left = atomic_load(&breaker->next_probe) - now;

    return left > 0 ? (int)apr_time_sec(left + APR_USEC_PER_SEC - 1) : 0;
}

int iu_breaker_admit(iu_breaker *breaker, apr_time_t now)
{
    apr_time_t next = atomic_load(&breaker->next_probe);

    return next == 0 ||
           (iu_breaker_retry_after(breaker, now) == 0 &&
            atomic_compare_exchange_strong(&breaker->next_probe, &next,
                                           now + IU_BREAKER_INTERVAL));
}

int iu_breaker_failed(iu_breaker *breaker, apr_time_t now)
{
    return atomic_exchange(&breaker->next_probe, now + IU_BREAKER_INTERVAL) ==
           0;
}

int iu_breaker_succeeded(iu_breaker *breaker)
{
    /* Load first: every commit comes here, and rarely changes anything. */
    return atomic_load(&breaker->next_probe) != 0 &&
           atomic_exchange(&breaker->next_probe, 0) != 0;
}
