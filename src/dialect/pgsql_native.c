/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs PostgreSQL statements without apr_dbd.
 *
 * Reads: libpq's asynchronous calls let us cancel a statement when its client
 * has gone.
 *
 * Writes: a commit may wait for a synchronous standby, and apr_dbd hides two
 * facts about that wait.
 * - If it is interrupted (pg_cancel_backend, pg_terminate_backend, a shutdown),
 *   the server reports success and sends a warning. apr_dbd drops warnings; a
 *   notice receiver keeps this one, whoever runs the statement.
 * - No time-out of the server ends it. If there are synchronous standbys, the
 *   writer's statements are therefore run here and cancelled at their deadline.
 *
 * Fixed statements of readers are prepared by name: to parse and plan a lookup
 * by key takes the server longer than to run it. What a name stands for is lost
 * with the server's session (a pooler may give each transaction another one,
 * DISCARD ALL ends all names), or it outlives a change of the tables that it
 * does not fit. So a name is made of its statement's text and stands for no
 * other, in any session; and no statement fails because of its name: it is run
 * again without.
 *
 * The module is not linked with libpq, which an SQLite installation does not
 * need: the functions are looked up in the libpq that apr_dbd's driver has
 * loaded.
 */
#include "native.h"

#include <dlfcn.h>
#include <poll.h>
#include <string.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "../text/digest.h"

/* How long after the deadline we cancel, so that the server's statement_timeout
 * (read_timeout in dialect_pgsql.c), where it applies, comes first. */
#define GRACE apr_time_from_msec(500)

/* Time until the next request to cancel: one that reaches the server before the
 * wait begins has no effect. */
#define CANCEL_INTERVAL apr_time_from_sec(1)

/* How long the server may be silent before we ask whether the client has
 * gone. */
#define GONE_INTERVAL apr_time_from_msec(50)

/* libpq's ExecStatusType; part of its stable ABI. */
enum { COMMAND_OK = 1, TUPLES_OK = 2, FATAL_ERROR = 7 };

/* The field of an error with its SQLSTATE (PG_DIAG_SQLSTATE). */
#define SQLSTATE 'C'

/* Classes of SQLSTATEs that a name may be the cause of, because the types of
 * columns and parameters are those of the tables when it was prepared:
 * feature_not_supported ("cached plan must not change result type"),
 * data_exception, invalid_sql_statement_name, syntax_error. */
static const char *const name_classes[] = {"0A", "22", "26", "42"};

/* SQLSTATE: duplicate_prepared_statement. */
static const char name_exists[] = "42P05";

/* After so many failures of names a connection uses no more of them: behind a
 * pooler they would go on. */
#define NAME_FAILURES_MAX 8

/* Begins the names, for those who read pg_prepared_statements. */
#define NAME_PREFIX "insights_used_"

/* The libpq functions in use. PGconn, PGresult and PGcancel are void here. */
#define FUNCTIONS(F)                                                           \
    F(int, PQsetnonblocking, (void *conn, int on))                             \
    F(void *, PQsetNoticeReceiver,                                             \
      (void *conn, void (*receiver)(void *arg, const void *notice),            \
       void *arg))                                                             \
    F(int, PQsendQueryParams,                                                  \
      (void *conn, const char *sql, int count, const unsigned *types,          \
       const char *const *values, const int *lengths, const int *formats,      \
       int result_format))                                                     \
    F(int, PQsendPrepare,                                                      \
      (void *conn, const char *name, const char *sql, int count,               \
       const unsigned *types))                                                 \
    F(int, PQsendQueryPrepared,                                                \
      (void *conn, const char *name, int count, const char *const *values,     \
       const int *lengths, const int *formats, int result_format))             \
    F(int, PQflush, (void *conn))                                              \
    F(int, PQsocket, (const void *conn))                                       \
    F(int, PQconsumeInput, (void *conn))                                       \
    F(int, PQisBusy, (void *conn))                                             \
    F(void *, PQgetResult, (void *conn))                                       \
    F(int, PQresultStatus, (const void *result))                               \
    F(char *, PQresultErrorMessage, (const void *result))                      \
    F(char *, PQresultErrorField, (const void *result, int field))             \
    F(char *, PQerrorMessage, (const void *conn))                              \
    F(int, PQntuples, (const void *result))                                    \
    F(int, PQnfields, (const void *result))                                    \
    F(int, PQgetisnull, (const void *result, int row, int column))             \
    F(char *, PQgetvalue, (const void *result, int row, int column))           \
    F(int, PQgetlength, (const void *result, int row, int column))             \
    F(void, PQclear, (void *result))                                           \
    F(void *, PQgetCancel, (void *conn))                                       \
    F(int, PQcancel, (void *cancel, char *text, int size))                     \
    F(void, PQfreeCancel, (void *cancel))

