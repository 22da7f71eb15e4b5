/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commit groups: requests that are ready at the same time share one durable
 * commit. A request that finds no commit running leads at once, so a lone
 * request does not wait. Requests that come while a commit runs join the next
 * group, and one of its members leads it when that commit is done. There is no
 * thread behind this. The commit itself is a callback.
 */
#ifndef IU_STORE_COMMIT_GROUP_H
#define IU_STORE_COMMIT_GROUP_H

#include "../dialect/failure.h"
#include "store.h"

/* A group takes no more members than this, and no further one that would make
 * its records larger than IU_GROUP_BYTES together. A single larger record makes
 * a group of its own. */
#define IU_GROUP_RECORDS 256
#define IU_GROUP_BYTES (2 * 1024 * 1024)

/* What is to be done with a record. */
typedef enum iu_write_kind { IU_INSERT, IU_UPDATE, IU_DELETE } iu_write_kind;

/* One member of a group, as the commit sees it. */
typedef struct iu_commit_entry {
    iu_write_kind kind;
    iu_record record; /* a copy that belongs to the group: the member may be
                       * gone. IU_DELETE: its keys alone count */
    char expected[IU_VERSION_SIZE]; /* the version before; IU_INSERT: "" */
    int found; /* the commit answers by what is in the table, and not by what
                * its own statement stored there */
    const iu_problem *problem; /* the commit's answer: NULL, as it is at first:
                                * done; else why not, in the group's pool */
} iu_commit_entry;

typedef struct iu_commit_group {
    apr_pool_t *pool;          /* until the last member has its answer */
    const char *origin;        /* of the leader's request */
    apr_time_t deadline;       /* the latest of the members' */
    const iu_failure *refusal; /* what iu_commit_begin returned */
    int count;                 /* at least 1 */
    iu_commit_entry *entries[IU_GROUP_RECORDS];
} iu_commit_group;

/* Waits, until deadline at most, for what a commit must have before it begins,
 * and which other processes may have. NULL, or a failure in pool. Called by the
 * leader's thread; the group takes members meanwhile, so that processes which
 * take turns do not each make smaller groups. */
typedef iu_failure *iu_commit_begin(void *baton, apr_time_t deadline,
                                    apr_pool_t *pool);

/* Makes a group durable, where its begin was not refused, and answers each
 * entry. Called by the leader's thread, never by two at the same time for one
 * queue. */
typedef void iu_commit(void *baton, iu_commit_group *group);

typedef struct iu_commit_queue iu_commit_queue;

/* Makes a queue in pool, whose allocator must be fit for use by many threads.
 * The pool must outlive all calls. */
apr_status_t iu_commit_queue_create(iu_commit_queue **queue,
                                    iu_commit_begin *begin, iu_commit *commit,
                                    void *baton, apr_pool_t *pool);

/* Commits a change together with those of others. expected is the version that
 * an update or a delete goes out from; NULL with IU_INSERT. NULL: done. Else
 * the commit's problem (a copy in call->pool), or IU_QUEUE_FULL
 * (call->queue_limit wait already), IU_COMMIT_TIMEOUT (the deadline came before
 * the turn: the change has been withdrawn), or what iu_commit_unknown makes (it
 * came while the commit was under way). */
iu_problem *iu_commit_join(iu_commit_queue *queue, const iu_store_call *call,
                           iu_write_kind kind, const iu_record *record,
                           const char *expected);

/* The problem, in pool, of not knowing what became of an entry:
 * IU_COMMIT_UNKNOWN or IU_CHANGE_UNKNOWN. */
iu_problem *iu_commit_unknown(apr_pool_t *pool, const iu_commit_entry *entry);

#endif
