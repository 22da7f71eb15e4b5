/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what bounds reading: deadlines, clients that go, and how many may
 * read what takes long. */
#include "support/store_fixture.h"

#include <stdatomic.h>

static apr_pool_t *test_pool;

static int is_driver(const char *name)
{
    return strcmp(fixture_driver(), name) == 0;
}

/* A client that goes, and how often it was asked for. */
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

static iu_store_call call_of(apr_pool_t *pool, apr_interval_time_t time,
                             client *of)
{
    iu_store_call call = fixture_call(pool);

    call.deadline = iu_clock_now() + time;
    call.is_gone = is_gone;
    call.client = of;
    return call;
}

/* A query of an operator's that finds a row when so much time is over. SQLite
 * does not sleep: there it counts, and finds none. */
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

static iu_problem *ask(iu_store *store, const iu_store_call *call,
                       const char *sql)
{
    return iu_store_check_invitation(store, call, sql, "i");
}

static iu_problem_kind kind_of(const iu_problem *problem)
{
    if (problem && problem->log_detail) {
        printf("# %s: %s\n", problem->number, problem->log_detail);
    }
    return problem ? problem->kind : IU_PROBLEM_KINDS;
}

static void test_deadline(void)
{
    const char *path = fixture_path(test_pool);
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);
    client nobody = {0, 0};
    iu_store_call call = call_of(test_pool, 20000000, &nobody);
    apr_time_t begin;
    iu_problem *problem;

    is_text(fixture_insert(store, test_pool, "i", "a"), NULL, "a record");
    is_text(fixture_find(store, test_pool, "i", "a"), NULL, "is found");
    begin = iu_clock_now();
    call = call_of(test_pool, 1000000, &nobody);
    problem = ask(store, &call, slow_query(20));
    is_number(kind_of(problem), IU_READ_STOPPED, "stopped at the deadline");
    ok(problem && problem->retry_after > 0, "to be asked otherwise");
    ok(iu_clock_now() - begin >= 900000 && iu_clock_now() - begin < 3000000,
       "which is a second (%d ms)", (int)((iu_clock_now() - begin) / 1000));
    call = call_of(test_pool, 20000000, &nobody);
    is_number(kind_of(ask(store, &call, "SELECT 1 WHERE %s = 'i'")),
              IU_PROBLEM_KINDS, "the connection goes on");
    is_number(told_times(log, "IU0104"), 0, "and is not opened again");
    is_number(told_times(log, "IU0101"), 0, "nor is the database down");
    is_text(fixture_find(store, test_pool, "i", "a"), NULL,
            "records are found");
    if (fixture_has_server()) {
        is_number(kind_of(ask(store, &call, slow_query(2))), IU_PROBLEM_KINDS,
                  "another deadline is another one");
    }
}

static void test_client(void)
{
    const char *path = fixture_path(test_pool);
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);
    client gone = {1, 0};
    iu_store_call call = call_of(test_pool, 20000000, &gone);
    apr_time_t begin;
    iu_record *found;

    is_text(fixture_insert(store, test_pool, "i", "a"), NULL, "a record");
    ok(!iu_store_find(store, &call, "i", "a", &found),
       "what takes no time is read for whomever");
    is_number(gone.asked, 0, "who is not asked for");
    begin = iu_clock_now();
    call = call_of(test_pool, is_driver("mysql") ? 1000000 : 20000000, &gone);
    is_number(kind_of(ask(store, &call, slow_query(20))), IU_CLIENT_GONE,
              "a client that went");
    ok(iu_clock_now() - begin < 3000000, "is not read for (%d ms)",
       (int)((iu_clock_now() - begin) / 1000));
    is_text(fixture_find(store, test_pool, "i", "a"), NULL, "others are");
    is_number(told_times(log, "IU0104") + told_times(log, "IU0101"), 0,
              "by the same connection");
}

