/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works around these properties of apr_dbd's drivers:
 * - Only selects return a statement's own error in every driver, so statements
 *   are run as selects. mysql's selects must return rows, but its pquery
 *   returns errors, too: iu_connection_change.
 * - pgsql loses errors without random access; mysql cannot step to the next row
 *   with it.
 * - Any call may change the text of the last error: it is read at once.
 * - Results must be read to the end.
 */
#include "connection.h"

#include <string.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "../concurrency/own_pool.h"
#include "connection_private.h"

/* A writer's statement may wait at least this long, even after the deadline:
 * the outcome of the statement before may have to be looked up. */
#define WRITE_TIME_MIN apr_time_from_sec(1)

/* Granularity of a server's read time-out, in milliseconds. Setting it takes a
 * round trip; rounding up saves it for most requests. */
#define TIMEOUT_STEP 250

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

/* Makes a failure of a driver's error, without what must not be logged. */
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

static iu_failure *make_statement_failure(const iu_connection *connection,
                                          int number, const char *text,
                                          apr_pool_t *pool)
{
    const iu_dialect *dialect = connection->database->dialect;
    iu_failure *failure = make_failure(dialect, number, text, pool);

    if (connection->is_reader &&
        dialect->is_stopped(number, text ? text : "")) {
        failure->kind = IU_FAILURE_STOPPED;
    }
    return failure;
}

iu_failure *iu_connection_failure(const iu_connection *connection, int result,
                                  apr_pool_t *pool)
{
    return make_statement_failure(
        connection, result,
        apr_dbd_error(connection->driver, connection->handle, result), pool);
}

