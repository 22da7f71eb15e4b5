/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call into the database fails once, in every way that is plausible: the
 * first, the second, ... until a story has no further call. A call may fail
 * before it did anything, or after: what it stored is stored then, though it
 * reports failure. It may fail alone, together with the next one, or with all
 * that follow. Whatever fails: what was answered as stored is there, what was
 * refused is not, and when the calls work again, so does the store. The calls
 * are apr_dbd's, which the linker has renamed: see WRAPPED in the Makefile.
 */
#include "store_fixture.h"

/* How the calls fail that fail: from the first, for so many. */
typedef struct fault {
    const char *text;
    int executed; /* the first of them is, and then reports failure */
    int length;
    const char *text_after; /* of the others; NULL: the same */
} fault;

#define FOR_EVER 1000000

static struct {
    const fault *fault; /* NULL: nothing fails */
    int at;             /* the number of the first call that fails */
    int calls;          /* so far */
    const char *text;   /* what apr_dbd_error is to tell; NULL: the truth */
    apr_time_t passed;  /* more than it really has, for the breaker */
} plot;

/* Whether this call reports failure, and how. */
static int fails(int *executed)
{
    int number = ++plot.calls;
    int after = number - plot.at;

    plot.text = NULL;
    *executed = 1;
    if (!plot.fault || after < 0 || after >= plot.fault->length) {
        return 0;
    }
    *executed = plot.fault->executed && after == 0;
    plot.text = after > 0 && plot.fault->text_after ? plot.fault->text_after
                                                    : plot.fault->text;
    return 1;
}

apr_time_t __real_iu_clock_now(void);
apr_time_t __wrap_iu_clock_now(void);
apr_time_t __wrap_iu_clock_now(void)
{
    return __real_iu_clock_now() + plot.passed;
}

const char *__real_apr_dbd_error(const apr_dbd_driver_t *driver, apr_dbd_t *db,
                                 int number);
const char *__wrap_apr_dbd_error(const apr_dbd_driver_t *driver, apr_dbd_t *db,
                                 int number);
const char *__wrap_apr_dbd_error(const apr_dbd_driver_t *driver, apr_dbd_t *db,
                                 int number)
{
    return plot.text ? plot.text : __real_apr_dbd_error(driver, db, number);
}

apr_status_t __real_apr_dbd_open_ex(const apr_dbd_driver_t *driver,
                                    apr_pool_t *pool, const char *params,
                                    apr_dbd_t **db, const char **error);
apr_status_t __wrap_apr_dbd_open_ex(const apr_dbd_driver_t *driver,
                                    apr_pool_t *pool, const char *params,
                                    apr_dbd_t **db, const char **error);
apr_status_t __wrap_apr_dbd_open_ex(const apr_dbd_driver_t *driver,
                                    apr_pool_t *pool, const char *params,
                                    apr_dbd_t **db, const char **error)
{
    int executed;

    /* There is no connection that was opened and is not there. */
    if (fails(&executed)) {
        *error = plot.text;
        return APR_EGENERAL;
    }
    return __real_apr_dbd_open_ex(driver, pool, params, db, error);
}

/* The others take what they take, and return a number that is not 0. */
#define WRAP(name, types, names)                                               \
    int __real_##name types;                                                   \
    int __wrap_##name types;                                                   \
    int __wrap_##name types                                                    \
    {                                                                          \
        int executed;                                                          \
        int failed = fails(&executed);                                         \
        int result = executed ? __real_##name names : 1;                       \
                                                                               \
        return failed ? 1 : result;                                            \
    }

WRAP(apr_dbd_select,
     (const apr_dbd_driver_t *driver, apr_pool_t *pool, apr_dbd_t *db,
      apr_dbd_results_t **results, const char *sql, int random),
     (driver, pool, db, results, sql, random))
WRAP(apr_dbd_query,
     (const apr_dbd_driver_t *driver, apr_dbd_t *db, int *rows,
      const char *sql),
     (driver, db, rows, sql))
WRAP(apr_dbd_prepare,
     (const apr_dbd_driver_t *driver, apr_pool_t *pool, apr_dbd_t *db,
      const char *sql, const char *label, apr_dbd_prepared_t **statement),
     (driver, pool, db, sql, label, statement))
WRAP(apr_dbd_pselect,
     (const apr_dbd_driver_t *driver, apr_pool_t *pool, apr_dbd_t *db,
      apr_dbd_results_t **results, apr_dbd_prepared_t *statement, int random,
      int count, const char **arguments),
     (driver, pool, db, results, statement, random, count, arguments))

/* One act of a story, and its answer. */
typedef struct act {
    const char *id;
    char version[IU_VERSION_SIZE]; /* the new one; "": none, it is a delete */
    const char *expected;          /* the one before; NULL: it is a create */
    const char *number;            /* of the problem; NULL: done */
} act;

#define ACTS 8

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
    iu_problem *problem = iu_store_insert(told->store, &call, &record);

    made->id = id;
    memcpy(made->version, record.version, sizeof made->version);
    made->number = problem ? problem->number : NULL;
}

