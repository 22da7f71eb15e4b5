/* SPDX-License-Identifier: Apache-2.0 */
#include "checker.h"

#include <pthread.h>
#include <signal.h>

#include <apr_thread_mutex.h>

#include "clock.h"
#include "event.h"

struct iu_checker {
    iu_check *check;
    void *baton;
    apr_thread_mutex_t *mutex; /* for all below */
    pthread_t thread;          /* the last one */
    int has_thread;            /* it was started, and not joined yet */
    int is_running;
    int result;
    apr_time_t checked_at; /* 0: not yet */
    iu_event checks;       /* changes at the end of each */
};

static void *run(void *data)
{
    iu_checker *checker = data;
    apr_pool_t *pool;
    int result;

    apr_pool_create(&pool, NULL);
    result = checker->check(checker->baton, pool);
    apr_pool_destroy(pool);

    apr_thread_mutex_lock(checker->mutex);
    checker->result = result;
    checker->checked_at = iu_clock_now();
    checker->is_running = 0;
    atomic_fetch_add(&checker->checks, 1);
    apr_thread_mutex_unlock(checker->mutex);
    iu_event_wake(&checker->checks, IU_EVENT_ALL);
    return NULL;
}

/* Waits until the last thread has ended. */
static void join(iu_checker *checker)
{
    if (checker->has_thread) {
        pthread_join(checker->thread, NULL);
        checker->has_thread = 0;
    }
}

/* Starts the check. The thread takes no signals: httpd's handlers expect its
 * own threads. If there can be no thread now, a later call tries again. */
static void start(iu_checker *checker)
{
    sigset_t all;
    sigset_t before;

    join(checker); /* it has ended, or is about to */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    checker->has_thread =
        pthread_create(&checker->thread, NULL, run, checker) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    checker->is_running = checker->has_thread;
}

static apr_status_t end(void *data)
{
    join(data);
    return APR_SUCCESS;
}

apr_status_t iu_checker_create(iu_checker **checker, iu_check *check,
                               void *baton, apr_pool_t *pool)
{
    iu_checker *made = apr_pcalloc(pool, sizeof *made);
    apr_status_t status =
        apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT, pool);

    made->check = check;
    made->baton = baton;
    apr_pool_pre_cleanup_register(pool, made, end);
    *checker = made;
    return status;
}

static int is_recent(const iu_checker *checker)
{
    return checker->checked_at != 0 &&
           iu_clock_now() - checker->checked_at < IU_CHECKER_AGE;
}

int iu_checker_ask(iu_checker *checker, apr_time_t deadline)
{
    int result = IU_CHECKER_LATE;
    apr_uint32_t checks;

    apr_thread_mutex_lock(checker->mutex);
    checks = atomic_load(&checker->checks);
    if (!checker->is_running && !is_recent(checker)) {
        start(checker);
    }
    while (checker->is_running && atomic_load(&checker->checks) == checks &&
           iu_clock_now() < deadline) {
        apr_thread_mutex_unlock(checker->mutex);
        iu_event_wait(&checker->checks, checks, deadline);
        apr_thread_mutex_lock(checker->mutex);
    }
    if (atomic_load(&checker->checks) != checks || is_recent(checker)) {
        result = checker->result;
    }
    apr_thread_mutex_unlock(checker->mutex);
    return result;
}
