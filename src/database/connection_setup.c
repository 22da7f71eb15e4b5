/* SPDX-License-Identifier: Apache-2.0 */
/* Sets up a new connection: its settings and the table. */
#include <string.h>

#include <apr_strings.h>

#include "connection_private.h"

/* The first column of the first row; NULL: no rows. */
static const char *first_value(const apr_array_header_t *rows)
{
    return rows->nelts > 0 ? APR_ARRAY_IDX(rows, 0, const char *const *)[0]
                           : NULL;
}

/* Runs statements and checks their results. */
static iu_failure *run_setup(iu_connection *connection, const iu_setup *step,
                             apr_pool_t *pool)
{
    for (; step->sql; step++) {
        apr_array_header_t *rows;
        iu_failure *failure =
            iu_connection_select_once(connection, step->sql, pool, &rows);
        const char *want = step->expected;
        const char *got = failure ? NULL : first_value(rows);

        if (failure) {
            return failure;
        }
        if (want && (!got || strcmp(got, want) != 0)) {
            return iu_failure_make(
                pool, IU_FAILURE_REFUSED,
                got && !*want
                    ? got
                    : apr_psprintf(pool, "%s: it is %s instead of %s",
                                   step->sql, got ? got : "nothing", want));
        }
    }
    return NULL;
}

static iu_failure *set_up(iu_connection *connection, apr_pool_t *pool)
{
    const iu_dialect *dialect = connection->database->dialect;
    apr_array_header_t *rows;
    iu_failure *failure;

    if (dialect->native &&
        !iu_native_attach(
            &connection->native, dialect->native,
            apr_dbd_native_handle(connection->driver, connection->handle),
            connection->pool)) {
        return iu_failure_make(pool, IU_FAILURE_REFUSED,
                               "the client library of apr_dbd's driver lacks "
                               "functions that this module needs");
    }
    failure = run_setup(connection, dialect->setup, pool);
    if (!failure && dialect->native_writes_query) {
        failure = iu_connection_select_once(
            connection, dialect->native_writes_query, pool, &rows);
        connection->native_writes = !failure && rows->nelts > 0;
    }
    return failure;
}

static iu_failure *ask_limit(iu_connection *connection, apr_pool_t *pool)
{
    const char *sql = connection->database->dialect->size_limit_query;
    apr_array_header_t *rows;
    iu_failure *failure =
        sql ? iu_connection_select_once(connection, sql, pool, &rows) : NULL;

    if (sql && !failure && first_value(rows)) {
        connection->size_limit = (apr_uint64_t)apr_atoi64(first_value(rows));
    }
    return failure;
}

/* Refuses instants that a build before 0.2.0 stored. They have one digit more
 * and do not compare with those of today. */
static iu_failure *check_instants(iu_connection *connection, apr_pool_t *pool)
{
    static const char sql[] =
        "SELECT count(*) FROM (SELECT last_accessed, last_modified"
        " FROM used_insight LIMIT 20) AS sample"
        " WHERE length(last_accessed) = 33 OR length(last_modified) = 33";
    apr_array_header_t *rows;
    iu_failure *failure =
        iu_connection_select_once(connection, sql, pool, &rows);

    if (failure || strcmp(first_value(rows), "0") == 0) {
        return failure;
    }
    return iu_failure_make(pool, IU_FAILURE_REFUSED,
                           "the instants in its table used_insight have years "
                           "of five digits, from a build before 0.2.0: CHANGES "
                           "has the statement that puts them right");
}

/* Sets *version to that of the table's schema; 0: there is no table. Fails if
 * the table is unusable. */
static iu_failure *find_table(iu_connection *connection, int *version,
                              apr_pool_t *pool)
{
    apr_array_header_t *rows;
    iu_failure *failure = iu_connection_select_once(
        connection, connection->database->dialect->table_query, pool, &rows);
    const char *found = failure ? NULL : first_value(rows);

    *version = found ? (int)apr_atoi64(found) : 0;
    if (IU_SCHEMA_HUNDRED(*version) > IU_SCHEMA_HUNDRED(IU_SCHEMA_VERSION)) {
        return iu_failure_make(
            pool, IU_FAILURE_REFUSED,
            apr_psprintf(pool,
                         "its table used_insight has schema version %d, and "
                         "this module can use those below %d: install the "
                         "version of the module that made it, or a later one",
                         *version,
                         100 * (IU_SCHEMA_HUNDRED(IU_SCHEMA_VERSION) + 1)));
    }
    return found ? check_instants(connection, pool) : failure;
}

