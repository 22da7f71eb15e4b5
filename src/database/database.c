/* SPDX-License-Identifier: Apache-2.0 */
/* One database as one child process sees it. */
#include "database.h"

#include <stdarg.h>
#include <string.h>

#include <apr_errno.h>
#include <apr_strings.h>

#include "../concurrency/clock.h"

/* Of a driver's text, and of a line for the log. */
#define TEXT_MAX 300
#define LINE_MAX_BYTES 1024

/* Seconds after which a client may come back where an operator has to act, or
 * the client itself: to ask for less. */
#define OPERATOR_SECONDS 30

iu_failure *iu_failure_make(apr_pool_t *pool, iu_failure_kind kind,
                            const char *text)
{
    iu_failure *failure = apr_palloc(pool, sizeof *failure);
    apr_size_t length = strcspn(text, "\r\n");

    failure->kind = kind;
    failure->text =
        apr_pstrmemdup(pool, text, length < TEXT_MAX ? length : TEXT_MAX);
    return failure;
}

void iu_database_tell(const iu_database *database, iu_log_level level,
                      const char *origin, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list arguments;

    if (!database->log) {
        return;
    }
    va_start(arguments, format);
    apr_vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    database->log(database->log_baton, level, origin, line);
}

iu_failure *iu_database_take_turn(const iu_database *database,
                                  apr_time_t deadline, apr_pool_t *pool)
{
    apr_interval_time_t left;
    apr_status_t status;
    char text[TEXT_MAX];

    if (!database->writer_turn) {
        return NULL;
    }
    /* APR waits by the wall clock: one that is set forward ends that early. */
    do {
        left = deadline - iu_clock_now();
        status = apr_global_mutex_timedlock(database->writer_turn,
                                            left > 0 ? left : 0);
    } while (APR_STATUS_IS_TIMEUP(status) && left > 0);
    if (APR_STATUS_IS_ENOTIMPL(status)) {
        status = apr_global_mutex_lock(database->writer_turn);
    }
    if (status == APR_SUCCESS) {
        return NULL;
    }
    if (APR_STATUS_IS_TIMEUP(status)) {
        return iu_failure_make(pool, IU_FAILURE_BUSY,
                               "another process did not end its turn to write");
    }
    apr_strerror(status, text, sizeof text);
    return iu_failure_make(
        pool, IU_FAILURE_BUSY,
        apr_pstrcat(pool, "the mutex of the writers: ", text, NULL));
}

void iu_database_end_turn(const iu_database *database)
{
    if (database->writer_turn) {
        apr_global_mutex_unlock(database->writer_turn);
    }
}

void iu_database_reached(iu_database *database, const char *origin)
{
    if (iu_breaker_succeeded(&database->breaker)) {
        iu_database_tell(database, IU_LOG_NOTICE, origin,
                         "IU0102: the %s database is back",
                         database->dialect->driver);
    }
}

void iu_database_missed(iu_database *database, const char *origin,
                        const iu_failure *failure)
{
    if (iu_breaker_failed(&database->breaker, iu_clock_now())) {
        iu_database_tell(database, IU_LOG_WARNING, origin,
                         "IU0101: the %s database cannot be used: %s; requests "
                         "are answered 503 and it is tried every second",
                         database->dialect->driver, failure->text);
    }
}

iu_problem *iu_database_down(iu_database *database, apr_pool_t *pool)
{
    int seconds = iu_breaker_wait(&database->breaker, iu_clock_now());
    iu_problem *problem;

    if (seconds == 0) {
        return NULL;
    }
    problem = iu_problem_make(pool, IU_DATABASE_DOWN);
    problem->retry_after = seconds;
    return iu_problem_log(pool, problem, "known to be down");
}

iu_problem *iu_database_problem(iu_database *database,
                                const iu_failure *failure,
                                iu_problem_kind refused, apr_pool_t *pool)
{
    static const struct {
        iu_problem_kind kind; /* 0 is none of the database's: refused */
        int retry_after;
    } answers[] = {
        [IU_FAILURE_STALE] = {IU_DATABASE_REFUSED, OPERATOR_SECONDS},
        [IU_FAILURE_UNFAMILIAR] = {0, 0},
        [IU_FAILURE_CONTENT] = {0, 0},
        [IU_FAILURE_FULL] = {IU_DATABASE_FULL, OPERATOR_SECONDS},
        [IU_FAILURE_READ_ONLY] = {IU_DATABASE_READ_ONLY, OPERATOR_SECONDS},
        [IU_FAILURE_BUSY] = {IU_DATABASE_BUSY, 1},
        [IU_FAILURE_STOPPED] = {IU_READ_STOPPED, OPERATOR_SECONDS},
        [IU_FAILURE_CONFLICT] = {IU_DATABASE_BUSY, 1},
        [IU_FAILURE_DOWN] = {IU_DATABASE_DOWN, 1},
        [IU_FAILURE_LOST] = {IU_DATABASE_DOWN, 1},
        [IU_FAILURE_UNREPLICATED] = {IU_DATABASE_BUSY, 1},
        [IU_FAILURE_REFUSED] = {IU_DATABASE_REFUSED, OPERATOR_SECONDS},
        [IU_FAILURE_REPLACED] = {IU_DATABASE_DOWN, 1},
    };
    iu_problem_kind kind = answers[failure->kind].kind;
    iu_problem *problem = iu_problem_make(pool, kind ? kind : refused);

    problem->retry_after = answers[failure->kind].retry_after;
    /* A path may be told; what another driver's params hold may be secret. */
    return iu_problem_log(
        pool, problem, "%s: %s%s%s", database->dialect->driver, failure->text,
        database->dialect->identify_file ? ", file " : "",
        database->dialect->identify_file ? database->params : "");
}
