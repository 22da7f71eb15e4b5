/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of read-only connections. */
#include "reader_pool.h"

#include <stdatomic.h>

#include <apr_thread_mutex.h>

#include "../concurrency/clock.h"
#include "../concurrency/event.h"

/* Between two questions whether the client of who waits has gone. */
#define GONE_INTERVAL apr_time_from_msec(250)

/* Those who wait for a reader, of one kind of reading. */
typedef struct queue {
    iu_event given_back; /* changes whenever one is given back */
    atomic_int waiting;  /* threads: mostly none, and no call to wake one */
    int out;             /* readers handed out, at most */
    int most;            /* so many; both under the pool's mutex */
} queue;

struct iu_reader_pool {
    queue queues[IU_READINGS];
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
    made->queues[IU_READ_KEYS].most = made->all;
    made->queues[IU_READ_LIST].most = database->dialect->list_readers;
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
static iu_session *pop(iu_reader_pool *readers, queue *of,
                       apr_uint32_t *given_back)
{
    iu_session *taken = NULL;

    apr_thread_mutex_lock(readers->mutex);
    if (readers->count > 0 && of->out < of->most && !readers->renewing) {
        taken = readers->free[--readers->count];
        of->out++;
    }
    *given_back = atomic_load(&of->given_back);
    apr_thread_mutex_unlock(readers->mutex);
    return taken;
}

/* Waits for one to be given back. Returns 0 where that is of no use now. */
static int wait_for_one(queue *of, apr_uint32_t given_back,
                        const iu_bound *bound)
{
    apr_time_t until = iu_clock_now() + GONE_INTERVAL;

    if (until > bound->deadline) {
        until = bound->deadline;
    }
    return iu_event_wait(&of->given_back, given_back, until) ||
           (until < bound->deadline &&
            !(bound->is_gone && bound->is_gone(bound->client)));
}

iu_session *iu_reader_pool_take(iu_reader_pool *readers, iu_reading reading,
                                const iu_bound *bound)
{
    queue *of = &readers->queues[reading];
    apr_uint32_t given_back;
    iu_session *taken = pop(readers, of, &given_back);
    int late = 0;

    if (taken) {
        return taken;
    }
    /* Counted before it is looked again: who gives one back after that look
     * sees it. */
    atomic_fetch_add(&of->waiting, 1);
    while (!(taken = pop(readers, of, &given_back)) && !late) {
        late = !wait_for_one(of, given_back, bound);
    }
    atomic_fetch_sub(&of->waiting, 1);
    return taken;
}

void iu_reader_pool_give_back(iu_reader_pool *readers, iu_reading reading,
                              iu_session *reader)
{
    int waiters = 1; /* of each queue, that this is news for */
    int i;

    apr_thread_mutex_lock(readers->mutex);
    readers->queues[reading].out--;
    readers->free[readers->count++] = reader;
    if (readers->renewing) {
        iu_session_drop(reader);
        readers->renewing = readers->count < readers->all;
        waiters = readers->renewing ? 0 : IU_EVENT_ALL;
    }
    for (i = 0; i < IU_READINGS; i++) {
        atomic_fetch_add(&readers->queues[i].given_back, 1);
    }
    apr_thread_mutex_unlock(readers->mutex);
    for (i = 0; i < IU_READINGS; i++) {
        if (waiters > 0 && atomic_load(&readers->queues[i].waiting) > 0) {
            iu_event_wake(&readers->queues[i].given_back, waiters);
        }
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
