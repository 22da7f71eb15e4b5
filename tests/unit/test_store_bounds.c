/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the bounds of reading: deadlines, clients that close their
 * connection, and how many connections run slow statements. */
#include "support/store_fixture.h"

#include <stdatomic.h>

static apr_pool_t *test_pool;

static int is_driver(const char *name)
{
    return strcmp(fixture_driver(), name) == 0;
}

/* A client, and how often the store looked whether it is gone. */
typedef struct client {
    atomic_int gone;
    atomic_int asked;
} client;

static int is_gone(void *data)
{
    client *at = data;

    atomic_fetch_add(&at->asked, 1);
    return atomic_load(&at->gone);
}

#define SECOND APR_USEC_PER_SEC

static iu_store_call call_of(apr_pool_t *pool, apr_interval_time_t time,
                             client *of)
{
    iu_store_call call = fixture_call(pool);

    call.deadline = iu_clock_now() + time;
    call.is_gone = is_gone;
    call.client = of;
    return call;
}

/* An operator's check that returns a row after so many seconds. SQLite cannot
 * sleep: there it counts for ever. */
static const char *slow_query(int seconds)
{
    if (is_driver("sqlite3")) {
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
               " SELECT 1 FROM n WHERE i < 0 AND %s <> ''";
    }
    return apr_psprintf(test_pool,
                        is_driver("pgsql")
                            ? "SELECT 1 FROM pg_sleep(%d) WHERE %%s <> ''"
                            : "SELECT SLEEP(%d) FROM DUAL WHERE %%s <> ''",
                        seconds);
}

/* Has the store run a statement as the operator's check of an invitation. */
static iu_problem *ask(iu_store *store, apr_interval_time_t time, client *of,
                       const char *sql)
{
    iu_store_call call = call_of(test_pool, time, of);
    const char *user_id;

    return iu_store_check_invitation(store, &call, sql, "i", &user_id);
}

/* Milliseconds since then. */
static int since(apr_time_t begin)
{
    return (int)((iu_clock_now() - begin) / 1000);
}

static void test_deadline(void)
{
    const char *path = fixture_path(test_pool);
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);
    client present = {0, 0};
    apr_time_t begin;
    iu_problem *problem;
    int took;

    is_text(fixture_insert(store, test_pool, "i", "a"), NULL, "insert");
    is_text(fixture_find(store, test_pool, "i", "a"), NULL, "find");
    begin = iu_clock_now();
    problem = ask(store, SECOND, &present, slow_query(20));
    took = since(begin);
    is_problem(problem, IU_READ_STOPPED,
               "a slow statement is stopped at the deadline");
    ok(problem && problem->retry_after > 0, "with a Retry-After");
    ok(took >= 900 && took < 3000, "after a second (%d ms)", took);
    is_problem(ask(store, 20 * SECOND, &present, "SELECT 1 WHERE %s = 'i'"),
               NO_PROBLEM, "the connection works after that");
    is_number(told_times(log, "IU0104"), 0, "and was not opened again");
    is_number(told_times(log, "IU0101"), 0, "nor did the breaker open");
    is_text(fixture_find(store, test_pool, "i", "a"), NULL,
            "find after a stopped statement");
    if (fixture_has_server()) {
        is_problem(ask(store, 20 * SECOND, &present, slow_query(2)), NO_PROBLEM,
                   "a later deadline replaces the earlier one");
    }
}

static void test_client(void)
{
    const char *path = fixture_path(test_pool);
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);
    client gone = {1, 0};
    iu_store_call call = call_of(test_pool, 20 * SECOND, &gone);
    apr_time_t begin;
    iu_record *found;
    int took;

    is_text(fixture_insert(store, test_pool, "i", "a"), NULL, "insert");
    ok(!iu_store_find(store, &call, "i", "a", &found),
       "a fast statement runs although the client is gone");
    is_number(gone.asked, 0, "which was not looked at");
    begin = iu_clock_now();
    is_problem(ask(store, is_driver("mysql") ? SECOND : 20 * SECOND, &gone,
                   slow_query(20)),
               IU_CLIENT_GONE, "a slow statement ends when the client is gone");
    took = since(begin);
    ok(took < 3000, "soon (%d ms)", took);
    is_text(fixture_find(store, test_pool, "i", "a"), NULL,
            "find after a client is gone");
    is_number(told_times(log, "IU0104") + told_times(log, "IU0101"), 0,
              "on the same connection");
}

/* The operator's limit holds where it is shorter than the deadline. */
static void test_operator(void)
{
    const char *path = fixture_path(test_pool);
    client present = {0, 0};
    apr_time_t begin = iu_clock_now();
    iu_store *store;

    if (is_driver("pgsql")) {
        path = apr_pstrcat(test_pool, path,
                           " options='-c statement_timeout=700'", NULL);
    }
    else {
        foreign_sql(test_pool, path,
                    "ALTER USER insights_used@localhost"
                    " WITH MAX_STATEMENT_TIME 0.7");
    }
    store = fixture_store(test_pool, path, NULL);
    is_problem(ask(store, 20 * SECOND, &present, slow_query(20)),
               IU_READ_STOPPED,
               "a statement is stopped at the operator's limit");
    ok(since(begin) < 5000, "before the deadline");
    is_problem(ask(store, 20 * SECOND, &present, slow_query(20)),
               IU_READ_STOPPED, "so is the next statement");
    if (is_driver("mysql")) {
        foreign_sql(test_pool, path,
                    "ALTER USER insights_used@localhost"
                    " WITH MAX_STATEMENT_TIME 0");
    }
}