static void update(story *told, const char *id, const char *expected)
{
    act *made = &told->acts[told->count++];
    iu_store_call call = fixture_call(told->pool);
    iu_record record = fixture_record("i", id, "{\"a\":2}");
    iu_problem *problem =
        iu_store_update(told->store, &call, &record, expected);

    made->id = id;
    made->expected = expected;
    memcpy(made->version, record.version, sizeof made->version);
    made->number = problem ? problem->number : NULL;
}

static void remove_record(story *told, const char *id, const char *expected)
{
    act *made = &told->acts[told->count++];
    iu_store_call call = fixture_call(told->pool);
    iu_problem *problem =
        iu_store_delete(told->store, &call, "i", id, expected);

    made->id = id;
    made->expected = expected;
    made->number = problem ? problem->number : NULL;
}

/* As another program: these calls are none of the story's. */
static void disturb(const story *told, const char *sql)
{
    const fault *kept = plot.fault;
    int calls = plot.calls;

    plot.fault = NULL;
    foreign_sql(told->pool, told->path, sql);
    plot.fault = kept;
    plot.calls = calls;
}

/* Two records of which each act of the story knows the version. */
static void lay_out(const story *told)
{
    disturb(told, iu_dialect_sqlite3.schema);
    disturb(told, "INSERT INTO used_insight VALUES"
                  " ('i', 'u', '1111', '', '', '{}'),"
                  " ('i', 'd', '2222', '', '', '{}')");
}

/* Connections are opened, tables made, statements prepared, run, and prepared
 * anew; keys and versions conflict; a reader reads. */
static void tell(story *told)
{
    insert(told, "a");
    insert(told, "b");
    told->finds_failed += fixture_find(told->store, told->pool, "i", "a") != 0;
    insert(told, "a");
    disturb(told, "CREATE TABLE IF NOT EXISTS foreign_one (a)");
    insert(told, "c");
    lay_out(told);
    update(told, "u", "1111");
    remove_record(told, "d", "2222");
    update(told, "u", "1111");
    told->finds_failed += fixture_find(told->store, told->pool, "i", "a") != 0;
}

static story begin(apr_pool_t *parent)
{
    story told = {0};

    apr_pool_create(&told.pool, parent);
    told.path = fixture_path(told.pool);
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
    const char *version = foreign_text(
        told->pool, told->path,
        apr_psprintf(told->pool,
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

/* Whether all is well after a story that was disturbed from its call number at
 * on. *over: it has no such call. */
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

/* Lets every call of the story fail that way, one after the other. */
static int test_fault(const fault *tried)
{
    int over = 0;
    int failed = 0;
    int at;

    for (at = 1; !over; at++) {
        apr_pool_t *pool;

        apr_pool_create(&pool, NULL);
        failed += !survives(pool, tried, at, &over);
        apr_pool_destroy(pool);
    }
    ok(!failed && at > 10, "\"%s\"%s, %s%s%s: %d calls", tried->text,
       tried->executed ? " of what was done" : "",
       tried->length == 1 ? "once" : "from then on",
       tried->text_after ? ", then " : "",
       tried->text_after ? tried->text_after : "", at - 2);
    return at - 2;
}

/* What SQLite says, of each kind that matters, and what it never would. */
static const char *const texts[] = {
    "database is locked",
    "database or disk is full",
    "attempt to write a readonly database",
    "disk I/O error",
    "unable to open database file",
    "out of memory",
    "database disk image is malformed",
    "file is not a database",
    "database schema has changed",
    "no such table: used_insight",
    "constraint failed",
    "a text that nobody has foreseen",
    "",
};

/* What may be said of a commit that has been done: the others are said by what
 * has looked before it did anything. */
static const char *const texts_of_done[] = {
    "disk I/O error",
    "out of memory",
    "a text that nobody has foreseen",
    "",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

int main(void)
{
    /* FAULTS_LONG=1: all pairs of two failures */
    const char *form = getenv("FAULTS_LONG");
    apr_size_t every = form && strcmp(form, "1") == 0 ? 1 : 4;
    long long calls = 0;
    apr_size_t i;
    apr_size_t j;

    apr_initialize();
    /* Thousands of databases: what a disk keeps is not the matter here. */
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 1);
    }
    for (i = 0; i < COUNT(texts); i++) {
        const fault once = {texts[i], 0, 1, NULL};
        const fault for_ever = {texts[i], 0, FOR_EVER, NULL};

        calls += test_fault(&once);
        calls += test_fault(&for_ever);
    }
    for (i = 0; i < COUNT(texts_of_done); i++) {
        const fault once = {texts_of_done[i], 1, 1, NULL};
        const fault for_ever = {texts_of_done[i], 1, FOR_EVER, NULL};

        calls += test_fault(&once);
        calls += test_fault(&for_ever);
        for (j = i % every; j < COUNT(texts); j += every) {
            const fault two = {texts_of_done[i], 1, FOR_EVER, texts[j]};

            calls += test_fault(&two);
        }
    }
    printf("# COUNTS calls: %lld failing calls\n", calls);
    apr_terminate();
    return done();
}
