/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the tests with a database server, which tests/databases/pgsql and
 * tests/databases/mysql run. Always, a record that was answered as stored is in
 * the table once, one that was refused is not, and one whose outcome is unknown
 * may be there or not.
 */
#ifndef IU_TESTS_DATABASES_TRIAL_H
#define IU_TESTS_DATABASES_TRIAL_H

#include "../unit/support/store_fixture.h"

static apr_pool_t *test_pool;
static int pgsql;

#define NUMBER(kind) iu_problem_number(kind)

/* The store, log and database of one fault. */
typedef struct trial {
    apr_pool_t *pool;
    const char *params;
    told *log;
    iu_store *store;
} trial;

static inline trial begin_with(const char *params, apr_pool_t *pool)
{
    trial begun = {pool, params, told_make(pool), NULL};

    begun.store = fixture_store(pool, params, begun.log);
    return begun;
}

static inline trial begin(void)
{
    apr_pool_t *pool;

    apr_pool_create(&pool, test_pool);
    return begin_with(fixture_path(pool), pool);
}

static inline void end(trial *in)
{
    ok(!strstr(in->log->text, "not-to-be-logged"), "no password is logged");
    apr_pool_destroy(in->pool);
}

static inline const char *insert(trial *in, const char *id)
{
    return fixture_insert(in->store, in->pool, "i", id);
}

static inline const char *find(trial *in, const char *id)
{
    return fixture_find(in->store, in->pool, "i", id);
}

static inline void sql(trial *in, const char *pgsql_text,
                       const char *mysql_text)
{
    foreign_sql(in->pool, in->params, pgsql ? pgsql_text : mysql_text);
}

/* Waits until the breaker admits the next probe. */
static inline void wait_for_probe(void)
{
    apr_sleep(apr_time_from_msec(1050));
}

typedef struct single {
    pthread_t thread;
    trial *in;
    apr_pool_t *pool;
    const char *id;
    const char *document;
    const char *number;
} single;

static inline void *run_single(void *data)
{
    single *self = data;
    iu_store_call call = fixture_call(self->pool);
    iu_record record = fixture_record("i", self->id, self->document);
    iu_problem *problem = insert_record(self->in->store, &call, &record);

    self->number = problem ? problem->number : NULL;
    return NULL;
}

static inline void start_document(single *started, trial *in, const char *id,
                                  const char *document)
{
    started->in = in;
    started->id = id;
    started->document = document;
    apr_pool_create(&started->pool, test_pool);
    pthread_create(&started->thread, NULL, run_single, started);
}

static inline void start_single(single *started, trial *in, const char *id)
{
    start_document(started, in, id, "{}");
}

static inline const char *end_single(single *ended)
{
    pthread_join(ended->thread, NULL);
    apr_pool_destroy(ended->pool);
    return ended->number;
}

static inline foreign lock_table(trial *in)
{
    foreign other = foreign_open(in->pool, in->params);

    if (pgsql) {
        foreign_run(other, "BEGIN");
        foreign_run(other, "LOCK TABLE used_insight IN EXCLUSIVE MODE");
    }
    else {
        foreign_run(other, "LOCK TABLES used_insight WRITE");
    }
    return other;
}

static inline void unlock_table(foreign other)
{
    foreign_run(other, pgsql ? "COMMIT" : "UNLOCK TABLES");
    foreign_close(other);
}

/* Adds lines to the pooler's configuration, until the pooler is stopped. */
static inline void set_pooler(apr_pool_t *pool, const char *lines)
{
    const char *root = fixture_environment("INSIGHTS_TEST_ROOT");
    FILE *file = fopen(apr_pstrcat(pool, root, "/pool.ini", NULL), "a");

    if (!file || fprintf(file, "%s\n", lines) < 0 || fclose(file) != 0 ||
        kill(atoi(fixture_file(pool,
                               apr_pstrcat(pool, root, "/pool.pid", NULL))),
             SIGHUP) != 0) {
        give_up("the pooler cannot be set up");
    }
    apr_sleep(300000);
}

static inline void trial_begin(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    pgsql = strcmp(fixture_driver(), "pgsql") == 0;
}

static inline int trial_end(void)
{
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}

#endif
