/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/dialect/sqlite3_native.c: readers and the write-ahead log. */
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include <apr_thread_proc.h>

#include "support/store_fixture.h"

/* The size of a document, and how many fill the log. */
#define DOCUMENT_BYTES (200 * 1000)
#define RECORDS 200
#define LOG_BYTES (24 * 1000 * 1000)

static apr_pool_t *test_pool;

typedef struct readers {
    const char *path;
    atomic_int ended;
    int rounds;
} readers;

static sqlite3 *begin_reader(const char *path)
{
    sqlite3 *db;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL)) {
        give_up("no foreign reader");
    }
    return db;
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL)) {
        give_up(sqlite3_errmsg(db));
    }
}

/* One of the two always reads a snapshot that was current when it began. */
static void *APR_THREAD_FUNC read_always(apr_thread_t *thread, void *data)
{
    readers *all = data;
    sqlite3 *db[] = {begin_reader(all->path), begin_reader(all->path)};
    int i;

    (void)thread;
    for (i = 0; !atomic_load(&all->ended); i = !i) {
        run(db[i], "BEGIN; SELECT count(*) FROM used_insight");
        if (all->rounds++ > 0) {
            run(db[!i], "COMMIT");
        }
        apr_sleep(apr_time_from_msec(3));
    }
    sqlite3_close(db[0]);
    sqlite3_close(db[1]);
    return NULL;
}

static long long log_size(const char *path)
{
    struct stat found;

    return stat(apr_pstrcat(test_pool, path, "-wal", NULL), &found) == 0
               ? (long long)found.st_size
               : 0;
}

/* Stores records and returns how many succeeded. */
static int store_all(iu_store *store, const char *document)
{
    apr_pool_t *pool;
    int stored = 0;
    int i;

    apr_pool_create(&pool, test_pool);
    for (i = 0; i < RECORDS; i++) {
        iu_store_call call = fixture_call(pool);
        iu_record record =
            fixture_record("i", apr_psprintf(pool, "%d", i), document);

        stored += insert_record(store, &call, &record) == NULL;
        apr_pool_clear(pool);
    }
    return stored;
}

static void test_log(void)
{
    const char *path = fixture_path(test_pool);
    iu_store *store = fixture_store(test_pool, path, NULL);
    char *document = apr_palloc(test_pool, DOCUMENT_BYTES + 1);
    readers all = {.path = path};
    apr_thread_t *thread;
    apr_status_t status;

    is_text(fixture_insert(store, test_pool, "i", "first"), NULL, "a table");
    memset(document, ' ', DOCUMENT_BYTES);
    memcpy(document, "{}", 2);
    document[DOCUMENT_BYTES] = '\0';
    if (apr_thread_create(&thread, NULL, read_always, &all, test_pool)) {
        give_up("no thread");
    }
    is_number(store_all(store, document), RECORDS, "all stored");
    atomic_store(&all.ended, 1);
    apr_thread_join(&status, thread);
    ok(all.rounds > 10, "during %d overlapping reads", all.rounds);
    ok(log_size(path) > 0 && log_size(path) < LOG_BYTES,
       "the log has %lld of at most %d bytes", log_size(path),
       RECORDS * DOCUMENT_BYTES);
}

/* A read that never ends prevents a restart of the log and nothing else. */
static void test_endless(void)
{
    const char *path = fixture_path(test_pool);
    iu_store *store = fixture_store(test_pool, path, NULL);
    char *document = apr_pcalloc(test_pool, DOCUMENT_BYTES + 1);
    sqlite3 *db;
    apr_time_t begin;

    is_text(fixture_insert(store, test_pool, "i", "first"), NULL, "a table");
    db = begin_reader(path);
    run(db, "BEGIN; SELECT count(*) FROM used_insight");
    memset(document, ' ', DOCUMENT_BYTES);
    memcpy(document, "{}", 2);
    begin = apr_time_now();
    is_number(store_all(store, document), RECORDS, "all stored");
    ok(apr_time_now() - begin < apr_time_from_sec(20),
       "and few inserts waited");
    ok(log_size(path) > LOG_BYTES, "and the log grew");
    sqlite3_close(db);
    is_text(fixture_insert(store, test_pool, "i", "last"), NULL,
            "a record can be stored afterwards");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_log();
    test_endless();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
