/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to a database. What the code around apr_dbd takes care of:
 * statements are run as selects, since only these give a statement's own error
 * in every driver (mysql's gives it always, and has no selects without rows);
 * pgsql loses errors without random access, mysql has no next row with it; the
 * error's text is read at once, before another call can change it; results are
 * read to the end; a statement lives in its connection's pool, because drivers
 * keep pointers into it.
 */
#include "connection.h"

#include <string.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <apr_hash.h>
#include <apr_strings.h>

/* Statements that a connection may have prepared. */
#define STATEMENTS_MAX 64

struct iu_connection {
    iu_database *database;
    apr_pool_t *pool; /* the connection's own */
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_hash_t *statements; /* of apr_dbd_prepared_t *, by their SQL */
    apr_hash_t *natives;    /* of the dialect's native ones, likewise */
    apr_uint64_t limit;     /* of what is sent with a statement; 0: none */
    iu_place place;
};

static apr_status_t load_driver(apr_pool_t *pool, const char *name,
                                const apr_dbd_driver_t **driver)
{
    apr_status_t status = apr_dbd_init(pool);

    return status == APR_SUCCESS ? apr_dbd_get_driver(pool, name, driver)
                                 : status;
}

const char *iu_connection_check_driver(apr_pool_t *pool, const char *name,
                                       const char *package)
{
    const apr_dbd_driver_t *driver;
    apr_status_t status = load_driver(pool, name, &driver);
    char text[200];

    if (status == APR_SUCCESS) {
        return NULL;
    }
    return apr_psprintf(pool,
                        "apr_dbd cannot load its driver %s (%s); on Debian it "
                        "is in the package %s",
                        name, apr_strerror(status, text, sizeof text), package);
}

/* A driver's error as a failure, without what must not be logged. */
static iu_failure *make_failure(const iu_dialect *dialect, int number,
                                const char *text, apr_pool_t *pool)
{
    iu_failure_kind kind = dialect->classify(number, text ? text : "");

    if (!text || !*text) {
        return iu_failure_make(
            pool, kind, apr_psprintf(pool, "error %d without a text", number));
    }
    return iu_failure_make(
        pool, kind,
        dialect->loggable ? apr_pstrmemdup(pool, text, dialect->loggable(text))
                          : text);
}

/* The failure of the call before. */
static iu_failure *failure_of(const iu_connection *connection, int result,
                              apr_pool_t *pool)
{
    return make_failure(
        connection->database->dialect, result,
        apr_dbd_error(connection->driver, connection->handle, result), pool);
}

static apr_status_t close_handle(void *data)
{
    iu_connection *connection = data;

    return apr_dbd_close(connection->driver, connection->handle);
}

static iu_failure *open_handle(iu_connection *connection, apr_pool_t *pool)
{
    const iu_database *database = connection->database;
    iu_failure *failure;
    const char *text = NULL;
    apr_status_t status = load_driver(
        connection->pool, database->dialect->driver, &connection->driver);

    if (status != APR_SUCCESS) {
        return iu_failure_make(pool, IU_FAILURE_REFUSED,
                               "apr_dbd cannot load the driver");
    }
    status = apr_dbd_open_ex(connection->driver, connection->pool,
                             database->params, &connection->handle, &text);
    if (status != APR_SUCCESS) {
        failure = make_failure(database->dialect, 0, text, pool);
        if (failure->kind != IU_FAILURE_BUSY) {
            failure->kind = IU_FAILURE_LOST;
        }
        return failure;
    }
    /* Before the pool's children go: what is closed may still use them. */
    apr_pool_pre_cleanup_register(connection->pool, connection, close_handle);
    return NULL;
}

/* Reads results to their end and copies them into pool. */
static apr_array_header_t *copy_rows(const iu_connection *connection,
                                     apr_dbd_results_t *results,
                                     apr_pool_t *results_pool, apr_pool_t *pool)
{
    int columns = apr_dbd_num_cols(connection->driver, results);
    apr_array_header_t *rows =
        apr_array_make(pool, 1, sizeof(const char *const *));
    apr_dbd_row_t *row = NULL;
    int i;

    while (apr_dbd_get_row(connection->driver, results_pool, results, &row,
                           -1) == 0) {
        const char **values = apr_palloc(pool, columns * sizeof *values);

        for (i = 0; i < columns; i++) {
            values[i] = apr_pstrdup(
                pool, apr_dbd_get_entry(connection->driver, row, i));
        }
        APR_ARRAY_PUSH(rows, const char *const *) = values;
    }
    return rows;
}

/* A statement without parameters, once. */
static iu_failure *select_once(iu_connection *connection, const char *sql,
                               apr_pool_t *pool, apr_array_header_t **rows)
{
    apr_dbd_results_t *results = NULL;
    int result =
        apr_dbd_select(connection->driver, pool, connection->handle, &results,
                       sql, connection->database->dialect->random_access);

    if (result != 0) {
        return failure_of(connection, result, pool);
    }
    /* mysql has no results for a statement without rows. */
    *rows = results ? copy_rows(connection, results, pool, pool)
                    : apr_array_make(pool, 1, sizeof(const char *const *));
    return NULL;
}

/* The first column of the first row; NULL where there is none. */
static const char *first_value(const apr_array_header_t *rows)
{
    return rows->nelts > 0 ? APR_ARRAY_IDX(rows, 0, const char *const *)[0]
                           : NULL;
}

static void *native_handle(const iu_connection *connection)
{
    return apr_dbd_native_handle(connection->driver, connection->handle);
}

static iu_failure *set_up(iu_connection *connection, apr_pool_t *pool)
{
    const iu_dialect *dialect = connection->database->dialect;
    const iu_setup *step = dialect->setup;

    if (dialect->native) {
        dialect->native->set_up(native_handle(connection), connection->pool);
    }
    for (; step->sql; step++) {
        apr_array_header_t *rows;
        iu_failure *failure = select_once(connection, step->sql, pool, &rows);
        const char *got;

        if (failure || !step->expected) {
            if (failure) {
                return failure;
            }
            continue;
        }
        got = first_value(rows);
        if (!got || strcmp(got, step->expected) != 0) {
            return iu_failure_make(
                pool, IU_FAILURE_REFUSED,
                apr_psprintf(pool, "%s: it is %s instead of %s", step->sql,
                             got ? got : "nothing", step->expected));
        }
    }
    return NULL;
}

static iu_failure *ask_limit(iu_connection *connection, apr_pool_t *pool)
{
    const char *sql = connection->database->dialect->limit;
    apr_array_header_t *rows;
    iu_failure *failure =
        sql ? select_once(connection, sql, pool, &rows) : NULL;

    if (sql && !failure && first_value(rows)) {
        connection->limit = (apr_uint64_t)apr_atoi64(first_value(rows));
    }
    return failure;
}

/* Builds before 0.1.0 stored instants with a digit more, which would compare
 * wrongly with those of today. */
static iu_failure *check_instants(iu_connection *connection, apr_pool_t *pool)
{
    static const char sql[] =
        "SELECT count(*) FROM (SELECT last_accessed, last_modified"
        " FROM used_insight LIMIT 20) AS sample"
        " WHERE length(last_accessed) = 33 OR length(last_modified) = 33";
    apr_array_header_t *rows;
    iu_failure *failure = select_once(connection, sql, pool, &rows);

    if (failure || strcmp(first_value(rows), "0") == 0) {
        return failure;
    }
    return iu_failure_make(pool, IU_FAILURE_REFUSED,
                           "the instants in its table used_insight have years "
                           "of five digits, from a build before 0.1.0: CHANGES "
                           "has the statement that puts them right");
}

/* Sees to it that the table is there. */
static iu_failure *make_table(iu_connection *connection, const char *origin,
                              apr_pool_t *pool)
{
    const iu_dialect *dialect = connection->database->dialect;
    apr_array_header_t *rows;
    iu_failure *failure;
    int changed;
    int result;

    failure = select_once(connection, dialect->table, pool, &rows);
    if (failure) {
        return failure;
    }
    if (rows->nelts > 0) {
        return check_instants(connection, pool);
    }
    if (!dialect->schema) {
        return iu_failure_make(
            pool, IU_FAILURE_REFUSED,
            apr_psprintf(pool,
                         "it has no table used_insight that keeps what is "
                         "committed: apply conf/schema/%s.sql",
                         dialect->driver));
    }
    result = apr_dbd_query(connection->driver, connection->handle, &changed,
                           dialect->schema);
    if (result != 0) {
        return failure_of(connection, result, pool);
    }
    iu_database_tell(connection->database, IU_STORE_NOTICE, origin,
                     "IU0103: made the table used_insight in the %s database",
                     dialect->driver);
    return NULL;
}

/* Opens a connection to what is at the place now. */
static iu_failure *open_once(iu_connection **opened, iu_database *database,
                             const char *origin, apr_pool_t *pool)
{
    const iu_dialect *dialect = database->dialect;
    const char *sentence =
        dialect->check_place
            ? dialect->check_place(pool, database->params, geteuid(), 0)
            : NULL;
    iu_connection *connection;
    iu_failure *failure;
    apr_pool_t *own;

    if (sentence) {
        return iu_failure_make(pool, IU_FAILURE_REFUSED, sentence);
    }
    apr_pool_create(&own, database->pool);
    connection = apr_pcalloc(own, sizeof *connection);
    connection->database = database;
    connection->pool = own;
    connection->statements = apr_hash_make(own);
    connection->natives = apr_hash_make(own);
    if (dialect->find_place) {
        dialect->find_place(database->params, &connection->place);
    }
    failure = open_handle(connection, pool);
    if (!failure) {
        failure = set_up(connection, pool);
    }
    if (!failure) {
        failure = ask_limit(connection, pool);
    }
    if (!failure) {
        failure = make_table(connection, origin, pool);
    }
    if (failure) {
        iu_connection_drop(connection);
        return failure;
    }
    *opened = connection;
    return NULL;
}

iu_failure *iu_connection_open(iu_connection **connection,
                               iu_database *database, const char *origin,
                               apr_pool_t *pool)
{
    iu_failure *failure;

    *connection = NULL;
    failure = open_once(connection, database, origin, pool);
    /* The place is looked at before the opening: whatever comes into it
     * afterwards differs. A file that the opening made was not there to be
     * looked at; the second opening finds it. */
    if (!failure && database->dialect->find_place &&
        !(*connection)->place.exists) {
        iu_connection_drop(*connection);
        *connection = NULL;
        failure = open_once(connection, database, origin, pool);
    }
    return failure;
}

void iu_connection_drop(iu_connection *connection)
{
    apr_pool_destroy(connection->pool);
}

static iu_failure *prepare(iu_connection *connection, const char *sql,
                           apr_pool_t *pool, apr_dbd_prepared_t **statement)
{
    int result;

    *statement = apr_hash_get(connection->statements, sql, APR_HASH_KEY_STRING);
    if (*statement) {
        return NULL;
    }
    /* Without a label: named statements die with the session of a server. */
    result = apr_dbd_prepare(connection->driver, connection->pool,
                             connection->handle, sql, NULL, statement);
    if (result != 0) {
        return failure_of(connection, result, pool);
    }
    apr_hash_set(connection->statements, apr_pstrdup(connection->pool, sql),
                 APR_HASH_KEY_STRING, *statement);
    return NULL;
}

/* A server that is sent more than it takes closes the connection: nobody would
 * know why. */
static iu_failure *check_size(const iu_connection *connection,
                              const char *const *arguments, int count,
                              apr_pool_t *pool)
{
    apr_uint64_t size = 0;
    int i;

    for (i = 0; connection->limit > 0 && i < count; i++) {
        size += strlen(arguments[i]);
    }
    if (size <= connection->limit) {
        return NULL;
    }
    return iu_failure_make(
        pool, IU_FAILURE_CONTENT,
        apr_psprintf(pool,
                     "%" APR_UINT64_T_FMT " bytes are more than the server "
                     "takes in a statement, %" APR_UINT64_T_FMT,
                     size, connection->limit));
}

static iu_failure *make_ready(iu_connection *connection, const char *sql,
                              const char *const *arguments, int count,
                              apr_pool_t *pool, apr_dbd_prepared_t **statement)
{
    iu_failure *failure = check_size(connection, arguments, count, pool);

    return failure ? failure : prepare(connection, sql, pool, statement);
}

iu_failure *iu_connection_select(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows)
{
    apr_dbd_prepared_t *statement;
    iu_failure *failure =
        make_ready(connection, sql, arguments, count, pool, &statement);
    apr_dbd_results_t *results = NULL;
    apr_pool_t *results_pool;
    int result;

    if (failure) {
        return failure;
    }
    apr_pool_create(&results_pool, pool);
    result = apr_dbd_pselect(connection->driver, results_pool,
                             connection->handle, &results, statement,
                             connection->database->dialect->random_access,
                             count, (const char **)arguments);
    if (result != 0) {
        failure = failure_of(connection, result, pool);
    }
    else {
        *rows = copy_rows(connection, results, results_pool, pool);
    }
    apr_pool_destroy(results_pool);
    return failure;
}

static int prepare_native(iu_connection *connection, const char *sql,
                          void **statement)
{
    int result;

    *statement = apr_hash_get(connection->natives, sql, APR_HASH_KEY_STRING);
    if (*statement) {
        return 0;
    }
    result = connection->database->dialect->native->prepare(
        native_handle(connection), sql, connection->pool, statement);
    if (result == 0) {
        apr_hash_set(connection->natives, apr_pstrdup(connection->pool, sql),
                     APR_HASH_KEY_STRING, *statement);
    }
    return result;
}

iu_failure *iu_connection_read(iu_connection *connection, const char *sql,
                               const char *const *arguments, int count,
                               apr_pool_t *pool, apr_array_header_t **rows)
{
    const iu_dialect *dialect = connection->database->dialect;
    void *statement;
    int result;

    if (!dialect->native) {
        return iu_connection_select(connection, sql, arguments, count, pool,
                                    rows);
    }
    result = prepare_native(connection, sql, &statement);
    if (result == 0) {
        result = dialect->native->select(native_handle(connection), statement,
                                         arguments, count, pool, rows);
    }
    return result == 0
               ? NULL
               : make_failure(dialect, result,
                              dialect->native->error(native_handle(connection)),
                              pool);
}

int iu_connection_is_full(const iu_connection *connection)
{
    return apr_hash_count(connection->statements) +
               apr_hash_count(connection->natives) >=
           STATEMENTS_MAX;
}

iu_failure *iu_connection_change(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows)
{
    apr_dbd_prepared_t *statement;
    iu_failure *failure =
        make_ready(connection, sql, arguments, count, pool, &statement);
    const char **values;
    int changed = 0;
    int result;

    if (failure) {
        return failure;
    }
    result =
        apr_dbd_pquery(connection->driver, pool, connection->handle, &changed,
                       statement, count, (const char **)arguments);
    if (result != 0) {
        return failure_of(connection, result, pool);
    }
    values = apr_palloc(pool, sizeof *values);
    values[0] = apr_itoa(pool, changed);
    *rows = apr_array_make(pool, 1, sizeof values);
    APR_ARRAY_PUSH(*rows, const char *const *) = values;
    return NULL;
}

iu_failure *iu_connection_check_place(const iu_connection *connection,
                                      apr_pool_t *pool)
{
    const iu_database *database = connection->database;
    iu_place now;

    if (!database->dialect->find_place) {
        return NULL;
    }
    database->dialect->find_place(database->params, &now);
    if (now.exists && now.device == connection->place.device &&
        now.inode == connection->place.inode) {
        return NULL;
    }
    return iu_failure_make(pool, IU_FAILURE_REPLACED,
                           now.exists ? "the file at its place is another one"
                                      : "the file has gone from its place");
}
