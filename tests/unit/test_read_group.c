/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/store/read_group.c. Statements are held up, counted and made to
 * fail by a wrapper around iu_session_execute.
 */
#include "support/find_groups.h"

#include <stdatomic.h>
#include <sys/syscall.h>

static apr_pool_t *test_pool;

/* While it is set, time stands still, so that no group overtakes. */
static _Atomic apr_time_t frozen;

apr_time_t __real_iu_clock_now(void);
apr_time_t __wrap_iu_clock_now(void);
apr_time_t __wrap_iu_clock_now(void)
{
    apr_time_t now = atomic_load(&frozen);

    return now ? now : __real_iu_clock_now();
}

/* The statements that read, and what becomes of them. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int held;               /* those from this number on wait; 0: none does */
    iu_failure_kind failed; /* how those for several records fail */
    int fails;
    int count;        /* statements so far */
    int arguments[9]; /* of the first ones */
    int gone;         /* how many of their bounds say that the client is gone
                       * when they are no longer held */
} plot = {.mutex = PTHREAD_MUTEX_INITIALIZER,
          .changed = PTHREAD_COND_INITIALIZER};

iu_failure *__real_iu_session_execute(iu_session *session,
                                      const iu_execution *execution,
                                      iu_retry_state *retry,
                                      apr_array_header_t **rows);
iu_failure *__wrap_iu_session_execute(iu_session *session,
                                      const iu_execution *execution,
                                      iu_retry_state *retry,
                                      apr_array_header_t **rows);
iu_failure *__wrap_iu_session_execute(iu_session *session,
                                      const iu_execution *execution,
                                      iu_retry_state *retry,
                                      apr_array_header_t **rows)
{
    int number;
    int fails;

    if (!execution->is_read) {
        return __real_iu_session_execute(session, execution, retry, rows);
    }
    pthread_mutex_lock(&plot.mutex);
    number = ++plot.count;
    if (number <= 8) {
        plot.arguments[number] = execution->count;
    }
    pthread_cond_broadcast(&plot.changed);
    while (plot.held && number >= plot.held) {
        pthread_cond_wait(&plot.changed, &plot.mutex);
    }
    plot.gone += execution->bound.is_gone &&
                 execution->bound.is_gone(execution->bound.client);
    fails = plot.fails && execution->count > 2;
    pthread_mutex_unlock(&plot.mutex);
    return fails ? iu_failure_make(execution->pool, plot.failed, "as planned")
                 : __real_iu_session_execute(session, execution, retry, rows);
}

static void hold(int from)
{
    pthread_mutex_lock(&plot.mutex);
    plot.held = from;
    pthread_cond_broadcast(&plot.changed);
    pthread_mutex_unlock(&plot.mutex);
}

static void wait_for_statements(int count)
{
    pthread_mutex_lock(&plot.mutex);
    while (plot.count < count) {
        pthread_cond_wait(&plot.changed, &plot.mutex);
    }
    pthread_mutex_unlock(&plot.mutex);
}

/* A request in its own thread. */
typedef struct finder {
    pthread_t thread;
    _Atomic long task;
    iu_store *store;
    apr_pool_t *pool;
    const char *set_id;
    const char *id;
    apr_time_t deadline;
    atomic_int gone;
    iu_record *found;
    iu_problem *problem;
} finder;

static int is_gone(void *client)
{
    return atomic_load(&((finder *)client)->gone);
}

static void *find(void *data)
{
    finder *self = data;
    iu_store_call call = fixture_call(self->pool);

    call.deadline = self->deadline;
    call.is_gone = is_gone;
    call.client = self;
    atomic_store(&self->task, syscall(SYS_gettid));
    self->problem =
        iu_store_find(self->store, &call, self->set_id, self->id, &self->found);
    return NULL;
}

static void start(finder *started, iu_store *store, const char *set_id,
                  const char *id, apr_interval_time_t time)
{
    memset(started, 0, sizeof *started);
    started->store = store;
    started->set_id = set_id;
    started->id = id;
    started->deadline = iu_clock_now() + time;
    apr_pool_create(&started->pool, test_pool);
    if (pthread_create(&started->thread, NULL, find, started) != 0) {
        give_up("no thread can be made");
    }
}

#define LONG apr_time_from_sec(20)

