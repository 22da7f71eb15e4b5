/* SPDX-License-Identifier: Apache-2.0 */
#include "record_queue.h"

#include <stdatomic.h>
#include <string.h>

#include <apr_thread_mutex.h>

/* One list for all records: it has at most one entry per thread of the
 * process. */
struct iu_record_queue {
    atomic_int count;
    apr_thread_mutex_t *mutex; /* for all below, and to change count */
    iu_record_waiter *head;    /* oldest first */
};

apr_status_t iu_record_queue_create(iu_record_queue **queue, apr_pool_t *pool)
{
    *queue = apr_pcalloc(pool, sizeof **queue);
    return apr_thread_mutex_create(&(*queue)->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool);
}

/* The first entry, beginning at from, for the record of wanted; NULL: none. */
static iu_record_waiter *find(iu_record_waiter *from,
                              const iu_record_waiter *wanted)
{
    while (from && (strcmp(from->id, wanted->id) != 0 ||
                    strcmp(from->set_id, wanted->set_id) != 0)) {
        from = from->next;
    }
    return from;
}

int iu_record_queue_has(iu_record_queue *queue, const iu_record_waiter *waiter)
{
    int found;

    if (atomic_load(&queue->count) == 0) {
        return 0;
    }
    apr_thread_mutex_lock(queue->mutex);
    found = find(queue->head, waiter) != NULL;
    apr_thread_mutex_unlock(queue->mutex);
    return found;
}

int iu_record_queue_join(iu_record_queue *queue, iu_record_waiter *waiter,
                         apr_time_t deadline)
{
    iu_record_waiter **end = &queue->head;

    waiter->next = NULL;
    apr_thread_mutex_lock(queue->mutex);
    atomic_store(&waiter->is_first, find(queue->head, waiter) == NULL);
    while (*end) {
        end = &(*end)->next;
    }
    *end = waiter;
    atomic_fetch_add(&queue->count, 1);
    apr_thread_mutex_unlock(queue->mutex);

    while (!atomic_load(&waiter->is_first)) {
        if (!iu_event_wait(&waiter->is_first, 0, deadline)) {
            iu_record_queue_leave(queue, waiter);
            return 0;
        }
    }
    return 1;
}

void iu_record_queue_leave(iu_record_queue *queue, iu_record_waiter *waiter)
{
    iu_record_waiter **link = &queue->head;
    iu_record_waiter *next;

    apr_thread_mutex_lock(queue->mutex);
    while (*link != waiter) {
        link = &(*link)->next;
    }
    *link = waiter->next;
    atomic_fetch_sub(&queue->count, 1);
    next = find(queue->head, waiter);
    if (next && !atomic_exchange(&next->is_first, 1)) {
        /* next is valid: it cannot leave without the mutex. */
        iu_event_wake(&next->is_first, 1);
    }
    apr_thread_mutex_unlock(queue->mutex);
}