/* Runs a statement without rows, unless one before it has failed. */
static void run(iu_connection *connection, const char *sql, apr_pool_t *pool,
                iu_failure **failure)
{
    apr_array_header_t *rows;

    if (!*failure) {
        *failure = iu_connection_select_once(connection, sql, pool, &rows);
    }
}

/* Creates the table, or brings it from a version to this one, in a transaction.
 * Not as one text: apr_dbd would go on after a statement that fails. A failure
 * leaves the transaction open, and the caller drops the connection. */
static iu_failure *change_table(iu_connection *connection, int version,
                                apr_pool_t *pool)
{
    const iu_dialect *dialect = connection->database->dialect;
    const char *const *sql = dialect->schema;
    const iu_schema_step *step = dialect->schema_steps;
    long now = (long)apr_time_sec(apr_time_now());
    iu_failure *failure = NULL;

    run(connection, "BEGIN IMMEDIATE", pool, &failure);
    for (; version == 0 && *sql; sql++) {
        run(connection, *sql, pool, &failure);
    }
    for (; version > 0 && step->sql; step++) {
        if (step->from >= version) {
            run(connection, apr_psprintf(pool, step->sql, now), pool, &failure);
        }
    }
    run(connection,
        apr_psprintf(pool, dialect->schema_version, IU_SCHEMA_VERSION), pool,
        &failure);
    run(connection, "COMMIT", pool, &failure);
    return failure;
}

static void tell_made(iu_connection *connection, int version,
                      const char *origin)
{
    const char *driver = connection->database->dialect->driver;

    if (version == 0) {
        iu_database_tell(connection->database, IU_LOG_NOTICE, origin,
                         "IU0103: created the table used_insight in the %s "
                         "database",
                         driver);
    }
    else {
        iu_database_tell(connection->database, IU_LOG_NOTICE, origin,
                         "IU0108: brought the table used_insight in the %s "
                         "database from schema version %d to %d",
                         driver, version, IU_SCHEMA_VERSION);
    }
}

/* Creates the table, or upgrades it. Another process may have done so before
 * this one had the turn. */
static iu_failure *make_table(iu_connection *connection, const char *origin,
                              apr_pool_t *pool)
{
    const iu_dialect *dialect = connection->database->dialect;
    iu_failure *failure = run_setup(connection, dialect->schema_setup, pool);
    int version = 0;

    if (!failure) {
        failure = find_table(connection, &version, pool);
    }
    if (failure || version >= IU_SCHEMA_VERSION) {
        return failure;
    }
    failure = change_table(connection, version, pool);
    if (!failure) {
        tell_made(connection, version, origin);
    }
    return failure;
}

/* The failure for a table that the operator must create or upgrade. */
static iu_failure *refuse_table(const iu_dialect *dialect, int version,
                                apr_pool_t *pool)
{
    if (version == 0) {
        return iu_failure_make(
            pool, IU_FAILURE_REFUSED,
            apr_psprintf(pool,
                         "it has no durable table used_insight: apply "
                         "conf/schema/%s.sql",
                         dialect->driver));
    }
    return iu_failure_make(
        pool, IU_FAILURE_REFUSED,
        apr_psprintf(pool,
                     "its table used_insight has schema version %d, and this "
                     "module needs %d: run insights-used-admin ... upgrade as "
                     "the table's owner, or apply conf/schema/%s.sql",
                     version, IU_SCHEMA_VERSION, dialect->driver));
}

iu_failure *iu_connection_set_up(iu_connection *connection, int may_create,
                                 const char *origin, apr_pool_t *pool,
                                 int *ready)
{
    const iu_dialect *dialect = connection->database->dialect;
    int version = 0;
    iu_failure *failure = set_up(connection, pool);

    if (!failure) {
        failure = ask_limit(connection, pool);
    }
    if (!failure) {
        failure = find_table(connection, &version, pool);
    }
    *ready = version >= IU_SCHEMA_VERSION;
    if (failure || *ready) {
        return failure;
    }
    if (!dialect->schema) {
        return refuse_table(dialect, version, pool);
    }
    *ready = may_create;
    return may_create ? make_table(connection, origin, pool) : NULL;
}
