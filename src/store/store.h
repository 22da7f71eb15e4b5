/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of used insights: one SQL database, reached through apr_dbd. The
 * connections are the module's own, because mod_dbd's pool cannot drop a
 * connection that a restart of the server has broken. One iu_store serves one
 * database in one child process. All its functions are safe to call from
 * several threads at once unless their comment says otherwise.
 */
#ifndef IU_STORE_STORE_H
#define IU_STORE_STORE_H

#include <apr_global_mutex.h>
#include <apr_pools.h>
#include <apr_time.h>
#include <apr_user.h>

#include "../database/log.h"
#include "../dialect/bound.h"
#include "../graph/record.h"
#include "../problem/problem.h"
#include "../query/query.h"

typedef struct iu_store iu_store;

typedef struct iu_store_options {
    const char *driver; /* apr_dbd's name: sqlite3, pgsql, mysql */
    const char *params; /* that driver's; for sqlite3 a path */
    /* Taken by the one child that writes, where the database wants it so
     * (sqlite3). NULL: none. */
    apr_global_mutex_t *writer_turn;
    iu_log *log; /* NULL: nothing is told */
    void *log_baton;
} iu_store_options;

/* What a call on behalf of one request is bounded by. */
typedef struct iu_store_call {
    apr_pool_t *pool;         /* the request's: results, problems */
    const char *origin;       /* prefix for log lines: the request's ids */
    apr_time_t deadline;      /* wait and read no longer; of iu_clock_now */
    apr_uint32_t queue_limit; /* requests of this child that may wait */
    iu_is_gone *is_gone;      /* ends reading; NULL: nobody can tell */
    void *client;             /* for is_gone */
} iu_store_call;

/* Checks driver and params when the configuration is read. NULL: usable; else
 * a sentence, without the directive's name, on what is wrong. Opens no
 * database. */
const char *iu_store_check(apr_pool_t *pool, const char *driver,
                           const char *params);

/* What keeps user, as whom the children will run, from changing the database,
 * as far as its file, if there is one, its directory and their modes tell.
 * NULL: nothing; else a sentence. Opens no file. */
const char *iu_store_check_file(apr_pool_t *pool, const char *driver,
                                const char *params, apr_uid_t user);

/* Checks the SQL of InsightsUsedInvitationQuery: one %s and no other parameter.
 * NULL or a sentence, as above. */
const char *iu_store_check_query(apr_pool_t *pool, const char *sql);

/* Makes a store, after fork; opens no connection yet. *store lives in pool (a
 * child's); clearing pool closes all connections. options are copied but for
 * the mutex. */
apr_status_t iu_store_create(iu_store **store, const iu_store_options *options,
                             apr_pool_t *pool);

/* Makes record durable: NULL is returned after the commit has. Otherwise
 * IU_ALREADY_EXISTS, IU_QUEUE_FULL, IU_COMMIT_TIMEOUT (nothing was stored),
 * IU_COMMIT_UNKNOWN, or one of the IU_DATABASE_… and IU_STATEMENT_FAILED. */
iu_problem *iu_store_insert(iu_store *store, const iu_store_call *call,
                            const iu_record *record);

/* Replaces the record of the same keys by record, whose version is new, if the
 * version stored is expected. NULL: durable. IU_VERSION_CONFLICT: another
 * version is stored, or none; IU_CHANGE_UNKNOWN in place of IU_COMMIT_UNKNOWN;
 * else as iu_store_insert. */
iu_problem *iu_store_update(iu_store *store, const iu_store_call *call,
                            const iu_record *record, const char *expected);

/* Deletes a record, if the version stored is expected. As iu_store_update. */
iu_problem *iu_store_delete(iu_store *store, const iu_store_call *call,
                            const char *invitation_id, const char *id,
                            const char *expected);

/* Finds one record; *found points into call->pool, and to the keys.
 * IU_NOT_FOUND, IU_READ_TIMEOUT, IU_READ_STOPPED (the deadline came while the
 * statement ran), IU_CLIENT_GONE, IU_READ_FAILED, or one of the
 * IU_DATABASE_…. */
iu_problem *iu_store_find(iu_store *store, const iu_store_call *call,
                          const char *invitation_id, const char *id,
                          iu_record **found);

/* One attempt to change a record. found: as it is stored now, or NULL; both it
 * and what is made in call->pool are gone at the next attempt. NULL: done.
 * IU_VERSION_CONFLICT: that is not what is stored any more. */
typedef iu_problem *iu_store_attempt(void *baton, const iu_store_call *call,
                                     const iu_record *found);

/* Reads a record and has it changed, until no other change comes between or
 * call's deadline. queues: after such a conflict, and behind others who had
 * one, it waits for its turn in this child; else it tries again at once. What
 * the last attempt returned, in call->pool, or what iu_store_find returns but
 * for IU_NOT_FOUND. */
iu_problem *iu_store_change(iu_store *store, const iu_store_call *call,
                            const char *invitation_id, const char *id,
                            int queues, iu_store_attempt *attempt, void *baton);

/* One record of a page. */
typedef struct iu_listed {
    /* Its document is NULL where it is a long one: iu_store_fetch brings it. */
    const iu_record *record;
    /* One for each key of query->order, cut to IU_ORDER_CHARACTERS; NULL:
     * null. */
    const char *const *values;
} iu_listed;

/* What the documents that come with a list have together, at most, in bytes:
 * each up to its share of that. */
#define IU_LIST_BYTES ((apr_size_t)1024 * 1024)

/* Lists what query asks for, in its order: at most query->top + 1 of iu_listed
 * (the one more tells that there is another page), as they are at one and the
 * same time. All is in call->pool. NULL, or the problems of reading, as
 * iu_store_find has them. */
iu_problem *iu_store_list(iu_store *store, const iu_store_call *call,
                          const char *invitation_id, const iu_query *query,
                          apr_array_header_t **listed);

/* How many records iu_store_fetch takes at a time. */
#define IU_FETCH_MAX 32

/* Fetches count records of a list, at least one, with their documents; *records
 * is an array of iu_record *, in the order of listed, without those that are
 * gone by now. All but their keys is in call->pool. */
iu_problem *iu_store_fetch(iu_store *store, const iu_store_call *call,
                           const char *invitation_id, const iu_listed *listed,
                           int count, apr_array_header_t **records);

/* Counts the records of an invitation that filter keeps (NULL: all). */
iu_problem *iu_store_count(iu_store *store, const iu_store_call *call,
                           const char *invitation_id,
                           const iu_expression *filter, apr_int64_t *count);

/* Whether the operator's query (one that iu_store_check_query passed) finds a
 * row for the invitation: NULL, or IU_NOT_FOUND and the problems of reading. */
iu_problem *iu_store_check_invitation(iu_store *store,
                                      const iu_store_call *call,
                                      const char *sql,
                                      const char *invitation_id);

#endif
