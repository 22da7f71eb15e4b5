/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/concurrency/breaker.c; they pass the time as an argument. */
#include "../../src/concurrency/breaker.h"

#include <pthread.h>

#include <apr_general.h>

#include "support/tap.h"

#define SECOND apr_time_from_sec(1)
#define NOW (apr_time_from_sec(1000000))

static void test_closed(void)
{
    iu_breaker breaker = {0};

    ok(iu_breaker_admit(&breaker, NOW), "closed: a request is admitted");
    ok(iu_breaker_admit(&breaker, NOW), "closed: so is the next");
    is_number(iu_breaker_retry_after(&breaker, NOW), 0, "closed: no wait");
    ok(!iu_breaker_succeeded(&breaker), "a success changes nothing");
}

static void test_open(void)
{
    iu_breaker breaker = {0};

    ok(iu_breaker_failed(&breaker, NOW), "the first failure opens the breaker");
    ok(!iu_breaker_failed(&breaker, NOW), "the second finds it open");
    is_number(iu_breaker_retry_after(&breaker, NOW), 1,
              "open: the wait is a second");
    is_number(iu_breaker_retry_after(&breaker, NOW + SECOND - 1), 1,
              "the wait is rounded up");
    ok(!iu_breaker_admit(&breaker, NOW + SECOND - 1),
       "open: no request is admitted");
    is_number(iu_breaker_retry_after(&breaker, NOW + SECOND), 0,
              "a probe is due");
    ok(iu_breaker_admit(&breaker, NOW + SECOND),
       "one request is admitted as the probe");
    ok(!iu_breaker_admit(&breaker, NOW + SECOND), "and no other");
    is_number(iu_breaker_retry_after(&breaker, NOW + SECOND), 1,
              "during the probe the others wait");
    ok(!iu_breaker_failed(&breaker, NOW + SECOND + 7), "the probe fails");
    ok(!iu_breaker_admit(&breaker, NOW + 2 * SECOND + 6),
       "the interval counts from its end");
    ok(iu_breaker_admit(&breaker, NOW + 2 * SECOND + 7), "the next probe");
    ok(iu_breaker_succeeded(&breaker), "its success closes the breaker");
    ok(!iu_breaker_succeeded(&breaker), "a second success finds it closed");
    ok(iu_breaker_admit(&breaker, NOW + 2 * SECOND + 8),
       "closed again: requests are admitted");
    ok(iu_breaker_failed(&breaker, NOW), "it can open again");
}

static iu_breaker shared;
static _Atomic int admitted;

static void *ask(void *unused)
{
    (void)unused;
    atomic_fetch_add(&admitted, iu_breaker_admit(&shared, NOW + SECOND));
    return NULL;
}

static void test_one_prober_of_many(void)
{
    pthread_t threads[16];
    int i;

    iu_breaker_failed(&shared, NOW);
    for (i = 0; i < 16; i++) {
        pthread_create(&threads[i], NULL, ask, NULL);
    }
    for (i = 0; i < 16; i++) {
        pthread_join(threads[i], NULL);
    }
    is_number(atomic_load(&admitted), 1, "one of 16 threads probes");
}

int main(void)
{
    apr_initialize();
    test_closed();
    test_open();
    test_one_prober_of_many();
    apr_terminate();
    return done();
}
