/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store with many threads, and with many processes on one file. */
#include "support/workers.h"

#include <stdatomic.h>

#include <apr_global_mutex.h>

static apr_pool_t *test_pool;

#define THREADS 8
#define INSERTS 400
#define KEYS 1000 /* fewer than inserts, so that many collide */

/* The version that was answered as stored under each key. */
static char versions[KEYS][IU_VERSION_SIZE];
static _Atomic int stored[KEYS];
static _Atomic int refused;
static _Atomic int wrong;

static void *insert_mixed(void *data)
{
    worker *self = data;
    int i;

    for (i = 0; i < INSERTS; i++) {
        int key = (i * 7 + self->number * 131) % KEYS;
        iu_store_call call = fixture_call(self->pool);
        iu_record record =
            fixture_record("i", apr_itoa(self->pool, key), "{\"x\":\"y\"}");
        iu_problem *problem = insert_record(self->store, &call, &record);

        if (!problem) {
            atomic_fetch_add(&stored[key], 1);
            memcpy(versions[key], record.version, sizeof record.version);
        }
        else if (problem->kind == IU_ALREADY_EXISTS) {
            atomic_fetch_add(&refused, 1);
        }
        else {
            atomic_fetch_add(&wrong, 1);
            printf("# %s: %s\n", problem->number, problem->log_detail);
        }
        if (!problem) {
            iu_record *found;

            problem = iu_store_find(self->store, &call, "i", record.id, &found);
            atomic_fetch_add(
                &wrong, problem || strcmp(found->version, record.version) != 0);
        }
        apr_pool_clear(self->pool);
    }
    return NULL;
}

static void test_threads(void)
{
    const char *path = fixture_path(test_pool);
    apr_pool_t *store_pool;
    iu_store *store;
    int keys = 0;
    int wrong_keys = 0;
    int i;

    apr_pool_create(&store_pool, test_pool);
    store = fixture_store(store_pool, path, NULL);
    run_workers(THREADS, store, test_pool, insert_mixed);
    for (i = 0; i < KEYS; i++) {
        keys += stored[i];
        wrong_keys += stored[i] > 1;
        if (stored[i]) {
            iu_store_call call = fixture_call(test_pool);
            iu_record *found;

            wrong_keys +=
                iu_store_find(store, &call, "i", apr_itoa(test_pool, i),
                              &found) != NULL ||
                strcmp(found->version, versions[i]) != 0;
        }
    }
    is_number(wrong, 0, "every insert was stored or was there");
    is_number(wrong_keys, 0, "each key was stored once, as answered");
    is_number(keys + refused, THREADS * INSERTS, "all requests were answered");
    is_number(foreign_count(test_pool, path), keys,
              "the table has what was answered as stored");
    apr_pool_destroy(store_pool);
}

#define STEPS 40

/* Increments a number in a record that all threads change. Also inserts and
 * deletes other records, so that groups have changes of all kinds. */
static void *count_up(void *data)
{
    worker *self = data;
    int steps = 0;

    while (steps < STEPS) {
        iu_store_call call = fixture_call(self->pool);
        const char *own = apr_psprintf(self->pool, "%d", self->number);
        iu_record record = fixture_record("own", own, "{}");
        iu_record next;
        iu_record *found;
        iu_problem *problem;

        if (insert_record(self->store, &call, &record) ||
            iu_store_find(self->store, &call, "i", "count", &found) ||
            delete_record(self->store, &call, "own", own, record.version)) {
            atomic_fetch_add(&wrong, 1);
            return NULL;
        }
        next = fixture_record("i", "count",
                              apr_itoa(self->pool, atoi(found->document) + 1));
        problem = update_record(self->store, &call, &next, found->version);
        steps += problem == NULL;
        atomic_fetch_add(&refused, problem != NULL);
        atomic_fetch_add(&wrong,
                         problem && problem->kind != IU_VERSION_CONFLICT);
        apr_pool_clear(self->pool);
    }
    return NULL;
}

