/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/database/session.c. */
#include "../../src/database/session.h"

#include "support/store_fixture.h"

static apr_pool_t *test_pool;

static iu_failure *run(iu_session *session, const char *sql,
                       iu_retry_state *retry, apr_array_header_t **rows)
{
    iu_execution select = {.sql = sql,
                           .pool = test_pool,
                           .bound.deadline = iu_clock_now() + 5000000};

    memset(retry, 0, sizeof *retry);
    return iu_session_execute(session, &select, retry, rows);
}

/* The same with a reader's connection. */
static iu_failure *read_as(iu_session *session, const iu_bound *bound,
                           const char *sql, iu_retry_state *retry,
                           apr_array_header_t **rows)
{
    iu_execution select = {
        .sql = sql, .is_read = 1, .pool = test_pool, .bound = *bound};

    memset(retry, 0, sizeof *retry);
    return iu_session_execute(session, &select, retry, rows);
}

static iu_failure *read_rows(iu_session *session, const char *sql,
                             iu_retry_state *retry, apr_array_header_t **rows)
{
    const iu_bound bound = {.deadline = iu_clock_now() + 5000000};

    return read_as(session, &bound, sql, retry, rows);
}

static void test_heals(void)
{
    static const char count[] = "SELECT count(*) FROM used_insight";
    const char *path = fixture_path(test_pool);
    told *log = told_make(test_pool);
    iu_session session = {fixture_database(test_pool, path, log), NULL};
    apr_array_header_t *rows;
    iu_failure *failure;
    iu_retry_state retry;

    ok(!run(&session, count, &retry, &rows) && session.connection,
       "a connection is opened when it is needed");
    ok(!retry.retried && !retry.outcome_unknown, "no statement was repeated");
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    ok(!run(&session, count, &retry, &rows),
       "a session survives a change of the schema");
    ok(retry.retried && !retry.outcome_unknown,
       "the statement was repeated; its first run had no effect");
    is_number(told_times(log, "IU0104"), 1, "the change is logged");
    fixture_unlink(test_pool, path);
    ok(!run(&session, count, &retry, &rows),
       "a session survives the replacement of the file");
    ok(retry.retried && retry.outcome_unknown,
       "the statement was repeated; its first run may have had one");
    is_number(told_times(log, "IU0105"), 1, "the replacement is logged");
    failure = run(&session, "SELECT json('{')", &retry, &rows);
    is_failure(failure, IU_FAILURE_CONTENT,
               "a value that the database refuses");
    ok(!retry.retried, "is not tried again");
    failure = run(&session, "SELECT no_such_function()", &retry, &rows);
    is_failure(failure, IU_FAILURE_CONTENT,
               "an unfamiliar failure that a new connection does not cure");
    ok(retry.retried, "is tried again");
    ok(session.connection != NULL, "the connection is kept");
    failure = run(&session, "SELECT * FROM missing", &retry, &rows);
    is_failure(failure, IU_FAILURE_STALE,
               "a table that is still missing is tried no more");
    is_number(told_times(log, "IU0101"), 0,
              "no such failure opens the breaker");
}

/* A failure of the setup is not one of the statement's content. */
static void test_setup(void)
{
    static const iu_setup setup[] = {{"SELECT json('[')", NULL}, {NULL, NULL}};
    iu_database *database =
        fixture_database(test_pool, fixture_path(test_pool), NULL);
    iu_dialect dialect = *database->dialect;
    iu_session session = {database, NULL};
    iu_retry_state retry;
    apr_array_header_t *rows;
    iu_failure *failure;

    dialect.setup = setup;
    database->dialect = &dialect;
    failure = run(&session, "SELECT 1", &retry, &rows);
    is_failure(failure, IU_FAILURE_REFUSED,
               "a statement of the setup that fails refuses the database");
    is_text(failure ? failure->text : NULL, "malformed JSON", "with its text");
}

static void test_breaker(void)
{
    const char *path = fixture_path(test_pool);
    told *log = told_make(test_pool);
    iu_session session = {fixture_database(test_pool, path, log), NULL};
    apr_array_header_t *rows;
    iu_failure *failure;
    iu_retry_state retry;

    mkdir(path, 0700);
    failure = run(&session, "SELECT 1", &retry, &rows);
    is_failure(failure, IU_FAILURE_REFUSED,
               "a directory cannot be opened as a database");
    is_number(told_times(log, "IU0101"), 1, "which opens the breaker");
    rmdir(path);
    failure = run(&session, "SELECT 1", &retry, &rows);
    is_failure(failure, IU_FAILURE_LOST, "no other try within a second");
    ok(!session.connection, "and no connection");
    apr_sleep(1050000);
    ok(!run(&session, "SELECT 1", &retry, &rows),
       "the next try after a second succeeds");
    is_number(told_times(log, "IU0102"), 1, "which closes the breaker");
}

