/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/store: each call into the database fails once, in every
 * plausible way: the first, the second, ... until a story has no further call.
 * A call fails before it has had an effect, or reports failure after it has. It
 * fails alone, together with the next call, or with all later calls. Each time,
 * records that were answered as stored are stored, records that were refused
 * are not, and the store recovers when the calls succeed again.
 */
#include "support/failing_calls.h"

/* One act of a story, and its answer. */
typedef struct act {
    const char *id;
    char version[IU_VERSION_SIZE]; /* the new version; "": it is a delete */
    const char *expected;          /* the version before; NULL: it is a
                                    * create */
    const char *number;            /* of the problem; NULL: done */
} act;

#define ACTS 10

typedef struct story {
    apr_pool_t *pool;
    const char *path;
    iu_store *store;
    act acts[ACTS];
    int count;
    int finds_failed;
} story;

static void insert(story *told, const char *id)
{
    act *made = &told->acts[told->count++];
    iu_store_call call = fixture_call(told->pool);
    iu_record record = fixture_record("i", id, "{\"a\":1}");
    iu_problem *problem = insert_record(told->store, &call, &record);

    made->id = id;
    memcpy(made->version, record.version, sizeof made->version);
    made->number = problem ? problem->number : NULL;
}

static void update(story *told, const char *id, const char *expected)
{
    act *made = &told->acts[told->count++];
    iu_store_call call = fixture_call(told->pool);
    iu_record record = fixture_record("i", id, "{\"a\":2}");
    iu_problem *problem = update_record(told->store, &call, &record, expected);

    made->id = id;
    made->expected = expected;
    memcpy(made->version, record.version, sizeof made->version);
    made->number = problem ? problem->number : NULL;
}

static void remove_record(story *told, const char *id, const char *expected)
{
    act *made = &told->acts[told->count++];
    iu_store_call call = fixture_call(told->pool);
    iu_problem *problem = delete_record(told->store, &call, "i", id, expected);

    made->id = id;
    made->expected = expected;
    made->number = problem ? problem->number : NULL;
}

/* Inserts a record and updates another in one transaction. */
static void transact(story *told, const char *id, const char *updated,
                     const char *expected)
{
    act *made = &told->acts[told->count];
    iu_store_call call = fixture_call(told->pool);
    iu_write insert = {.kind = IU_INSERT,
                       .record = fixture_record("i", id, "{\"a\":1}")};
    iu_write update = {.kind = IU_UPDATE,
                       .record = fixture_record("i", updated, "{\"a\":3}")};
    iu_write *const writes[] = {&insert, &update};
    int i;

    apr_cpystrn(update.expected, expected, sizeof update.expected);
    iu_store_write_all(told->store, &call, writes, 2);
    told->count += 2;
    made[1].expected = expected;
    for (i = 0; i < 2; i++) {
        made[i].id = writes[i]->record.id;
        memcpy(made[i].version, writes[i]->record.version,
               sizeof made[i].version);
        made[i].number = writes[i]->problem ? writes[i]->problem->number : NULL;
    }
}

/* A server's database, which all stories use in turn, and a foreign connection
 * to it. */
static struct {
    const char *params;
    foreign other;
} shared;

static const char *look(const story *told, const char *sql)
{
    return fixture_has_server() ? foreign_read(shared.other, told->pool, sql)
                                : foreign_text(told->pool, told->path, sql);
}

/* Runs SQL as another program; the call is not counted. */
static void run_foreign(const story *told, const char *sql)
{
    const fault *kept = plot.fault;
    int calls = plot.calls;

    plot.fault = NULL;
    if (fixture_has_server()) {
        foreign_run(shared.other, sql);
    }
    else {
        foreign_sql(told->pool, told->path, sql);
    }
    plot.fault = kept;
    plot.calls = calls;
}

/* Waits until all connections of the story are closed. Waiting for each of them
 * would take a tenth of a second each. */
