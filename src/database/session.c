/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <apr_general.h>

#include "../concurrency/clock.h"

/* A file may be replaced and its schema changed at the same time, and each
 * needs a new connection. */
#define ATTEMPTS 3

/* How often a statement is run again after conflicts, and the shortest pause
 * before the first of these runs. */
#define CONFLICTS_MAX 6
#define PAUSE_MS 2

/* How often to try to open a file that another connection has locked, for
 * example while it closes. Each try lasts as long as the driver waits. */
#define OPENINGS 16

void iu_session_drop(iu_session *session)
{
    if (session->connection) {
        iu_connection_drop(session->connection);
        session->connection = NULL;
    }
}

/* Opens a connection; tries several times while the file is locked. */
static iu_failure *try_to_open(iu_session *session,
                               const iu_execution *execution, int may_create)
{
    iu_failure *failure = NULL;
    int opening;

    for (opening = 1; opening <= OPENINGS; opening++) {
        failure =
            iu_connection_open(&session->connection, session->database,
                               may_create, execution->origin, execution->pool);
        if (!failure || failure->kind != IU_FAILURE_BUSY ||
            !session->database->dialect->one_writer ||
            (execution->is_read &&
             iu_clock_now() >= execution->bound.deadline)) {
            break;
        }
    }
    return failure;
}

static iu_failure *open_connection(iu_session *session,
                                   const iu_execution *execution)
{
    iu_database *database = session->database;
    iu_failure *failure =
        try_to_open(session, execution, execution->holds_turn);

    /* No failure and no connection: the file or table must be created. */
    if (!failure && !session->connection) {
        failure = iu_database_take_turn(database, execution->bound.deadline,
                                        execution->pool);
        if (!failure) {
            failure = try_to_open(session, execution, 1);
            iu_database_end_turn(database);
        }
    }
    if (!failure) {
        iu_database_succeeded(database, execution->origin);
    }
    else if (failure->kind == IU_FAILURE_CONTENT) {
        /* The setup has no values of a request: the database is at fault. */
        failure->kind = IU_FAILURE_REFUSED;
    }
    return failure;
}

static iu_failure *run(iu_session *session, const iu_execution *execution,
                       apr_array_header_t **rows)
{
    iu_connection *connection = session->connection;
    iu_failure *failure = NULL;
    iu_failure *replaced;

    if (execution->is_read) {
        failure = iu_connection_set_bound(connection, &execution->bound,
                                          execution->pool);
    }
    else {
        iu_connection_set_deadline(connection, execution->bound.deadline);
    }
    if (!failure) {
        failure = (execution->is_control      ? iu_connection_control
                   : execution->affected_rows ? iu_connection_change
                   : execution->is_fixed      ? iu_connection_read_fixed
                   : execution->is_read       ? iu_connection_read
                                              : iu_connection_select)(
            connection, execution->sql, execution->arguments, execution->count,
            execution->pool, rows);
    }
    replaced = iu_connection_check_file(connection, execution->pool);

    /* The result of a file that was replaced meanwhile is void. */
    return replaced ? replaced : failure;
}

void iu_session_back_off(int conflicts)
{
    unsigned char random = 0;

    apr_generate_random_bytes(&random, sizeof random);
    apr_sleep(apr_time_from_msec(PAUSE_MS << conflicts) * (256 + random) / 512);
}

/* Runs a statement, and again after conflicts. iu_retry_state does not count
 * these runs: a statement that met a conflict was rolled back. */
static iu_failure *run_retrying_conflicts(iu_session *session,
                                          const iu_execution *execution,
                                          apr_array_header_t **rows)
{
    iu_failure *failure = run(session, execution, rows);
    int conflicts;

    for (conflicts = 1; failure && failure->kind == IU_FAILURE_CONFLICT &&
                        conflicts <= CONFLICTS_MAX &&
                        iu_clock_now() < execution->bound.deadline;
         conflicts++) {
        iu_database_tell(session->database, IU_LOG_INFO, execution->origin,
                         "IU0107: retrying the statement after \"%s\"",
                         failure->text);
        iu_session_back_off(conflicts);
        failure = run(session, execution, rows);
    }
    return failure;
}