static void test_counting(void)
{
    const char *path = fixture_path(test_pool);
    apr_pool_t *store_pool;
    iu_store_call call;
    iu_record first = fixture_record("i", "count", "0");
    iu_store *store;

    refused = 0;
    wrong = 0;
    apr_pool_create(&store_pool, test_pool);
    store = fixture_store(store_pool, path, NULL);
    call = fixture_call(store_pool);
    wrong += insert_record(store, &call, &first) != NULL;
    run_workers(THREADS, store, test_pool, count_up);
    is_number(wrong, 0, "every change was made or in conflict");
    is_text(foreign_text(test_pool, path, "SELECT document FROM used_insight"),
            apr_itoa(test_pool, THREADS * STEPS), "no increment was lost");
    ok(refused > 0, "there were conflicts: %d", (int)refused);
    is_number(foreign_count(test_pool, path), 1, "deleted records are gone");
    apr_pool_destroy(store_pool);
}

#define CHANGES 40
#define CHANGERS 32

static _Atomic int attempts;

/* An iu_store_attempt that increments the number. */
static iu_problem *count_one(void *data, const iu_store_call *call,
                             const iu_record *found)
{
    worker *self = data;
    iu_record next = fixture_record(
        "i", "count", apr_itoa(call->pool, atoi(found->document) + 1));

    atomic_fetch_add(&attempts, 1);
    return update_record(self->store, call, &next, found->version);
}

static void *change_often(void *data)
{
    worker *self = data;
    int i;

    for (i = 0; i < CHANGES; i++) {
        iu_store_call call = fixture_call(self->pool);
        iu_problem *problem = iu_store_change(self->store, &call, "i", "count",
                                              1, count_one, self);

        atomic_fetch_add(&wrong, problem != NULL);
        apr_pool_clear(self->pool);
    }
    return NULL;
}

/* Even if many threads change one record, a change takes hardly more than one
 * attempt: they collide at the first one, and again when a line has ended. */
static void test_changing(void)
{
    const char *path = fixture_path(test_pool);
    apr_pool_t *store_pool;
    iu_store_call call;
    iu_record first = fixture_record("i", "count", "0");
    iu_store *store;

    wrong = 0;
    apr_pool_create(&store_pool, test_pool);
    store = fixture_store(store_pool, path, NULL);
    call = fixture_call(store_pool);
    wrong += insert_record(store, &call, &first) != NULL;
    run_workers(CHANGERS, store, test_pool, change_often);
    is_number(wrong, 0, "every change was made");
    is_text(foreign_text(test_pool, path, "SELECT document FROM used_insight"),
            apr_itoa(test_pool, CHANGERS * CHANGES),
            "no increment was lost in line");
    ok(attempts < 2 * CHANGERS * CHANGES, "in %d attempts", (int)attempts);
    apr_pool_destroy(store_pool);
}

#define PROCESSES 4
#define EACH 300

/* A child process with two threads. Exits with the number of failures. */
static void *insert_own(void *data)
{
    worker *self = data;
    int i;

    for (i = 0; i < EACH; i++) {
        const char *id = apr_psprintf(self->pool, "%d-%d", self->number, i);

        atomic_fetch_add(
            &wrong, fixture_insert(self->store, self->pool, "i", id) != NULL);
        /* A key that all processes insert. */
        id = apr_psprintf(self->pool, "common-%d", i);
        atomic_fetch_add(
            &refused, fixture_insert(self->store, self->pool, "i", id) == NULL);
        apr_pool_clear(self->pool);
    }
    return NULL;
}

