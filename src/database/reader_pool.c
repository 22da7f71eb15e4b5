/* SPDX-License-Identifier: Apache-2.0 */
#include "reader_pool.h"

#include <stdatomic.h>

#include <apr_thread_mutex.h>

#include "../concurrency/event.h"

/* The readers and waiting threads of one iu_read_kind. */
typedef struct share {
    iu_event given_back; /* changes whenever a reader is given back */
    atomic_int waiting;  /* threads; usually 0: no call to wake one */
    int in_use;          /* readers taken; under the pool's mutex */
    int max;             /* of in_use; constant */
} share;

struct iu_reader_pool {
    share shares[IU_READ_KINDS];
    apr_thread_mutex_t *mutex; /* for in_use and all below */
    iu_session **free;         /* a stack: the last used is used next */
    int free_count;
    int renewing; /* close every connection before one is taken */
    int count;    /* all readers; constant */
};

apr_status_t iu_reader_pool_create(iu_reader_pool **readers,
                                   iu_database *database, apr_pool_t *pool)
{
    iu_reader_pool *made = apr_pcalloc(pool, sizeof *made);
    iu_session *reader;

    made->count = database->dialect->readers;
    made->shares[IU_READ_KEYS].max = made->count;
    made->shares[IU_READ_LIST].max = database->dialect->list_readers;
    made->free = apr_palloc(pool, made->count * sizeof reader);
    while (made->free_count < made->count) {
        reader = apr_pcalloc(pool, sizeof *reader);
        reader->database = database;
        made->free[made->free_count++] = reader;
    }
    *readers = made;
    return apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   pool);
}

/* Takes a free reader; NULL: none was free when given_back had this value. */
static iu_session *pop(iu_reader_pool *readers, share *share,
                       apr_uint32_t *given_back)
{
    iu_session *taken = NULL;

    apr_thread_mutex_lock(readers->mutex);
    if (readers->free_count > 0 && share->in_use < share->max &&
        !readers->renewing) {
        taken = readers->free[--readers->free_count];
        share->in_use++;
    }
    *given_back = atomic_load(&share->given_back);
    apr_thread_mutex_unlock(readers->mutex);
    return taken;
}

iu_session *iu_reader_pool_take(iu_reader_pool *readers, iu_read_kind kind,
                                const iu_bound *bound)
{
    share *share = &readers->shares[kind];
    apr_uint32_t given_back;
    iu_session *taken = pop(readers, share, &given_back);
    int late = 0;

    if (taken) {
        return taken;
    }
    /* Count this thread before it looks again, so that any reader given back
     * after that look wakes it. */
    atomic_fetch_add(&share->waiting, 1);
    while (!(taken = pop(readers, share, &given_back)) && !late) {
        late = !iu_bound_wait(bound, &share->given_back, given_back);
    }
    atomic_fetch_sub(&share->waiting, 1);
    return taken;
}

void iu_reader_pool_give_back(iu_reader_pool *readers, iu_read_kind kind,
                              iu_session *reader)
{
    int to_wake = 1; /* threads of each kind */
    int i;

    apr_thread_mutex_lock(readers->mutex);
    readers->shares[kind].in_use--;
    readers->free[readers->free_count++] = reader;
    if (readers->renewing) {
        iu_session_drop(reader);
        readers->renewing = readers->free_count < readers->count;
        to_wake = readers->renewing ? 0 : IU_EVENT_ALL;
    }
    for (i = 0; i < IU_READ_KINDS; i++) {
        atomic_fetch_add(&readers->shares[i].given_back, 1);
    }
    apr_thread_mutex_unlock(readers->mutex);
    for (i = 0; i < IU_READ_KINDS; i++) {
        if (to_wake > 0 && atomic_load(&readers->shares[i].waiting) > 0) {
            iu_event_wake(&readers->shares[i].given_back, to_wake);
        }
    }
}

void iu_reader_pool_renew(iu_reader_pool *readers)
{
    int i;

    apr_thread_mutex_lock(readers->mutex);
    for (i = 0; i < readers->free_count; i++) {
        iu_session_drop(readers->free[i]);
    }
    readers->renewing = readers->free_count < readers->count;
    apr_thread_mutex_unlock(readers->mutex);
}
