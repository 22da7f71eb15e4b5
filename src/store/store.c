/* SPDX-License-Identifier: Apache-2.0 */
/* The store's public interface, but for lists (listing.c), iu_store_find
 * (read_group.c) and iu_store_change (record_change.c). */
#include "store.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "store_private.h"

#define INVITATION_QUERY "InsightsUsedInvitationQuery"

const char *iu_store_sqlite3_version(void)
{
    return iu_sqlite3_library_version();
}

const char *iu_store_check(apr_pool_t *pool, const char *driver,
                           const char *params)
{
    const iu_dialect *dialect = iu_dialect_of(driver);
    const char *sentence;

    if (!dialect) {
        return apr_psprintf(pool, "'%s' is no driver for this; allowed: %s",
                            driver, iu_dialect_names(pool));
    }
    sentence = dialect->check_params(pool, params);
    return sentence ? sentence
                    : iu_connection_check_driver(pool, dialect->driver,
                                                 dialect->package);
}

const char *iu_store_check_file(apr_pool_t *pool, const char *driver,
                                const char *params, apr_uid_t user)
{
    const iu_dialect *dialect = iu_dialect_of(driver);

    return dialect && dialect->check_file
               ? dialect->check_file(pool, params, user, 1)
               : NULL;
}

void iu_store_measure_file(apr_pool_t *pool, const char *driver,
                           const char *params, apr_int64_t *file,
                           apr_int64_t *log)
{
    const iu_dialect *dialect = iu_dialect_of(driver);

    *file = -1;
    *log = -1;
    if (dialect && dialect->measure_file) {
        dialect->measure_file(pool, params, file, log);
    }
}

/* The end of the constant with which sql begins; NULL: none. */
static const char *end_of_constant(const char *sql)
{
    if (apr_isdigit(*sql)) {
        return sql + strspn(sql, "0123456789.");
    }
    if (*sql == '\'') {
        sql = strchr(sql + 1, '\'');
        return sql ? sql + 1 : NULL;
    }
    return strncasecmp(sql, "TRUE", 4) ? NULL : sql + 4;
}

/* Whether the first column is visibly a constant: a number, a text or TRUE,
 * without an operator as in 'guest-' || id. */
static int selects_constant(const char *sql)
{
    static const char space[] = " \t\r\n";
    const char *end;
    const char *next;

    sql += strspn(sql, space);
    if (strncasecmp(sql, "SELECT", 6) != 0) {
        return 0;
    }
    sql += 6;
    end = end_of_constant(sql + strspn(sql, space));
    if (!end) {
        return 0;
    }
    next = end + strspn(end, space);
    return *next == '\0' || *next == ',' || (next > end && apr_isalpha(*next));
}

const char *iu_store_check_query(apr_pool_t *pool, const char *sql)
{
    const char *c;
    int parameters = 0;

    if (selects_constant(sql)) {
        return "the first column must be the invited user's id, or NULL if "
               "each invitation has a set of its own; a constant would be one "
               "user for all invitations";
    }

    for (c = sql; *c; c++) {
        if (*c != '%') {
            continue;
        }
        c++;
        if (*c == 's') {
            parameters++;
        }
        else if (*c != '%') {
            return apr_pstrcat(pool,
                               "a % must be followed by s (the "
                               "invitation's id) or by another % (for "
                               "one %)",
                               NULL);
        }
    }
    return parameters == 1 ? NULL
                           : apr_psprintf(pool,
                                          "there must be one %%s, which stands "
                                          "for the invitation's id; there are "
                                          "%d",
                                          parameters);
}

/* Makes a pool with a thread-safe allocator: any thread may create child
 * pools. */
static apr_status_t make_pool(apr_pool_t **made, apr_pool_t *parent)
{
    apr_allocator_t *allocator;
    apr_thread_mutex_t *mutex;
    apr_status_t status = apr_allocator_create(&allocator);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = apr_pool_create_ex(made, parent, NULL, allocator);
    if (status != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return status;
    }
    apr_allocator_owner_set(allocator, *made);
    status = apr_thread_mutex_create(&mutex, APR_THREAD_MUTEX_DEFAULT, *made);
    if (status == APR_SUCCESS) {
        apr_allocator_mutex_set(allocator, mutex);
    }
    return status;
}

