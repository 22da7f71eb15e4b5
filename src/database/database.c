/* SPDX-License-Identifier: Apache-2.0 */
#include "database.h"

#include <stdarg.h>
#include <string.h>

#include <apr_errno.h>
#include <apr_strings.h>

#include "../concurrency/clock.h"

/* Bytes of a driver's error text, and of a log line. */
#define TEXT_MAX 300
#define LINE_MAX_BYTES 1024

/* Retry-After, in seconds, if the operator must act, or the client must ask for
 * less. */
#define RETRY_AFTER_ACTION 30

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
    /* APR waits by the wall clock: setting it forward ends the wait early. */
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
                               "another process holds the writer's turn");
    }
    apr_strerror(status, text, sizeof text);
    return iu_failure_make(
        pool, IU_FAILURE_BUSY,
        apr_pstrcat(pool, "the writers' mutex: ", text, NULL));
}

void iu_database_end_turn(const iu_database *database)
{
    if (database->writer_turn) {
        apr_global_mutex_unlock(database->writer_turn);
    }
}

void iu_database_succeeded(iu_database *database, const char *origin)
{
    if (iu_breaker_succeeded(&database->breaker)) {
        iu_metrics_set(database->metrics, IU_METRIC_BREAKER_SINCE, 0);
        iu_metrics_add(database->metrics, IU_METRIC_BREAKER_OPEN, -1);
        iu_database_tell(database, IU_LOG_NOTICE, origin,
                         "IU0102: the %s database is back",
                         database->dialect->driver);
    }
}

void iu_database_failed(iu_database *database, const char *origin,
                        const iu_failure *failure)
{
    if (iu_breaker_failed(&database->breaker, iu_clock_now())) {
        iu_metrics_count(database->metrics, IU_METRIC_OUTAGES, 0);
        iu_metrics_set(database->metrics, IU_METRIC_BREAKER_SINCE,
                       apr_time_now());
        /* Added, not set: then the threads that open and close the breaker may
         * come here in any order. */
        iu_metrics_add(database->metrics, IU_METRIC_BREAKER_OPEN, 1);
        iu_database_tell(database, IU_LOG_WARNING, origin,
                         "IU0101: the %s database cannot be used: %s; requests "
                         "get 503, one request a second tries again",
                         database->dialect->driver, failure->text);
    }
}

iu_problem *iu_database_check(iu_database *database, apr_pool_t *pool)
{
    int seconds = iu_breaker_retry_after(&database->breaker, iu_clock_now());
    iu_problem *problem;

    if (seconds == 0) {
        return NULL;
    }
    problem = iu_problem_make(pool, IU_DATABASE_DOWN);
    problem->retry_after = seconds;
    return iu_problem_explain(pool, problem, "known to be down");
}

iu_problem *iu_database_problem(iu_database *database,
                                const iu_failure *failure,
                                iu_problem_kind content_kind, apr_pool_t *pool)
{
    static const struct {
        iu_problem_kind kind; /* 0: content_kind */
        int retry_after;
    } problems[] = {
        [IU_FAILURE_STALE] = {IU_DATABASE_REFUSED, RETRY_AFTER_ACTION},
        [IU_FAILURE_UNCLASSIFIED] = {0, 0},
        [IU_FAILURE_CONTENT] = {0, 0},
        [IU_FAILURE_FULL] = {IU_DATABASE_FULL, RETRY_AFTER_ACTION},
        [IU_FAILURE_READ_ONLY] = {IU_DATABASE_READ_ONLY, RETRY_AFTER_ACTION},
        [IU_FAILURE_BUSY] = {IU_DATABASE_BUSY, 1},
        [IU_FAILURE_STOPPED] = {IU_READ_STOPPED, RETRY_AFTER_ACTION},
        [IU_FAILURE_CONFLICT] = {IU_DATABASE_BUSY, 1},
        [IU_FAILURE_DOWN] = {IU_DATABASE_DOWN, 1},
        [IU_FAILURE_LOST] = {IU_DATABASE_DOWN, 1},
        [IU_FAILURE_UNREPLICATED] = {IU_DATABASE_BUSY, 1},
        [IU_FAILURE_REFUSED] = {IU_DATABASE_REFUSED, RETRY_AFTER_ACTION},
        [IU_FAILURE_REPLACED] = {IU_DATABASE_DOWN, 1},
    };
    iu_problem_kind kind = problems[failure->kind].kind;
    iu_problem *problem = iu_problem_make(pool, kind ? kind : content_kind);

    problem->retry_after = problems[failure->kind].retry_after;
    /* A path may be logged; other drivers' params may contain secrets. */
    return iu_problem_explain(
        pool, problem, "%s: %s%s%s", database->dialect->driver, failure->text,
        database->dialect->identify_file ? ", file " : "",
        database->dialect->identify_file ? database->params : "");
}