/* Whether a thread sleeps. */
static int sleeps(const finder *waiting)
{
    char name[60];
    char text[300] = "";
    long task = atomic_load(&waiting->task);
    const char *state;
    FILE *file;

    apr_snprintf(name, sizeof name, "/proc/self/task/%ld/stat", task);
    file = task ? fopen(name, "r") : NULL;
    if (file) {
        apr_size_t read = fread(text, 1, sizeof text - 1, file);

        text[read] = '\0';
        fclose(file);
    }
    state = strrchr(text, ')');
    return state && state[2] == 'S';
}

/* Returns when the request waits: its thread sleeps for a while. */
static void wait_until_it_waits(const finder *waiting)
{
    int times;

    for (times = 0; times < 3; times++) {
        apr_sleep(1000);
        if (!sleeps(waiting)) {
            times = 0;
        }
    }
}

static void start_waiting(finder *started, iu_store *store, const char *set_id,
                          const char *id, apr_interval_time_t time)
{
    start(started, store, set_id, id, time);
    wait_until_it_waits(started);
}

static iu_problem_kind end(finder *ended)
{
    pthread_join(ended->thread, NULL);
    return ended->problem ? ended->problem->kind : NO_PROBLEM;
}

/* Lets "first" read, and holds up its statement: the next requests gather, and
 * do not overtake while time stands still. */
static void start_held(finder *first, iu_store *store, int stops_time)
{
    pthread_mutex_lock(&plot.mutex);
    plot.count = 0;
    plot.gone = 0;
    plot.held = 1;
    pthread_mutex_unlock(&plot.mutex);
    start(first, store, "i", "first", LONG);
    wait_for_statements(1);
    atomic_store(&frozen, stops_time ? __real_iu_clock_now() : 0);
}

/* Lets time pass, and the statements before from end; 0: all. */
static void go_on(int from)
{
    atomic_store(&frozen, 0);
    hold(from);
}

static void store_document(iu_store *store, const char *set_id, const char *id,
                           const char *document)
{
    iu_store_call call = fixture_call(test_pool);
    iu_record record = fixture_record(set_id, id, document);

    if (insert_record(store, &call, &record)) {
        give_up("a record cannot be stored");
    }
}

#define MANY 70

/* Keys that differ by case or blanks, that need quotes, and that others have in
 * another set. */
static const char *const odd_keys[] = {"a", "A",        "a ", "'\"\\%s{},(",
                                       "%", "\xc3\xa9", "e"};

#define ODD ((int)(sizeof odd_keys / sizeof odd_keys[0]))

/* Each request gets its own record, or none. */
static void test_own(void)
{
    apr_pool_t *pool;
    static finder finders[MANY + 1];
    iu_store *store;
    int wrong = 0;
    int i;

    apr_pool_create(&pool, test_pool);
    store = make_store(pool, fixture_path(pool), NULL);
    store_document(store, "i", "first", "{}");
    foreign_sql(pool, store->database.params, /* as a later version may have */
                "ALTER TABLE used_insight ADD COLUMN set_id text");
    for (i = 0; i < ODD; i++) {
        store_document(store, "i", odd_keys[i],
                       apr_psprintf(pool, "{\"i\":%d}", i));
        store_document(store, odd_keys[i], "i",
                       apr_psprintf(pool, "{\"j\":%d}", i));
    }
    start_held(&finders[MANY], store, 1);
    for (i = 0; i < MANY; i++) {
        const char *key = odd_keys[i % ODD];
        int is_set = i / ODD % 3; /* 2: no such record */

        start_waiting(&finders[i], store, is_set == 1 ? key : "i",
                      is_set == 1   ? "i"
                      : is_set == 2 ? apr_pstrcat(pool, key, "x", NULL)
                                    : key,
                      LONG);
    }
    go_on(0);
    is_number(end(&finders[MANY]), NO_PROBLEM, "the first has its record");
    for (i = 0; i < MANY; i++) {
        int is_set = i / ODD % 3;
        iu_problem_kind kind = end(&finders[i]);
        const char *expected =
            apr_psprintf(pool, "{\"%s\":%d}", is_set ? "j" : "i", i % ODD);
        const iu_record *found = finders[i].found;

        wrong += is_set == 2
                     ? kind != IU_NOT_FOUND
                     : kind != NO_PROBLEM ||
                           strcmp(found->document, expected) != 0 ||
                           found->document_length != strlen(expected) ||
                           strcmp(found->set_id, finders[i].set_id) != 0 ||
                           strcmp(found->last_accessed,
                                  "2020-01-02T03:04:05.000000000000") != 0 ||
                           strlen(found->version) != IU_VERSION_SIZE - 1;
        apr_pool_destroy(finders[i].pool);
    }
    is_number(wrong, 0, "each of %d requests has its own record, or none",
              MANY);
    is_number(plot.count, 3, "by three statements");
    is_number(plot.arguments[2], 128, "one for as many as a group has");
    is_number(plot.arguments[3], 12, "one for the others");
    apr_pool_destroy(pool);
}