/* A limit of the operator's own is kept where it is the shorter one. */
static void test_operator(void)
{
    const char *path = fixture_path(test_pool);
    client nobody = {0, 0};
    iu_store_call call = call_of(test_pool, 20000000, &nobody);
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
    is_number(kind_of(ask(store, &call, slow_query(20))), IU_READ_STOPPED,
              "stopped at the operator's limit");
    ok(iu_clock_now() - begin < 5000000, "which comes first");
    call = call_of(test_pool, 20000000, &nobody);
    is_number(kind_of(ask(store, &call, slow_query(20))), IU_READ_STOPPED,
              "each time");
    if (is_driver("mysql")) {
        foreign_sql(test_pool, path,
                    "ALTER USER insights_used@localhost"
                    " WITH MAX_STATEMENT_TIME 0");
    }
}

/* Rows that came before a statement was stopped are not taken for all. */
static void test_rows(void)
{
    iu_store *store =
        fixture_store(test_pool, fixture_path(test_pool), told_make(test_pool));
    client nobody = {0, 0};
    iu_store_call call = call_of(test_pool, 1000000, &nobody);

    is_number(kind_of(ask(store, &call,
                          "SELECT 1 FROM DUAL WHERE %s <> ''"
                          " UNION ALL SELECT SLEEP(20)")),
              IU_READ_STOPPED, "a row, and then the deadline");
}

/*** Lists and all else ***/

#define LISTS 10 /* more than there are readers */

/* Records that are read slowly: their text is long. */
static void fill(const char *path)
{
    const char *numbers = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2"
                          " UNION ALL SELECT 3 UNION ALL SELECT 4)";
    const char *text =
        is_driver("sqlite3") ? "hex(zeroblob(100000))" : "repeat('0', 500000)";
    const char *key = is_driver("mysql") ? "concat(a.n, b.n, c.n)"
                                         : "'' || a.n || b.n || c.n";
    const char *document = "'{\"resourceVisualization\":{\"previewText\":\"'";

    foreign_sql(test_pool, path,
                apr_psprintf(test_pool,
                             is_driver("mysql")
                                 ? "INSERT INTO used_insight SELECT 'long', %s,"
                                   " '1', '', '', concat(%s, %s, '\"}}')"
                                   " FROM %s a, %s b, %s c"
                                 : "INSERT INTO used_insight SELECT 'long', %s,"
                                   " '1', '', '', %s || %s || '\"}}'"
                                   " FROM %s a, %s b, %s c",
                             key, document, text, numbers, numbers, numbers));
}

/* A query of many functions. */
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
        self->pool, fixture_has_server() ? 1000000 : 20000000, &self->client);
    apr_array_header_t *listed;
    apr_int64_t count;

    self->kind =
        kind_of(self->query->top ? iu_store_list(self->store, &call, "long",
                                                 self->query, &listed)
                                 : iu_store_count(self->store, &call, "long",
                                                  self->query->filter, &count));
    return NULL;
}

/* Whoever lists what takes long leaves readers to others. */
static void test_lists(void)
{
    const char *path = fixture_path(test_pool);
    iu_store *store = fixture_store(test_pool, path, told_make(test_pool));
    iu_query queries[] = {slow_list(), slow_list()};
    lister listers[LISTS] = {0};
    iu_problem_kind others = 0;
    int i;

    queries[1].top = 0; /* is counted */
    is_text(fixture_insert(store, test_pool, "i", "a"), NULL, "a record");
    fill(path);
    for (i = 0; i < LISTS; i++) {
        listers[i].store = store;
        listers[i].query = &queries[i % 2];
        apr_pool_create(&listers[i].pool, test_pool);
        pthread_create(&listers[i].thread, NULL, list, &listers[i]);
    }
    apr_sleep(500000); /* until all of them read, or wait */
    for (i = 0; i < 10; i++) {
        client nobody = {0, 0};
        iu_store_call call = call_of(test_pool, 1000000, &nobody);
        iu_record *found;
        iu_problem *problem = iu_store_find(store, &call, "i", "a", &found);

        others = problem ? problem->kind : others;
    }
    is_number(others, 0, "ten single records beside %d lists", LISTS);
    for (i = 0; i < LISTS; i++) {
        atomic_store(&listers[i].client.gone, 1);
    }
    others = 0;
    for (i = 0; i < LISTS; i++) {
        pthread_join(listers[i].thread, NULL);
        others += listers[i].kind != IU_CLIENT_GONE;
        apr_pool_destroy(listers[i].pool);
    }
    is_number(others, 0, "none of which ended before their clients went");
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
