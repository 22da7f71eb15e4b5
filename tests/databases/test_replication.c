/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store while commits wait for another server. */
#include "../../src/store/commit_group.h"

#include "trial.h"

#include <stdatomic.h>

/*** A synchronous standby of PostgreSQL ***/

/* Makes commits wait for the standby, or not. */
static void wait_for_standby(trial *in, int on)
{
    foreign_sql(in->pool, in->params,
                on ? "ALTER SYSTEM SET synchronous_standby_names = 'standby'"
                   : "ALTER SYSTEM RESET synchronous_standby_names");
    foreign_sql(in->pool, in->params, "SELECT pg_reload_conf()");
    apr_sleep(300000);
}

/* Starts a process that receives the log and reports what it has synced. */
static pid_t start_standby(trial *in)
{
    const char *connection =
        apr_pstrcat(in->pool, fixture_environment("INSIGHTS_TEST_ADMIN"),
                    " application_name=standby", NULL);
    const char *directory = fixture_directory(in->pool);
    pid_t process;
    int i;

    fflush(stdout);
    process = fork();
    if (process == 0) {
        execlp("pg_receivewal", "pg_receivewal", "--synchronous", "--no-loop",
               "-D", directory, "-d", connection, (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    for (i = 0; i < 100; i++) {
        if (strcmp(foreign_text(in->pool, in->params,
                                "SELECT count(*) FROM pg_stat_replication"
                                " WHERE sync_state = 'sync'"),
                   "1") == 0) {
            return process;
        }
        apr_sleep(50000);
    }
    give_up("no standby comes");
    return 0;
}

static void end_standby(pid_t process)
{
    kill(process, SIGTERM);
    waitpid(process, NULL, 0);
}

/* How many connections of the store wait for the standby. */
static int waiting(trial *in)
{
    return atoi(foreign_text(in->pool, in->params,
                             "SELECT count(*) FROM pg_stat_activity"
                             " WHERE wait_event = 'SyncRep'"
                             " AND usename = 'insights_used'"));
}

/* Calls an administrator's function for the waiting connection. */
static void end_wait(trial *in, const char *function)
{
    int i;

    for (i = 0; i < 100 && waiting(in) == 0; i++) {
        apr_sleep(20000);
    }
    ok(i < 100, "it waits for a standby");
    foreign_text(in->pool, in->params,
                 apr_psprintf(in->pool,
                              "SELECT %s(pid) FROM pg_stat_activity"
                              " WHERE wait_event = 'SyncRep'"
                              " AND usename = 'insights_used'",
                              function));
}

/* A change that a thread makes. */
typedef struct change {
    pthread_t thread;
    trial *in;
    apr_pool_t *pool;
    iu_write_kind kind;
    const char *id;
    const char *expected; /* the version before; of an insert, the new one;
                           * NULL: any */
    iu_store_call call;
    const char *number; /* of the problem */
} change;

static void *run_change(void *data)
{
    change *self = data;
    iu_record record = fixture_record("i", self->id, "{}");
    iu_store *store = self->in->store;
    iu_problem *problem;

    if (self->kind == IU_INSERT && self->expected) {
        apr_cpystrn(record.version, self->expected, sizeof record.version);
    }
    problem =
        self->kind == IU_INSERT ? insert_record(store, &self->call, &record)
        : self->kind == IU_UPDATE
            ? update_record(store, &self->call, &record, self->expected)
            : delete_record(store, &self->call, "i", self->id, self->expected);

    if (problem && problem->log_detail) {
        printf("# %s: %s\n", problem->number, problem->log_detail);
    }
    self->number = problem ? problem->number : NULL;
    return NULL;
}

static change *start_change(trial *in, iu_write_kind what, const char *id,
                            const char *expected, apr_interval_time_t time)
{
    change *started = apr_pcalloc(in->pool, sizeof *started);

    started->in = in;
    started->kind = what;
    started->id = id;
    started->expected = expected;
    apr_pool_create(&started->pool, test_pool);
    started->call = fixture_call(started->pool);
    started->call.deadline = iu_clock_now() + time;
    pthread_create(&started->thread, NULL, run_change, started);
    return started;
}

static const char *end_change(change *ended)
{
    pthread_join(ended->thread, NULL);
    apr_pool_destroy(ended->pool);
    return ended->number;
}

static const char *version_of(trial *in, const char *id)
{
    return foreign_text(in->pool, in->params,
                        apr_psprintf(in->pool,
                                     "SELECT version FROM used_insight"
                                     " WHERE id = '%s'",
                                     id));
}

/* A commit does not count if an administrator ends its wait. */
static void test_wait_is_ended(const char *function)
{
    static const apr_interval_time_t time = 3000000;
    apr_pool_t *pool;
    trial in;
    const char *version;
    change *under_way;

    apr_pool_create(&pool, test_pool);
    in =
        begin_with(apr_pstrcat(pool, fixture_path(pool),
                               " options='-c client_min_messages=error'", NULL),
                   pool);
    insert(&in, "a");
    insert(&in, "b");
    wait_for_standby(&in, 1);
    under_way = start_change(&in, IU_INSERT, "c", NULL, time);
    end_wait(&in, function);
    is_text(end_change(under_way), NUMBER(IU_COMMIT_UNKNOWN),
            "%s: an insert that no standby has", function);
    ok(version_of(&in, "c") != NULL, "which is in the table");
    under_way = start_change(&in, IU_INSERT, "c", NULL, time);
    end_wait(&in, function);
    is_text(end_change(under_way), NUMBER(IU_COMMIT_UNKNOWN),
            "and not to be called stored by a repeat");
    version = version_of(&in, "a");
    under_way = start_change(&in, IU_UPDATE, "a", version, time);
    end_wait(&in, function);
    is_text(end_change(under_way), NUMBER(IU_CHANGE_UNKNOWN), "an update");
    ok(strcmp(version_of(&in, "a"), version) != 0, "which is in the table");
    under_way = start_change(&in, IU_DELETE, "b", version_of(&in, "b"), time);
    end_wait(&in, function);
    is_text(end_change(under_way), NUMBER(IU_CHANGE_UNKNOWN), "a delete");
    ok(!version_of(&in, "b"), "which is in the table");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    wait_for_standby(&in, 0);
    is_text(insert(&in, "c"), NUMBER(IU_ALREADY_EXISTS),
            "where nothing waits, what is there is there");
    is_text(insert(&in, "d"), NULL, "and more is stored");
    end(&in);
}

/* Without a standby and an administrator the wait ends at the deadline. */
static void test_wait_has_a_bound(void)
{
    trial in = begin();
    change *members[3];
    int wrong = 0;
    int i;

    insert(&in, "a");
    wait_for_standby(&in, 1);
    foreign_sever(in.pool, in.params); /* new connections check the setting */
    for (i = 0; i < 3; i++) {
        members[i] = start_change(
            &in, IU_INSERT, apr_psprintf(in.pool, "c%d", i), NULL, 1000000);
        apr_sleep(i == 0 ? 200000 : 0);
    }
    is_number(waiting(&in), 1, "one waits for a standby, for all");
    apr_sleep(4000000);
    is_number(waiting(&in), 0, "for a second each");
    wait_for_standby(&in, 0);
    for (i = 0; i < 3; i++) {
        const char *number = end_change(members[i]);

        wrong += !number || (strcmp(number, NUMBER(IU_COMMIT_UNKNOWN)) != 0 &&
                             strcmp(number, NUMBER(IU_COMMIT_TIMEOUT)) != 0);
    }
    is_number(wrong, 0, "none of them is stored");
    is_text(insert(&in, "d"), NULL, "it heals");
    end(&in);
}

static void test_standby(void)
{
    trial in = begin();
    change *under_way;
    pid_t standby;

    insert(&in, "a");
    wait_for_standby(&in, 1);
    under_way = start_change(&in, IU_INSERT, "b", NULL, 10000000);
    end_wait(&in, "pg_terminate_backend");
    standby = start_standby(&in);
    is_text(end_change(under_way), NUMBER(IU_COMMIT_UNKNOWN),
            "it is said at once that a wait was ended");
    is_text(insert(&in, "b"), NUMBER(IU_ALREADY_EXISTS),
            "with a standby, what is there is there");
    is_text(insert(&in, "c"), NULL, "and what is stored");
    foreign_sever(in.pool, in.params);
    is_text(insert(&in, "d"), NULL, "also by a connection that was lost");
    end_standby(standby);
    under_way = start_change(&in, IU_INSERT, "e", NULL, 10000000);
    end_wait(&in, "pg_cancel_backend");
    is_text(end_change(under_way), NUMBER(IU_COMMIT_UNKNOWN),
            "it is gone again");
    wait_for_standby(&in, 0);
    end(&in);
}

/* A connection is lost silently: that the table has the change does not prove
 * that the standby has it. */
static void test_found(void)
{
    static const apr_interval_time_t time = 10000000;
    trial in = begin();
    change *under_way;

    insert(&in, "a");
    foreign_sql(in.pool, in.params,
                "INSERT INTO " FOREIGN_TABLE " VALUES"
                " ('i', 'own', '1111', '', '', '{}', '')");
    wait_for_standby(&in, 1);
    foreign_sever(in.pool, in.params);
    under_way = start_change(&in, IU_INSERT, "own", "1111", time);
    end_wait(&in, "pg_cancel_backend");
    is_text(end_change(under_way), NUMBER(IU_COMMIT_UNKNOWN),
            "the own record, found where no standby has it");
    wait_for_standby(&in, 0);
    insert(&in, "b");
    wait_for_standby(&in, 1);
    foreign_sever(in.pool, in.params);
    under_way = start_change(&in, IU_DELETE, "gone", "1111", time);
    end_wait(&in, "pg_cancel_backend");
    is_text(end_change(under_way), NUMBER(IU_CHANGE_UNKNOWN),
            "nothing, where something was to go");
    wait_for_standby(&in, 0);
    insert(&in, "c");
    foreign_sever(in.pool, in.params);
    is_text(end_change(start_change(&in, IU_INSERT, "own", "1111", time)), NULL,
            "where nothing waits, the own record is the own");
    end(&in);
}

/*** Failover ***/

#define THREADS 4
#define INSERTS 2000

typedef struct client {
    pthread_t thread;
    trial *in;
    apr_pool_t *pool;
    int number;
    int count;
    char stored[INSERTS]; /* ids that were answered as stored */
} client;

static atomic_int clients_stop;

static const char *id_of(const client *of, int i)
{
    return apr_psprintf(of->pool, "%d-%d", of->number, i);
}

static void *insert_until_stop(void *data)
{
    client *self = data;

    while (!atomic_load(&clients_stop) && self->count < INSERTS) {
        iu_store_call call = fixture_call(self->pool);
        iu_record record = fixture_record("i", id_of(self, self->count), "{}");

        call.deadline = iu_clock_now() + 1000000;
        self->stored[self->count++] =
            !insert_record(self->in->store, &call, &record);
        apr_sleep(2000);
    }
    return NULL;
}

/* Ends all waits for the standby, in both ways. */
static void end_waits(trial *in)
{
    foreign_text(in->pool, in->params,
                 "SELECT count(CASE WHEN random() < 0.5"
                 " THEN pg_cancel_backend(pid) ELSE pg_terminate_backend(pid)"
                 " END) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
}

/* All records that were answered as stored are on the standby after a
 * failover. */
static void test_failover(void)
{
    trial in = begin();
    client *clients = apr_pcalloc(in.pool, THREADS * sizeof *clients);
    int missing = 0;
    int stored = 0;
    foreign other;
    int i;
    int j;

    fixture_server(in.pool, "standby start");
    wait_for_standby(&in, 1);
    for (i = 0; i < THREADS; i++) {
        clients[i].in = &in;
        clients[i].number = i;
        apr_pool_create(&clients[i].pool, test_pool);
        pthread_create(&clients[i].thread, NULL, insert_until_stop,
                       &clients[i]);
    }
    apr_sleep(1000000);
    fixture_server(in.pool, "standby freeze");
    for (i = 0; i < 40; i++) {
        atomic_store(&clients_stop, i >= 30);
        apr_sleep(100000);
        end_waits(&in);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(clients[i].thread, NULL);
    }
    fixture_server(in.pool, "kill");
    fixture_server(in.pool, "standby promote");
    fixture_server(in.pool, "start");
    other = foreign_open(in.pool,
                         apr_pstrcat(in.pool, in.params, " port=5433", NULL));
    for (i = 0; i < THREADS; i++) {
        for (j = 0; j < clients[i].count; j++) {
            const char *id = id_of(&clients[i], j);

            stored += clients[i].stored[j];
            missing += clients[i].stored[j] &&
                       !foreign_read(other, clients[i].pool,
                                     apr_pstrcat(clients[i].pool,
                                                 "SELECT 1 FROM used_insight"
                                                 " WHERE id = '",
                                                 id, "'", NULL));
        }
        apr_pool_destroy(clients[i].pool);
    }
    ok(stored > 100, "%d were stored", stored);
    is_number(missing, 0, "and are where the standby took over");
    ok(foreign_count(in.pool, in.params) >
           atoi(foreign_read(other, in.pool,
                             "SELECT count(*) FROM used_insight")),
       "which lacks others");
    foreign_close(other);
    wait_for_standby(&in, 0);
    fixture_server(in.pool, "standby stop");
    end(&in);
}

/*** A semi-synchronous replica of MariaDB ***/

/* Restarts the server with these lines. */
static void set_server_up(const char *lines)
{
    const char *path = apr_pstrcat(
        test_pool, fixture_environment("INSIGHTS_TEST_ROOT"), "/my.cnf", NULL);
    FILE *file = fopen(path, "a");

    if (!file || fputs(lines, file) < 0 || fclose(file) != 0) {
        give_up("the server's settings cannot be written");
    }
    fixture_server(test_pool, "stop");
    fixture_server(test_pool, "start");
}

static const char *status_of(trial *in, const char *name)
{
    return foreign_text(in->pool, in->params,
                        apr_psprintf(in->pool,
                                     "SELECT variable_value FROM"
                                     " information_schema.global_status"
                                     " WHERE variable_name = '%s'",
                                     name));
}

/* A 201 says that this server has the record, not that a replica has it. */
static void test_semi_sync(void)
{
    apr_time_t begun;
    trial in;

    set_server_up("log-bin = bin\nsync-binlog = 1\nserver-id = 1\n"
                  "rpl-semi-sync-master-timeout = 1000\n");
    in = begin();
    insert(&in, "first");
    foreign_sql(in.pool, in.params,
                "SET GLOBAL rpl_semi_sync_master_enabled = ON");
    begun = iu_clock_now();
    is_text(insert(&in, "a"), NULL, "without a replica");
    ok(iu_clock_now() - begun > 900000, "it was waited for (%d ms)",
       (int)((iu_clock_now() - begun) / 1000));
    is_text(status_of(&in, "RPL_SEMI_SYNC_MASTER_STATUS"), "OFF",
            "and no longer is");
    is_text(status_of(&in, "RPL_SEMI_SYNC_MASTER_NO_TX"), "1", "one counts");
    foreign_sql(in.pool, in.params, "SET GLOBAL read_only = 1");
    is_text(insert(&in, "b"), NUMBER(IU_DATABASE_READ_ONLY),
            "who wants replicas refuses to store");
    is_text(find(&in, "a"), NULL, "and reads go on");
    foreign_sql(in.pool, in.params, "SET GLOBAL read_only = 0");
    foreign_sql(in.pool, in.params,
                "SET GLOBAL rpl_semi_sync_master_enabled = OFF");
    is_text(insert(&in, "b"), NULL, "it heals");
    end(&in);
}

int main(void)
{
    trial_begin();
    if (pgsql) {
        /* This must not matter. */
        foreign_sql(test_pool, " dbname=postgres",
                    "ALTER ROLE insights_used SET synchronous_commit = local;"
                    "ALTER ROLE insights_used SET client_min_messages = error");
        test_wait_has_a_bound();
        test_wait_is_ended("pg_cancel_backend");
        test_wait_is_ended("pg_terminate_backend");
        test_standby();
        test_found();
        test_failover();
    }
    else {
        test_semi_sync();
    }
    return trial_end();
}