static void run_process(int number, const char *path, const char *lock_file,
                        apr_global_mutex_t *turn, int answer)
{
    iu_store_options options = {
        .driver = fixture_driver(), .params = path, .writer_turn = turn};
    worker workers[2];
    iu_store *store;
    int counts[2];
    int i;

    refused = 0;
    wrong = 0;
    if (apr_global_mutex_child_init(&turn, lock_file, test_pool) !=
            APR_SUCCESS ||
        iu_store_create(&store, &options, test_pool) != APR_SUCCESS) {
        _exit(EXIT_FAILURE);
    }
    for (i = 0; i < 2; i++) {
        workers[i].store = store;
        workers[i].number = number * 2 + i;
        apr_pool_create(&workers[i].pool, test_pool);
        pthread_create(&workers[i].thread, NULL, insert_own, &workers[i]);
    }
    for (i = 0; i < 2; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    counts[0] = wrong;
    counts[1] = refused;
    fflush(stdout);
    _exit(write(answer, counts, sizeof counts) == sizeof counts ? EXIT_SUCCESS
                                                                : EXIT_FAILURE);
}

static void test_processes(void)
{
    const char *path = fixture_path(test_pool);
    const char *lock_file =
        apr_pstrcat(test_pool, fixture_directory(test_pool), "/lock", NULL);
    apr_global_mutex_t *turn;
    int failures = 0;
    int common = 0;
    int answers[2];
    int counts[2];
    int i;

    if (apr_global_mutex_create(&turn, lock_file, APR_LOCK_DEFAULT_TIMED,
                                test_pool) != APR_SUCCESS ||
        pipe(answers) != 0) {
        give_up("no mutex or pipe can be made");
    }
    fflush(stdout);
    for (i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            run_process(i, path, lock_file, turn, answers[1]);
        }
    }
    for (i = 0; i < PROCESSES; i++) {
        int status;

        if (wait(&status) < 0 || status != 0 ||
            read(answers[0], counts, sizeof counts) != sizeof counts) {
            give_up("a process failed");
        }
        failures += counts[0];
        common += counts[1];
    }
    is_number(failures, 0, "no insert of %d processes fails", PROCESSES);
    is_number(common, EACH, "of those who insert the same key one succeeds");
    is_number(foreign_count(test_pool, path), PROCESSES * 2 * EACH + EACH,
              "all records are stored");
    if (!fixture_has_server()) {
        is_text(foreign_text(test_pool, path, "PRAGMA integrity_check"), "ok",
                "and complete");
    }
}

#define ROUNDS 25

/* Opens the database first to read it, or to write it. */
static void open_first(int number, const iu_store_options *options, int begun)
{
    iu_store *store;
    const char *problem;
    char byte;

    if (iu_store_create(&store, options, test_pool) != APR_SUCCESS ||
        read(begun, &byte, 1) != 0) {
        _exit(EXIT_FAILURE);
    }
    if (number % 2 == 0) {
        problem = fixture_insert(store, test_pool, "i", "a");
        _exit(problem && strcmp(problem, iu_problem_number(IU_ALREADY_EXISTS)));
    }
    problem = fixture_find(store, test_pool, "i", "a");
    _exit(problem && strcmp(problem, iu_problem_number(IU_NOT_FOUND)));
}

/* Readers do not take the writer's turn: they collide with each other and the
 * writer in a file that does not exist yet. */
static void test_first(void)
{
    int failed = 0;
    int round;
    int i;

    for (round = 0; round < ROUNDS; round++) {
        iu_store_options options = {.driver = "sqlite3",
                                    .params = fixture_path(test_pool)};
        int begun[2];

        if (apr_global_mutex_create(&options.writer_turn, NULL,
                                    APR_LOCK_DEFAULT_TIMED,
                                    test_pool) != APR_SUCCESS ||
            pipe(begun) != 0) {
            give_up("no mutex or pipe can be made");
        }
        fflush(stdout);
        for (i = 0; i < PROCESSES; i++) {
            if (fork() == 0) {
                close(begun[1]);
                open_first(i, &options, begun[0]);
            }
        }
        close(begun[0]);
        close(begun[1]); /* all children wait for this */
        for (i = 0; i < PROCESSES; i++) {
            int status;

            failed += wait(&status) < 0 || status != 0;
        }
    }
    is_number(failed, 0, "%d times, %d processes open a new file", ROUNDS,
              PROCESSES);
}

/* Threads insert while the file is removed repeatedly. */
static _Atomic int stop;

/* If the file is removed while SQLite opens it, SQLite reports an I/O error,
 * and the breaker opens for a second. */
static int is_outage(const char *number)
{
    return strcmp(number, iu_problem_number(IU_COMMIT_UNKNOWN)) == 0 ||
           strcmp(number, iu_problem_number(IU_DATABASE_DOWN)) == 0 ||
           strcmp(number, iu_problem_number(IU_DATABASE_REFUSED)) == 0;
}

static void *insert_until_stop(void *data)
{
    worker *self = data;
    int i;

    for (i = 0; !atomic_load(&stop); i++) {
        const char *id = apr_psprintf(self->pool, "%d-%d", self->number, i);
        const char *number = fixture_insert(self->store, self->pool, "i", id);

        atomic_fetch_add(&wrong, number && !is_outage(number));
        if (number) {
            apr_sleep(1000);
        }
        apr_pool_clear(self->pool);
    }
    return NULL;
}

/* Whether a record that was answered as stored is in the file at the path;
 * after an outage this may take some seconds. */
