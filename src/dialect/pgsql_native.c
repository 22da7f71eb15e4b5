/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL without apr_dbd in between. Reading: a statement is cancelled when
 * its client has gone. Writing: apr_dbd hides two things of a commit that waits
 * for a synchronous standby. A wait that somebody ends (pg_cancel_backend,
 * pg_terminate_backend, a shutdown) is a warning to the client, on a commit
 * that is reported as done: apr_dbd drops warnings, here they are received. And
 * no time-out of the server's ends that wait: where there are such standbys,
 * the writer's statements are run here, and cancelled at their deadline.
 *
 * libpq is the one that apr_dbd's driver has loaded. Its functions are looked
 * up by their names: a link to it would be asked of those, too, who have SQLite
 * only.
 */
#include "native.h"

#include <dlfcn.h>
#include <poll.h>
#include <string.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"

/* After the deadline: the server's own limit (see dialect_pgsql.c) comes first
 * where it counts. */
#define GRACE apr_time_from_msec(500)

/* A request to cancel may come before the wait that it is to end. */
#define CANCEL_INTERVAL apr_time_from_sec(1)

/* How long the server may say nothing before each question whether the client
 * has gone. */
#define GONE_INTERVAL apr_time_from_msec(50)

/* Of libpq's ExecStatusType, which never changes its numbers. */
enum { COMMAND_OK = 1, TUPLES_OK = 2, FATAL_ERROR = 7 };

/* What of libpq-fe.h is used, whose PGconn, PGresult and PGcancel are void. */
#define FUNCTIONS(F)                                                           \
    F(int, PQsetnonblocking, (void *conn, int on))                             \
    F(void *, PQsetNoticeReceiver,                                             \
      (void *conn, void (*receiver)(void *arg, const void *notice),            \
       void *arg))                                                             \
    F(int, PQsendQueryParams,                                                  \
      (void *conn, const char *sql, int count, const unsigned *types,          \
       const char *const *values, const int *lengths, const int *formats,      \
       int result_format))                                                     \
    F(int, PQflush, (void *conn))                                              \
    F(int, PQsocket, (const void *conn))                                       \
    F(int, PQconsumeInput, (void *conn))                                       \
    F(int, PQisBusy, (void *conn))                                             \
    F(void *, PQgetResult, (void *conn))                                       \
    F(int, PQresultStatus, (const void *result))                               \
    F(char *, PQresultErrorMessage, (const void *result))                      \
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
    char error[1024];   /* the text of the last one */
    char warning[1024]; /* that a wait for a standby was ended; "": none */
} connection;

/* Whether all functions are there. */
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
    connection *on = data;
    const char *text = on->pq.PQresultErrorMessage(notice);

    /* With or without "the", and of who ended it. */
    if (strstr(text, "wait for synchronous replication")) {
        apr_cpystrn(on->warning, text, sizeof on->warning);
    }
}

static void *set_up(void *handle, apr_pool_t *pool)
{
    connection *on = apr_pcalloc(pool, sizeof *on);

    on->conn = handle;
    if (!find_functions(&on->pq) || on->pq.PQsetnonblocking(handle, 1) != 0) {
        return NULL;
    }
    on->pq.PQsetNoticeReceiver(handle, receive_notice, on);
    return on;
}

/* The same text with PostgreSQL's parameters in place of apr_dbd's. */
static int prepare(void *native, const char *sql, apr_pool_t *pool,
                   void **prepared)
{
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
    *prepared = text;
    return 0;
}

/* Waits until the next result is there, or the connection is broken. Returns 0
 * where the deadline comes first, or the client goes. */
