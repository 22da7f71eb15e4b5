/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of used insights: one SQL database, reached through apr_dbd. The
 * connections are the module's own, because mod_dbd's pool cannot drop a
 * connection that a restart of the server has broken. One iu_store serves one
 * database in one child process. All functions that take an iu_store are
 * thread-safe.
 */
#ifndef IU_STORE_STORE_H
#define IU_STORE_STORE_H

#include <apr_global_mutex.h>
#include <apr_pools.h>
#include <apr_time.h>
#include <apr_user.h>

#include "../database/log.h"
#include "../concurrency/bound.h"
#include "../graph/record.h"
#include "../metrics/metrics.h"
#include "../problem/problem.h"
#include "../query/query.h"

typedef struct iu_store iu_store;

typedef struct iu_store_options {
    const char *driver; /* apr_dbd's name: sqlite3, pgsql, mysql */
    const char *params; /* that driver's; for sqlite3 a path */
    /* Held by the child that writes, if the database has one writer at a time
     * (sqlite3). NULL: no lock. */
    apr_global_mutex_t *writer_turn;
    iu_log *log; /* NULL: log nothing */
    void *log_baton;
    iu_metrics_slot *metrics; /* NULL: count nothing */
    iu_write_state *writes;   /* of all processes; NULL: of this one */
} iu_store_options;

/* The request that calls the store, and its limits. */
typedef struct iu_store_call {
    apr_pool_t *pool;         /* the request's: results, problems */
    const char *origin;       /* the request's ids, for log lines */
    apr_time_t deadline;      /* for waits and reads; of iu_clock_now */
    apr_uint32_t queue_limit; /* requests of this child that may wait */
    iu_is_gone *is_gone;      /* stops reads; NULL: never ask */
    void *client;             /* argument of is_gone */
} iu_store_call;

/* The version of the SQLite library that is loaded. */
const char *iu_store_sqlite3_version(void);

/* Checks driver and params when the configuration is read; opens no database.
 * Returns NULL, or a sentence, without the directive's name, that says what is
 * wrong. */
const char *iu_store_check(apr_pool_t *pool, const char *driver,
                           const char *params);

/* Checks by owners and modes whether user, the user of the children, can write
 * to the database's file and directory; opens no file. Returns NULL if so, or
 * if the database is not a file; otherwise a sentence in pool. */
const char *iu_store_check_file(apr_pool_t *pool, const char *driver,
                                const char *params, apr_uid_t user);

/* Measures the database's file and its write-ahead log, in bytes. -1: there is
 * none, or the database is not a file. */
void iu_store_measure_file(apr_pool_t *pool, const char *driver,
                           const char *params, apr_int64_t *file,
                           apr_int64_t *log);

/* Checks that the SQL of InsightsUsedInvitationQuery has one %s and no other
 * parameter, and that its first column is not a constant: earlier versions of
 * the module took SELECT 1, which would now name the user "1" for all
 * invitations. Returns NULL or a sentence, as above. */
const char *iu_store_check_query(apr_pool_t *pool, const char *sql);

/* Creates a store in pool; call it in a child. Opens no connection yet;
 * clearing pool closes all connections. Copies driver and params; the mutex,
 * log_baton, metrics and writes must outlive the store. Not thread-safe. */
apr_status_t iu_store_create(iu_store **store, const iu_store_options *options,
                             apr_pool_t *pool);

typedef enum iu_write_kind { IU_INSERT, IU_UPDATE, IU_DELETE } iu_write_kind;

/* A record to insert, update or delete. */
typedef struct iu_write {
    iu_write_kind kind;
    iu_record record; /* IU_UPDATE: with a new version; IU_DELETE: only its keys
                       * matter */
    char expected[IU_VERSION_SIZE]; /* the version to replace or delete;
                                     * IU_INSERT: "" */
    iu_problem *problem;            /* the outcome; NULL: durable */
} iu_write;

/* How many writes iu_store_write_all takes at most. */
#define IU_WRITE_ALL_MAX 256

/* Makes count writes durable, each on its own, in as few commits as possible.
 * Sets the problem of each, in call->pool:
 * - IU_ALREADY_EXISTS: an insert's key exists;
 * - IU_VERSION_CONFLICT: another version than expected is stored, or none;
 * - IU_QUEUE_FULL, IU_COMMIT_TIMEOUT, one of the IU_DATABASE_…: nothing was
 *   changed;
 * - IU_COMMIT_UNKNOWN, or if it is no insert IU_CHANGE_UNKNOWN;
 * - IU_STATEMENT_FAILED. */
