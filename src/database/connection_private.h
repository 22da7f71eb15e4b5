/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a connection, for connection.c and connection_setup.c. */
#ifndef IU_DATABASE_CONNECTION_PRIVATE_H
#define IU_DATABASE_CONNECTION_PRIVATE_H

#include <apr_dbd.h>

#include "../dialect/bound.h"
#include "../dialect/native.h"
#include "../dialect/prepared.h"
#include "connection.h"

struct iu_connection {
    iu_database *database;
    apr_pool_t *pool; /* the connection's own */
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    iu_prepared_set statements; /* of apr_dbd */
    iu_natively native;         /* what goes past apr_dbd, if anything does */
    int writes_natively;        /* the writer's statements with rows do */
    apr_uint64_t limit;         /* of what is sent with a statement; 0: none */
    int time_limit; /* of the session, in milliseconds; 0: not set */
    int bounded;    /* by bound as a reader's; else it is a writer's */
    iu_bound bound;
    iu_file_identity file;
};

/* The failure, in pool, of the call of apr_dbd before, which gave result. */
iu_failure *iu_connection_failure(const iu_connection *connection, int result,
                                  apr_pool_t *pool);

/* Runs a statement without parameters, once. As iu_connection_select. */
iu_failure *iu_connection_select_once(iu_connection *connection,
                                      const char *sql, apr_pool_t *pool,
                                      apr_array_header_t **rows);

/* Makes a connection that was opened ready. *ready: whether it is; if not, and
 * that is no failure, something must be made first, for which this is not the
 * time. */
iu_failure *iu_connection_set_up(iu_connection *connection, int may_make,
                                 const char *origin, apr_pool_t *pool,
                                 int *ready);

#endif
