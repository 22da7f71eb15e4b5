/* SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

iu_tally_result iu_tally_add(iu_tally *tally, apr_time_t now,
                             apr_uint32_t *count)
{
    apr_time_t logged_at = atomic_load(&tally->logged_at);

    atomic_store(&tally->last_at, now);
    if (logged_at == 0 &&
        atomic_compare_exchange_strong(&tally->logged_at, &logged_at, now)) {
        return IU_TALLY_FIRST;
    }
    atomic_fetch_add(&tally->count, 1);
    if (now - logged_at < IU_TALLY_INTERVAL ||
        !atomic_compare_exchange_strong(&tally->logged_at, &logged_at, now)) {
        return IU_TALLY_NOTHING;
    }
    *count = atomic_exchange(&tally->count, 0);
    return IU_TALLY_MORE;
}

int iu_tally_is_over(iu_tally *tally, apr_time_t now, apr_uint32_t *count)
{
    apr_time_t logged_at = atomic_load(&tally->logged_at);

    if (logged_at == 0 || now - logged_at < IU_TALLY_INTERVAL ||
        now - atomic_load(&tally->last_at) < IU_TALLY_INTERVAL ||
        !atomic_compare_exchange_strong(&tally->logged_at, &logged_at, 0)) {
        return 0;
    }
    *count = atomic_exchange(&tally->count, 0);
    return 1;
}