/* Two sessions; one has its connection already. */
static void test_breaker_of_two(void)
{
    const char *path = fixture_path(test_pool);
    const char *directory =
        apr_pstrmemdup(test_pool, path, strrchr(path, '/') - path);
    told *log = told_make(test_pool);
    iu_session first = {fixture_database(test_pool, path, log), NULL};
    iu_session second = {first.database, NULL};
    apr_array_header_t *rows;
    iu_failure *failure;
    iu_retry_state retry;

    ok(!run(&first, "SELECT 1", &retry, &rows),
       "the first session opens its connection");
    chmod(directory, 0770);
    failure = run(&second, "SELECT 1", &retry, &rows);
    is_failure(failure, IU_FAILURE_REFUSED, "the second cannot");
    is_number(told_times(log, "IU0101"), 1, "which opens the breaker");
    ok(!run(&first, "SELECT 1", &retry, &rows), "the first still works");
    is_number(told_times(log, "IU0102"), 1, "which closes it");
    chmod(directory, 0700);
    ok(!run(&second, "SELECT 1", &retry, &rows),
       "the second opens its connection at once");
    is_number(told_times(log, "IU0102"), 1, "which is logged once");
}

static void *commit_soon(void *data)
{
    apr_sleep(300000);
    foreign_run(*(foreign *)data, "COMMIT");
    return NULL;
}

static void test_locked(void)
{
    const char *path = fixture_path(test_pool);
    iu_session session = {fixture_database(test_pool, path, NULL), NULL};
    foreign other = foreign_open(test_pool, path);
    apr_array_header_t *rows;
    pthread_t committing;
    iu_retry_state retry;

    foreign_run(other, "BEGIN EXCLUSIVE");
    pthread_create(&committing, NULL, commit_soon, &other);
    ok(!run(&session, "SELECT 1", &retry, &rows),
       "opening waits for another's lock");
    pthread_join(committing, NULL);
    foreign_close(other);
}

/* Clients can cause any number of different statements. */
static void test_many_statements(void)
{
    const char *path = fixture_path(test_pool);
    told *log = told_make(test_pool);
    iu_session session = {fixture_database(test_pool, path, log), NULL};
    const iu_connection *first = NULL;
    apr_array_header_t *rows;
    int failures = 0;
    int others = 0;
    iu_retry_state retry;
    int i;

    for (i = 0; i < 400; i++) {
        const char *sql = apr_psprintf(test_pool, "SELECT 1 + %d", i);

        failures += read_rows(&session, sql, &retry, &rows) != NULL;
        first = first ? first : session.connection;
        others += session.connection != first;
    }
    is_number(failures, 0, "400 different statements run");
    is_number(others, 0, "on one connection");
    is_text(log->text,
            "IU0103: created the table used_insight in the sqlite3 database\n",
            "nothing is logged about them");
}

/* A reader needs the writer's turn only to make the table. */
static void test_turn(void)
{
    iu_database *database =
        fixture_database(test_pool, fixture_path(test_pool), NULL);
    iu_session session = {database, NULL};
    iu_bound bound = {.deadline = iu_clock_now() + 300000};
    apr_array_header_t *rows;
    iu_failure *failure;
    turn_holder other;
    iu_retry_state retry;

    if (apr_global_mutex_create(&database->writer_turn, NULL,
                                APR_LOCK_DEFAULT_TIMED,
                                test_pool) != APR_SUCCESS) {
        give_up("no mutex can be made");
    }
    other = turn_hold(database);
    failure = read_as(&session, &bound, "SELECT 1", &retry, &rows);
    is_failure(failure, IU_FAILURE_BUSY, "making the table waits for the turn");
    turn_release(other, 'e');
    ok(!read_rows(&session, "SELECT 1", &retry, &rows),
       "and succeeds when it is free");
    iu_session_drop(&session);
    other = turn_hold(database);
    ok(!read_rows(&session, "SELECT 1", &retry, &rows),
       "opening a database that has the table does not wait");
    iu_session_drop(&session);
    turn_release(other, 'e');
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_heals();
    test_setup();
    test_breaker();
    test_breaker_of_two();
    test_locked();
    test_many_statements();
    test_turn();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
