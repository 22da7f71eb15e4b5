/* SPDX-License-Identifier: Apache-2.0 */
/* A few connections to read by. */
#include "reader_pool.h"

#include <stdatomic.h>

#include <apr_thread_mutex.h>

#include "event.h"

struct iu_reader_pool {
    iu_event given_back; /* changes whenever one is given back */
    atomic_int waiting;  /* threads, for that: mostly none, and no call to wake
                          * one */
    apr_thread_mutex_t *mutex; /* for all below */
    iu_session **free;         /* a stack: the last used is used next */
    int count;
    int renewing; /* every connection is closed before one is handed out */
    int all;      /* how many there are */
};

apr_status_t iu_reader_pool_create(iu_reader_pool **readers,
                                   iu_database *database, apr_pool_t *pool)
{
    iu_reader_pool *made = apr_pcalloc(pool, sizeof *made);
    iu_session *reader;

    made->all = database->dialect->readers;
    made->free = apr_palloc(pool, made->all * sizeof reader);
    while (made->count < made->all) {
        reader = apr_pcalloc(pool, sizeof *reader);
        reader->database = database;
        made->free[made->count++] = reader;
    }
    *readers = made;
    return apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool);
}

/* A free reader; NULL: none, at the time of *given_back. */
static iu_session *pop(iu_reader_pool *readers, apr_uint32_t *given_back)
{
    iu_session *taken = NULL;

    apr_thread_mutex_lock(readers->mutex);
    if (readers->count > 0 && !readers->renewing) {
        taken = readers->free[--readers->count];
    }
    *given_back = atomic_load(&readers->given_back);
    apr_thread_mutex_unlock(readers->mutex);
    return taken;
}

iu_session *iu_reader_pool_take(iu_reader_pool *readers, apr_time_t deadline)
{
    apr_uint32_t given_back;
    iu_session *taken = pop(readers, &given_back);
    int late = 0;

    if (taken) {
        return taken;
    }
    /* Counted before it is looked again: who gives one back after that look
     * sees it. */
    atomic_fetch_add(&readers->waiting, 1);
    while (!(taken = pop(readers, &given_back)) && !late) {
        late = !iu_event_wait(&readers->given_back, given_back, deadline);
    }
    atomic_fetch_sub(&readers->waiting, 1);
    return taken;
}

void iu_reader_pool_give_back(iu_reader_pool *readers, iu_session *reader)
{
    int waiters = 1; /* that this is news for */

    apr_thread_mutex_lock(readers->mutex);
    readers->free[readers->count++] = reader;
    if (readers->renewing) {
        iu_session_drop(reader);
        readers->renewing = readers->count < readers->all;
        waiters = readers->renewing ? 0 : IU_EVENT_ALL;
    }
    atomic_fetch_add(&readers->given_back, 1);
    apr_thread_mutex_unlock(readers->mutex);
    if (waiters > 0 && atomic_load(&readers->waiting) > 0) {
        iu_event_wake(&readers->given_back, waiters);
    }
}

void iu_reader_pool_renew(iu_reader_pool *readers)
{
    int i;

    apr_thread_mutex_lock(readers->mutex);
    for (i = 0; i < readers->count; i++) {
        iu_session_drop(readers->free[i]);
    }
    readers->renewing = readers->count < readers->all;
    apr_thread_mutex_unlock(readers->mutex);
}
