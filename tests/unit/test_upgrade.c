/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the columns digest and last_stored, and of tables that other
 * versions of the module made: tests/data/schema has all earlier ones. */
#include "support/store_fixture.h"

static apr_pool_t *test_pool;

#define THREADS 8
#define ROUNDS 5

static const char digest[] = "a9993e364706816aba3e25717850c26c9cd0d89d";

/* The insert of the earlier version. */
#define OLD_INSERT(id)                                                         \
    "INSERT INTO used_insight (invitation_id, id, version, last_accessed,"     \
    " last_modified, document) VALUES ('i', '" id "', '1111', '', '', '{}')"

/* The statement that made the table in an earlier version, counted from 1;
 * NULL: there are no more. */
static const char *old_schema(int number)
{
    const char *name = apr_psprintf(test_pool, "tests/data/schema/%s-%d.sql",
                                    fixture_driver(), number);
    char *sql;

    if (access(name, R_OK) != 0) {
        return NULL;
    }
    sql = fixture_file(test_pool, name);
    *strrchr(sql, ';') = '\0';
    return sql;
}

/* The version that the module sees in what old_schema made. */
static int version_of(const char *schema)
{
    return 101 + (strstr(schema, "digest") != NULL) +
           (strstr(schema, "last_stored") != NULL);
}

/* The parameters of a new database, as an earlier version left it. */
static const char *make_old(const char *schema)
{
    const char *path;

    if (fixture_has_server()) {
        path = fixture_empty(test_pool);
        foreign_sql(test_pool, path, schema);
        fixture_grant(test_pool, path);
    }
    else {
        path = fixture_path(test_pool);
        foreign_sql(
            test_pool, path,
            apr_pstrcat(test_pool, "PRAGMA journal_mode=WAL;", schema, NULL));
    }
    foreign_sql(test_pool, path, OLD_INSERT("old"));
    return path;
}

/* The digest of a record; the number of the problem if there is one. */
static const char *digest_of(iu_store *store, const char *id)
{
    iu_store_call call = fixture_call(test_pool);
    iu_record *found = NULL;
    const iu_problem *problem = iu_store_find(store, &call, "i", id, &found);

    return problem ? problem->number : found->digest;
}

static const char *insert(iu_store *store, const char *id)
{
    iu_store_call call = fixture_call(test_pool);
    iu_record record = fixture_record("i", id, "{}");
    const iu_problem *problem;

    apr_cpystrn(record.digest, digest, sizeof record.digest);
    problem = insert_record(store, &call, &record);
    return problem ? problem->number : NULL;
}

static void test_digest(void)
{
    iu_store *store = fixture_store(test_pool, fixture_path(test_pool), NULL);
    iu_store_call call = fixture_call(test_pool);
    iu_record record = fixture_record("i", "a", "{\"b\":2}");
    iu_record *found;

    is_text(insert(store, "a"), NULL, "a record with a digest");
    is_text(digest_of(store, "a"), digest, "it is stored");
    iu_store_find(store, &call, "i", "a", &found);
    ok(!update_record(store, &call, &record, found->version),
       "the record is changed");
    is_text(digest_of(store, "a"), digest, "and keeps its digest");
    is_text(fixture_insert(store, test_pool, "i", "b"), NULL,
            "a record without");
    is_text(digest_of(store, "b"), "", "has none");
}

/* How many seconds ago a record was stored, by its column. */
static int age_of(const char *path, const char *id)
{
    const char *stored = foreign_text(
        test_pool, path,
        apr_psprintf(test_pool,
                     "SELECT last_stored FROM used_insight WHERE id = '%s'",
                     id));

    return (int)(apr_time_sec(apr_time_now()) - apr_atoi64(stored));
}

/* Seconds that an act before it may have taken. */
#define RECENT 60

