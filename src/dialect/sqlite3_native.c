/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads from SQLite without apr_dbd, whose driver holds a process-wide mutex
 * while a statement runs: readers would wait for each other and for every sync
 * of a commit, although in WAL mode SQLite runs them all concurrently. The
 * driver also allocates three objects per value.
 *
 * Commits go through apr_dbd: there is one writer anyway. After each commit a
 * hook on the writer's connection keeps the write-ahead log from growing
 * without end.
 */
#include "native.h"

#include <sched.h>

#include <sqlite3.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"

/* Instructions of SQLite's virtual machine between two checks of the bound:
 * fewer than a filter of many functions takes for one record. SQLite itself
 * checks for interrupts between records only. */
#define STEPS 100

/* A statement that has run this long yields the processor at each check.
 * Otherwise a request that needs little time would wait behind the full time
 * slices of all those that need much. */
#define SHORT_TIME apr_time_from_msec(5)

/* Time between two calls of is_gone; shorter statements do not call it. */
#define GONE_INTERVAL apr_time_from_msec(50)

/* How often to try while the database is locked; each try waits for the
 * connection's busy_timeout (50 ms). A statement waits as long as apr_dbd lets
 * the writer wait. */
#define STATEMENT_TRIES 40
#define RESTART_TRIES 16

/* If the log has this many frames (of 4 KiB) or more, a commit also copies them
 * into the file, as far as readers permit. SQLite's own default. */
#define CHECKPOINT_FRAMES 1000

/* If it has this many, a commit also waits until no reader uses the log. SQLite
 * restarts the log only at such a moment: if readers always overlap, it would
 * grow without end. Readers never wait. */
#define RESTART_FRAMES 4000

/* Waits for the readers of the log, so that the next commit restarts it. */
static void restart_log(sqlite3 *db, const char *name)
{
    int tries = 0;
    int result;

    do {
        result = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_RESTART,
                                           NULL, NULL);
    } while (result == SQLITE_BUSY && ++tries < RESTART_TRIES);
}

/* A WAL hook. Always returns SQLITE_OK: the commit has succeeded, and the next
 * one checkpoints again. */
static int after_commit(void *data, sqlite3 *db, const char *name, int frames)
{
    int *restart_frames = data;

    if (frames < CHECKPOINT_FRAMES) {
        *restart_frames = RESTART_FRAMES;
    }
    else if (frames < *restart_frames) {
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                  NULL);
    }
    else {
        /* Doubled, so that with a reader that runs for hours few commits
         * wait. */
        *restart_frames = frames * 2;
        restart_log(db, name);
    }
    return SQLITE_OK;
}

static void *set_up(void *handle, apr_pool_t *pool)
{
    int *restart_frames = apr_palloc(pool, sizeof *restart_frames);

    *restart_frames = RESTART_FRAMES;
    sqlite3_wal_hook(handle, after_commit, restart_frames);
    return handle;
}

static void finalize(void *statement)
{
    sqlite3_finalize(statement);
}

/* Replaces apr_dbd's parameters by SQLite's: %s by ?, %% by %. */
static const char *convert_parameters(const char *sql, apr_pool_t *pool)
{
    char *text = apr_pstrdup(pool, sql);
    char *to = text;

    for (; *sql; sql++) {
        if (*sql == '%' && sql[1]) {
            sql++;
            *to++ = *sql == 's' ? '?' : *sql;
        }
        else {
            *to++ = *sql;
        }
    }
    *to = '\0';
    return text;
}

static int prepare(void *handle, const char *sql, apr_pool_t *pool,
                   void **statement)
{
    sqlite3_stmt *prepared;
    int result = sqlite3_prepare_v3(handle, convert_parameters(sql, pool), -1,
                                    SQLITE_PREPARE_PERSISTENT, &prepared, NULL);

    if (result == SQLITE_OK) {
        *statement = prepared;
    }
    return result;
}