static void terminate_all(const story *told)
{
    const fault *kept = plot.fault;
    int calls = plot.calls;

    plot.fault = NULL;
    while (strcmp(look(told, "SELECT count(pg_terminate_backend(pid))"
                             " FROM pg_stat_activity"
                             " WHERE usename = 'insights_used'"),
                  "0") != 0) {
    }
    plot.fault = kept;
    plot.calls = calls;
}

/* Another program makes statements stale, or ends a server's connections. */
static void disturb(const story *told)
{
    if (!fixture_has_server()) {
        run_foreign(told, "CREATE TABLE IF NOT EXISTS foreign_one (a)");
    }
    else if (strcmp(fixture_driver(), "mysql") == 0) {
        run_foreign(told, "KILL CONNECTION USER insights_used");
    }
    else {
        terminate_all(told);
    }
}

/* Three records, whose versions the acts of the story know. */
static void lay_out(const story *told)
{
    if (!fixture_has_server()) {
        run_foreign(told, iu_dialect_sqlite3.schema[0]);
    }
    run_foreign(told, "INSERT INTO " FOREIGN_TABLE " VALUES"
                      " ('i', 'u', '1111', '', '', '{}', ''),"
                      " ('i', 'd', '2222', '', '', '{}', ''),"
                      " ('i', 'v', '3333', '', '', '{}', '')");
}

/* The story opens connections, makes the table, prepares statements, runs them
 * and prepares them again; keys and versions conflict; a reader reads. */
static void tell(story *told)
{
    insert(told, "a");
    insert(told, "b");
    told->finds_failed += fixture_find(told->store, told->pool, "i", "a") != 0;
    insert(told, "a");
    disturb(told);
    insert(told, "c");
    lay_out(told);
    update(told, "u", "1111");
    remove_record(told, "d", "2222");
    update(told, "u", "1111");
    disturb(told);
    transact(told, "t", "v", "3333");
    told->finds_failed += fixture_find(told->store, told->pool, "i", "a") != 0;
}

static story begin(apr_pool_t *parent)
{
    story told = {0};

    apr_pool_create(&told.pool, parent);
    if (fixture_has_server()) {
        foreign_run(shared.other, "DELETE FROM used_insight");
        told.path = shared.params;
    }
    else {
        told.path = fixture_path(told.pool);
    }
    told.store = fixture_store(told.pool, told.path, NULL);
    return told;
}

/* What is wrong with the answer to an update or a delete, or NULL. */
static const char *check_change(const act *made, const char *version)
{
    int done =
        *made->version ? version && !strcmp(version, made->version) : !version;

    if (!made->number) {
        return done ? NULL : "answered as done, and it is not";
    }
    if (strcmp(made->number, iu_problem_number(IU_CHANGE_UNKNOWN)) == 0) {
        return NULL;
    }
    if (done) {
        return "refused, and it is done";
    }
    return version && strcmp(version, made->expected) == 0 &&
                   !strcmp(made->number, iu_problem_number(IU_VERSION_CONFLICT))
               ? "in conflict with nothing"
               : NULL;
}

/* What is wrong with an answer, or NULL. */
static const char *check(const story *told, const act *made)
{
    const char *version = look(
        told, apr_psprintf(told->pool,
                           "SELECT version FROM used_insight WHERE id = '%s'",
                           made->id));
    int there = version && strcmp(version, made->version) == 0;

    if (made->expected) {
        return check_change(made, version);
    }
    if (!made->number) {
        return there ? NULL : "answered as stored, and it is not there";
    }
    if (strcmp(made->number, iu_problem_number(IU_COMMIT_UNKNOWN)) == 0) {
        return NULL;
    }
    if (there) {
        return "refused, and it is there";
    }
    return version || strcmp(made->number,
                             iu_problem_number(IU_ALREADY_EXISTS)) != 0
               ? NULL
               : "in conflict with nothing";
}

/* Whether the version that the last act but count wrote is stored. */
static int is_stored(const story *told, int count)
{
    const act *made = &told->acts[told->count - count];
    const char *version = look(
        told, apr_psprintf(told->pool,
                           "SELECT version FROM used_insight WHERE id = '%s'",
                           made->id));

    return version && strcmp(version, made->version) == 0;
}

