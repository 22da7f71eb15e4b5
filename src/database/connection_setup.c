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

/* Refuses instants that a build before 0.1.0 stored. They have one digit more
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
                           "of five digits, from a build before 0.1.0: CHANGES "
                           "has the statement that puts them right");
}

typedef enum table_state { TABLE_MISSING, TABLE_OLD, TABLE_READY } table_state;

/* Sets *state to what the table is. Fails if its contents are unusable. */
static iu_failure *find_table(iu_connection *connection, table_state *state,
                              apr_pool_t *pool)
{
    apr_array_header_t *rows;
    iu_failure *failure = iu_connection_select_once(
        connection, connection->database->dialect->table_query, pool, &rows);
    const char *has_digest = failure ? NULL : first_value(rows);

    *state = !has_digest                    ? TABLE_MISSING
             : strcmp(has_digest, "1") == 0 ? TABLE_READY
                                            : TABLE_OLD;
    return has_digest ? check_instants(connection, pool) : failure;
}

/* Creates the table, or adds its column. Another process may have done so
 * before this one had the turn. */
static iu_failure *make_table(iu_connection *connection, const char *origin,
                              apr_pool_t *pool)
{
    const iu_dialect *dialect = connection->database->dialect;
    iu_failure *failure = run_setup(connection, dialect->schema_setup, pool);
    table_state state = TABLE_READY;
    int changed;
    int result;

    if (!failure) {
        failure = find_table(connection, &state, pool);
    }
    if (failure || state == TABLE_READY) {
        return failure;
    }
    result = apr_dbd_query(connection->driver, connection->handle, &changed,
                           state == TABLE_OLD ? dialect->schema_upgrade
                                              : dialect->schema);
    if (result != 0) {
        return iu_connection_failure(connection, result, pool);
    }
    iu_database_tell(connection->database, IU_LOG_NOTICE, origin,
                     state == TABLE_OLD
                         ? "IU0108: added the column digest to the table "
                           "used_insight in the %s database"
                         : "IU0103: created the table used_insight in the %s "
                           "database",
                     dialect->driver);
    return NULL;
}

/* The failure for a table that the operator must create or upgrade. */
static iu_failure *refuse_table(const iu_dialect *dialect, table_state state,
                                apr_pool_t *pool)
{
    return iu_failure_make(
        pool, IU_FAILURE_REFUSED,
        apr_psprintf(pool,
                     state == TABLE_OLD
                         ? "its table used_insight has no column digest: apply "
                           "conf/schema/%s.sql"
                         : "it has no durable table used_insight: apply "
                           "conf/schema/%s.sql",
                     dialect->driver));
}

iu_failure *iu_connection_set_up(iu_connection *connection, int may_create,
                                 const char *origin, apr_pool_t *pool,
                                 int *ready)
{
    const iu_dialect *dialect = connection->database->dialect;
    table_state state = TABLE_MISSING;
    iu_failure *failure = set_up(connection, pool);

    if (!failure) {
        failure = ask_limit(connection, pool);
    }
    if (!failure) {
        failure = find_table(connection, &state, pool);
    }
    *ready = state == TABLE_READY;
    if (failure || *ready) {
        return failure;
    }
    if (!dialect->schema) {
        return refuse_table(dialect, state, pool);
    }
    *ready = may_create;
    return may_create ? make_table(connection, origin, pool) : NULL;
}
