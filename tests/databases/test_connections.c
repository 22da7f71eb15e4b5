/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store while connections to its server are lost. */
#include "trial.h"

#include <stdatomic.h>

/*** Threads that insert while something happens ***/

#define THREADS 8
#define INSERTS_MAX 20000

/* The answer to an insert. */
typedef enum outcome { STORED, UNKNOWN, NO_EFFECT } outcome;

typedef struct told_insert {
    char version[IU_VERSION_SIZE];
    outcome outcome;
} told_insert;

typedef struct crowd crowd;

typedef struct worker {
    pthread_t thread;
    crowd *crowd;
    apr_pool_t *pool;
    int number;
    int count;
    told_insert *inserts; /* INSERTS_MAX */
} worker;

struct crowd {
    trial *in;
    const char *prefix;
    apr_interval_time_t patience; /* time of a call */
    int limit;                    /* inserts of each thread */
    _Atomic int stop;
    apr_time_t longest[THREADS]; /* the longest call */
    worker workers[THREADS];
};

static const char *id_of(apr_pool_t *pool, const crowd *of, int number, int i)
{
    return apr_psprintf(pool, "%s-%d-%d", of->prefix, number, i);
}

static void *insert_until_stop(void *data)
{
    worker *self = data;
    crowd *of = self->crowd;

    while (!atomic_load(&of->stop) && self->count < of->limit) {
        iu_store_call call = fixture_call(self->pool);
        iu_record record = fixture_record(
            "i", id_of(self->pool, of, self->number, self->count), "{}");
        told_insert *insert = &self->inserts[self->count++];
        apr_time_t before = apr_time_now();
        iu_problem *problem;

        call.deadline = iu_clock_now() + of->patience;
        problem = insert_record(of->in->store, &call, &record);
        if (apr_time_now() - before > of->longest[self->number]) {
            of->longest[self->number] = apr_time_now() - before;
        }
        memcpy(insert->version, record.version, sizeof insert->version);
        insert->outcome = !problem                             ? STORED
                          : problem->kind == IU_COMMIT_UNKNOWN ? UNKNOWN
                                                               : NO_EFFECT;
        if (problem) {
            apr_sleep(2000);
        }
        apr_pool_clear(self->pool);
    }
    return NULL;
}

static crowd *start_crowd(trial *in, const char *prefix,
                          apr_interval_time_t patience, int limit)
{
    crowd *started = apr_pcalloc(in->pool, sizeof *started);
    int i;

    started->in = in;
    started->prefix = prefix;
    started->patience = patience;
    started->limit = limit;
    for (i = 0; i < THREADS; i++) {
        worker *self = &started->workers[i];

        self->crowd = started;
        self->number = i;
        self->inserts = apr_pcalloc(in->pool, limit * sizeof *self->inserts);
        apr_pool_create(&self->pool, test_pool);
        pthread_create(&self->thread, NULL, insert_until_stop, self);
    }
    return started;
}

/* Whether the table has the record with its version, read by a foreign
 * connection. */
static int is_there(foreign other, apr_pool_t *pool, const char *id,
                    const char *version)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    const char *text = apr_psprintf(
        pool,
        "SELECT count(*) FROM used_insight WHERE invitation_id = 'i'"
        " AND id = '%s' AND version = '%s'",
        id, version);

    if (apr_dbd_select(other.driver, pool, other.handle, &results, text, 1) ||
        apr_dbd_get_row(other.driver, pool, results, &row, 1)) {
        give_up("the table cannot be read");
    }
    return atoi(apr_dbd_get_entry(other.driver, row, 0));
}

/* Ends the threads and compares their answers with the table. */
static void end_crowd(crowd *ended, const char *name)
{
    trial *in = ended->in;
    int count[3] = {0, 0, 0};
    int wrong[3] = {0, 0, 0};
    apr_pool_t *pool;
    foreign other;
    int i;
    int j;

    atomic_store(&ended->stop, 1);
    for (i = 0; i < THREADS; i++) {
        pthread_join(ended->workers[i].thread, NULL);
        apr_pool_destroy(ended->workers[i].pool);
    }
    apr_pool_create(&pool, test_pool);
    other = foreign_open(in->pool, in->params);
    for (i = 0; i < THREADS; i++) {
        for (j = 0; j < ended->workers[i].count; j++) {
            told_insert *insert = &ended->workers[i].inserts[j];
            int there = is_there(other, pool, id_of(pool, ended, i, j),
                                 insert->version);

            count[insert->outcome]++;
            wrong[insert->outcome] += insert->outcome == STORED      ? !there
                                      : insert->outcome == NO_EFFECT ? there
                                                                     : 0;
            apr_pool_clear(pool);
        }
    }
    foreign_close(other);
    apr_pool_destroy(pool);
    printf("# %s: %d stored, %d unknown, %d without effect\n", name,
           count[STORED], count[UNKNOWN], count[NO_EFFECT]);
    ok(count[STORED] > 0, "%s: some were stored", name);
    is_number(wrong[STORED], 0, "%s: all of these are there", name);
    is_number(wrong[NO_EFFECT], 0, "%s: none said to be without effect is",
              name);
}