/* A statement that is stopped after its first row has failed. */
static void test_rows(void)
{
    iu_store *store =
        fixture_store(test_pool, fixture_path(test_pool), told_make(test_pool));
    client present = {0, 0};

    is_problem(ask(store, SECOND, &present,
                   "SELECT 1 FROM DUAL WHERE %s <> ''"
                   " UNION ALL SELECT SLEEP(20)"),
               IU_READ_STOPPED, "a statement is stopped after its first row");
}

#define LISTS 10 /* more than there are readers */

/* Stores records with long texts, which are read slowly. */
static void fill(const char *path)
{
    const char *numbers = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2"
                          " UNION ALL SELECT 3 UNION ALL SELECT 4)";
    const char *text =
        is_driver("sqlite3") ? "hex(zeroblob(100000))" : "repeat('0', 500000)";
    const char *key = is_driver("mysql") ? "concat(a.n, b.n, c.n)"
                                         : "'' || a.n || b.n || c.n";
    const char *document = "'{\"resourceVisualization\":{\"previewText\":\"'";

    foreign_sql(
        test_pool, path,
        apr_psprintf(test_pool,
                     is_driver("mysql")
                         ? "INSERT INTO " FOREIGN_TABLE " SELECT 'long', %s,"
                           " '1', '', '', concat(%s, %s, '\"}}'), ''"
                           " FROM %s a, %s b, %s c"
                         : "INSERT INTO " FOREIGN_TABLE " SELECT 'long', %s,"
                           " '1', '', '', %s || %s || '\"}}', ''"
                           " FROM %s a, %s b, %s c",
                     key, document, text, numbers, numbers, numbers));
}

/* A query with many functions. */
static iu_query slow_list(void)
{
    const char *part =
        "contains(tolower(concat(concat(resourceVisualization/previewText,"
        "resourceVisualization/previewText),resourceVisualization/previewText)"
        "),'x')";
    const char *text = apr_pstrcat(test_pool, "$filter=", part, NULL);
    iu_query query;
    int i;

    for (i = 1; i < 22; i++) {
        text = apr_pstrcat(test_pool, text, "%20or%20", part, NULL);
    }
    if (iu_query_read(test_pool, IU_QUERY_COLLECTION, text, NULL, &query)) {
        give_up("no query");
    }
    return query;
}

typedef struct lister {
    pthread_t thread;
    apr_pool_t *pool;
    iu_store *store;
    const iu_query *query;
    client client;
    iu_problem_kind kind;
} lister;

static void *list(void *data)
{
    lister *self = data;
    iu_store_call call = call_of(
        self->pool, fixture_has_server() ? SECOND : 20 * SECOND, &self->client);
    apr_array_header_t *listed;
    apr_int64_t count;
    iu_problem *problem =
        self->query->top
            ? iu_store_list(self->store, &call, "long", self->query, &listed)
            : iu_store_count(self->store, &call, "long", self->query->filter,
                             &count);

    self->kind = problem ? problem->kind : NO_PROBLEM;
    return NULL;
}

/* Slow lists and counts leave readers for other requests. */
static void test_lists(void)
{
    const char *path = fixture_path(test_pool);
    iu_store *store = fixture_store(test_pool, path, told_make(test_pool));
    iu_query queries[] = {slow_list(), slow_list()};
    lister listers[LISTS] = {0};
    iu_problem_kind others = 0;
    int i;

    queries[1].top = 0; /* count */
    is_text(fixture_insert(store, test_pool, "i", "a"), NULL, "insert");
    fill(path);
    for (i = 0; i < LISTS; i++) {
        listers[i].store = store;
        listers[i].query = &queries[i % 2];
        apr_pool_create(&listers[i].pool, test_pool);
        pthread_create(&listers[i].thread, NULL, list, &listers[i]);
    }
    apr_sleep(500000); /* until each of them reads or waits */
    for (i = 0; i < 10; i++) {
        client present = {0, 0};
        iu_store_call call = call_of(test_pool, SECOND, &present);
        iu_record *found;
        iu_problem *problem = iu_store_find(store, &call, "i", "a", &found);

        others = problem ? problem->kind : others;
    }
    is_number(others, 0, "ten records are found during %d slow lists", LISTS);
    for (i = 0; i < LISTS; i++) {
        atomic_store(&listers[i].client.gone, 1);
    }
    others = 0;
    for (i = 0; i < LISTS; i++) {
        pthread_join(listers[i].thread, NULL);
        others += listers[i].kind != IU_CLIENT_GONE;
        apr_pool_destroy(listers[i].pool);
    }
    is_number(others, 0, "no list ended before its client was gone");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_deadline();
    test_client();
    if (fixture_has_server()) {
        test_operator();
    }
    if (is_driver("mysql")) {
        test_rows();
    }
    test_lists();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