static void test_last_stored(void)
{
    const char *path = fixture_path(test_pool);
    iu_store *store = fixture_store(test_pool, path, NULL);
    iu_store_call call = fixture_call(test_pool);
    iu_record record = fixture_record("i", "a", "{}");
    iu_record *found;

    insert(store, "a");
    insert(store, "b");
    ok(age_of(path, "a") >= 0 && age_of(path, "a") < RECENT,
       "a record has the time of its creation");
    foreign_sql(test_pool, path, "UPDATE used_insight SET last_stored = 1");
    insert(store, "a");
    ok(age_of(path, "a") > RECENT, "a create that is refused changes nothing");
    iu_store_find(store, &call, "i", "a", &found);
    ok(!update_record(store, &call, &record, found->version),
       "the record is changed");
    ok(age_of(path, "a") >= 0 && age_of(path, "a") < RECENT,
       "it has the time of the change");
    ok(age_of(path, "b") > RECENT, "the other one has not");
}

/* After an upgrade: an expiry of old records spares those that were stored
 * before their time was known, and finds them by an index. */
static void check_upgraded(const char *path)
{
    static const char *const index[] = {
        "SELECT count(*) FROM pragma_index_info('used_insight_last_stored')"
        " WHERE name = 'last_stored'",
        "SELECT count(*) FROM pg_indexes WHERE tablename = 'used_insight'"
        " AND indexdef LIKE '% USING btree (last_stored)'",
        "SELECT count(*) FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() AND table_name = 'used_insight'"
        " AND column_name = 'last_stored' AND seq_in_index = 1"};
    int which = strcmp(fixture_driver(), "sqlite3") == 0 ? 0
                : strcmp(fixture_driver(), "pgsql") == 0 ? 1
                                                         : 2;

    ok(age_of(path, "old") >= 0 && age_of(path, "old") < RECENT,
       "the old record has the time of the upgrade");
    ok(age_of(path, "new") >= 0 && age_of(path, "new") < RECENT,
       "the new record its own");
    ok(age_of(path, "later") >= 0 && age_of(path, "later") < RECENT,
       "and one of the earlier version a recent one");
    is_text(foreign_text(test_pool, path, index[which]), "1",
            "there is one index");
}

/* The module upgrades a file: for a reader, or for a writer. */
static void test_file(const char *schema, int reader_first)
{
    const char *path = make_old(schema);
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);
    int version = version_of(schema);

    if (reader_first) {
        is_text(digest_of(store, "old"), "", "a reader finds the old record");
    }
    is_text(insert(store, "new"), NULL, "a record is stored");
    is_text(digest_of(store, "new"), digest, "with its digest");
    is_text(digest_of(store, "old"), "", "the old one has none");
    is_text(log->text,
            version == IU_SCHEMA_VERSION
                ? ""
                : apr_psprintf(test_pool,
                               "IU0108: brought the table used_insight in the "
                               "sqlite3 database from schema version %d to "
                               "%d\n",
                               version, IU_SCHEMA_VERSION),
            "an upgrade is told");
    foreign_sql(test_pool, path, OLD_INSERT("later"));
    is_text(digest_of(store, "later"), "", "the earlier version can write");
    check_upgraded(path);
    is_text(insert(store, "last"), NULL, "and so can this one");
    store = fixture_store(test_pool, path, log);
    is_text(insert(store, "last"), iu_problem_number(IU_ALREADY_EXISTS),
            "another process uses the table");
    is_number(told_times(log, "IU0108"), version != IU_SCHEMA_VERSION,
              "and leaves it alone");
}

static void *insert_and_find(void *data)
{
    const char *path = data;
    apr_pool_t *pool;
    iu_store *store;
    const char *number;

    apr_pool_create(&pool, NULL);
    store = fixture_store(pool, path, NULL);
    number = fixture_find(store, pool, "i", "old");
    if (!number) {
        number = fixture_insert(
            store, pool, "i",
            apr_psprintf(pool, "%lx", (unsigned long)pthread_self()));
    }
    apr_pool_destroy(pool);
    return (void *)number;
}