static int await(connection *on, const iu_bound *until)
{
    apr_interval_time_t most = until->is_gone ? GONE_INTERVAL : CANCEL_INTERVAL;
    int sending = on->pq.PQflush(on->conn);

    while (sending > 0 || on->pq.PQisBusy(on->conn)) {
        struct pollfd socket = {.fd = on->pq.PQsocket(on->conn),
                                .events =
                                    sending > 0 ? POLLIN | POLLOUT : POLLIN};
        apr_interval_time_t left = until->deadline - iu_clock_now();

        if (left <= 0) {
            return 0;
        }
        left = left < most ? left : most;
        /* Interrupted or not: what counts is asked for. */
        if (poll(&socket, 1, (int)apr_time_as_msec(left) + 1) == 0 &&
            until->is_gone && until->is_gone(until->client)) {
            return 0;
        }
        if (!on->pq.PQconsumeInput(on->conn)) {
            return 1;
        }
        sending = sending > 0 ? on->pq.PQflush(on->conn) : 0;
    }
    return 1;
}

/* What then comes is the error of a statement that was stopped, or a warning,
 * or the rows of one that was faster. */
static void cancel(connection *on)
{
    void *request = on->pq.PQgetCancel(on->conn);
    char text[256];

    if (request) {
        on->pq.PQcancel(request, text, sizeof text);
        on->pq.PQfreeCancel(request);
    }
}

static void *next_result(connection *on, iu_bound *until)
{
    while (!await(on, until)) {
        cancel(on);
        until->deadline = iu_clock_now() + CANCEL_INTERVAL;
        until->is_gone = NULL;
    }
    return on->pq.PQgetResult(on->conn);
}

static void append_rows(connection *on, const void *result, apr_pool_t *pool,
                        apr_array_header_t *rows)
{
    int columns = on->pq.PQnfields(result);
    int count = on->pq.PQntuples(result);
    int row;
    int i;

    for (row = 0; row < count; row++) {
        const char **values = apr_palloc(pool, columns * sizeof *values);

        for (i = 0; i < columns; i++) {
            values[i] =
                on->pq.PQgetisnull(result, row, i)
                    ? NULL
                    : apr_pstrmemdup(pool, on->pq.PQgetvalue(result, row, i),
                                     on->pq.PQgetlength(result, row, i));
        }
        APR_ARRAY_PUSH(rows, const char *const *) = values;
    }
}

/* Takes what a result says. Of several errors the first tells why. */
static void take(connection *on, void *result, apr_pool_t *pool,
                 apr_array_header_t *rows)
{
    int status = on->pq.PQresultStatus(result);

    if (status == TUPLES_OK) {
        append_rows(on, result, pool, rows);
    }
    else if (status != COMMAND_OK && !*on->error) {
        apr_cpystrn(on->error, on->pq.PQresultErrorMessage(result),
                    sizeof on->error);
    }
    on->pq.PQclear(result);
}

/* Rows come before the commit: only the end of all results tells of that. */
static int select_rows(void *native, void *prepared,
                       const char *const *arguments, int count,
                       const iu_bound *bound, apr_pool_t *pool,
                       apr_array_header_t **rows)
{
    connection *on = native;
    iu_bound until = *bound;
    void *result;

    if (until.deadline < APR_INT64_MAX - GRACE) { /* where there is one */
        until.deadline += GRACE;
    }
    *rows = apr_array_make(pool, 1, sizeof(const char *const *));
    *on->error = '\0';
    if (!on->pq.PQsendQueryParams(on->conn, prepared, count, NULL, arguments,
                                  NULL, NULL, 0)) {
        apr_cpystrn(on->error, on->pq.PQerrorMessage(on->conn),
                    sizeof on->error);
        return FATAL_ERROR;
    }
    while ((result = next_result(on, &until))) {
        take(on, result, pool, *rows);
    }
    return *on->error ? FATAL_ERROR : 0;
}

static const char *error(void *native)
{
    const connection *on = native;

    return on->error;
}

static const char *warning(void *native)
{
    connection *on = native;

    if (!*on->warning) {
        return NULL;
    }
    apr_cpystrn(on->error, on->warning, sizeof on->error);
    *on->warning = '\0';
    return on->error;
}

const iu_native iu_native_pgsql = {
    .reads = 1,
    .set_up = set_up,
    .prepare = prepare,
    .select = select_rows,
    .error = error,
    .warning = warning,
};
