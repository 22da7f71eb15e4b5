/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading from SQLite. apr_dbd's driver holds one lock of the whole process
 * while a statement runs: readers would wait for each other, and for every sync
 * of a commit, though in WAL mode SQLite lets them all go on at the same time.
 * It also makes three objects of each value. Commits stay apr_dbd's: there is
 * one writer anyway, who sees to it that the log does not grow for ever.
 */
#include "native.h"

#include <sched.h>

#include <sqlite3.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"

/* Steps of SQLite's machine from one look at the bound to the next: fewer than
 * a filter of many functions takes for a record. SQLite itself looks between
 * records only. */
#define STEPS 100

/* What runs for longer than this gives way, at each look, to threads that wait
 * for a processor: else a request that takes none of its time would wait for
 * its turn after each of those that take all they get. */
#define SHORT_TIME apr_time_from_msec(5)

/* Between two questions whether the client has gone. A statement that does not
 * take as long asks none. */
#define GONE_INTERVAL apr_time_from_msec(50)

/* How often what finds the database locked is tried, each time for as long as
 * the connection's busy_timeout (50 ms): a statement, for as long as a writer's
 * by apr_dbd, and the wait for readers. */
#define STATEMENT_TRIES 40
#define RESTART_TRIES 16

/* Frames (of 4 KiB) in the log from which on a commit copies into the file what
 * no reader needs to find in the log: as SQLite does by itself. */
#define CHECKPOINT_FRAMES 1000

/* From which on it also waits until no reader needs the log: as long as there
 * is one at any time the log is never begun anew, and would grow without end.
 * Readers wait for nobody. */
#define RESTART_FRAMES 4000

static void restart_log(sqlite3 *db, const char *name)
{
    int tries = 0;
    int result;

    do {
        result = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_RESTART,
                                           NULL, NULL);
    } while (result == SQLITE_BUSY && ++tries < RESTART_TRIES);
}

/* Returns SQLITE_OK, whatever becomes of it: the commit is done, and the next
 * one tries again. */
static int after_commit(void *data, sqlite3 *db, const char *name, int frames)
{
    int *restart = data; /* at how many frames to wait next */

    if (frames < CHECKPOINT_FRAMES) {
        *restart = RESTART_FRAMES;
    }
    else if (frames < *restart) {
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                  NULL);
    }
    else {
        /* One who reads for hours must not cost every commit this wait. */
        *restart = frames * 2;
        restart_log(db, name);
    }
    return SQLITE_OK;
}

static void *set_up(void *handle, apr_pool_t *pool)
{
    int *restart = apr_palloc(pool, sizeof *restart);

    *restart = RESTART_FRAMES;
    sqlite3_wal_hook(handle, after_commit, restart);
    return handle;
}

static void finalize(void *statement)
{
    sqlite3_finalize(statement);
}

/* The same text with SQLite's parameters in place of apr_dbd's. */
static const char *with_parameters(const char *sql, apr_pool_t *pool)
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
    int result = sqlite3_prepare_v3(handle, with_parameters(sql, pool), -1,
                                    SQLITE_PREPARE_PERSISTENT, &prepared, NULL);

    if (result == SQLITE_OK) {
        *statement = prepared;
    }
    return result;
}

/* Appends the row that a statement is at. */
static int append_row(sqlite3_stmt *statement, int columns, apr_pool_t *pool,
                      apr_array_header_t *rows)
{
    const char **values = apr_palloc(pool, columns * sizeof *values);
    int i;

    for (i = 0; i < columns; i++) {
        const char *text = (const char *)sqlite3_column_text(statement, i);

        if (!text && sqlite3_column_type(statement, i) != SQLITE_NULL) {
            return SQLITE_NOMEM;
        }
        /* The length is known only now: of the text, whatever was stored. */
        values[i] = text ? apr_pstrmemdup(pool, text,
                                          sqlite3_column_bytes(statement, i))
                         : NULL;
    }
    APR_ARRAY_PUSH(rows, const char *const *) = values;
    return SQLITE_ROW;
}

/* What SQLite calls as a statement runs. */
typedef struct watch {
    const iu_bound *bound;
    apr_time_t yield_at; /* from when on to give way */
    apr_time_t ask_at;   /* when to ask next whether the client has gone */
} watch;

static int must_stop(void *data)
{
    watch *on = data;
    const iu_bound *bound = on->bound;
    apr_time_t now = iu_clock_now();

    if (now >= bound->deadline) {
        return 1;
    }
    if (now >= on->yield_at) {
        sched_yield();
    }
    if (!bound->is_gone || now < on->ask_at) {
        return 0;
    }
    on->ask_at = now + GONE_INTERVAL;
    return bound->is_gone(bound->client);
}

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
    watch on = {bound, now + SHORT_TIME, now + GONE_INTERVAL};
    /* Taken once, and not with each value. */
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
        sqlite3_progress_handler(handle, STEPS, must_stop, &on);
        result = run(statement, bound, pool, *rows);
        sqlite3_progress_handler(handle, 0, NULL, NULL);
    }
    sqlite3_mutex_leave(mutex);
    /* Returns the error of the step again, and keeps its text. */
    sqlite3_reset(statement);
    return result == SQLITE_DONE ? 0 : result;
}

static const char *error(void *handle)
{
    return sqlite3_errmsg(handle);
}

const iu_native iu_native_sqlite3 = {
    .reads = 1,
    .set_up = set_up,
    .prepare = prepare,
    .finalize = finalize,
    .select = select_rows,
    .error = error,
};