static apr_status_t close_handle(void *data)
{
    iu_connection *connection = data;

    /* First: SQLite keeps the file open while it has statements. */
    iu_native_detach(&connection->native);
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
    /* A pre-cleanup runs before the child pools go, which closing may use. */
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

iu_failure *iu_connection_select_once(iu_connection *connection,
                                      const char *sql, apr_pool_t *pool,
                                      apr_array_header_t **rows)
{
    apr_dbd_results_t *results = NULL;
    int result =
        apr_dbd_select(connection->driver, pool, connection->handle, &results,
                       sql, connection->database->dialect->random_access);

    if (result != 0) {
        return iu_connection_failure(connection, result, pool);
    }
    /* mysql sets no results for a statement without rows. */
    *rows = results ? copy_rows(connection, results, pool, pool)
                    : apr_array_make(pool, 1, sizeof(const char *const *));
    return NULL;
}

static iu_connection *make_connection(iu_database *database)
{
    iu_connection *made;
    apr_pool_t *pool;

    apr_pool_create(&pool, database->pool);
    made = apr_pcalloc(pool, sizeof *made);
    made->database = database;
    made->pool = pool;
    /* The mysql driver allocates for each column of a select as much as its
     * largest value could take, 17 MiB for a document. Only what a value fills
     * costs memory; but to map and unmap that much for each lookup by key takes
     * more than a quarter of httpd's time for it. */
    made->results = iu_own_pool_create(pool, 0);
    made->statements.pool = pool;
    made->bound.deadline = APR_INT64_MAX;
    return made;
}

/* Opens a connection and remembers which file the path named before. */
static iu_failure *open_once(iu_connection **opened, iu_database *database,
                             int may_create, const char *origin,
                             apr_pool_t *pool)
{
    const iu_dialect *dialect = database->dialect;
    const char *sentence =
        dialect->check_file
            ? dialect->check_file(pool, database->params, geteuid(), 0)
            : NULL;
    iu_connection *connection;
    iu_failure *failure = NULL;
    int ready = 0;

    *opened = NULL;
    if (sentence) {
        return iu_failure_make(pool, IU_FAILURE_REFUSED, sentence);
    }
    connection = make_connection(database);
    if (dialect->identify_file) {
        dialect->identify_file(database->params, &connection->file);
    }
    /* Opening would create an SQLite file. */
    if (may_create || !dialect->identify_file || connection->file.exists) {
        failure = open_handle(connection, pool);
        if (!failure) {
            failure = iu_connection_set_up(connection, may_create, origin, pool,
                                           &ready);
        }
    }
    if (failure || !ready) {
        iu_connection_drop(connection);
        return failure;
    }
    *opened = connection;
    return NULL;
}

iu_failure *iu_connection_open(iu_connection **connection,
                               iu_database *database, int may_create,
                               const char *origin, apr_pool_t *pool)
{
    iu_failure *failure =
        open_once(connection, database, may_create, origin, pool);

    /* The identity is taken before opening, so that any later replacement of
     * the file is noticed. A file that the opening created had none: open it
     * again. */
    if (*connection && database->dialect->identify_file &&
        !(*connection)->file.exists) {
        iu_connection_drop(*connection);
        failure = open_once(connection, database, may_create, origin, pool);
    }
    return failure;
}

void iu_connection_drop(iu_connection *connection)
{
    apr_pool_destroy(connection->pool);
}

iu_failure *iu_connection_set_bound(iu_connection *connection,
                                    const iu_bound *bound, apr_pool_t *pool)
{
    const char *sql = connection->database->dialect->read_timeout;
    apr_interval_time_t left = bound->deadline - iu_clock_now();
    int steps = left > 0 ? (int)(left / apr_time_from_msec(TIMEOUT_STEP)) : 0;
    int timeout = (steps + 1) * TIMEOUT_STEP;
    apr_array_header_t *rows;
    iu_failure *failure = NULL;

    connection->bound = *bound;
    connection->is_reader = 1;
    if (sql && timeout != connection->read_timeout) {
        failure = iu_connection_select_once(
            connection, apr_psprintf(pool, sql, timeout, timeout), pool, &rows);
        connection->read_timeout = failure ? 0 : timeout;
    }
    return failure;
}

void iu_connection_set_deadline(iu_connection *connection, apr_time_t deadline)
{
    apr_time_t min = iu_clock_now() + WRITE_TIME_MIN;

    connection->bound.deadline = deadline > min ? deadline : min;
}

typedef struct preparation {
    iu_connection *connection;
    apr_pool_t *pool; /* for failure */
    iu_failure *failure;
} preparation;

/* An iu_prepare. Makes the failure itself: freeing the statement may change the
 * error's text. */
static int prepare_dbd(void *baton, const char *sql, apr_pool_t *pool,
                       void **statement)
{
    preparation *preparation = baton;
    iu_connection *connection = preparation->connection;
    apr_dbd_prepared_t *prepared = NULL;
    /* Without a label: a named statement ends with the server's session. */
    int result = apr_dbd_prepare(
        connection->driver,
        connection->database->dialect->keeps_prepared ? connection->pool : pool,
        connection->handle, sql, NULL, &prepared);

    if (result != 0) {
        preparation->failure =
            iu_connection_failure(connection, result, preparation->pool);
    }
    *statement = prepared;
    return result;
}

/* Refuses arguments that exceed the server's limit: the server would close the
 * connection without giving a reason. */
static iu_failure *check_size(const iu_connection *connection,
                              const char *const *arguments, int count,
                              apr_pool_t *pool)
{
    apr_uint64_t size = 0;
    int i;

    for (i = 0; connection->size_limit > 0 && i < count; i++) {
        size += strlen(arguments[i]);
    }
    if (size <= connection->size_limit) {
        return NULL;
    }
    return iu_failure_make(
        pool, IU_FAILURE_CONTENT,
        apr_psprintf(pool,
                     "%" APR_UINT64_T_FMT " bytes are more than the server "
                     "takes in a statement, %" APR_UINT64_T_FMT,
                     size, connection->size_limit));
}

/* Checks the size of the arguments and prepares the statement by apr_dbd. */
static iu_failure *prepare(iu_connection *connection, const char *sql,
                           const char *const *arguments, int count,
                           apr_pool_t *pool, apr_dbd_prepared_t **statement)
{
    preparation preparation = {connection, pool, NULL};
    iu_failure *failure = check_size(connection, arguments, count, pool);
    void *prepared = NULL;

    if (failure) {
        return failure;
    }
    iu_prepared_get(&connection->statements, sql, prepare_dbd, &preparation,
                    &prepared);
    *statement = prepared;
    return preparation.failure;
}

static iu_failure *select_dbd(iu_connection *connection, const char *sql,
                              const char *const *arguments, int count,
                              apr_pool_t *pool, apr_array_header_t **rows)
{
    apr_dbd_prepared_t *statement;
    iu_failure *failure =
        prepare(connection, sql, arguments, count, pool, &statement);
    apr_dbd_results_t *results = NULL;
    int result;

    if (failure) {
        return failure;
    }
    result = apr_dbd_pselect(connection->driver, connection->results,
                             connection->handle, &results, statement,
                             connection->database->dialect->random_access,
                             count, (const char **)arguments);
    if (result != 0) {
        failure = iu_connection_failure(connection, result, pool);
    }
    else {
        *rows = copy_rows(connection, results, connection->results, pool);
    }
    apr_pool_clear(connection->results);
    return failure;
}

static iu_failure *run_native(iu_connection *connection, const char *sql,
                              int is_fixed, const char *const *arguments,
                              int count, apr_pool_t *pool,
                              apr_array_header_t **rows)
{
    iu_native_connection *native = &connection->native;
    int result = iu_native_select(native, sql, is_fixed, arguments, count,
                                  &connection->bound, pool, rows);

    return result == 0
               ? NULL
               : make_statement_failure(connection, result,
                                        native->driver->error(native->state),
                                        pool);
}

static iu_failure *select_native(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows)
{
    return run_native(connection, sql, 0, arguments, count, pool, rows);
}

/* Returns the failure that the server's warning after a statement of the writer
 * means, or without a warning failure. */
static iu_failure *check_warning(const iu_connection *connection,
                                 iu_failure *failure, apr_pool_t *pool)
{
    const iu_native_connection *native = &connection->native;
    const char *warning = native->driver && native->driver->warning
                              ? native->driver->warning(native->state)
                              : NULL;

    return warning
               ? make_failure(connection->database->dialect, 0, warning, pool)
               : failure;
}

iu_failure *iu_connection_select(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows)
{
    iu_failure *failure =
        (connection->native_writes ? select_native : select_dbd)(
            connection, sql, arguments, count, pool, rows);

    return check_warning(connection, failure, pool);
}

iu_failure *iu_connection_control(iu_connection *connection, const char *sql,
                                  const char *const *arguments, int count,
                                  apr_pool_t *pool, apr_array_header_t **rows)
{
    iu_failure *failure =
        connection->native_writes
            ? select_native(connection, sql, arguments, count, pool, rows)
            : iu_connection_select_once(connection, sql, pool, rows);

    return check_warning(connection, failure, pool);
}

iu_failure *iu_connection_read(iu_connection *connection, const char *sql,
                               const char *const *arguments, int count,
                               apr_pool_t *pool, apr_array_header_t **rows)
{
    return (connection->native.driver ? select_native : select_dbd)(
        connection, sql, arguments, count, pool, rows);
}

iu_failure *iu_connection_read_fixed(iu_connection *connection, const char *sql,
                                     const char *const *arguments, int count,
                                     apr_pool_t *pool,
                                     apr_array_header_t **rows)
{
    return connection->native.driver
               ? run_native(connection, sql, 1, arguments, count, pool, rows)
               : select_dbd(connection, sql, arguments, count, pool, rows);
}

iu_failure *iu_connection_change(iu_connection *connection, const char *sql,
                                 const char *const *arguments, int count,
                                 apr_pool_t *pool, apr_array_header_t **rows)
{
    apr_dbd_prepared_t *statement;
    iu_failure *failure =
        prepare(connection, sql, arguments, count, pool, &statement);
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
        return iu_connection_failure(connection, result, pool);
    }
    values = apr_palloc(pool, sizeof *values);
    values[0] = apr_itoa(pool, changed);
    *rows = apr_array_make(pool, 1, sizeof values);
    APR_ARRAY_PUSH(*rows, const char *const *) = values;
    return NULL;
}

iu_failure *iu_connection_check_file(const iu_connection *connection,
                                     apr_pool_t *pool)
{
    const iu_database *database = connection->database;
    iu_file_identity now;

    if (!database->dialect->identify_file) {
        return NULL;
    }
    database->dialect->identify_file(database->params, &now);
    if (now.exists && now.device == connection->file.device &&
        now.inode == connection->file.inode) {
        return NULL;
    }
    return iu_failure_make(pool, IU_FAILURE_REPLACED,
                           now.exists ? "the file has been replaced"
                                      : "the file has been removed");
}
