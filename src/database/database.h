/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one database in one child process, shared by its writer and
 * readers. */
#ifndef IU_DATABASE_DATABASE_H
#define IU_DATABASE_DATABASE_H

#include <apr_global_mutex.h>

#include "../concurrency/breaker.h"
#include "../dialect/dialect.h"
#include "../metrics/metrics.h"
#include "../problem/problem.h"
#include "log.h"

typedef struct iu_database {
    const iu_dialect *dialect;
    const char *params;
    apr_global_mutex_t *writer_turn; /* NULL: none */
    iu_log *log;                     /* NULL: log nothing */
    void *log_baton;
    iu_metrics_slot *metrics; /* NULL: count nothing */
    iu_write_state *writes;   /* of all processes, or of this one */
    iu_breaker breaker;
    apr_pool_t *pool; /* lives as long as the database; any thread may create
                       * child pools */
} iu_database;

/* Writes a log line for the operator. format begins with the line's number
 * ("IU0101: …"). origin: as of iu_log. */
void iu_database_tell(const iu_database *database, iu_log_level level,
                      const char *origin, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Waits for the turn to write, which one process at a time has. Returns NULL:
 * then call iu_database_end_turn. Otherwise an IU_FAILURE_BUSY in pool: the
 * turn did not come before deadline, or the lock failed. */
iu_failure *iu_database_take_turn(const iu_database *database,
                                  apr_time_t deadline, apr_pool_t *pool);
void iu_database_end_turn(const iu_database *database);

/* Report to the breaker whether the database could be used, and failure as the
 * reason if not. They log and count when the breaker opens or closes. */
void iu_database_succeeded(iu_database *database, const char *origin);
void iu_database_failed(iu_database *database, const char *origin,
                        const iu_failure *failure);

/* Returns IU_DATABASE_DOWN in pool while the breaker is open and no probe is
 * due; otherwise NULL. */
iu_problem *iu_database_check(iu_database *database, apr_pool_t *pool);

/* Makes the problem, in pool, that a request gets for a failure. content_kind
 * is the kind for IU_FAILURE_CONTENT: IU_STATEMENT_FAILED or IU_READ_FAILED. */
iu_problem *iu_database_problem(iu_database *database,
                                const iu_failure *failure,
                                iu_problem_kind content_kind, apr_pool_t *pool);

/* Makes a failure in pool, with a copy of the first line of text. */
iu_failure *iu_failure_make(apr_pool_t *pool, iu_failure_kind kind,
                            const char *text);

#endif
