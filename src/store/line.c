/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include <stdatomic.h>
#include <string.h>

#include <apr_thread_mutex.h>

/* One list for all records: it has no more places than the process has threads,
 * and is only searched while there is one. */
struct iu_line {
    atomic_int count;
    apr_thread_mutex_t *mutex; /* for all below, and to change count */
    iu_line_place *head;       /* oldest first */
};

apr_status_t iu_line_create(iu_line **line, apr_pool_t *pool)
{
    *line = apr_pcalloc(pool, sizeof **line);
    return apr_thread_mutex_create(&(*line)->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool);
}

/* The first place from a given one on that is for the record of wanted. */
static iu_line_place *find(iu_line_place *from, const iu_line_place *wanted)
{
    while (from && (strcmp(from->id, wanted->id) != 0 ||
                    strcmp(from->invitation_id, wanted->invitation_id) != 0)) {
        from = from->next;
    }
    return from;
}

int iu_line_has(iu_line *line, const iu_line_place *place)
{
    int found;

    if (atomic_load(&line->count) == 0) {
        return 0;
    }
    apr_thread_mutex_lock(line->mutex);
    found = find(line->head, place) != NULL;
    apr_thread_mutex_unlock(line->mutex);
    return found;
}

int iu_line_join(iu_line *line, iu_line_place *place, apr_time_t deadline)
{
    iu_line_place **end = &line->head;

    place->next = NULL;
    apr_thread_mutex_lock(line->mutex);
    atomic_store(&place->is_first, find(line->head, place) == NULL);
    while (*end) {
        end = &(*end)->next;
    }
    *end = place;
    atomic_fetch_add(&line->count, 1);
    apr_thread_mutex_unlock(line->mutex);

    while (!atomic_load(&place->is_first)) {
        if (!iu_event_wait(&place->is_first, 0, deadline)) {
            iu_line_leave(line, place);
            return 0;
        }
    }
    return 1;
}

void iu_line_leave(iu_line *line, iu_line_place *place)
{
    iu_line_place **link = &line->head;
    iu_line_place *next;

    apr_thread_mutex_lock(line->mutex);
    while (*link != place) {
        link = &(*link)->next;
    }
    *link = place->next;
    atomic_fetch_sub(&line->count, 1);
    next = find(line->head, place);
    if (next && !atomic_exchange(&next->is_first, 1)) {
        /* Its place is there until it leaves, which wants the mutex. */
        iu_event_wake(&next->is_first, 1);
    }
    apr_thread_mutex_unlock(line->mutex);
}
