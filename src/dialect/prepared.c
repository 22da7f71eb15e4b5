/* SPDX-License-Identifier: Apache-2.0 */
/* The statements that a connection keeps prepared. */
#include "prepared.h"

#include <string.h>

#include <apr_strings.h>

/* Moves those before a place, which is free, by one, and puts one first. */
static void put_first(iu_prepared_set *set, iu_prepared *first, int place)
{
    memmove(set->kept + 1, set->kept, place * sizeof *set->kept);
    set->kept[0] = first;
}

iu_prepared *iu_prepared_find(iu_prepared_set *set, const char *sql)
{
    int place = 0;
    iu_prepared *found;

    while (place < set->count && strcmp(set->kept[place]->sql, sql) != 0) {
        place++;
    }
    if (place == set->count) {
        return NULL;
    }
    found = set->kept[place];
    put_first(set, found, place);
    return found;
}

iu_prepared *iu_prepared_make(const iu_prepared_set *set, const char *sql)
{
    apr_pool_t *pool;
    iu_prepared *made;

    apr_pool_create(&pool, set->pool);
    made = apr_pcalloc(pool, sizeof *made);
    made->pool = pool;
    made->sql = apr_pstrdup(pool, sql);
    return made;
}

void iu_prepared_keep(iu_prepared_set *set, iu_prepared *kept)
{
    if (set->count == IU_PREPARED_MAX) {
        iu_prepared_end(set, set->kept[--set->count]);
    }
    put_first(set, kept, set->count++);
}

void iu_prepared_end(const iu_prepared_set *set, iu_prepared *ended)
{
    if (set->finalize && ended->statement) {
        set->finalize(ended->statement);
    }
    apr_pool_destroy(ended->pool);
}

void iu_prepared_end_all(iu_prepared_set *set)
{
    while (set->count > 0) {
        iu_prepared_end(set, set->kept[--set->count]);
    }
}