static char *make_document(apr_pool_t *pool, apr_size_t length)
{
    char *document = apr_palloc(pool, length + 1);

    memset(document, 'x', length);
    document[length] = '\0';
    return document;
}

/* A group of three, in a statement for three. */
static void test_long(void)
{
    static const apr_size_t lengths[] = {1024 * 1024 / 3, 1024 * 1024 / 3 + 1,
                                         3 * 1024 * 1024};
    apr_pool_t *pool;
    finder finders[4];
    iu_store *store;
    int i;

    apr_pool_create(&pool, test_pool);
    store = make_store(pool, fixture_path(pool), NULL);
    store_document(store, "i", "first", "{}");
    for (i = 0; i < 3; i++) {
        store_document(store, "i", apr_itoa(pool, i),
                       make_document(pool, lengths[i]));
    }
    start_held(&finders[3], store, 1);
    for (i = 0; i < 3; i++) {
        start_waiting(&finders[i], store, "i", apr_itoa(pool, i), LONG);
    }
    go_on(0);
    end(&finders[3]);
    for (i = 0; i < 3; i++) {
        iu_problem_kind kind = end(&finders[i]);

        ok(kind == NO_PROBLEM &&
               finders[i].found->document_length == lengths[i] &&
               strlen(finders[i].found->document) == lengths[i],
           "a document of %" APR_SIZE_T_FMT " bytes", lengths[i]);
        apr_pool_destroy(finders[i].pool);
    }
    is_number(plot.count, 4, "the two long ones were read alone");
    apr_pool_destroy(pool);
}

/* How a group of two fares whose statement fails. */
static void fail_group(iu_store *store, iu_failure_kind failure,
                       iu_problem_kind expected, int statements,
                       const char *name)
{
    finder finders[3];
    int i;

    plot.failed = failure;
    plot.fails = 1;
    start_held(&finders[2], store, 1);
    for (i = 0; i < 2; i++) {
        start_waiting(&finders[i], store, "i", "first", LONG);
    }
    go_on(0);
    end(&finders[2]);
    for (i = 0; i < 2; i++) {
        iu_problem_kind kind = end(&finders[i]);

        is_number(kind, expected, "%s: member %d", name, i);
        apr_pool_destroy(finders[i].pool);
    }
    is_number(plot.count, statements, "in %d statements", statements);
    plot.fails = 0;
}

static void test_failures(void)
{
    apr_pool_t *pool;
    iu_store *store;

    apr_pool_create(&pool, test_pool);
    store = make_store(pool, fixture_path(pool), NULL);
    store_document(store, "i", "first", "{}");
    fail_group(store, IU_FAILURE_CONTENT, NO_PROBLEM, 4,
               "a statement that the database refuses");
    fail_group(store, IU_FAILURE_BUSY, IU_DATABASE_BUSY, 2, "a busy database");
    fail_group(store, IU_FAILURE_LOST, IU_DATABASE_DOWN, 2, "a lost database");
    fail_group(store, IU_FAILURE_STOPPED, IU_READ_STOPPED, 2,
               "a statement that is stopped");
    apr_pool_destroy(pool);
}

