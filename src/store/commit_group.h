/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commit groups: requests that are ready at the same time share one durable
 * commit (src/concurrency/group_queue.h). One commits at a time. The commit
 * itself is a callback.
 */
#ifndef IU_STORE_COMMIT_GROUP_H
#define IU_STORE_COMMIT_GROUP_H

#include "../dialect/failure.h"
#include "store.h"

/* Limits of a group: its entries, and the bytes of their documents. A member
 * with more bytes makes a group of its own. */
#define IU_GROUP_RECORDS IU_WRITE_ALL_MAX
#define IU_GROUP_BYTES (2 * 1024 * 1024)

/* A write of a member, as the commit sees it. */
typedef struct iu_commit_entry {
    iu_write_kind kind;
    iu_record record; /* the group's copy: the member may have left. IU_DELETE:
                       * only its keys matter */
    char expected[IU_VERSION_SIZE]; /* the version to replace; IU_INSERT: "" */
    int transaction; /* entries with the same number are done all or none; 0: on
                      * its own */
    int from_lookup; /* the commit's answer rests on a row that it read, not on
                      * one that its own statement stored */
    const iu_problem *problem; /* the commit's answer, in the group's pool.
                                * NULL (the initial value): done */
} iu_commit_entry;

typedef struct iu_commit_group {
    apr_pool_t *pool;    /* cleared when the last member has its answer */
    const char *origin;  /* of the leader's request */
    apr_time_t deadline; /* the latest of its members' */
    const iu_failure *begin_failure; /* result of iu_commit_begin */
    int count;                       /* at least 1 */
    iu_commit_entry *entries[IU_GROUP_RECORDS];
} iu_commit_group;

/* Waits until deadline for a lock that the commit needs and another process may
 * hold. Returns NULL, or a failure in pool. Called by the leader's thread.
 * Meanwhile requests still join the group, so that processes that take turns do
 * not commit smaller groups. */
typedef iu_failure *iu_commit_begin(void *baton, apr_time_t deadline,
                                    apr_pool_t *pool);

/* Makes a group durable, unless begin_failure is set, and answers each entry.
 * Called by the leader's thread; a queue calls it for one group at a time. */
typedef void iu_commit(void *baton, iu_commit_group *group);

typedef struct iu_commit_queue iu_commit_queue;

/* Creates a queue in pool, which must outlive all calls and whose allocator
 * must be thread-safe. */
apr_status_t iu_commit_queue_create(iu_commit_queue **queue,
                                    iu_commit_begin *begin, iu_commit *commit,
                                    void *baton, apr_pool_t *pool);

/* Commits count writes (1 to IU_GROUP_RECORDS) in one group. is_transaction:
 * all of them or none. Returns when all have their outcome, and sets their
 * problems in call->pool: a copy of the commit's answer, IU_QUEUE_FULL
 * (call->queue_limit requests wait already), IU_COMMIT_TIMEOUT (the deadline
 * came before the commit: nothing was changed), or the result of
 * iu_commit_unknown (it came during the commit). */
void iu_commit_join(iu_commit_queue *queue, const iu_store_call *call,
                    iu_write *const *writes, int count, int is_transaction);

/* Makes the problem, in pool, that the outcome of an entry is unknown:
 * IU_COMMIT_UNKNOWN for an insert, otherwise IU_CHANGE_UNKNOWN. */
iu_problem *iu_commit_unknown(apr_pool_t *pool, const iu_commit_entry *entry);

#endif
