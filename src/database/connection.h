/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to a database. Only its files call apr_dbd. Used by one thread
 * at a time. A connection is never repaired: after a failure it is dropped and
 * a new one is opened.
 */
#ifndef IU_DATABASE_CONNECTION_H
#define IU_DATABASE_CONNECTION_H

#include <apr_tables.h>

#include "database.h"

typedef struct iu_connection iu_connection;

/* Whether apr_dbd has a driver of that name: NULL, or a sentence that names
 * the package to install. */
const char *iu_connection_check_driver(apr_pool_t *pool, const char *name,
                                       const char *package);

/* Opens and sets up a connection and makes the table where that is ours to do,
 * which must be in the writer's turn: without may_make *connection is NULL
 * where something would have to be made. It lives until it is dropped or
 * database->pool is cleared. NULL, or a failure in pool. */
iu_failure *iu_connection_open(iu_connection **connection,
                               iu_database *database, int may_make,
                               const char *origin, apr_pool_t *pool);

/* Closes it and forgets its statements. */
void iu_connection_drop(iu_connection *connection);

/* Bounds the statements that follow, which are a reader's: they end, as
 * IU_FAILURE_STOPPED, at the deadline or soon after, and where the database can
 * ask, when the client has gone. NULL, or a failure in pool. */
iu_failure *iu_connection_bound(iu_connection *connection,
                                const iu_bound *bound, apr_pool_t *pool);

/* Until when the changes that follow may wait, or soon after; at least for a
 * second. Where the database can end such a wait they then fail, undone or as
 * IU_FAILURE_UNREPLICATED. */
void iu_connection_wait_until(iu_connection *connection, apr_time_t deadline);

/* Runs sql, the writer's, with count texts for its %s, prepared at its first
 * use, without apr_dbd in between where the database needs that. *rows gets an
 * array of const char *const *, one element a row, whose columns are texts
 * (NULL for SQL's null); all in pool. NULL, or a failure in pool. */
iu_failure *iu_connection_select(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows);

/* The same for a reader, whose statement changes nothing: without apr_dbd in
 * between where the database can do better. */
iu_failure *iu_connection_read(iu_connection *connection, const char *sql,
                               const char *const *arguments, int count,
                               apr_pool_t *pool, apr_array_header_t **rows);

/* The same for a statement that has no rows: *rows gets one, with the number of
 * rows that it changed. */
iu_failure *iu_connection_change(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows);

/* NULL, or an IU_FAILURE_REPLACED in pool where the database's place is empty
 * or holds another one than this connection leads to: what was committed
 * through it nobody will ever see. */
iu_failure *iu_connection_check_file(const iu_connection *connection,
                                     apr_pool_t *pool);

#endif