typedef struct library {
#define POINTER(type, name, parameters) type(*name) parameters;
    FUNCTIONS(POINTER)
} library;

typedef struct connection {
    library pq;
    void *conn;
    int name_failures;
    char error[1024];   /* the last error; "": none */
    char state[6];      /* its SQLSTATE; "": none */
    char warning[1024]; /* a wait for a standby was interrupted; "": none */
} connection;

typedef struct statement {
    const char *sql;
    int is_named; /* prepared in the server's session under this name */
    char name[sizeof NAME_PREFIX + IU_DIGEST_SIZE];
} statement;

/* Looks up all functions. Returns 0 if one is missing. */
static int find_functions(library *pq)
{
    int missing = 0;

#define FIND(type, name, parameters)                                           \
    {                                                                          \
        void *found = dlsym(RTLD_DEFAULT, #name);                              \
                                                                               \
        memcpy(&pq->name, &found, sizeof found);                               \
        missing += !found;                                                     \
    }
    FUNCTIONS(FIND)
    return !missing;
}

static void receive_notice(void *data, const void *notice)
{
    connection *pg = data;
    const char *text = pg->pq.PQresultErrorMessage(notice);

    /* Matches "canceling wait for synchronous replication due to user request"
     * and "canceling the wait for synchronous replication and …". */
    if (strstr(text, "wait for synchronous replication")) {
        apr_cpystrn(pg->warning, text, sizeof pg->warning);
    }
}

static void *set_up(void *handle, apr_pool_t *pool)
{
    connection *pg = apr_pcalloc(pool, sizeof *pg);

    pg->conn = handle;
    if (!find_functions(&pg->pq) || pg->pq.PQsetnonblocking(handle, 1) != 0) {
        return NULL;
    }
    pg->pq.PQsetNoticeReceiver(handle, receive_notice, pg);
    return pg;
}

/* An iu_prepare. Replaces apr_dbd's parameters by PostgreSQL's: %s by $1, $2…,
 * %% by %. Sends nothing to the server. */
static int prepare(void *native, const char *sql, apr_pool_t *pool,
                   void **prepared)
{
    statement *made = apr_pcalloc(pool, sizeof *made);
    apr_size_t parameters = 0;
    const char *c;
    char *to;
    char *text;

    (void)native;
    for (c = sql; *c; c++) {
        parameters += *c == '%';
    }
    text = to = apr_palloc(pool, strlen(sql) + 5 * parameters + 1);
    parameters = 0;
    for (c = sql; *c; c++) {
        if (*c == '%' && c[1] == 's') {
            to += apr_snprintf(to, 7, "$%d", (int)++parameters);
            c++;
        }
        else {
            c += *c == '%' && c[1] == '%';
            *to++ = *c;
        }
    }
    *to = '\0';
    made->sql = text;
    *prepared = made;
    return 0;
}

/* Waits for the next result. Returns 1 if it has arrived or the connection is
 * broken, 0 if the deadline has passed or the client has gone. */
static int await_result(connection *pg, const iu_bound *bound)
{
    apr_interval_time_t max = bound->is_gone ? GONE_INTERVAL : CANCEL_INTERVAL;
    int sending = pg->pq.PQflush(pg->conn);

    while (sending > 0 || pg->pq.PQisBusy(pg->conn)) {
        struct pollfd socket = {.fd = pg->pq.PQsocket(pg->conn),
                                .events =
                                    sending > 0 ? POLLIN | POLLOUT : POLLIN};
        apr_interval_time_t left = bound->deadline - iu_clock_now();

        if (left <= 0) {
            return 0;
        }
        left = left < max ? left : max;
        /* If poll fails (EINTR), the loop's condition decides. */
        if (poll(&socket, 1, (int)apr_time_as_msec(left) + 1) == 0 &&
            bound->is_gone && bound->is_gone(bound->client)) {
            return 0;
        }
        if (!pg->pq.PQconsumeInput(pg->conn)) {
            return 1;
        }
        sending = sending > 0 ? pg->pq.PQflush(pg->conn) : 0;
    }
    return 1;
}

/* Asks the server to cancel the statement. Its result is then an error, a
 * warning (a wait for a standby), or the rows if it was done before. */
static void cancel(connection *pg)
{
    void *request = pg->pq.PQgetCancel(pg->conn);
    char text[256];

    if (request) {
        pg->pq.PQcancel(request, text, sizeof text);
        pg->pq.PQfreeCancel(request);
    }
}

/* Returns the next result; NULL: that was the last. Cancels the statement when
 * its bound is reached, and then again at intervals. */
static void *next_result(connection *pg, iu_bound *bound)
{
    while (!await_result(pg, bound)) {
        cancel(pg);
        bound->deadline = iu_clock_now() + CANCEL_INTERVAL;
        bound->is_gone = NULL;
    }
    return pg->pq.PQgetResult(pg->conn);
}

static void append_rows(connection *pg, const void *result, apr_pool_t *pool,
                        apr_array_header_t *rows)
{
    int columns = pg->pq.PQnfields(result);
    int count = pg->pq.PQntuples(result);
    int row;
    int i;

    for (row = 0; row < count; row++) {
        const char **values = apr_palloc(pool, columns * sizeof *values);

        for (i = 0; i < columns; i++) {
            values[i] =
                pg->pq.PQgetisnull(result, row, i)
                    ? NULL
                    : apr_pstrmemdup(pool, pg->pq.PQgetvalue(result, row, i),
                                     pg->pq.PQgetlength(result, row, i));
        }
        APR_ARRAY_PUSH(rows, const char *const *) = values;
    }
}

/* Appends a result's rows, or copies its error if it is the first: later ones
 * are consequences. Frees the result. */
static void take_result(connection *pg, void *result, apr_pool_t *pool,
                        apr_array_header_t *rows)
{
    int status = pg->pq.PQresultStatus(result);

    if (status == TUPLES_OK) {
        append_rows(pg, result, pool, rows);
    }
    else if (status != COMMAND_OK && !*pg->error) {
        const char *state = pg->pq.PQresultErrorField(result, SQLSTATE);

        apr_cpystrn(pg->error, pg->pq.PQresultErrorMessage(result),
                    sizeof pg->error);
        apr_cpystrn(pg->state, state ? state : "", sizeof pg->state);
    }
    pg->pq.PQclear(result);
}

/* Reads results to the end: rows arrive before the commit, only the end of the
 * results says that it succeeded. sent: whether the statement could be sent.
 * Returns as select. */
static int take_results(connection *pg, int sent, const iu_bound *bound,
                        apr_pool_t *pool, apr_array_header_t **rows)
{
    iu_bound extended = *bound;
    void *result;

    if (extended.deadline < APR_INT64_MAX - GRACE) {
        extended.deadline += GRACE;
    }
    *rows = apr_array_make(pool, 1, sizeof(const char *const *));
    *pg->error = '\0';
    *pg->state = '\0';
    if (!sent) {
        apr_cpystrn(pg->error, pg->pq.PQerrorMessage(pg->conn),
                    sizeof pg->error);
        return FATAL_ERROR;
    }
    while ((result = next_result(pg, &extended))) {
        take_result(pg, result, pool, *rows);
    }
    return *pg->error ? FATAL_ERROR : 0;
}

static int run(connection *pg, const statement *statement,
               const char *const *arguments, int count, const iu_bound *bound,
               apr_pool_t *pool, apr_array_header_t **rows)
{
    int sent = statement->is_named
                   ? pg->pq.PQsendQueryPrepared(pg->conn, statement->name,
                                                count, arguments, NULL, NULL, 0)
                   : pg->pq.PQsendQueryParams(pg->conn, statement->sql, count,
                                              NULL, arguments, NULL, NULL, 0);

    return take_results(pg, sent, bound, pool, rows);
}

/* Prepares a statement by name. If the server refuses it, running it tells
 * why. The name exists if the cache of statements has evicted this one before,
 * or a pooler's session is that of another connection, too. */
static void keep(void *native, void *prepared, const iu_bound *bound,
                 apr_pool_t *pool)
{
    connection *pg = native;
    statement *statement = prepared;
    apr_array_header_t *none;
    int sent;

    if (statement->is_named || pg->name_failures >= NAME_FAILURES_MAX) {
        return;
    }
    memcpy(statement->name, NAME_PREFIX, sizeof NAME_PREFIX - 1);
    iu_digest_make(statement->sql, strlen(statement->sql),
                   statement->name + sizeof NAME_PREFIX - 1);
    sent = pg->pq.PQsendPrepare(pg->conn, statement->name, statement->sql, 0,
                                NULL);
    statement->is_named = take_results(pg, sent, bound, pool, &none) == 0 ||
                          strcmp(pg->state, name_exists) == 0;
}

/* Whether the name may be the cause of the last error. */
static int may_be_name(const connection *pg)
{
    apr_size_t i = 0;

    while (i < sizeof name_classes / sizeof name_classes[0] &&
           strncmp(pg->state, name_classes[i], 2) != 0) {
        i++;
    }
    return i < sizeof name_classes / sizeof name_classes[0];
}

/* Ends a name that has failed, if the session has it: the statement's next use
 * prepares it again. */
static void end_name(connection *pg, const statement *failed,
                     const iu_bound *bound, apr_pool_t *pool)
{
    const statement deallocate = {
        .sql = apr_pstrcat(pool, "DEALLOCATE ", failed->name, NULL)};
    apr_array_header_t *none;

    pg->name_failures++;
    run(pg, &deallocate, NULL, 0, bound, pool, &none);
}

static int select_rows(void *native, void *prepared,
                       const char *const *arguments, int count,
                       const iu_bound *bound, apr_pool_t *pool,
                       apr_array_header_t **rows)
{
    connection *pg = native;
    statement *statement = prepared;
    int result = run(pg, statement, arguments, count, bound, pool, rows);

    if (result != 0 && statement->is_named && may_be_name(pg)) {
        statement->is_named = 0;
        result = run(pg, statement, arguments, count, bound, pool, rows);
        if (result == 0) {
            end_name(pg, statement, bound, pool);
        }
        statement->is_named = result != 0; /* the name was not the cause */
    }
    return result;
}

static const char *error(void *native)
{
    const connection *pg = native;

    return pg->error;
}

static const char *warning(void *native)
{
    connection *pg = native;

    if (!*pg->warning) {
        return NULL;
    }
    apr_cpystrn(pg->error, pg->warning, sizeof pg->error);
    *pg->warning = '\0';
    return pg->error;
}

const iu_native_driver iu_native_pgsql = {
    .set_up = set_up,
    .prepare = prepare,
    .keep = keep,
    .select = select_rows,
    .error = error,
    .warning = warning,
};