/*** Connections ***/

static void test_severed_between(void)
{
    trial in = begin();

    insert(&in, "first");
    find(&in, "first");
    foreign_sever(in.pool, in.params);
    is_text(insert(&in, "a"), NULL, "stored after the connection was ended");
    is_text(find(&in, "a"), NULL, "found after the reader's was");
    ok(told_times(in.log, "IU0104") >= 2, "the cures are told");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    fixture_server(in.pool, "stop");
    fixture_server(in.pool, "start");
    is_text(insert(&in, "b"), NULL, "stored after a restart");
    is_text(find(&in, "b"), NULL, "found after a restart");
    is_text(find(&in, "first"), NULL, "what was stored before is there");
    end(&in);
}

static void test_severed_while_running(void)
{
    trial in = begin();
    foreign other;
    single waiting;

    insert(&in, "first");
    other = lock_table(&in);
    start_single(&waiting, &in, "a");
    apr_sleep(200000);
    foreign_sever(in.pool, in.params);
    apr_sleep(200000);
    unlock_table(other);
    is_text(end_single(&waiting), NULL,
            "ended while the statement ran: stored by another connection");
    is_number(foreign_count(in.pool, in.params), 2, "once");
    other = lock_table(&in);
    is_text(insert(&in, "b"), NUMBER(IU_DATABASE_BUSY),
            "a lock that lasts is not waited for in vain");
    unlock_table(other);
    is_text(find(&in, "b"), NUMBER(IU_NOT_FOUND), "it had no effect");
    is_text(insert(&in, "b"), NULL, "and can be repeated");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    end(&in);
}

/* The connection is terminated repeatedly under load. */
static void test_severed_under_load(void)
{
    trial in = begin();
    crowd *load;
    int i;

    insert(&in, "first");
    load = start_crowd(&in, "s", 5000000, INSERTS_MAX);
    for (i = 0; i < 20; i++) {
        apr_sleep(50000);
        foreign_sever(in.pool, in.params);
    }
    end_crowd(load, "severed");
    end(&in);
}

static void test_restarts(const char *how)
{
    trial in = begin();
    crowd *load;
    int i;

    insert(&in, "first");
    load = start_crowd(&in, "r", 5000000, INSERTS_MAX);
    for (i = 0; i < 2; i++) {
        apr_sleep(400000);
        fixture_server(in.pool, how);
        apr_sleep(300000);
        fixture_server(in.pool, "start");
        wait_for_probe();
        apr_sleep(300000);
    }
    end_crowd(load, how);
    is_text(insert(&in, "last"), NULL, "and all goes on");
    ok(told_times(in.log, "IU0101") > 0 &&
           told_times(in.log, "IU0101") == told_times(in.log, "IU0102"),
       "that it was away and back is told (%d, %d)",
       told_times(in.log, "IU0101"), told_times(in.log, "IU0102"));
    end(&in);
}

/* A frozen server looks like a slow one. */
static void test_freeze(void)
{
    trial in = begin();
    apr_time_t longest = 0;
    int late = 0;
    crowd *load;
    int i;

    insert(&in, "first");
    load = start_crowd(&in, "f", 1000000, INSERTS_MAX);
    apr_sleep(300000);
    fixture_server(in.pool, "freeze");
    apr_sleep(3000000);
    fixture_server(in.pool, "thaw");
    apr_sleep(500000);
    end_crowd(load, "frozen");
    for (i = 0; i < THREADS; i++) {
        late += load->longest[i] > 2000000;
        longest = longest > load->longest[i] ? longest : load->longest[i];
    }
    ok(late <= 1, "all but the one who leads are answered in time (%d)", late);
    ok(longest > 2000000, "it was frozen (%d ms)", (int)(longest / 1000));
    is_text(insert(&in, "last"), NULL, "and all goes on");
    end(&in);
}