apr_status_t iu_store_create(iu_store **store, const iu_store_options *options,
                             apr_pool_t *pool)
{
    const iu_dialect *dialect = iu_dialect_of(options->driver);
    apr_status_t status;
    iu_store *made;
    apr_pool_t *own;

    if (!dialect) {
        return APR_ENOTIMPL;
    }
    status = make_pool(&own, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    /* Load the driver while there is one thread: apr_dbd keeps drivers in the
     * process's root pool without a lock. */
    if (iu_connection_check_driver(own, dialect->driver, dialect->package)) {
        return APR_ENOTIMPL;
    }
    made = apr_pcalloc(own, sizeof *made);
    made->database.dialect = dialect;
    made->database.params = dialect->complete_params
                                ? dialect->complete_params(own, options->params)
                                : apr_pstrdup(own, options->params);
    made->database.writer_turn =
        dialect->one_writer ? options->writer_turn : NULL;
    made->database.log = options->log;
    made->database.log_baton = options->log_baton;
    made->database.metrics = options->metrics;
    made->database.writes = options->writes
                                ? options->writes
                                : apr_pcalloc(own, sizeof(iu_write_state));
    made->database.pool = own;
    made->writer.session.database = &made->database;
    *store = made;
    status = iu_record_queue_create(&made->record_queue, own);
    if (status != APR_SUCCESS) {
        return status;
    }
    status = iu_commit_queue_create(&made->queue, iu_writer_begin,
                                    iu_writer_commit, &made->writer, own);
    if (status != APR_SUCCESS) {
        return status;
    }
    status = iu_reader_pool_create(&made->readers, &made->database, own);
    return status == APR_SUCCESS ? iu_store_create_find_groups(made, own)
                                 : status;
}

/* How many of the writes, at least one, fit into a commit group. */
static int count_fitting(iu_write *const *writes, int count)
{
    apr_size_t bytes = writes[0]->record.document_length;
    int fitting = 1;

    while (fitting < count && fitting < IU_GROUP_RECORDS) {
        bytes += writes[fitting]->record.document_length;
        if (bytes > IU_GROUP_BYTES) {
            break;
        }
        fitting++;
    }
    return fitting;
}

/* Returns the problem for which nothing can be written now: the database is
 * known to be down, or earlier writes of the same request took all its time. */
static iu_problem *check_commit(iu_store *store, const iu_store_call *call)
{
    iu_problem *problem = iu_database_check(&store->database, call->pool);

    if (!problem && iu_clock_now() >= call->deadline) {
        problem = iu_problem_make(call->pool, IU_COMMIT_TIMEOUT);
        problem->retry_after = 1;
    }
    return problem;
}

/* iu_commit_join, counted. */
static void join_queue(iu_store *store, const iu_store_call *call,
                       iu_write *const *writes, int count, int is_transaction)
{
    iu_metrics_slot *metrics = store->database.metrics;
    apr_time_t begin = iu_clock_now();

    iu_metrics_add(metrics, IU_METRIC_WRITES_WAITING, 1);
    iu_commit_join(store->queue, call, writes, count, is_transaction);
    iu_metrics_add(metrics, IU_METRIC_WRITES_WAITING, -1);
    iu_metrics_observe(metrics, IU_METRIC_WRITE_WAIT, iu_clock_now() - begin);
}

/* Commits the writes in one group. */
static void commit(iu_store *store, const iu_store_call *call,
                   iu_write *const *writes, int count, int is_transaction)
{
    iu_problem *problem = check_commit(store, call);
    int i;

    if (problem) {
        for (i = 0; i < count; i++) {
            writes[i]->problem = problem;
        }
        return;
    }
    join_queue(store, call, writes, count, is_transaction);
    for (i = 0; i < count; i++) {
        problem = writes[i]->problem;
        /* SQLite's connections to one file in a process share state. While a
         * reader is open that opened the file when it was read-only, no writer
         * can write, even if the file has become writable. */
        if (problem && problem->kind == IU_DATABASE_READ_ONLY) {
            iu_reader_pool_renew(store->readers);
            break;
        }
    }
}

void iu_store_write(iu_store *store, const iu_store_call *call,
                    iu_write *const *writes, int count)
{
    int fitting;

    for (; count > 0; writes += fitting, count -= fitting) {
        fitting = count_fitting(writes, count);
        commit(store, call, writes, fitting, 0);
    }
}

void iu_store_write_all(iu_store *store, const iu_store_call *call,
                        iu_write *const *writes, int count)
{
    commit(store, call, writes, count, 1);
}

/* If the client has gone, that ended the read, or no other problem matters any
 * more. */
static iu_problem *problem_of_client(const iu_store_call *call)
{
    return call->is_gone && call->is_gone(call->client)
               ? iu_problem_make(call->pool, IU_CLIENT_GONE)
               : NULL;
}

/* Maps a reader's failure to a problem. If the operator's query (directive)
 * does not match the schema, the query is at fault, not the database. */
static iu_problem *problem_of_reading(iu_store *store,
                                      const iu_store_call *call,
                                      const iu_failure *failure,
                                      const char *directive)
{
    apr_pool_t *pool = call->pool;
    iu_problem *problem =
        failure->kind == IU_FAILURE_STOPPED ? problem_of_client(call) : NULL;

    if (problem) {
        return problem;
    }
    if (directive && (failure->kind == IU_FAILURE_CONTENT ||
                      failure->kind == IU_FAILURE_STALE)) {
        return iu_problem_explain(pool, iu_problem_make(pool, IU_READ_FAILED),
                                  "%s: %s", directive, failure->text);
    }
    return iu_database_problem(&store->database, failure, IU_READ_FAILED, pool);
}

/* The problem if no reader became free. */
static iu_problem *problem_of_waiting(const iu_store_call *call)
{
    iu_problem *problem = problem_of_client(call);

    if (!problem) {
        problem = iu_problem_make(call->pool, IU_READ_TIMEOUT);
        problem->retry_after = 1;
    }
    return problem;
}

iu_reading iu_store_run(iu_store *store, iu_read_kind kind,
                        iu_execution *execution)
{
    iu_session *reader =
        iu_reader_pool_take(store->readers, kind, &execution->bound);
    iu_reading reading = {reader != NULL, NULL, NULL};
    iu_retry_state retry = {0, 0, 0};

    if (reader) {
        execution->is_read = 1;
        iu_metrics_add(store->database.metrics, IU_METRIC_READERS_BUSY, 1);
        reading.failure =
            iu_session_execute(reader, execution, &retry, &reading.rows);
        iu_metrics_add(store->database.metrics, IU_METRIC_READERS_BUSY, -1);
        iu_reader_pool_give_back(store->readers, kind, reader);
    }
    return reading;
}

iu_problem *iu_store_problem(iu_store *store, const iu_store_call *call,
                             const iu_reading *reading, const char *directive)
{
    if (!reading->has_run) {
        return problem_of_waiting(call);
    }
    return reading->failure
               ? problem_of_reading(store, call, reading->failure, directive)
               : NULL;
}

iu_problem *iu_store_read(iu_store *store, const iu_store_call *call,
                          iu_read_kind kind, iu_execution *execution,
                          const char *directive, apr_array_header_t **rows)
{
    iu_problem *problem = iu_database_check(&store->database, call->pool);
    iu_reading reading;

    if (problem) {
        return problem;
    }
    execution->pool = call->pool;
    execution->origin = call->origin;
    execution->bound = (iu_bound){call->deadline, call->is_gone, call->client};
    reading = iu_store_run(store, kind, execution);
    *rows = reading.rows;
    return iu_store_problem(store, call, &reading, directive);
}

iu_record *iu_store_make_record(apr_pool_t *pool, const char *set_id,
                                const char *id, const char *const *row)
{
    iu_record *record = apr_pcalloc(pool, sizeof *record);

    record->set_id = set_id;
    record->id = id;
    apr_cpystrn(record->version, row[0], sizeof record->version);
    record->last_accessed = row[1];
    record->last_modified = row[2];
    record->document = row[3];
    record->document_length = strlen(row[3]);
    return record;
}

iu_problem *iu_store_check_invitation(iu_store *store,
                                      const iu_store_call *call,
                                      const char *sql,
                                      const char *invitation_id,
                                      const char **user_id)
{
    iu_execution execution = {
        .sql = sql, .arguments = &invitation_id, .count = 1, .is_fixed = 1};
    apr_array_header_t *rows;
    iu_problem *problem = iu_store_read(store, call, IU_READ_KEYS, &execution,
                                        INVITATION_QUERY, &rows);

    *user_id = NULL;
    if (problem) {
        return problem;
    }
    if (rows->nelts == 0) {
        return iu_problem_make(call->pool, IU_NOT_FOUND, invitation_id);
    }
    *user_id = APR_ARRAY_IDX(rows, 0, const char *const *)[0];
    return !*user_id || iu_key_is_valid(*user_id, strlen(*user_id))
               ? NULL
               : iu_problem_explain(
                     call->pool, iu_problem_make(call->pool, IU_READ_FAILED),
                     INVITATION_QUERY
                     ": the first column for the invitation "
                     "'%s' is no user's id: not 1 to 255 bytes of UTF-8 "
                     "without control characters",
                     invitation_id);
}