static void test_bounds(void)
{
    apr_pool_t *pool;
    finder finders[5];
    iu_store *store;
    int i;

    apr_pool_create(&pool, test_pool);
    store = make_store(pool, fixture_path(pool), NULL);
    store_document(store, "i", "first", "{}");
    start_held(&finders[0], store, 0);
    start(&finders[1], store, "i", "first", 100000);
    is_number(end(&finders[1]), IU_READ_TIMEOUT, "a deadline before the turn");
    is_number(finders[1].problem->retry_after, 1, "has a Retry-After");

    /* The second group overtakes the first, and is held, too. */
    start(&finders[1], store, "i", "first", LONG);
    wait_for_statements(2);
    start_waiting(&finders[2], store, "i", "first", LONG);
    start(&finders[3], store, "i", "first", LONG);
    atomic_store(&finders[3].gone, 1);
    is_number(end(&finders[3]), IU_CLIENT_GONE,
              "a client that is gone before the turn");
    hold(3);
    is_number(end(&finders[0]), NO_PROBLEM, "the first has its record");
    is_number(end(&finders[1]), NO_PROBLEM, "so has the second");
    wait_for_statements(3);

    /* The third has one member. The fourth loses its two clients. */
    start_waiting(&finders[3], store, "i", "first", apr_time_from_sec(2));
    start(&finders[4], store, "i", "first", apr_time_from_sec(2));
    wait_for_statements(4);
    atomic_store(&finders[3].gone, 1);
    atomic_store(&finders[4].gone, 1);
    apr_sleep(apr_time_from_msec(1500));
    hold(0);
    is_number(end(&finders[2]), NO_PROBLEM, "a lone member has its record");
    for (i = 0; i <= 4; i++) {
        if (i >= 3) {
            iu_problem_kind kind = end(&finders[i]);

            ok(kind == IU_CLIENT_GONE || kind == NO_PROBLEM,
               "a client that is gone during the statement");
        }
        apr_pool_destroy(finders[i].pool);
    }
    is_number(plot.gone, 1, "the statement ends when all clients are gone");
    apr_pool_destroy(pool);
}

/* A member's client or deadline does not stop the statement of the others. */
static void test_others(void)
{
    apr_pool_t *pool;
    finder finders[4];
    iu_store *store;
    int stopped = 0;
    int i;

    apr_pool_create(&pool, test_pool);
    store = make_store(pool, fixture_path(pool), NULL);
    store_document(store, "i", "first", "{}");
    start_held(&finders[0], store, 1);
    start_waiting(&finders[1], store, "i", "first", apr_time_from_msec(1500));
    start_waiting(&finders[2], store, "i", "first", apr_time_from_msec(1500));
    start_waiting(&finders[3], store, "i", "first", LONG);
    go_on(2);
    end(&finders[0]);
    wait_for_statements(2);
    atomic_store(&finders[1].gone, 1);
    apr_sleep(apr_time_from_msec(2000));
    hold(0);
    is_number(end(&finders[3]), NO_PROBLEM, "the last one has its record");
    is_number(plot.gone, 0, "its statement was not to be stopped");
    for (i = 1; i <= 2; i++) {
        iu_problem_kind kind = end(&finders[i]);

        stopped += kind != NO_PROBLEM;
        ok(kind == NO_PROBLEM ||
               kind == (i == 1 ? IU_CLIENT_GONE : IU_READ_STOPPED),
           "one that leaves during the statement, unless it leads");
    }
    ok(stopped > 0, "%d left", stopped);
    for (i = 0; i < 4; i++) {
        apr_pool_destroy(finders[i].pool);
    }
    apr_pool_destroy(pool);
}

/* All connections break while a group's statement is about to run, and while it
 * runs. */
static void test_lost(void)
{
    apr_pool_t *pool;
    finder finders[4];
    iu_store *store;
    const char *path;
    told *log;
    int i;

    apr_pool_create(&pool, test_pool);
    log = told_make(pool);
    path = fixture_path(pool);
    store = make_store(pool, path, log);
    store_document(store, "i", "first", "{}");
    is_text(fixture_find(store, pool, "i", "first"), NULL, "a reader is open");
    start_held(&finders[0], store, 1);
    for (i = 1; i < 4; i++) {
        start_waiting(&finders[i], store, "i", "first", LONG);
    }
    go_on(2);
    wait_for_statements(2);
    foreign_sever(pool, path);
    hold(0);
    for (i = 0; i < 4; i++) {
        is_number(end(&finders[i]), NO_PROBLEM, "member %d is served", i);
        apr_pool_destroy(finders[i].pool);
    }
    ok(told_times(log, "IU0104") > 0, "on a new connection");
    apr_pool_destroy(pool);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_own();
    test_long();
    test_failures();
    test_bounds();
    test_others();
    if (fixture_has_server()) {
        test_lost();
    }
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