/* Whether the store is correct after a story whose calls fail from number at.
 * *over: it has fewer calls. */
static int survives(apr_pool_t *parent, const fault *tried, int at, int *over)
{
    story told = begin(parent);
    int first_try;
    int well = 1;
    int i;

    plot.fault = tried;
    plot.at = at;
    plot.calls = 0;
    tell(&told);
    *over = plot.calls < at;
    plot.fault = NULL;
    plot.passed += apr_time_from_sec(2);
    first_try = told.count;
    if (is_stored(&told, 2) != is_stored(&told, 1)) {
        printf("# call %d: half of the transaction is done\n", at);
        well = 0;
    }
    if (!told.acts[first_try - 2].number != !told.acts[first_try - 1].number) {
        printf("# call %d: half of the transaction is answered as done\n", at);
        well = 0;
    }
    for (i = 0; i < first_try; i++) {
        const act *made = &told.acts[i];
        const char *number =
            made->expected
                ? NULL
                : fixture_insert(told.store, told.pool, "i", made->id);

        if (number &&
            strcmp(number, iu_problem_number(IU_ALREADY_EXISTS)) != 0) {
            printf("# call %d: %s is not taken when all works again: %s\n", at,
                   made->id, number);
            well = 0;
        }
    }
    for (i = 0; i < first_try; i++) {
        const act *made = &told.acts[i];
        const char *wrong = check(&told, made);

        if (wrong) {
            printf("# call %d, act %d (%s, %s): %s\n", at, i + 1, made->id,
                   made->number ? made->number : "done", wrong);
            well = 0;
        }
    }
    if (fixture_find(told.store, told.pool, "i", "c")) {
        printf("# call %d: no reading when all works again\n", at);
        well = 0;
    }
    apr_pool_destroy(told.pool);
    return well;
}

#define ERRORS 13 /* of each database */

/* Calls that open a connection and look a record up, at most. */
#define PAUSES 16

/* How much is tested. Connections to a server are slow: the short form tests
 * only some errors and calls. */
static const struct extent {
    apr_size_t errors; /* number of errors */
    apr_size_t after;  /* one in so many errors is tested as the next one */
    int step;          /* from one failing call to the next one tested */
} extents[2][2] = {
    {{ERRORS, ERRORS, 1}, {2, ERRORS, 3}}, /* short form: SQLite, a server */
    {{ERRORS, 1, 1}, {ERRORS, 3, 1}},      /* FAULTS_LONG=1 */
};

static struct extent extent;

/* Tests the story with each call failing in this way. */
static int test_fault(const error *first, int executed, int length,
                      const error *after, int pause)
{
    const fault tried = {first, executed, length, after, pause};
    int tried_calls = -1; /* the last story has no such call */
    int over = 0;
    int failed = 0;
    int at;

    for (at = 1; !over; at += extent.step) {
        apr_pool_t *pool;

        apr_pool_create(&pool, NULL);
        failed += !survives(pool, &tried, at, &over);
        tried_calls++;
        apr_pool_destroy(pool);
    }
    ok(!failed && tried_calls * extent.step > 8,
       "\"%s\"%s, %s%s%s, pause %d: %d calls", first->text,
       executed ? " of what was done" : "",
       length == 1   ? "once"
       : length == 2 ? "twice"
                     : "from then on",
       after != first ? ", then " : "", after != first ? after->text : "",
       pause, tried_calls);
    return tried_calls;
}

/* Errors of each database, one of each kind, and one that it never reports. */
static const error sqlite3_errors[ERRORS] = {
    {1, "disk I/O error", 1},
    {1, "database is locked", 0},
    {1, "database or disk is full", 0},
    {1, "attempt to write a readonly database", 0},
    {1, "a text that nobody has foreseen", 1},
    {1, "unable to open database file", 0},
    {1, "database disk image is malformed", 0},
    {1, "file is not a database", 0},
    {1, "out of memory", 1},
    {1, "database schema has changed", 0},
    {1, "no such table: used_insight", 0},
    {1, "constraint failed", 0},
    {1, "", 1},
};

