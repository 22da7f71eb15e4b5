/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that heals. */
#include "session.h"

#include <apr_general.h>

#include "../concurrency/clock.h"

/* A file may be replaced and its schema changed at the same time: two cures. */
#define ATTEMPTS 3

/* How often a statement that met a conflict is run again, and how long before
 * the first of these times. */
#define CONFLICTS_MAX 6
#define PAUSE_MS 2

/* How often to try to open a file that another one holds, as by closing it. As
 * for a statement, each try lasts as long as the driver waits. */
#define OPENINGS 16

void iu_session_drop(iu_session *session)
{
    if (session->connection) {
        iu_connection_drop(session->connection);
        session->connection = NULL;
    }
}

/* Opens a connection, with several tries where a file is held. */
static iu_failure *try_to_open(iu_session *session,
                               const iu_execution *execution, int may_make)
{
    iu_failure *failure = NULL;
    int opening;

    for (opening = 1; opening <= OPENINGS; opening++) {
        failure =
            iu_connection_open(&session->connection, session->database,
                               may_make, execution->origin, execution->pool);
        if (!failure || failure->kind != IU_FAILURE_BUSY ||
            !session->database->dialect->one_writer ||
            (execution->reading &&
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
    iu_failure *failure = try_to_open(session, execution, execution->turn_held);

    /* There is something to make. */
    if (!failure && !session->connection) {
        failure = iu_database_take_turn(database, execution->bound.deadline,
                                        execution->pool);
        if (!failure) {
            failure = try_to_open(session, execution, 1);
            iu_database_end_turn(database);
        }
    }
    if (!failure) {
        iu_database_reached(database, execution->origin);
    }
    else if (failure->kind == IU_FAILURE_CONTENT) {
        failure->kind = IU_FAILURE_REFUSED; /* it was given nothing */
    }
    return failure;
}

static iu_failure *run(iu_session *session, const iu_execution *execution,
                       apr_array_header_t **rows)
{
    iu_connection *connection = session->connection;
    iu_failure *failure = NULL;
    iu_failure *replaced;

    if (execution->reading) {
        failure =
            iu_connection_bound(connection, &execution->bound, execution->pool);
    }
    else {
        iu_connection_wait_until(connection, execution->bound.deadline);
    }
    if (!failure) {
        failure = (execution->counted   ? iu_connection_change
                   : execution->reading ? iu_connection_read
                                        : iu_connection_select)(
            connection, execution->sql, execution->arguments, execution->count,
            execution->pool, rows);
    }
    replaced = iu_connection_check_file(connection, execution->pool);

    /* Another database's answer is worth nothing, whatever it is. */
    return replaced ? replaced : failure;
}

/* Longer each time, and not as long as the other's who met the conflict. */
static void pause_after(int conflicts)
{
    unsigned char random = 0;

    apr_generate_random_bytes(&random, sizeof random);
    apr_sleep(apr_time_from_msec(PAUSE_MS << conflicts) * (256 + random) / 512);
}

/* Runs it again after conflicts: they leave nothing behind, not even a
 * doubt. */
static iu_failure *run_in_peace(iu_session *session,
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
                         "IU0107: trying again after \"%s\"", failure->text);
        pause_after(conflicts);
        failure = run(session, execution, rows);
    }
    return failure;
}

/* Whether a new connection may cure it. */
static int curable(iu_failure_kind kind)
{
    return kind == IU_FAILURE_STALE || kind == IU_FAILURE_UNFAMILIAR ||
           kind == IU_FAILURE_LOST || kind == IU_FAILURE_REPLACED;
}

static void tell_cure(const iu_session *session, const iu_execution *execution,
                      const iu_failure *failure)
{
    const iu_database *database = session->database;

    if (failure->kind == IU_FAILURE_REPLACED) {
        iu_database_tell(
            database, IU_LOG_ERROR, execution->origin,
            "IU0105: %s, %s: what was stored there is lost to this "
            "server; going on with what is there now",
            database->params, failure->text);
    }
    else {
        iu_database_tell(database, IU_LOG_NOTICE, execution->origin,
                         "IU0104: opening the %s database again after \"%s\"",
                         database->dialect->driver, failure->text);
    }
}

/* Notes what a failed run leaves behind. Returns whether to try again. */
static int after_failure(iu_session *session, const iu_execution *execution,
                         iu_doubt *doubt, iu_failure *failure)
{
    if (failure->kind == IU_FAILURE_UNFAMILIAR && doubt->unfamiliar) {
        failure->kind = IU_FAILURE_CONTENT;
    }
    if (failure->kind == IU_FAILURE_CONTENT ||
        failure->kind == IU_FAILURE_STOPPED) {
        return 0;
    }
    iu_session_drop(session);
    if (failure->kind == IU_FAILURE_LOST ||
        failure->kind == IU_FAILURE_REPLACED) {
        doubt->unknown = 1;
    }
    if (failure->kind == IU_FAILURE_UNFAMILIAR) {
        doubt->unfamiliar = 1;
    }
    /* A lost server takes time: who waits has been told that by then. */
    if (!curable(failure->kind) ||
        (failure->kind == IU_FAILURE_LOST &&
         iu_clock_now() >= execution->bound.deadline)) {
        return 0;
    }
    tell_cure(session, execution, failure);
    doubt->repeated = 1;
    return 1;
}

iu_failure *iu_session_execute(iu_session *session,
                               const iu_execution *execution, iu_doubt *doubt,
                               apr_array_header_t **rows)
{
    iu_database *database = session->database;
    iu_failure *failure = NULL;
    int attempt;

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
            failure = run_in_peace(session, execution, rows);
            if (!failure) {
                /* Another session may have found it down. */
                iu_database_reached(database, execution->origin);
                return NULL;
            }
            if (!after_failure(session, execution, doubt, failure)) {
                break;
            }
        }
    }
    if (failure->kind == IU_FAILURE_LOST || failure->kind == IU_FAILURE_DOWN ||
        failure->kind == IU_FAILURE_REFUSED) {
        iu_database_missed(database, execution->origin, failure);
    }
    return failure;
}
