/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store/line.c. */
#include "../../src/store/line.h"

#include <pthread.h>

#include <apr_general.h>

#include "../../src/concurrency/clock.h"
#include "support/tap.h"

#define THREADS 8
#define TIMES 500
#define LATER (iu_clock_now() + 20000000)

static iu_line *line;

static iu_line_place place_for(const char *invitation_id, const char *id)
{
    iu_line_place place = {.invitation_id = invitation_id, .id = id};

    return place;
}

static void test_alone(void)
{
    iu_line_place first = place_for("i", "a");
    iu_line_place other = place_for("i", "b");
    iu_line_place elsewhere = place_for("j", "a");
    iu_line_place second = place_for("i", "a");
    apr_time_t before;

    ok(!iu_line_has(line, &first), "a line is empty at first");
    ok(iu_line_join(line, &first, 0), "the first thread does not wait");
    ok(iu_line_has(line, &second), "the record's line has a thread");
    ok(!iu_line_has(line, &other), "another id has its own line");
    ok(!iu_line_has(line, &elsewhere), "so has another invitation");
    ok(iu_line_join(line, &other, 0),
       "the first thread there does not wait either");
    before = iu_clock_now();
    ok(!iu_line_join(line, &second, before + 50000), "the second thread waits");
    ok(iu_clock_now() - before >= 50000, "until its deadline");
    iu_line_leave(line, &first);
    ok(!iu_line_has(line, &second), "after leave the record's line is empty");
    ok(iu_line_has(line, &other), "the other record's is not");
    ok(iu_line_join(line, &second, 0), "the second thread is the first now");
    iu_line_leave(line, &second);
    iu_line_leave(line, &other);
    ok(!iu_line_has(line, &other), "all lines are empty");
}

/* Threads that arrive one after the other. */
static int order[THREADS];
static int served; /* by the first thread */
static _Atomic int begun;

static void *wait_in_line(void *data)
{
    iu_line_place place = place_for("i", "a");

    atomic_fetch_add(&begun, 1);
    if (iu_line_join(line, &place, LATER)) {
        order[served++] = (int)(apr_size_t)data;
        iu_line_leave(line, &place);
    }
    return NULL;
}

static void test_order(void)
{
    iu_line_place place = place_for("i", "a");
    pthread_t threads[THREADS];
    int right = 0;
    apr_size_t i;

    iu_line_join(line, &place, 0);
    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, wait_in_line, (void *)i);
        while (atomic_load(&begun) <= (int)i) {
            sched_yield();
        }
        apr_sleep(20000); /* until it has joined */
    }
    is_number(served, 0, "all threads wait");
    iu_line_leave(line, &place);
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
        iu_line_place place = place_for("i", record ? "b" : "a");
        /* Some have a very short deadline. */
        apr_time_t deadline =
            rand_r(&seed) % 4 ? LATER : iu_clock_now() + rand_r(&seed) % 50;

        if (!iu_line_join(line, &place, deadline)) {
            atomic_fetch_add(&late, 1);
            continue;
        }
        atomic_fetch_add(&wrong, inside[record]++ != 0);
        passed[record]++;
        inside[record]--;
        iu_line_leave(line, &place);
    }
    return NULL;
}

static void test_storm(void)
{
    iu_line_place place = place_for("i", "a");
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
    ok(!iu_line_has(line, &place), "all lines are empty");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    iu_line_create(&line, pool);
    test_alone();
    test_order();
    test_storm();
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
