/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the column digest, and of a table that an earlier version made
 * without it. */
#include "support/store_fixture.h"

static apr_pool_t *test_pool;

#define THREADS 8
#define ROUNDS 5

static const char digest[] = "a9993e364706816aba3e25717850c26c9cd0d89d";

/* The insert of the earlier version. */
#define OLD_INSERT(id)                                                         \
    "INSERT INTO used_insight (invitation_id, id, version, last_accessed,"     \
    " last_modified, document) VALUES ('i', '" id "', '1111', '', '', '{}')"

/* The parameters of a new database, as the earlier version left it. */
static const char *make_old(void)
{
    const char *path = fixture_path(test_pool);

    if (fixture_has_server()) {
        foreign_sql(test_pool, path,
                    "ALTER TABLE used_insight DROP COLUMN digest");
    }
    else {
        foreign_sql(test_pool, path,
                    "PRAGMA journal_mode=WAL;"
                    "CREATE TABLE used_insight (invitation_id TEXT NOT NULL,"
                    " id TEXT NOT NULL, version TEXT NOT NULL,"
                    " last_accessed TEXT NOT NULL, last_modified TEXT NOT NULL,"
                    " document TEXT NOT NULL,"
                    " PRIMARY KEY (invitation_id, id)) STRICT");
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

/* The module adds the column to a file: for a reader, or for a writer. */
static void test_file(int reader_first)
{
    const char *path = make_old();
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);

    if (reader_first) {
        is_text(digest_of(store, "old"), "", "a reader finds the old record");
    }
    is_text(insert(store, "new"), NULL, "a record is stored");
    is_text(digest_of(store, "new"), digest, "with its digest");
    is_text(digest_of(store, "old"), "", "the old one has none");
    is_text(log->text,
            "IU0108: added the column digest to the table used_insight in the "
            "sqlite3 database\n",
            "which is told");
    foreign_sql(test_pool, path, OLD_INSERT("later"));
    is_text(digest_of(store, "later"), "", "the earlier version can write");
    is_text(insert(store, "last"), NULL, "and so can this one");
    store = fixture_store(test_pool, path, log);
    is_text(insert(store, "last"), iu_problem_number(IU_ALREADY_EXISTS),
            "another process uses the table");
    is_number(told_times(log, "IU0108"), 1, "and leaves it alone");
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
        const char *path = make_old();

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
static void test_server(void)
{
    const char *path = make_old();
    told *log = told_make(test_pool);
    iu_store *store = fixture_store(test_pool, path, log);

    is_text(insert(store, "new"), iu_problem_number(IU_DATABASE_REFUSED),
            "the table of an earlier version is refused");
    is_text(digest_of(fixture_store(test_pool, path, NULL), "old"),
            iu_problem_number(IU_DATABASE_REFUSED), "by readers, too");
    ok(strstr(log->text, "its table used_insight has no column digest: apply "
                         "conf/schema/") != NULL,
       "the log names the remedy");
    fixture_apply_schema(test_pool, path);
    apr_sleep(IU_BREAKER_INTERVAL);
    is_text(insert(store, "new"), NULL, "applied, it is accepted");
    is_text(digest_of(store, "new"), digest, "with the digest");
    is_text(digest_of(store, "old"), "", "the old record has none");
    foreign_sql(test_pool, path, OLD_INSERT("later"));
    is_text(digest_of(store, "later"), "", "the earlier version can write");
    fixture_apply_schema(test_pool, path);
    is_text(insert(store, "last"), NULL, "applied again, it changes nothing");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_digest();
    if (fixture_has_server()) {
        test_server();
    }
    else {
        test_file(0);
        test_file(1);
        test_race();
    }
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