void iu_store_write(iu_store *store, const iu_store_call *call,
                    iu_write *const *writes, int count);

/* Makes count writes (1 to IU_WRITE_ALL_MAX) durable in one transaction, or
 * none of them. Sets the problem of each as above; IU_GROUP_FAILED: it was not
 * done because of another's problem; IU_GROUP_TWICE: an earlier one has the
 * same keys. */
void iu_store_write_all(iu_store *store, const iu_store_call *call,
                        iu_write *const *writes, int count);

/* Finds one record. *found is in call->pool and points to the keys, which are
 * not copied. Returns NULL, IU_NOT_FOUND, IU_READ_TIMEOUT (no connection became
 * free before the deadline), IU_READ_STOPPED (the deadline came while the
 * statement ran), IU_CLIENT_GONE, IU_READ_FAILED, or one of the
 * IU_DATABASE_…. */
iu_problem *iu_store_find(iu_store *store, const iu_store_call *call,
                          const char *set_id, const char *id,
                          iu_record **found);

/* One attempt to change a record. found: the stored record, or NULL. It is in
 * call->pool, which is cleared before the next attempt. Returns NULL when done,
 * IU_VERSION_CONFLICT to be called again, or another problem. */
typedef iu_problem *iu_store_attempt(void *baton, const iu_store_call *call,
                                     const iu_record *found);

/* Reads a record and calls attempt, again and again until no other change comes
 * between the two, or until call's deadline. use_queue: after a conflict, or if
 * others that had one are queued for the record, the request waits for its turn
 * in this child; otherwise it tries again at once. Returns what the last
 * attempt returned, in call->pool, or a problem of iu_store_find except
 * IU_NOT_FOUND. */
iu_problem *iu_store_change(iu_store *store, const iu_store_call *call,
                            const char *set_id, const char *id, int use_queue,
                            iu_store_attempt *attempt, void *baton);

/* One record of a page. */
typedef struct iu_listed {
    /* document is NULL if it is longer than a list carries: iu_store_fetch
     * reads it. */
    const iu_record *record;
    /* One per key of query->order, cut to IU_ORDER_CHARACTERS; NULL: null. */
    const char *const *values;
} iu_listed;

/* Bytes of all documents that a list carries: each may have an equal share. */
#define IU_LIST_BYTES ((apr_size_t)1024 * 1024)

/* Lists the records that query selects, in its order, from one snapshot.
 * *listed: at most query->top + 1 of iu_listed (the last one shows that there
 * is another page), all in call->pool. Returns NULL, or a problem as
 * iu_store_find. */
iu_problem *iu_store_list(iu_store *store, const iu_store_call *call,
                          const char *set_id, const iu_query *query,
                          apr_array_header_t **listed);

/* How many records iu_store_fetch reads at most. */
#define IU_FETCH_MAX 32

/* Reads count records of a list (1 to IU_FETCH_MAX) with their documents.
 * *records is an array of iu_record * in the order of listed, without those
 * that have been deleted since. It is in call->pool; the keys are not copied.
 * Returns as iu_store_list. */
iu_problem *iu_store_fetch(iu_store *store, const iu_store_call *call,
                           const char *set_id, const iu_listed *listed,
                           int count, apr_array_header_t **records);

/* Counts the records of a set that match filter (NULL: all). Returns as
 * iu_store_list. */
iu_problem *iu_store_count(iu_store *store, const iu_store_call *call,
                           const char *set_id, const iu_expression *filter,
                           apr_int64_t *count);

/* Runs the operator's query, which iu_store_check_query has accepted. Returns
 * NULL if it finds a row for the invitation; then *user_id is the invited
 * user's id from the row's first column, in call->pool, or NULL if that is
 * null. Otherwise IU_NOT_FOUND, IU_READ_FAILED if the id is no valid key, or
 * another problem of iu_store_find. */
iu_problem *iu_store_check_invitation(iu_store *store,
                                      const iu_store_call *call,
                                      const char *sql,
                                      const char *invitation_id,
                                      const char **user_id);

/* Finds out whether requests can be served, by a read and if need be by a
 * write. The driver may make it wait for longer than the deadline. To be called
 * by one thread at a time. Returns NULL, or the problem that requests have. */
iu_problem *iu_store_check_health(iu_store *store, const iu_store_call *call);

#endif
