/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of iu_connection, for connection.c and connection_setup.c. */
#ifndef IU_DATABASE_CONNECTION_PRIVATE_H
#define IU_DATABASE_CONNECTION_PRIVATE_H

#include <apr_dbd.h>

#include "../concurrency/bound.h"
#include "../dialect/native.h"
#include "../dialect/prepared.h"
#include "connection.h"

struct iu_connection {
    iu_database *database;
    apr_pool_t *pool;    /* its own */
    apr_pool_t *results; /* of one select at a time; keeps its memory */
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    iu_prepared_set statements;  /* prepared by apr_dbd */
    iu_native_connection native; /* attached if the dialect has one */
    int native_writes;           /* native runs the writer's statements that
                                  * return rows */
    apr_uint64_t size_limit;     /* bytes of a statement's arguments; 0: none */
    int read_timeout; /* the session's, in milliseconds; 0: not set */
    int is_reader;    /* bound was set by iu_connection_set_bound */
    iu_bound bound;
    iu_file_identity file; /* as it was before opening */
};

/* Makes the failure, in pool, of the preceding call of apr_dbd, which returned
 * result. */
iu_failure *iu_connection_failure(const iu_connection *connection, int result,
                                  apr_pool_t *pool);

/* As iu_connection_select, for a statement without parameters, which is not
 * prepared. */
iu_failure *iu_connection_select_once(iu_connection *connection,
                                      const char *sql, apr_pool_t *pool,
                                      apr_array_header_t **rows);

/* Sets up an opened connection. *ready is 0 if the table does not exist and
 * may_create is 0. Returns NULL, or a failure in pool. */
iu_failure *iu_connection_set_up(iu_connection *connection, int may_create,
                                 const char *origin, apr_pool_t *pool,
                                 int *ready);

#endif
