/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/concurrency/tally.c; they pass the time as an argument. */
#include "../../src/concurrency/tally.h"

#include <pthread.h>

#include <apr_general.h>

#include "support/tap.h"

#define NOW (apr_time_from_sec(1000000))
#define LATER (NOW + IU_TALLY_INTERVAL)

static void test_order(void)
{
    iu_tally tally = {0};
    apr_uint32_t count = 7;
    int told = 0;
    int i;

    ok(!iu_tally_is_over(&tally, NOW, &count), "a tally is not over at first");
    is_number(iu_tally_add(&tally, NOW, &count), IU_TALLY_FIRST,
              "the first event is logged");
    for (i = 0; i < 5000; i++) {
        told += iu_tally_add(&tally, NOW + i, &count) != IU_TALLY_NOTHING;
    }
    is_number(told, 0, "5000 more are only counted");
    ok(!iu_tally_is_over(&tally, LATER, &count),
       "it is not over just after an event");
    is_number(iu_tally_add(&tally, LATER - 1, &count), IU_TALLY_NOTHING,
              "within the interval an event is only counted");
    is_number(count, 7, "and the number is not set");
    is_number(iu_tally_add(&tally, LATER, &count), IU_TALLY_MORE,
              "after an interval an event is logged");
    is_number(count, 5002, "with the number, itself included");
    is_number(iu_tally_add(&tally, LATER + 1, &count), IU_TALLY_NOTHING,
              "the next event is counted");
    ok(!iu_tally_is_over(&tally, LATER + IU_TALLY_INTERVAL, &count),
       "it is not over within the interval");
    ok(iu_tally_is_over(&tally, LATER + 1 + IU_TALLY_INTERVAL, &count),
       "it is over after an interval without events");
    is_number(count, 1, "with the number since");
    ok(!iu_tally_is_over(&tally, LATER + 2 * IU_TALLY_INTERVAL, &count),
       "which is reported once");
    is_number(iu_tally_add(&tally, LATER + 2 * IU_TALLY_INTERVAL, &count),
              IU_TALLY_FIRST, "then it is new again");
}

/* All threads ask at the same time. */
static iu_tally shared;
static apr_time_t moment;
static _Atomic int news;
static _Atomic apr_uint32_t counted;

static void *add(void *unused)
{
    apr_uint32_t count = 0;
    int i;

    (void)unused;
    for (i = 0; i < 1000; i++) {
        if (iu_tally_add(&shared, moment, &count) != IU_TALLY_NOTHING) {
            atomic_fetch_add(&news, 1);
            atomic_fetch_add(&counted, count);
        }
    }
    return NULL;
}

static void *end(void *unused)
{
    apr_uint32_t count = 0;

    (void)unused;
    if (iu_tally_is_over(&shared, moment, &count)) {
        atomic_fetch_add(&news, 1);
        atomic_fetch_add(&counted, count);
    }
    return NULL;
}

static void run_threads(void *(*start)(void *), apr_time_t now)
{
    pthread_t threads[8];
    int i;

    moment = now;
    atomic_store(&news, 0);
    for (i = 0; i < 8; i++) {
        pthread_create(&threads[i], NULL, start, NULL);
    }
    for (i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void test_threads(void)
{
    run_threads(add, NOW);
    is_number(atomic_load(&news), 1,
              "one of many threads logs the first event");
    run_threads(add, LATER);
    is_number(atomic_load(&news), 1, "one logs the number");
    run_threads(end, LATER + IU_TALLY_INTERVAL);
    is_number(atomic_load(&news), 1, "one logs that it is over");
    is_number(atomic_load(&counted), 15999,
              "all events but the first were counted");
}

int main(void)
{
    apr_initialize();
    test_order();
    test_threads();
    apr_terminate();
    return done();
}
