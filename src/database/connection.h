/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to a database. connection*.c are the only files that call
 * apr_dbd. Used by one thread at a time. A connection is never repaired: after
 * a failure the caller drops it and opens a new one.
 */
#ifndef IU_DATABASE_CONNECTION_H
#define IU_DATABASE_CONNECTION_H

#include <apr_tables.h>

#include "database.h"

typedef struct iu_connection iu_connection;

/* Checks that apr_dbd can load the driver. Returns NULL, or a sentence in pool
 * that names the package to install. */
const char *iu_connection_check_driver(apr_pool_t *pool, const char *name,
                                       const char *package);

/* Opens and sets up a connection. Creates the table if the dialect has a schema
 * and may_create; the caller must then hold the writer's turn. Without
 * may_create, *connection is NULL if the file or table would have to be
 * created. The connection lives until it is dropped or database->pool is
 * cleared. origin: as of iu_log. Returns NULL, or a failure in pool. */
iu_failure *iu_connection_open(iu_connection **connection,
                               iu_database *database, int may_create,
                               const char *origin, apr_pool_t *pool);

/* Closes a connection and frees its statements. */
void iu_connection_drop(iu_connection *connection);

/* For a reader: stops its following statements (IU_FAILURE_STOPPED) at bound's
 * deadline or soon after, and if the native driver can, when the client has
 * gone. Returns NULL, or a failure in pool. */
iu_failure *iu_connection_set_bound(iu_connection *connection,
                                    const iu_bound *bound, apr_pool_t *pool);

/* For the writer: lets its following statements wait until deadline or soon
 * after, but at least for a second. If the database can end a wait, the
 * statement then fails, rolled back or as IU_FAILURE_UNREPLICATED. */
void iu_connection_set_deadline(iu_connection *connection, apr_time_t deadline);

/* Runs a statement of the writer that returns rows, natively if the database
 * needs that. sql is prepared at its first use; count arguments, one text per
 * %s. *rows is an array of const char *const *, one element per row, whose
 * columns are texts (NULL: null); all in pool. Returns NULL, or a failure in
 * pool. */
iu_failure *iu_connection_select(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows);

/* The same for a reader's statement, natively if the dialect has a native
 * driver. */
iu_failure *iu_connection_read(iu_connection *connection, const char *sql,
                               const char *const *arguments, int count,
                               apr_pool_t *pool, apr_array_header_t **rows);

/* The same for a reader's statement that a server may keep prepared: as of
 * iu_execution.is_fixed. */
iu_failure *iu_connection_read_fixed(iu_connection *connection, const char *sql,
                                     const char *const *arguments, int count,
                                     apr_pool_t *pool,
                                     apr_array_header_t **rows);

/* The same for a statement of the writer that returns no rows: *rows has one
 * row, with the number of rows that the statement changed. */
iu_failure *iu_connection_change(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows);

/* The same for BEGIN, COMMIT and ROLLBACK, which have no arguments and return
 * no rows. apr_dbd's own transactions are not used: apr_dbd_transaction_start
 * ends the process if PostgreSQL's connection is broken, and with MariaDB
 * apr_dbd_transaction_end hides why a commit failed. */
iu_failure *iu_connection_control(iu_connection *connection, const char *sql,
                                  const char *const *arguments, int count,
                                  apr_pool_t *pool, apr_array_header_t **rows);

/* Returns an IU_FAILURE_REPLACED in pool if the configured path no longer names
 * the file that this connection has open: nobody will see what was committed
 * through it. Otherwise NULL. */
iu_failure *iu_connection_check_file(const iu_connection *connection,
                                     apr_pool_t *pool);

#endif