static int stored_is_there(iu_store *store, const char *path, const char *id)
{
    const char *number = fixture_insert(store, test_pool, "i", id);
    int i;

    for (i = 0; i < 50 && number && is_outage(number); i++) {
        apr_sleep(100000);
        number = fixture_insert(store, test_pool, "i", id);
    }
    return !number && foreign_text(test_pool, path,
                                   apr_psprintf(test_pool,
                                                "SELECT id FROM used_insight"
                                                " WHERE id = '%s'",
                                                id)) != NULL;
}

static void test_removed(void)
{
    const char *path = fixture_path(test_pool);
    apr_pool_t *store_pool;
    worker workers[4];
    iu_store *store;
    int there = 0;
    int i;

    apr_pool_create(&store_pool, test_pool);
    store = fixture_store(store_pool, path, NULL);
    wrong = 0;
    for (i = 0; i < 4; i++) {
        workers[i].store = store;
        workers[i].number = i;
        apr_pool_create(&workers[i].pool, test_pool);
        pthread_create(&workers[i].thread, NULL, insert_until_stop,
                       &workers[i]);
    }
    for (i = 0; i < 20; i++) {
        apr_sleep(20000);
        fixture_unlink(test_pool, path);
    }
    atomic_store(&stop, 1);
    for (i = 0; i < 4; i++) {
        pthread_join(workers[i].thread, NULL);
        apr_pool_destroy(workers[i].pool);
    }
    is_number(wrong, 0, "the file is removed under load: 201 or 503");
    for (i = 0; i < 200; i++) {
        if (i % 20 == 10) {
            fixture_unlink(test_pool, path);
        }
        there += stored_is_there(store, path, apr_itoa(test_pool, i));
    }
    is_number(there, 200,
              "what was answered as stored is in the file at the path");
    is_text(foreign_text(test_pool, path, "PRAGMA integrity_check"), "ok",
            "which is intact");
    apr_pool_destroy(store_pool);
}

/* All readers wait for the turn to make the table, which another process
 * has. */
#define READERS 8 /* of an SQLite database */

static void *find_slowly(void *data)
{
    worker *self = data;
    iu_store_call call = {.pool = self->pool,
                          .deadline = iu_clock_now() + 1500000};
    iu_record *found;
    iu_problem *problem = iu_store_find(self->store, &call, "i", "a", &found);

    atomic_fetch_add(&wrong, !problem || problem->kind != IU_DATABASE_BUSY);
    return NULL;
}

static void test_no_reader(void)
{
    iu_database *database =
        fixture_database(test_pool, fixture_path(test_pool), NULL);
    iu_store_options options = {.driver = "sqlite3",
                                .params = database->params};
    worker workers[READERS];
    turn_holder other;
    iu_problem *problem;
    iu_store_call call;
    iu_record *found;
    iu_store *store;
    int i;

    if (apr_global_mutex_create(&database->writer_turn, NULL,
                                APR_LOCK_DEFAULT_TIMED,
                                test_pool) != APR_SUCCESS) {
        give_up("no mutex can be made");
    }
    options.writer_turn = database->writer_turn;
    if (iu_store_create(&store, &options, test_pool) != APR_SUCCESS) {
        give_up("no store can be made");
    }
    other = turn_hold(database);
    wrong = 0;
    for (i = 0; i < READERS; i++) {
        workers[i].store = store;
        apr_pool_create(&workers[i].pool, test_pool);
        pthread_create(&workers[i].thread, NULL, find_slowly, &workers[i]);
    }
    apr_sleep(300000);
    call = fixture_call(test_pool);
    call.deadline = iu_clock_now() + 100000;
    problem = iu_store_find(store, &call, "i", "a", &found);
    is_number(problem ? problem->kind : 0, IU_READ_TIMEOUT,
              "while all readers wait none is free in time");
    for (i = 0; i < READERS; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    is_number(wrong, 0, "the readers wait for the turn in vain");
    turn_release(other, 'e');
    call = fixture_call(test_pool);
    problem = iu_store_find(store, &call, "i", "a", &found);
    is_number(problem ? problem->kind : 0, IU_NOT_FOUND, "then reading works");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_threads();
    test_counting();
    test_changing();
    test_processes();
    if (!fixture_has_server()) {
        test_first();
        test_removed();
        test_no_reader();
    }
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
