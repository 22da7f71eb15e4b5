/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that reopens itself. It is opened at its first use, dropped
 * after each failure that is not the statement's own, and opened again by the
 * next statement. If a new connection may help, the failed statement itself is
 * run again on it. Used by one thread at a time.
 */
#ifndef IU_DATABASE_SESSION_H
#define IU_DATABASE_SESSION_H

#include "connection.h"

typedef struct iu_session {
    iu_database *database;
    iu_connection *connection; /* NULL: not open */
} iu_session;

/* A statement to run, and for which request. */
typedef struct iu_execution {
    const char *sql;
    const char *const *arguments;
    int count;
    int affected_rows; /* the statement returns no rows; return one row with the
                        * number of rows that it changed */
    int is_read;       /* a reader's statement, else the writer's */
    int is_fixed;      /* of a reader's statements: one of a few that come again
                        * and again, for which one plan is good whatever its
                        * arguments; none that a client's query has composed */
    int is_control;    /* BEGIN, COMMIT or ROLLBACK: no arguments, no rows */
    int in_transaction; /* a statement of the transaction that is open, its end
                         * included: run once, on the open connection */
    apr_pool_t *pool;   /* for rows and failures */
    const char *origin;
    iu_bound bound; /* also for the wait for the turn to create the table */
    int holds_turn; /* the caller has the writer's turn */
} iu_execution;

/* What earlier runs of a writer's statement may have done. Zero before the
 * first run; kept while the same records are tried again. */
typedef struct iu_retry_state {
    int retried;         /* the statement was run before */
    int outcome_unknown; /* an earlier run may have stored records */
    int unclassified;    /* likewise, unless the same IU_FAILURE_UNCLASSIFIED
                          * comes again */
} iu_retry_state;

/* Runs a statement. *rows come from the database that the configured path names
 * now. Returns NULL, or the last failure. An IU_FAILURE_UNCLASSIFIED that comes
 * again on a new connection is returned as IU_FAILURE_CONTENT. With
 * in_transaction, a failure other than IU_FAILURE_CONTENT and
 * IU_FAILURE_CONFLICT has dropped the connection, which ends the
 * transaction. */
iu_failure *iu_session_execute(iu_session *session,
                               const iu_execution *execution,
                               iu_retry_state *retry,
                               apr_array_header_t **rows);

/* A pause after conflicts (from 1), longer after each, and random so that the
 * same statements do not conflict again. */
void iu_session_back_off(int conflicts);

/* Closes the connection if it is open. */
void iu_session_drop(iu_session *session);

#endif
