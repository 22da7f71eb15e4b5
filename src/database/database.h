/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one database in one child process, shared by its writer and
 * readers. */
#ifndef IU_DATABASE_DATABASE_H
#define IU_DATABASE_DATABASE_H

#include <apr_global_mutex.h>

#include "../concurrency/breaker.h"
#include "../dialect/dialect.h"
#include "../problem/problem.h"
#include "log.h"

typedef struct iu_database {
    const iu_dialect *dialect;
    const char *params;
    apr_global_mutex_t *writer_turn; /* NULL: none */
    iu_log *log;                     /* NULL: nothing is told */
    void *log_baton;
    iu_breaker breaker;
    apr_pool_t *pool; /* lives as long; many threads may make pools in it */
} iu_database;

/* Tells the operator. The format begins with the line's own number. */
void iu_database_tell(const iu_database *database, iu_log_level level,
                      const char *origin, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Takes the turn to change the database, which all children share. NULL, or an
 * IU_FAILURE_BUSY in pool where the turn did not come before deadline. */
iu_failure *iu_database_take_turn(const iu_database *database,
                                  apr_time_t deadline, apr_pool_t *pool);
void iu_database_end_turn(const iu_database *database);

/* Tells the breaker, and at a change the operator, what became of a try to
 * reach the database. failure: the last; NULL: it answered. */
void iu_database_reached(iu_database *database, const char *origin);
void iu_database_missed(iu_database *database, const char *origin,
                        const iu_failure *failure);

/* NULL, or at once IU_DATABASE_DOWN while the database is known to be down. */
iu_problem *iu_database_down(iu_database *database, apr_pool_t *pool);

/* A failure as the problem that a request is answered with. refused is what an
 * IU_FAILURE_CONTENT becomes: IU_STATEMENT_FAILED or IU_READ_FAILED. */
iu_problem *iu_database_problem(iu_database *database,
                                const iu_failure *failure,
                                iu_problem_kind refused, apr_pool_t *pool);

/* Makes a failure in pool; text is copied up to its first line's end. */
iu_failure *iu_failure_make(apr_pool_t *pool, iu_failure_kind kind,
                            const char *text);

#endif