/* Appends the current row. Returns SQLITE_ROW, or an error. The caller holds
 * the connection's mutex, as a value of sqlite3_column_value needs it;
 * sqlite3_column_text and sqlite3_column_bytes would enter it each time. */
static int append_row(sqlite3_stmt *statement, int columns, apr_pool_t *pool,
                      apr_array_header_t *rows)
{
    const char **values = apr_palloc(pool, columns * sizeof *values);
    int i;

    for (i = 0; i < columns; i++) {
        sqlite3_value *value = sqlite3_column_value(statement, i);
        const char *text = (const char *)sqlite3_value_text(value);

        if (!text && sqlite3_value_type(value) != SQLITE_NULL) {
            return SQLITE_NOMEM;
        }
        /* sqlite3_value_bytes must follow sqlite3_value_text, which may convert
         * the value. */
        values[i] = text
                        ? apr_pstrmemdup(pool, text, sqlite3_value_bytes(value))
                        : NULL;
    }
    APR_ARRAY_PUSH(rows, const char *const *) = values;
    return SQLITE_ROW;
}

/* The state of must_stop during one statement. */
typedef struct watch {
    const iu_bound *bound;
    apr_time_t yield_from;
    apr_time_t next_is_gone; /* when to call is_gone next */
} watch;

/* A progress handler: nonzero stops the statement. */
static int must_stop(void *data)
{
    watch *watch = data;
    const iu_bound *bound = watch->bound;
    apr_time_t now = iu_clock_now();

    if (now >= bound->deadline) {
        return 1;
    }
    if (now >= watch->yield_from) {
        sched_yield();
    }
    if (!bound->is_gone || now < watch->next_is_gone) {
        return 0;
    }
    watch->next_is_gone = now + GONE_INTERVAL;
    return bound->is_gone(bound->client);
}

/* Steps through all rows. Returns SQLITE_DONE or an error. */
static int run(sqlite3_stmt *statement, const iu_bound *bound, apr_pool_t *pool,
               apr_array_header_t *rows)
{
    int columns = sqlite3_column_count(statement);
    int tries = 0;
    int result;

    do {
        result = sqlite3_step(statement);
    } while (result == SQLITE_BUSY && ++tries < STATEMENT_TRIES &&
             iu_clock_now() < bound->deadline);
    while (result == SQLITE_ROW) {
        result = append_row(statement, columns, pool, rows);
        if (result == SQLITE_ROW) {
            result = sqlite3_step(statement);
        }
    }
    return result;
}

static int select_rows(void *handle, void *statement,
                       const char *const *arguments, int count,
                       const iu_bound *bound, apr_pool_t *pool,
                       apr_array_header_t **rows)
{
    apr_time_t now = iu_clock_now();
    watch watch = {bound, now + SHORT_TIME, now + GONE_INTERVAL};
    /* Entered once here; the calls for each value then only nest. */
    sqlite3_mutex *mutex = sqlite3_db_mutex(handle);
    int result = SQLITE_OK;
    int i;

    *rows = apr_array_make(pool, 1, sizeof(const char *const *));
    sqlite3_mutex_enter(mutex);
    for (i = 0; result == SQLITE_OK && i < count; i++) {
        result = sqlite3_bind_text(statement, i + 1, arguments[i], -1,
                                   SQLITE_STATIC);
    }
    if (result == SQLITE_OK) {
        sqlite3_progress_handler(handle, STEPS, must_stop, &watch);
        result = run(statement, bound, pool, *rows);
        sqlite3_progress_handler(handle, 0, NULL, NULL);
    }
    sqlite3_mutex_leave(mutex);
    /* Repeats the step's error and keeps its text for error(). */
    sqlite3_reset(statement);
    return result == SQLITE_DONE ? 0 : result;
}

static const char *error(void *handle)
{
    return sqlite3_errmsg(handle);
}

const iu_native_driver iu_native_sqlite3 = {
    .set_up = set_up,
    .prepare = prepare,
    .finalize = finalize,
    .select = select_rows,
    .error = error,
};