static void test_no_connection_left(void)
{
    trial in = begin();
    foreign others[100];
    int count = 0;

    insert(&in, "first");
    while (count < 100) {
        foreign *other = &others[count];

        if (apr_dbd_get_driver(in.pool, fixture_driver(), &other->driver) ||
            apr_dbd_open(other->driver, in.pool, in.params, &other->handle)) {
            break;
        }
        count++;
    }
    ok(count > 10 && count < 100, "no connection is left after %d", count);
    is_text(find(&in, "first"), NUMBER(IU_DATABASE_BUSY), "for a reader");
    is_text(insert(&in, "a"), NULL, "the writer has one, and goes on");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    while (count > 0) {
        foreign_close(others[--count]);
    }
    apr_sleep(100000);
    is_text(find(&in, "a"), NULL, "it heals");
    end(&in);
}

/* A pooler that refuses a reader a connection is no outage: the writer has
 * one. */
static void test_pooler(void)
{
    /* With the last limit the role may also have one connection. */
    static const char *const limits[] = {
        "default_pool_size = 1\nquery_wait_timeout = 1",
        "default_pool_size = 9\nmax_client_conn = 1",
        "max_client_conn = 9\nserver_login_retry = 1",
    };
    apr_pool_t *pool;
    trial in;
    int i;

    apr_pool_create(&pool, test_pool);
    fixture_server(pool, "pool session");
    in = begin_with(apr_pstrcat(pool, "port=6432 ", fixture_path(pool), NULL),
                    pool);
    is_text(insert(&in, "first"), NULL, "by a pooler");
    for (i = 0; i < 3; i++) {
        const char *id = apr_itoa(pool, i);

        set_pooler(pool, limits[i]);
        if (i == 2) {
            foreign_sql(pool, strstr(in.params, "host="),
                        "ALTER ROLE insights_used CONNECTION LIMIT 1");
        }
        is_text(find(&in, "first"), NUMBER(IU_DATABASE_BUSY),
                "no place for a reader: %s", limits[i]);
        is_text(insert(&in, id), NULL, "the writer has one, and goes on");
    }
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    foreign_sql(pool, strstr(in.params, "host="),
                "ALTER ROLE insights_used CONNECTION LIMIT -1");
    apr_sleep(1000000);
    is_text(find(&in, "first"), NULL, "it heals");
    end(&in);
    fixture_server(test_pool, "pool stop");
}

static void limit_user(trial *in, const char *limit, int value)
{
    foreign_sql(in->pool, in->params,
                apr_psprintf(in->pool,
                             "ALTER USER insights_used@localhost WITH %s %d",
                             limit, value));
    foreign_sql(in->pool, in->params, "FLUSH USER_RESOURCES");
}

/* MariaDB limits several resources of a user. */
static void test_limits_of_user(void)
{
    static const char *const limits[] = {"MAX_USER_CONNECTIONS",
                                         "MAX_CONNECTIONS_PER_HOUR"};
    trial in;
    int i;

    for (i = 0; i < 2; i++) {
        in = begin();
        limit_user(&in, limits[i], 1);
        is_text(insert(&in, "a"), NULL, "%s: the first", limits[i]);
        is_text(find(&in, "a"), NUMBER(IU_DATABASE_BUSY),
                "%s: no place for a reader", limits[i]);
        is_text(insert(&in, "b"), NULL, "%s: the writer has one", limits[i]);
        is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
        limit_user(&in, limits[i], 0);
        is_text(find(&in, "a"), NULL, "it heals");
        end(&in);
    }
    in = begin();
    limit_user(&in, "MAX_QUERIES_PER_HOUR", 1);
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_BUSY),
            "too many statements: that is not the record's fault");
    limit_user(&in, "MAX_QUERIES_PER_HOUR", 0);
    is_text(insert(&in, "a"), NULL, "it heals");
    end(&in);
}

static void test_wrong_password(void)
{
    apr_pool_t *pool;
    const char *params;
    trial in;

    apr_pool_create(&pool, test_pool);
    params = fixture_path(pool);
    in = begin_with(apr_pstrcat(pool, params,
                                pgsql ? " user=nobody password=secret-word"
                                      : ",pass=secret-word",
                                NULL),
                    pool);
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_DOWN), "a wrong password");
    is_number(told_times(in.log, "IU0101"), 1, "told");
    ok(!strstr(in.log->text, "secret-word"), "but not itself");
    printf("# %s", in.log->text);
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_DOWN), "and at once");
    end(&in);
}

int main(void)
{
    trial_begin();
    test_severed_between();
    test_severed_while_running();
    test_severed_under_load();
    test_restarts("stop");
    test_restarts("kill");
    test_freeze();
    test_no_connection_left();
    if (pgsql) {
        test_pooler();
    }
    else {
        test_limits_of_user();
        /* The other server does not ask for a password on its socket. */
        test_wrong_password();
    }
    return trial_end();
}
