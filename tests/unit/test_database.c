/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/database/database.c. */
#include "../../src/database/database.h"

#include "support/store_fixture.h"

static apr_pool_t *test_pool;

static void test_failure(void)
{
    char text[1000];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    is_text(iu_failure_make(test_pool, IU_FAILURE_LOST, "one\nDETAIL: secret")
                ->text,
            "one", "a failure has the first line of the driver's text");
    is_number(strlen(iu_failure_make(test_pool, IU_FAILURE_LOST, text)->text),
              300, "and at most 300 bytes of it");
}

static void test_problems(void)
{
    static const struct {
        iu_failure_kind failure;
        iu_problem_kind problem;
    } cases[] = {
        {IU_FAILURE_STALE, IU_DATABASE_REFUSED},
        {IU_FAILURE_UNCLASSIFIED, IU_STATEMENT_FAILED},
        {IU_FAILURE_CONTENT, IU_STATEMENT_FAILED},
        {IU_FAILURE_FULL, IU_DATABASE_FULL},
        {IU_FAILURE_READ_ONLY, IU_DATABASE_READ_ONLY},
        {IU_FAILURE_BUSY, IU_DATABASE_BUSY},
        {IU_FAILURE_LOST, IU_DATABASE_DOWN},
        {IU_FAILURE_REFUSED, IU_DATABASE_REFUSED},
        {IU_FAILURE_REPLACED, IU_DATABASE_DOWN},
    };
    iu_database *database = fixture_database(test_pool, "/x/y.db", NULL);
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        iu_problem *problem = iu_database_problem(
            database, iu_failure_make(test_pool, cases[i].failure, "text"),
            IU_STATEMENT_FAILED, test_pool);

        is_text(problem->number, iu_problem_number(cases[i].problem),
                "failure %d", (int)cases[i].failure);
        is_text(problem->log_detail, "sqlite3: text, file /x/y.db",
                "a problem has the failure's text for the log");
        ok((problem->status == 503) == (problem->retry_after > 0),
           "Retry-After with 503");
    }
}

static void test_breaker(void)
{
    told *log = told_make(test_pool);
    iu_database *database = fixture_database(test_pool, "/x/y.db", log);
    const iu_failure failure = {IU_FAILURE_LOST, "gone"};
    iu_problem *problem;

    ok(!iu_database_check(database, test_pool), "the database is up at first");
    iu_database_succeeded(database, "o");
    is_text(log->text, "", "being reached again is not logged");
    iu_database_failed(database, "o", &failure);
    iu_database_failed(database, "o", &failure);
    problem = iu_database_check(database, test_pool);
    is_number(problem ? problem->kind : 0, IU_DATABASE_DOWN,
              "a failure takes it down");
    is_number(problem ? problem->retry_after : 0, 1, "for a second");
    iu_database_succeeded(database, "o");
    iu_database_succeeded(database, "o");
    ok(!iu_database_check(database, test_pool), "a success brings it up again");
    is_text(log->text,
            "IU0101: the sqlite3 database cannot be used: gone; requests get "
            "503, one request a second tries again\n"
            "IU0102: the sqlite3 database is back\n",
            "each change is logged once");
}

static void test_turn(void)
{
    iu_database *database = fixture_database(test_pool, "/x/y.db", NULL);
    iu_failure *failure;
    turn_holder other;
    apr_time_t before;

    ok(!iu_database_take_turn(database, 0, test_pool),
       "without a mutex there is no wait");
    iu_database_end_turn(database);
    if (apr_global_mutex_create(&database->writer_turn, NULL,
                                APR_LOCK_DEFAULT_TIMED,
                                test_pool) != APR_SUCCESS) {
        give_up("no mutex can be made");
    }
    ok(!iu_database_take_turn(database, iu_clock_now(), test_pool),
       "a free turn is taken at once");
    iu_database_end_turn(database);
    other = turn_hold(database);
    before = iu_clock_now();
    failure = iu_database_take_turn(database, before + 100000, test_pool);
    is_number(failure ? (int)failure->kind : -1, IU_FAILURE_BUSY,
              "another process's turn is waited for until the deadline");
    ok(iu_clock_now() - before >= 90000, "not less");
    ok(iu_clock_now() - before < 10000000, "nor much longer");
    turn_release(other, 'd');
    failure =
        iu_database_take_turn(database, iu_clock_now() + 5000000, test_pool);
    ok(!failure, "a process that died in its turn does not keep it (%s)",
       failure ? failure->text : "");
    iu_database_end_turn(database);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_failure();
    test_problems();
    test_breaker();
    test_turn();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