/* Runs a statement of the open transaction, of which a new connection would
 * know nothing. */
static iu_failure *run_in_transaction(iu_session *session,
                                      const iu_execution *execution,
                                      apr_array_header_t **rows)
{
    iu_failure *failure =
        session->connection
            ? run(session, execution, rows)
            : iu_failure_make(execution->pool, IU_FAILURE_LOST,
                              "the connection of the transaction was closed");

    if (failure && failure->kind != IU_FAILURE_CONTENT &&
        failure->kind != IU_FAILURE_CONFLICT) {
        iu_session_drop(session);
    }
    return failure;
}

static int reconnect_may_help(iu_failure_kind kind)
{
    return kind == IU_FAILURE_STALE || kind == IU_FAILURE_UNCLASSIFIED ||
           kind == IU_FAILURE_LOST || kind == IU_FAILURE_REPLACED;
}

static void note_reconnect(const iu_session *session,
                           const iu_execution *execution,
                           const iu_failure *failure)
{
    const iu_database *database = session->database;

    iu_metrics_count(database->metrics, IU_METRIC_RECONNECTS, 0);
    if (failure->kind == IU_FAILURE_REPLACED) {
        iu_database_tell(
            database, IU_LOG_ERROR, execution->origin,
            "IU0105: %s: %s; records in the old file are no longer served",
            database->params, failure->text);
    }
    else {
        iu_database_tell(database, IU_LOG_NOTICE, execution->origin,
                         "IU0104: reconnecting to the %s database after \"%s\"",
                         database->dialect->driver, failure->text);
    }
}

/* Drops the connection if the failure is not the statement's own, and records
 * in retry what the run may have done. Returns whether to run again. */
static int handle_failure(iu_session *session, const iu_execution *execution,
                          iu_retry_state *retry, iu_failure *failure)
{
    if (failure->kind == IU_FAILURE_UNCLASSIFIED && retry->unclassified) {
        failure->kind = IU_FAILURE_CONTENT;
    }
    if (failure->kind == IU_FAILURE_CONTENT ||
        failure->kind == IU_FAILURE_STOPPED) {
        return 0;
    }
    iu_session_drop(session);
    if (failure->kind == IU_FAILURE_LOST ||
        failure->kind == IU_FAILURE_REPLACED) {
        retry->outcome_unknown = 1;
    }
    if (failure->kind == IU_FAILURE_UNCLASSIFIED) {
        retry->unclassified = 1;
    }
    /* Reconnecting to a lost server takes time, and after the deadline no
     * request waits for it. */
    if (!reconnect_may_help(failure->kind) ||
        (failure->kind == IU_FAILURE_LOST &&
         iu_clock_now() >= execution->bound.deadline)) {
        return 0;
    }
    note_reconnect(session, execution, failure);
    retry->retried = 1;
    return 1;
}

iu_failure *iu_session_execute(iu_session *session,
                               const iu_execution *execution,
                               iu_retry_state *retry, apr_array_header_t **rows)
{
    iu_database *database = session->database;
    iu_failure *failure = NULL;
    int attempt;

    if (execution->in_transaction) {
        return run_in_transaction(session, execution, rows);
    }
    if (!session->connection &&
        !iu_breaker_admit(&database->breaker, iu_clock_now())) {
        return iu_failure_make(execution->pool, IU_FAILURE_LOST,
                               "known to be down");
    }
    for (attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (!session->connection) {
            failure = open_connection(session, execution);
            if (failure && failure->kind != IU_FAILURE_STALE) {
                break;
            }
        }
        if (session->connection) {
            failure = run_retrying_conflicts(session, execution, rows);
            if (!failure) {
                /* Another session may have opened the breaker. */
                iu_database_succeeded(database, execution->origin);
                return NULL;
            }
            if (!handle_failure(session, execution, retry, failure)) {
                break;
            }
        }
    }
    if (failure->kind == IU_FAILURE_LOST || failure->kind == IU_FAILURE_DOWN ||
        failure->kind == IU_FAILURE_REFUSED) {
        iu_database_failed(database, execution->origin, failure);
    }
    return failure;
}
