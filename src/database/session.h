/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that reopens itself. It is opened at its first use, and dropped
 * and reopened after each failure that is not the statement's own; where a new
 * connection may help, the statement is run again. Used by one thread at a
 * time.
 */
#ifndef IU_DATABASE_SESSION_H
#define IU_DATABASE_SESSION_H

#include "connection.h"

typedef struct iu_session {
    iu_database *database;
    iu_connection *connection; /* NULL: not open */
} iu_session;

/* What is to be run, on whose behalf. */
typedef struct iu_execution {
    const char *sql;
    const char *const *arguments;
    int count;
    int counted;      /* it has no rows: its one row is how many it changed */
    int reading;      /* it changes nothing, and is no writer's */
    apr_pool_t *pool; /* for rows and failures */
    const char *origin;
    iu_bound bound; /* its deadline also for the turn to make the table in */
    int turn_held;  /* the caller has the writer's turn already */
} iu_execution;

/* What is not certain about a statement that writes. Zero before the first
 * run; carried on where the same records are tried again. */
typedef struct iu_doubt {
    int repeated;   /* it was run before */
    int unknown;    /* and that may have stored records */
    int unfamiliar; /* or it may, unless the same failure comes again */
} iu_doubt;

/* Runs a statement and returns its rows, which come from the database that is
 * at its place now. NULL, or the last failure. An IU_FAILURE_UNFAMILIAR that
 * stays on a new connection is returned as IU_FAILURE_CONTENT. */
iu_failure *iu_session_execute(iu_session *session,
                               const iu_execution *execution, iu_doubt *doubt,
                               apr_array_header_t **rows);

/* Closes its connection, if one is open; the next execution opens another. */
void iu_session_drop(iu_session *session);

#endif
