/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/store behind PgBouncer, with a role whose commits do not wait
 * for the disk: the module's commits do, with each pool_mode.
 */
#include "trial.h"

/* Children, each with its own store. */
#define CHILDREN 4
#define INSERTS 30

/* Records the synchronous_commit of each change, as the server has it. */
static const char witness[] =
    "CREATE TABLE seen (id text, setting text);"
    " GRANT ALL ON seen TO insights_used;"
    " CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN INSERT INTO seen SELECT COALESCE(new.id, old.id),"
    " current_setting('synchronous_commit');"
    " RETURN COALESCE(new, old); END $$;"
    " CREATE TRIGGER see BEFORE INSERT OR UPDATE OR DELETE ON used_insight"
    " FOR EACH ROW EXECUTE FUNCTION see()";

/* A database behind the pooler; *direct: the parameters to bypass it. */
static const char *pooled_path(apr_pool_t *pool, const char **direct)
{
    *direct = fixture_path(pool);
    foreign_sql(pool, *direct, witness);
    return apr_pstrcat(pool, "port=6432 ", *direct, NULL);
}

static trial begin_pooled(const char **direct)
{
    apr_pool_t *pool;

    apr_pool_create(&pool, test_pool);
    return begin_with(pooled_path(pool, direct), pool);
}

static const char *number_of_rows(apr_pool_t *pool, const char *params,
                                  const char *where)
{
    return foreign_text(
        pool, params,
        apr_pstrcat(pool, "SELECT count(*) FROM seen WHERE ", where, NULL));
}

static iu_problem *update(trial *in, const char *expected, const char *version)
{
    iu_store_call call = fixture_call(in->pool);
    iu_record record = fixture_record("i", "a", "{}");

    apr_cpystrn(record.version, version, sizeof record.version);
    return update_record(in->store, &call, &record, expected);
}

/* Each statement makes its commit durable. */
static void test_changes(trial *in, const char *direct, const char *how)
{
    iu_store_call call = fixture_call(in->pool);

    is_text(insert(in, "a"), NULL, "%s: insert", how);
    foreign_sql(in->pool, direct,
                "ALTER TABLE used_insight DISABLE TRIGGER see;"
                "UPDATE used_insight SET version = '1';"
                "ALTER TABLE used_insight ENABLE TRIGGER see");
    ok(!update(in, "1", "2"), "%s: update", how);
    is_text(find(in, "a"), NULL, "%s: find", how);
    ok(!delete_record(in->store, &call, "i", "a", "2"), "%s: delete", how);
    is_text(number_of_rows(in->pool, direct, "setting = 'on'"), "3",
            "%s: each waits for the disk", how);
}

static void test_direct(void)
{
    trial in = begin();

    foreign_sql(in.pool, in.params, witness);
    test_changes(&in, in.params, "without a pooler");
    end(&in);
}

static void test_session_mode(void)
{
    const char *direct;
    trial in;

    fixture_server(test_pool, "pool session");
    in = begin_pooled(&direct);
    test_changes(&in, direct, "pool_mode=session");
    is_number(told_times(in.log, "IU0101"), 0, "nothing is logged");
    end(&in);
    fixture_server(test_pool, "pool stop");
}

/* Occupies the session that was used last for a second. */
static void *hold_session(void *params)
{
    apr_pool_t *pool;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    int rows;

    apr_pool_create(&pool, NULL);
    if (apr_dbd_get_driver(pool, "pgsql", &driver) ||
        apr_dbd_open(driver, pool, params, &handle) ||
        apr_dbd_query(driver, handle, &rows, "SELECT pg_sleep(1)")) {
        give_up("no session can be held");
    }
    apr_dbd_close(driver, handle);
    apr_pool_destroy(pool);
    return NULL;
}

/* Returns the number of the problem, or NULL. */
static const char *list(trial *in)
{
    iu_store_call call = fixture_call(in->pool);
    iu_query query = {.top = 10};
    apr_array_header_t *rows;
    const iu_problem *problem =
        iu_store_list(in->store, &call, "i", &query, &rows);

    return problem ? problem->number : NULL;
}

static void hold(trial *in, pthread_t *other)
{
    pthread_create(other, NULL, hold_session, (void *)in->params);
    apr_sleep(300000);
}

/* How often the server has said this about the name of a statement. */
static int names_said(apr_pool_t *pool, const char *what)
{
    const char *root = fixture_environment("INSIGHTS_TEST_ROOT");
    const char *log = fixture_file(pool, apr_pstrcat(pool, root, "/log", NULL));
    int times = 0;

    while ((log = strstr(log, "ERROR:  prepared statement "))) {
        times += strstr(log, what) && strstr(log, what) < strchr(log, '\n');
        log++;
    }
    return times;
}

/* Returns how many of twenty lookups find the record. */
static int find_twenty(trial *in)
{
    int found = 0;
    int i;

    for (i = 0; i < 20; i++) {
        found += !find(in, "a");
    }
    return found;
}

