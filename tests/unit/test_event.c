/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/concurrency/event.c. */
#include "../../src/concurrency/clock.h"
#include "../../src/concurrency/event.h"

#include <pthread.h>

#include <apr_general.h>

#include "support/tap.h"

#define WAITERS 8

static iu_event word;
static _Atomic int woken;

static void *wait_for_change(void *unused)
{
    apr_time_t deadline = iu_clock_now() + apr_time_from_sec(20);

    (void)unused;
    while (atomic_load(&word) == 0 && iu_event_wait(&word, 0, deadline)) {
    }
    atomic_fetch_add(&woken, atomic_load(&word) != 0);
    return NULL;
}

static void test_deadline(void)
{
    apr_time_t start = iu_clock_now();

    ok(!iu_event_wait(&word, 0, start + 30000), "a wait ends at its deadline");
    ok(iu_clock_now() - start >= 30000, "and not earlier");
    ok(iu_clock_now() - start < apr_time_from_sec(10), "nor much later");
    ok(!iu_event_wait(&word, 0, start),
       "a deadline in the past ends the wait at once");
    ok(iu_event_wait(&word, 1, iu_clock_now() + apr_time_from_sec(20)),
       "a word that differs already ends the wait at once");
}

static void test_wake(void)
{
    pthread_t threads[WAITERS];
    apr_time_t start = iu_clock_now();
    int i;

    for (i = 0; i < WAITERS; i++) {
        pthread_create(&threads[i], NULL, wait_for_change, NULL);
    }
    apr_sleep(50000);
    is_number(atomic_load(&woken), 0,
              "no thread returns before the word changes");
    atomic_store(&word, 1);
    iu_event_wake(&word, IU_EVENT_ALL);
    for (i = 0; i < WAITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    is_number(atomic_load(&woken), WAITERS, "one wake-up reaches all threads");
    ok(iu_clock_now() - start < apr_time_from_sec(10), "before their deadline");
}

int main(void)
{
    apr_initialize();
    test_deadline();
    test_wake();
    apr_terminate();
    return done();
}