static const error pgsql_errors[ERRORS] = {
    {7, "server closed the connection unexpectedly", 1},
    {7, "ERROR:  deadlock detected", 0},
    {7, "ERROR:  canceling statement due to statement timeout", 0},
    {7, "ERROR:  relation \"used_insight\" does not exist", 0},
    {7, "FATAL:  terminating connection due to administrator command", 1},
    {7, "ERROR:  cannot execute INSERT in a read-only transaction", 0},
    {7, "ERROR:  could not extend file: No space left on device", 0},
    {7, "ERROR:  a text that nobody has foreseen", 0},
    {7, "FATAL:  sorry, too many clients already", 0},
    {7, "ERROR:  invalid page in block 0 of relation base/1/2", 0},
    {7, "ERROR:  permission denied for table used_insight", 0},
    {7, "a text that nobody has foreseen", 1},
    {7, "", 1},
};

static const error mysql_errors[ERRORS] = {
    {2013, "Lost connection to server during query", 1},
    {1213, "Deadlock found when trying to get lock", 0},
    {1205, "Lock wait timeout exceeded; try restarting transaction", 0},
    {1615, "Prepared statement needs to be re-prepared", 0},
    {2006, "Server has gone away", 1},
    {1290, "The MariaDB server is running with the --read-only option", 0},
    {1114, "The table 'used_insight' is full", 0},
    {1815, "Internal error: one that nobody has foreseen", 0},
    {1180, "Got error 5 during COMMIT", 1},
    {1030, "Got error 122 from storage engine InnoDB", 0},
    {1047, "WSREP has not yet prepared node for application use", 0},
    {1317, "Query execution was interrupted", 1},
    {4999, "", 0},
};

static const error *errors_of(const char *driver)
{
    return strcmp(driver, "pgsql") == 0   ? pgsql_errors
           : strcmp(driver, "mysql") == 0 ? mysql_errors
                                          : sqlite3_errors;
}

/* Tests all faults that begin with one error. Returns how many calls failed. */
static long long test_error(const error *first, const error *others)
{
    long long calls = 0;
    apr_size_t i;

    calls += test_fault(first, 0, 1, first, 0);
    calls += test_fault(first, 0, FOR_EVER, first, 0);
    if (first->of_done) {
        calls += test_fault(first, 1, 1, first, 0);
        calls += test_fault(first, 1, FOR_EVER, first, 0);
    }
    for (i = 0; i < ERRORS; i++) {
        if ((first - others + i) % extent.after != 0) {
            continue;
        }
        calls += test_fault(first, 0, 2, &others[i], 0);
        if (first->of_done) {
            calls += test_fault(first, 1, FOR_EVER, &others[i], 0);
        }
    }
    return calls;
}

static void begin_all(apr_pool_t *pool)
{
    if (fixture_has_server()) {
        shared.params = fixture_path(pool);
        shared.other = foreign_open(pool, shared.params);
    }
    else if (access("/dev/shm", W_OK) == 0) {
        /* There are thousands of databases, and none needs a disk. */
        setenv("TMPDIR", "/dev/shm", 1);
    }
}

int main(void)
{
    const char *form = getenv("FAULTS_LONG");
    const error *errors = errors_of(fixture_driver());
    long long calls = 0;
    apr_pool_t *pool;
    apr_size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    begin_all(pool);
    extent = extents[form && strcmp(form, "1") == 0][fixture_has_server()];
    for (i = 0; i < extent.errors; i++) {
        calls += test_error(&errors[i], errors);
    }
    /* Between the answers to the writes of one transaction. */
    for (i = 1; i <= PAUSES; i++) {
        calls += test_fault(&errors[0], 1, FOR_EVER, &errors[0], (int)i);
    }
    printf("# COUNTS calls with %s: %lld failing calls\n", fixture_driver(),
           calls);
    if (fixture_has_server()) {
        foreign_close(shared.other);
    }
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
