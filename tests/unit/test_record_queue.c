/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store/record_queue.c. */
#include "../../src/store/record_queue.h"

#include <pthread.h>

#include <apr_general.h>

#include "../../src/concurrency/clock.h"
#include "support/tap.h"

#define THREADS 8
#define TIMES 500
#define LATER (iu_clock_now() + 20000000)

static iu_record_queue *queue;

static iu_record_waiter waiter_for(const char *set_id, const char *id)
{
    iu_record_waiter waiter = {.set_id = set_id, .id = id};

    return waiter;
}

static void test_alone(void)
{
    iu_record_waiter first = waiter_for("i", "a");
    iu_record_waiter other = waiter_for("i", "b");
    iu_record_waiter elsewhere = waiter_for("j", "a");
    iu_record_waiter second = waiter_for("i", "a");
    apr_time_t before;

    ok(!iu_record_queue_has(queue, &first), "a queue is empty at first");
    ok(iu_record_queue_join(queue, &first, 0),
       "the first thread does not wait");
    ok(iu_record_queue_has(queue, &second),
       "the record has a thread in the queue");
    ok(!iu_record_queue_has(queue, &other), "another id has none");
    ok(!iu_record_queue_has(queue, &elsewhere), "so has another invitation");
    ok(iu_record_queue_join(queue, &other, 0),
       "the first thread there does not wait either");
    before = iu_clock_now();
    ok(!iu_record_queue_join(queue, &second, before + 50000),
       "the second thread waits");
    ok(iu_clock_now() - before >= 50000, "until its deadline");
    iu_record_queue_leave(queue, &first);
    ok(!iu_record_queue_has(queue, &second), "after leave the record has none");
    ok(iu_record_queue_has(queue, &other), "the other record's is not");
    ok(iu_record_queue_join(queue, &second, 0),
       "the second thread is the first now");
    iu_record_queue_leave(queue, &second);
    iu_record_queue_leave(queue, &other);
    ok(!iu_record_queue_has(queue, &other), "the queue is empty");
}

/* Threads that arrive one after the other. */
static int order[THREADS];
static int served; /* by the first thread */
static _Atomic int begun;

static void *wait_in_queue(void *data)
{
    iu_record_waiter waiter = waiter_for("i", "a");

    atomic_fetch_add(&begun, 1);
    if (iu_record_queue_join(queue, &waiter, LATER)) {
        order[served++] = (int)(apr_size_t)data;
        iu_record_queue_leave(queue, &waiter);
    }
    return NULL;
}

static void test_order(void)
{
    iu_record_waiter waiter = waiter_for("i", "a");
    pthread_t threads[THREADS];
    int right = 0;
    apr_size_t i;

    iu_record_queue_join(queue, &waiter, 0);
    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, wait_in_queue, (void *)i);
        while (atomic_load(&begun) <= (int)i) {
            sched_yield();
        }
        apr_sleep(20000); /* until it has joined */
    }
    is_number(served, 0, "all threads wait");
    iu_record_queue_leave(queue, &waiter);
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (i = 0; i < THREADS; i++) {
        right += order[i] == (int)i;
    }
    is_number(right, THREADS, "they are served in the order of their arrival");
}

/* How many threads are inside, for each of two records. */
static int inside[2];
static int passed[2];
static _Atomic int late;
static _Atomic int wrong;

static void *pass_often(void *data)
{
    unsigned seed = (unsigned)(apr_size_t)data;
    int i;

    for (i = 0; i < TIMES; i++) {
        int record = rand_r(&seed) % 2;
        iu_record_waiter waiter = waiter_for("i", record ? "b" : "a");
        /* Some have a very short deadline. */
        apr_time_t deadline =
            rand_r(&seed) % 4 ? LATER : iu_clock_now() + rand_r(&seed) % 50;

        if (!iu_record_queue_join(queue, &waiter, deadline)) {
            atomic_fetch_add(&late, 1);
            continue;
        }
        atomic_fetch_add(&wrong, inside[record]++ != 0);
        passed[record]++;
        inside[record]--;
        iu_record_queue_leave(queue, &waiter);
    }
    return NULL;
}

static void test_storm(void)
{
    iu_record_waiter waiter = waiter_for("i", "a");
    pthread_t threads[THREADS];
    apr_size_t i;

    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, pass_often, (void *)i);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    is_number(wrong, 0, "only one thread is first at any time");
    is_number(passed[0] + passed[1] + late, THREADS * TIMES,
              "each thread was first, or reached its deadline (%d)", (int)late);
    ok(!iu_record_queue_has(queue, &waiter), "the queue is empty");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    iu_record_queue_create(&queue, pool);
    test_alone();
    test_order();
    test_storm();
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