/* Many at once, without the turn that children take. */
static void test_race(void)
{
    pthread_t threads[THREADS];
    int failed = 0;
    int round;
    int i;

    for (round = 0; round < ROUNDS; round++) {
        const char *path = make_old(old_schema(1));

        for (i = 0; i < THREADS; i++) {
            pthread_create(&threads[i], NULL, insert_and_find, (void *)path);
        }
        for (i = 0; i < THREADS; i++) {
            void *number;

            pthread_join(threads[i], &number);
            failed += number != NULL;
        }
        failed += foreign_count(test_pool, path) != THREADS + 1;
    }
    is_number(failed, 0, "many open an old file at once, and all can use it");
}

/* A server's table is the operator's: it is refused until the schema is
 * applied. */
static void test_server(const char *schema)
{
    const char *path = make_old(schema);
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);

    if (version_of(schema) < IU_SCHEMA_VERSION) {
        is_text(insert(store, "new"), iu_problem_number(IU_DATABASE_REFUSED),
                "the table of an earlier version is refused");
        is_text(digest_of(fixture_store(test_pool, path, NULL), "old"),
                iu_problem_number(IU_DATABASE_REFUSED), "by readers, too");
        ok(strstr(log->text,
                  apr_psprintf(test_pool,
                               "its table used_insight has schema version %d, "
                               "and this module needs %d: run "
                               "insights-used-admin ... upgrade",
                               version_of(schema), IU_SCHEMA_VERSION)) != NULL,
           "the log names the remedy");
    }
    fixture_apply_schema(test_pool, path);
    apr_sleep(IU_BREAKER_INTERVAL);
    is_text(insert(store, "new"), NULL, "applied, it is accepted");
    is_text(digest_of(store, "new"), digest, "with the digest");
    is_text(digest_of(store, "old"), "", "the old record has none");
    foreign_sql(test_pool, path, OLD_INSERT("later"));
    is_text(digest_of(store, "later"), "", "the earlier version can write");
    check_upgraded(path);
    fixture_apply_schema(test_pool, path);
    is_text(insert(store, "last"), NULL, "applied again, it changes nothing");
}

/* Notes a version as that of the table's schema. */
static void set_version(const char *path, int version)
{
    const char *template =
        strcmp(fixture_driver(), "sqlite3") == 0 ? "PRAGMA user_version = %d"
        : strcmp(fixture_driver(), "pgsql") == 0
            ? "COMMENT ON TABLE used_insight IS 'Ours: schema version %d, see "
              "the manual'"
            : "ALTER TABLE used_insight COMMENT = 'Ours: schema version %d, "
              "see the manual'";

    foreign_sql(test_pool, path, apr_psprintf(test_pool, template, version));
}

/* A later version of the module made the table, or changed it. */
static void test_later(void)
{
    const char *path = fixture_path(test_pool);
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);

    is_text(insert(store, "old"), NULL, "a record of this version");
    set_version(path, 199);
    store = fixture_store(test_pool, path, log);
    is_text(insert(store, "new"), NULL, "a schema that has only more is used");
    is_number(told_times(log, "IU0108"), 0, "and not changed");
    set_version(path, 200);
    store = fixture_store(test_pool, path, log);
    is_text(insert(store, "refused"), iu_problem_number(IU_DATABASE_REFUSED),
            "another schema is refused");
    is_text(digest_of(fixture_store(test_pool, path, NULL), "old"),
            iu_problem_number(IU_DATABASE_REFUSED), "by readers, too");
    ok(strstr(log->text,
              "its table used_insight has schema version 200, and this module "
              "can use those below 200: install the version of the module that "
              "made it, or a later one") != NULL,
       "the log names the remedy");
    set_version(path, IU_SCHEMA_VERSION);
    apr_sleep(IU_BREAKER_INTERVAL);
    is_text(insert(store, "healed"), NULL, "the service resumes by itself");
    is_text(digest_of(store, "old"), digest, "with the records as they were");
}

int main(void)
{
    const char *schema;
    int number;

    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_digest();
    test_last_stored();
    for (number = 1; (schema = old_schema(number)); number++) {
        if (fixture_has_server()) {
            test_server(schema);
        }
        else {
            test_file(schema, 0);
            test_file(schema, 1);
        }
    }
    ok(number > 2, "there were earlier schemas");
    if (!fixture_has_server()) {
        test_race();
    }
    test_later();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
