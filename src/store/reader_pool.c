/* SPDX-License-Identifier: Apache-2.0 */
/* A few connections to read by. */
#include "reader_pool.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

struct iu_reader_pool {
    apr_thread_mutex_t *mutex; /* for free and count */
    apr_thread_cond_t *given_back;
    iu_session *free[IU_READERS]; /* a stack: the last used is used next */
    int count;
    iu_session readers[IU_READERS];
};

apr_status_t iu_reader_pool_create(iu_reader_pool **readers,
                                   iu_database *database, apr_pool_t *pool)
{
    iu_reader_pool *made = apr_pcalloc(pool, sizeof *made);
    apr_status_t status;

    while (made->count < IU_READERS) {
        made->readers[made->count].database = database;
        made->free[made->count] = &made->readers[made->count];
        made->count++;
    }
    *readers = made;
    status =
        apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    return status == APR_SUCCESS
               ? apr_thread_cond_create(&made->given_back, pool)
               : status;
}

iu_session *iu_reader_pool_take(iu_reader_pool *readers, apr_time_t deadline)
{
    iu_session *taken = NULL;

    apr_thread_mutex_lock(readers->mutex);
    while (readers->count == 0) {
        apr_interval_time_t left = deadline - apr_time_now();

        if (left <= 0) {
            break;
        }
        apr_thread_cond_timedwait(readers->given_back, readers->mutex, left);
    }
    if (readers->count > 0) {
        taken = readers->free[--readers->count];
    }
    apr_thread_mutex_unlock(readers->mutex);
    return taken;
}

void iu_reader_pool_give_back(iu_reader_pool *readers, iu_session *reader)
{
    apr_thread_mutex_lock(readers->mutex);
    readers->free[readers->count++] = reader;
    apr_thread_cond_signal(readers->given_back);
    apr_thread_mutex_unlock(readers->mutex);
}
