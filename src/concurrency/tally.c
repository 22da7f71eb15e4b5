/* SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

iu_tally_news iu_tally_add(iu_tally *tally, apr_time_t now, apr_uint32_t *count)
{
    apr_time_t told = atomic_load(&tally->told);

    atomic_store(&tally->last, now);
    if (told == 0 && atomic_compare_exchange_strong(&tally->told, &told, now)) {
        return IU_TALLY_FIRST;
    }
    atomic_fetch_add(&tally->count, 1);
    if (now - told < IU_TALLY_INTERVAL ||
        !atomic_compare_exchange_strong(&tally->told, &told, now)) {
        return IU_TALLY_NOTHING;
    }
    *count = atomic_exchange(&tally->count, 0);
    return IU_TALLY_MORE;
}

int iu_tally_is_over(iu_tally *tally, apr_time_t now, apr_uint32_t *count)
{
    apr_time_t told = atomic_load(&tally->told);

    if (told == 0 || now - told < IU_TALLY_INTERVAL ||
        now - atomic_load(&tally->last) < IU_TALLY_INTERVAL ||
        !atomic_compare_exchange_strong(&tally->told, &told, 0)) {
        return 0;
    }
    *count = atomic_exchange(&tally->count, 0);
    return 1;
}
