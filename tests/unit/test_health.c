/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store/health.c. */
#include "support/store_fixture.h"

static apr_pool_t *test_pool;

/* A store and its log; several stores may share writes, as children do. */
typedef struct trial {
    apr_pool_t *pool;
    const char *path;
    told *log;
    iu_write_state *writes;
    iu_store *store;
} trial;

static iu_store *make_store(const trial *in)
{
    const iu_store_options options = {.driver = fixture_driver(),
                                      .params = in->path,
                                      .log = told_line,
                                      .log_baton = in->log,
                                      .writes = in->writes};
    iu_store *store;

    if (iu_store_create(&store, &options, in->pool) != APR_SUCCESS) {
        give_up("no store can be made");
    }
    return store;
}

static trial begin(void)
{
    trial begun;

    apr_pool_create(&begun.pool, test_pool);
    begun.path = fixture_path(begun.pool);
    begun.log = told_make(begun.pool);
    begun.writes = apr_pcalloc(begun.pool, sizeof *begun.writes);
    begun.store = make_store(&begun);
    return begun;
}

/* The number of the problem; NULL: healthy. */
static const char *health_of(const trial *in, iu_store *store)
{
    const iu_store_call call = {.pool = in->pool,
                                .deadline =
                                    iu_clock_now() + apr_time_from_sec(5),
                                .queue_limit = 100};
    const iu_problem *problem = iu_store_check_health(store, &call);

    return problem ? problem->number : NULL;
}

static apr_time_t last_commit(const trial *in)
{
    return atomic_load(&in->writes->durable_at);
}

static void test_trial(void)
{
    trial in = begin();
    apr_time_t first;

    is_text(health_of(&in, in.store), NULL, "healthy");
    first = last_commit(&in);
    ok(first != 0, "by a commit");
    is_number((long)foreign_count(in.pool, in.path), 0,
              "of which nothing stays");
    is_text(health_of(&in, in.store), NULL, "healthy once more");
    ok(last_commit(&in) == first, "by the same commit");
    is_text(health_of(&in, make_store(&in)), NULL, "so is another child");
    ok(last_commit(&in) == first, "by the same commit");

    atomic_store(&in.writes->refused_at, iu_clock_now());
    is_text(health_of(&in, in.store), NULL, "after a refusal");
    ok(last_commit(&in) > first, "only by another commit");

    first = iu_clock_now() - apr_time_from_sec(59);
    atomic_store(&in.writes->durable_at, first);
    atomic_store(&in.writes->refused_at, 0);
    is_text(health_of(&in, in.store), NULL, "after almost a minute");
    ok(last_commit(&in) == first, "by the old commit");
    atomic_store(&in.writes->durable_at, first - apr_time_from_sec(2));
    is_text(health_of(&in, in.store), NULL, "after more than a minute");
    ok(last_commit(&in) > first, "by another commit");
    fixture_insert(in.store, in.pool, "i", "a");
    is_number((long)foreign_count(in.pool, in.path), 1, "only a request's row");
    apr_pool_destroy(in.pool);
}

/* The operator's constraint admits no row of the trial. */
static void test_constraint(void)
{
    trial in = begin();
    int sqlite = !fixture_has_server();

    fixture_insert(in.store, in.pool, "i", "a");
    if (sqlite) {
        foreign_sql(in.pool, in.path,
                    "CREATE TRIGGER own BEFORE INSERT ON used_insight"
                    " WHEN new.document = '{}' BEGIN"
                    " SELECT RAISE(ABORT, 'constraint failed'); END");
    }
    else {
        foreign_sql(in.pool, fixture_admin(in.pool, in.path),
                    "ALTER TABLE used_insight ADD CONSTRAINT own"
                    " CHECK (document <> '{}')");
    }
    atomic_store(&in.writes->refused_at, iu_clock_now());
    is_text(health_of(&in, in.store), NULL, "a constraint is no fault");
    is_number(told_times(in.log, "IU0109"), 1, "but is logged");
    is_text(health_of(&in, in.store), NULL, "again");
    is_number(told_times(in.log, "IU0109"), 1, "once");
    apr_pool_destroy(in.pool);
}

/* A trial may end between its two writes, and the operator may want that
 * nothing is removed. Then the records of trials do not accumulate. */
static void test_left(void)
{
    trial in = begin();

    is_text(health_of(&in, in.store), NULL, "healthy");
    atomic_store(&in.writes->durable_at, 0);
    foreign_sql(in.pool, in.path,
                "INSERT INTO used_insight (invitation_id, id, version,"
                " last_accessed, last_modified, document) VALUES ("
                "'\nreadiness', 'trial', '0000000000000000', '', '', '{}')");
    is_text(health_of(&in, in.store), NULL, "healthy, with what a trial left");
    is_number((long)foreign_count(in.pool, in.path), 0, "which is removed");
    if (!fixture_has_server()) {
        foreign_sql(in.pool, in.path,
                    "CREATE TRIGGER own BEFORE DELETE ON used_insight"
                    " BEGIN SELECT RAISE(ABORT, 'constraint failed'); END");
        atomic_store(&in.writes->durable_at, 0);
        is_text(health_of(&in, in.store), NULL, "a trigger is no fault");
        is_text(health_of(&in, make_store(&in)), NULL, "nor in another child");
        is_number((long)foreign_count(in.pool, in.path), 1,
                  "which stores no other record");
    }
    apr_pool_destroy(in.pool);
}

static void test_unusable(void)
{
    trial in = begin();
    int i;

    fixture_insert(in.store, in.pool, "i", "a");
    foreign_sql(in.pool,
                fixture_has_server() ? fixture_admin(in.pool, in.path)
                                     : in.path,
                "ALTER TABLE used_insight RENAME TO gone");
    if (!fixture_has_server()) { /* it would be made again */
        foreign_sql(in.pool, in.path, "CREATE TABLE used_insight (id)");
    }
    for (i = 0; i < 2; i++) {
        const char *number = health_of(&in, in.store);

        ok(number && (!strcmp(number, "IU0061") || !strcmp(number, "IU0060")),
           "a table that cannot be used: %s", number ? number : "healthy");
    }
    foreign_sql(in.pool,
                fixture_has_server() ? fixture_admin(in.pool, in.path)
                                     : in.path,
                fixture_has_server() ? "ALTER TABLE gone RENAME TO used_insight"
                                     : "DROP TABLE used_insight");
    if (!fixture_has_server()) {
        foreign_sql(in.pool, in.path,
                    "ALTER TABLE gone RENAME TO used_insight");
    }
    apr_sleep(apr_time_from_msec(1050)); /* the breaker admits the next probe */
    is_text(health_of(&in, in.store), NULL, "healthy again by itself");
    apr_pool_destroy(in.pool);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    apr_dbd_init(test_pool);
    test_trial();
    test_constraint();
    test_left();
    test_unusable();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