/* Names that a session lacks, or has of another connection. */
static void test_names(const char *mode)
{
    static const char absent[] = "does not exist";
    static const char taken[] = "already exists";
    const char *direct;
    trial in = begin_pooled(&direct);
    trial second = begin_with(in.params, in.pool);
    int missing = names_said(in.pool, absent);
    int there = names_said(in.pool, taken);
    pthread_t other;

    insert(&in, "a");
    is_text(find(&in, "a"), NULL, "%s: prepared in a session", mode);
    is_text(find(&second, "a"), NULL, "%s: by two connections", mode);
    ok(names_said(in.pool, taken) > there, "%s: the name was there", mode);
    hold(&in, &other);
    is_number(find_twenty(&in), 20, "%s: in another session", mode);
    ok(names_said(in.pool, absent) > missing, "%s: a name was missing", mode);
    pthread_join(other, NULL);
    is_number(find_twenty(&second), 20, "%s: in either", mode);
    missing = names_said(in.pool, absent);
    set_pooler(in.pool, "server_reset_query_always = 1");
    is_number(find_twenty(&in), 20, "%s: DISCARD ALL after each lookup", mode);
    ok(names_said(in.pool, absent) > missing, "%s: names were missing", mode);
    missing = names_said(in.pool, absent);
    is_number(find_twenty(&in), 20, "%s: likewise", mode);
    is_number(names_said(in.pool, absent), missing, "%s: names are given up",
              mode);
    is_text(in.log->text, "", "%s: nothing is logged", mode);
    end(&in);
}

/* Without other clients a pooler gives each transaction the same session, the
 * one that was set up; with other clients, another one. */
static void test_quiet(const char *mode)
{
    const char *direct;
    trial in = begin_pooled(&direct);
    pthread_t other;

    is_text(insert(&in, "quiet"), NULL, "%s: an insert, alone", mode);
    hold(&in, &other);
    is_text(insert(&in, "held"), NUMBER(IU_DATABASE_REFUSED),
            "%s: an insert in another session", mode);
    ok(strstr(in.log->text, "pool_mode=session") != NULL,
       "%s: the log names the remedy", mode);
    pthread_join(other, NULL);
    foreign_sever(in.pool, direct);
    wait_for_probe();
    is_text(list(&in), NULL, "%s: a list, alone", mode);
    hold(&in, &other);
    is_text(list(&in), NUMBER(IU_DATABASE_REFUSED),
            "%s: a list in another session", mode);
    pthread_join(other, NULL);
    is_text(number_of_rows(in.pool, direct, "true"), "1", "%s: one was stored",
            mode);
    is_text(number_of_rows(in.pool, direct, "setting <> 'on'"), "0",
            "%s: each commit waited for the disk", mode);
    end(&in);
}

typedef struct child {
    pthread_t thread;
    apr_pool_t *pool;
    const char *params;
    int number;
    int stored;
} child;

static void *run_child(void *data)
{
    child *self = data;
    iu_store *store = fixture_store(self->pool, self->params, NULL);
    int i;

    for (i = 0; i < INSERTS; i++) {
        self->stored +=
            !fixture_insert(store, self->pool, "many",
                            apr_psprintf(self->pool, "%d-%d", self->number, i));
    }
    return NULL;
}

/* With many children each statement may get another session, set up or not. */
static void test_many(const char *mode)
{
    apr_pool_t *pool;
    const char *direct;
    const char *params;
    child children[CHILDREN] = {0};
    int stored = 0;
    int i;

    apr_pool_create(&pool, test_pool);
    params = pooled_path(pool, &direct);
    for (i = 0; i < CHILDREN; i++) {
        children[i].number = i;
        children[i].params = params;
        apr_pool_create(&children[i].pool, test_pool);
        pthread_create(&children[i].thread, NULL, run_child, &children[i]);
    }
    for (i = 0; i < CHILDREN; i++) {
        pthread_join(children[i].thread, NULL);
        stored += children[i].stored;
        apr_pool_destroy(children[i].pool);
    }
    is_number(foreign_count(pool, direct), stored, "%s: %d of %d were stored",
              mode, stored, CHILDREN * INSERTS);
    is_text(number_of_rows(pool, direct, "setting <> 'on'"), "0",
            "%s: each commit waited for the disk", mode);
    apr_pool_destroy(pool);
}

int main(void)
{
    static const char *const modes[] = {"transaction", "statement"};
    int i;

    if (strcmp(fixture_driver(), "pgsql") != 0) {
        printf("1..0 # SKIP PostgreSQL's\n");
        return EXIT_SUCCESS;
    }
    trial_begin();
    foreign_sql(test_pool, " dbname=postgres",
                "ALTER ROLE insights_used SET synchronous_commit = off");
    test_direct();
    test_session_mode();
    for (i = 0; i < 2; i++) {
        fixture_server(test_pool,
                       apr_pstrcat(test_pool, "pool ", modes[i], NULL));
        test_quiet(modes[i]);
        test_many(modes[i]);
        test_names(modes[i]);
        fixture_server(test_pool, "pool stop");
    }
    return trial_end();
}
