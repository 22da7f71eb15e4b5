/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/store/commit_group.c under many requests, some of which reach
 * their deadline. They also run under TSan, hence without a database.
 */
#include "../../src/concurrency/clock.h"
#include "../../src/store/commit_group.h"

#include <pthread.h>
#include <stdatomic.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "support/tap.h"

static apr_pool_t *test_pool;

/* A thread that makes requests. */
typedef struct thrower {
    pthread_t thread;
    iu_commit_queue *queue;
    apr_pool_t *pool;
    int number;
} thrower;

/* How many requests had which outcome. */
#define THREADS 12
#define JOINS 12000

static _Atomic unsigned char committed[THREADS * JOINS];
static _Atomic int inside;
static _Atomic unsigned groups;
static _Atomic int wrong_answers;
static _Atomic int outcomes[5]; /* stored, already there, timeout, unknown,
                                 * other */

static iu_failure *begin(void *unused, apr_time_t deadline, apr_pool_t *pool)
{
    (void)unused;
    (void)deadline;
    (void)pool;
    if (atomic_load(&groups) % 8 == 0) {
        apr_sleep(500);
    }
    return NULL;
}

static void commit(void *unused, iu_commit_group *group)
{
    int i;

    (void)unused;
    atomic_fetch_add(&wrong_answers, atomic_fetch_add(&inside, 1) != 0);
    for (i = 0; i < group->count; i++) {
        iu_commit_entry *entry = group->entries[i];
        int number = atoi(entry->record.id);

        atomic_fetch_add(&committed[number], 1);
        atomic_fetch_add(&wrong_answers,
                         strcmp(entry->record.document, entry->record.id) != 0);
        if (number % 7 == 0) {
            entry->problem = iu_problem_make(group->pool, IU_ALREADY_EXISTS,
                                             entry->record.id);
        }
    }
    /* Some commits outlast every short deadline, of members of the group and of
     * requests that wait for the next one. */
    if (atomic_fetch_add(&groups, 1) % 128 == 0) {
        apr_sleep(3000);
    }
    else if (group->count % 3 == 0) {
        apr_sleep(300);
    }
    atomic_fetch_sub(&inside, 1);
}

static void judge(int number, const iu_problem *problem)
{
    int times = atomic_load(&committed[number]);
    int wrong = 0;

    if (!problem || problem->kind == IU_ALREADY_EXISTS) {
        wrong = times != 1 || (problem != NULL) != (number % 7 == 0);
        atomic_fetch_add(&outcomes[problem != NULL], 1);
    }
    else if (problem->kind == IU_COMMIT_TIMEOUT) {
        wrong = times != 0;
        atomic_fetch_add(&outcomes[2], 1);
    }
    else if (problem->kind == IU_COMMIT_UNKNOWN) {
        atomic_fetch_add(&outcomes[3], 1);
    }
    else {
        atomic_fetch_add(&outcomes[4], 1);
    }
    atomic_fetch_add(&wrong_answers, wrong);
}

/* Writes that one request makes at most. */
#define WRITES 4

/* Joins with the writes number to number + count - 1, and judges each. */
static void join(const thrower *self, apr_pool_t *pool, int number, int count)
{
    /* One in four has a deadline so short that it may expire at any point. */
    apr_interval_time_t time = number % 4 == 0 ? number % 4096 : 20000000;
    iu_store_call call = {
        .pool = pool, .deadline = iu_clock_now() + time, .queue_limit = 1024};
    iu_write made[WRITES];
    iu_write *writes[WRITES];
    int i;

    for (i = 0; i < count; i++) {
        const char *id = apr_itoa(pool, number + i);

        made[i] = (iu_write){.kind = IU_INSERT,
                             .record = {.set_id = "i",
                                        .id = id,
                                        .version = "v",
                                        .last_accessed = "",
                                        .last_modified = "",
                                        .document = id,
                                        .document_length = strlen(id)}};
        writes[i] = &made[i];
    }
    iu_commit_join(self->queue, &call, writes, count, 0);
    for (i = 0; i < count; i++) {
        judge(number + i, made[i].problem);
    }
}

static void *storm(void *data)
{
    const thrower *self = data;
    int first = self->number * JOINS;
    apr_pool_t *pool;
    int count;
    int i;

    apr_pool_create(&pool, self->pool);
    for (i = first; i < first + JOINS; i += count) {
        count = i % 5 == 0 && i + WRITES <= first + JOINS ? WRITES : 1;
        join(self, pool, i, count);
        apr_pool_clear(pool);
    }
    return NULL;
}

static long resident_pages(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    long total = 0;
    long resident = 0;

    if (!statm || fscanf(statm, "%ld %ld", &total, &resident) != 2) {
        exit(EXIT_FAILURE);
    }
    fclose(statm);
    return resident;
}

static void run_storm(iu_commit_queue *queue)
{
    thrower throwers[THREADS];
    int i;

    memset(committed, 0, sizeof committed);
    for (i = 0; i < THREADS; i++) {
        throwers[i].queue = queue;
        throwers[i].number = i;
        apr_pool_create(&throwers[i].pool, test_pool);
        pthread_create(&throwers[i].thread, NULL, storm, &throwers[i]);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(throwers[i].thread, NULL);
        apr_pool_destroy(throwers[i].pool);
    }
}

static void test_storm(void)
{
    iu_commit_queue *queue;
    int twice = 0;
    long before;
    int i;

    iu_commit_queue_create(&queue, begin, commit, NULL, test_pool);
    run_storm(queue);
    for (i = 0; i < THREADS * JOINS; i++) {
        twice += committed[i] > 1;
    }
    is_number(twice, 0, "no request is committed twice");
    is_number(wrong_answers, 0, "each answer of %d requests is true",
              THREADS * JOINS);
    is_number(outcomes[4], 0, "there are no other answers than the four");
    is_number(outcomes[0] + outcomes[1] + outcomes[2] + outcomes[3],
              THREADS * JOINS, "each request has an answer");
    ok(outcomes[0] && outcomes[1] && outcomes[2] && outcomes[3],
       "each of the four answers occurred");
    printf("# stored %d, there %d, timeout %d, unknown %d\n", outcomes[0],
           outcomes[1], outcomes[2], outcomes[3]);
    before = resident_pages();
    run_storm(queue);
    run_storm(queue);
    is_number(wrong_answers, 0, "no commit followed later");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    /* A sanitizer's own memory grows. */
    ok(resident_pages() - before < 500, "memory does not grow (by %ld pages)",
       resident_pages() - before);
#else
    (void)before;
#endif
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_storm();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
