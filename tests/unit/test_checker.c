/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/concurrency/checker.c, with a check that lasts as long as the
 * test wants. */
#include "../../src/concurrency/checker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include <apr_general.h>

#include "../../src/concurrency/clock.h"
#include "support/tap.h"

typedef struct trial {
    atomic_int result;
    atomic_int hangs; /* while it is set, the check does not return */
    atomic_int runs;
    atomic_int at_once; /* checks that run */
    atomic_int most;    /* of at_once */
    atomic_int takes_signals;
} trial;

static int check(void *baton, apr_pool_t *pool)
{
    trial *self = baton;
    int at_once = atomic_fetch_add(&self->at_once, 1) + 1;
    sigset_t blocked;

    memset(apr_palloc(pool, 100), 0, 100);
    if (at_once > atomic_load(&self->most)) {
        atomic_store(&self->most, at_once);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    atomic_store(&self->takes_signals, !sigismember(&blocked, SIGTERM));
    while (atomic_load(&self->hangs)) {
        apr_sleep(1000);
    }
    atomic_fetch_add(&self->runs, 1);
    atomic_fetch_sub(&self->at_once, 1);
    return atomic_load(&self->result);
}

static iu_checker *make(trial *self, apr_pool_t *pool)
{
    iu_checker *checker = NULL;

    is_number(iu_checker_create(&checker, check, self, pool), APR_SUCCESS,
              "a checker");
    return checker;
}

static int ask(iu_checker *checker, int milliseconds)
{
    return iu_checker_ask(checker,
                          iu_clock_now() + apr_time_from_msec(milliseconds));
}

static void test_results(apr_pool_t *parent)
{
    trial self = {0};
    apr_pool_t *pool;
    iu_checker *checker;
    apr_time_t begin;

    apr_pool_create(&pool, parent);
    checker = make(&self, pool);
    is_number(atomic_load(&self.runs), 0, "nothing runs at first");
    atomic_store(&self.result, 3);
    is_number(ask(checker, 5000), 3, "the result");
    ok(!atomic_load(&self.takes_signals), "the thread takes no signals");
    atomic_store(&self.result, 4);
    is_number(ask(checker, 5000), 3, "is kept");
    is_number(ask(checker, 0), 3, "also after the deadline");
    is_number(atomic_load(&self.runs), 1, "after one run");
    apr_sleep(IU_CHECKER_AGE + 1000);
    is_number(ask(checker, 5000), 4, "for a second");

    apr_sleep(IU_CHECKER_AGE + 1000);
    atomic_store(&self.hangs, 1);
    begin = iu_clock_now();
    is_number(ask(checker, 50), IU_CHECKER_LATE, "a check that hangs");
    is_number(ask(checker, 50), IU_CHECKER_LATE, "once more");
    ok(iu_clock_now() - begin < apr_time_from_sec(1), "does not hold callers");
    atomic_store(&self.hangs, 0);
    is_number(ask(checker, 5000), 4, "then it ends");
    is_number(atomic_load(&self.runs), 3, "it was one run");
    apr_pool_destroy(pool);
}

static void *ask_once(void *checker)
{
    return ask(checker, 5000) == 7 ? checker : NULL;
}

static void test_callers(apr_pool_t *parent)
{
    trial self = {.result = 7, .hangs = 1};
    pthread_t threads[16];
    apr_pool_t *pool;
    iu_checker *checker;
    int answered = 0;
    int i;

    apr_pool_create(&pool, parent);
    checker = make(&self, pool);
    for (i = 0; i < 16; i++) {
        pthread_create(&threads[i], NULL, ask_once, checker);
    }
    apr_sleep(apr_time_from_msec(50));
    atomic_store(&self.hangs, 0);
    for (i = 0; i < 16; i++) {
        void *result;

        pthread_join(threads[i], &result);
        answered += result != NULL;
    }
    is_number(answered, 16, "all callers get the result");
    is_number(atomic_load(&self.most), 1, "of one check at a time");
    apr_pool_destroy(pool);
}

static void *release(void *hangs)
{
    apr_sleep(apr_time_from_msec(100));
    atomic_store((atomic_int *)hangs, 0);
    return NULL;
}

static void test_end(apr_pool_t *parent)
{
    trial self = {.hangs = 1};
    pthread_t thread;
    apr_pool_t *pool;

    apr_pool_create(&pool, parent);
    is_number(ask(make(&self, pool), 20), IU_CHECKER_LATE, "a check runs");
    pthread_create(&thread, NULL, release, &self.hangs);
    apr_pool_destroy(pool);
    is_number(atomic_load(&self.runs), 1, "the pool's end waits for it");
    pthread_join(thread, NULL);
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_results(pool);
    test_callers(pool);
    test_end(pool);
    apr_terminate();
    return done();
}
