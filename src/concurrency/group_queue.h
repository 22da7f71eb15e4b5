/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of requests that share a piece of work: a commit, or a statement that
 * reads. A request that finds no group at work leads one at once, so a lone
 * request does not wait. Requests that come while a group works join the next
 * one, and one of its members leads it when that group is done. No thread is
 * started for this. The work itself is a callback.
 *
 * One group works at a time, since larger groups cost less. But if work takes
 * long, as with a connection that has died silently, the kind of work may allow
 * the next group to overtake.
 */
#ifndef IU_CONCURRENCY_GROUP_QUEUE_H
#define IU_CONCURRENCY_GROUP_QUEUE_H

#include <apr_pools.h>

#include "bound.h"

typedef struct iu_group_queue iu_group_queue;

/* What the group keeps of a request, which may leave before the work is done;
 * the first field of a struct that iu_group_copy makes. */
typedef struct iu_group_member {
    struct iu_group_member *next; /* NULL: the last */
    int size;                     /* of its request */
} iu_group_member;

typedef struct iu_group {
    apr_pool_t *pool; /* cleared when the last member has left. Needs no lock:
                       * until the group is closed the queue guards it, then
                       * only the leader may allocate from it */
    iu_group_member *members; /* in the order in which they came; once the
                               * group is closed the list is constant */
    apr_time_t deadline;      /* the latest of its members' */
    void *result;             /* for the callbacks; NULL at first */
} iu_group;

/* A request that joins a group, and its limits; the first field of a struct
 * that the callbacks know. */
typedef struct iu_group_request {
    iu_bound bound;       /* within which it waits for a turn and the work */
    apr_uint32_t waiting; /* it does not join if so many wait already */
    int size;             /* its share of the group's size */
    apr_size_t bytes;     /* likewise, of its bytes */
} iu_group_request;

/* The kind of work. */
typedef struct iu_group_work {
    int overtaken;    /* how many groups that lost the turn may still work. The
                       * next one takes it after IU_BOUND_INTERVAL. 0: never */
    int size;         /* of a group at most, and of a request */
    apr_size_t bytes; /* likewise; a request with more has a group of its own */
    /* Makes a member of group, in its pool, from a request. Called by the
     * request's thread, under the queue's lock. */
    iu_group_member *(*copy)(const iu_group_request *request, iu_group *group);
    /* Waits for what the work needs. Called by the leader's thread. Meanwhile
     * requests still join the group. NULL: nothing. */
    void (*begin)(void *baton, iu_group *group, iu_group_request *leader);
    /* Does the work, and leaves the answers in the members or in result. Called
     * by the leader's thread when the group is closed: every member's request
     * came before. */
    void (*run)(void *baton, iu_group *group, iu_group_request *leader);
} iu_group_work;

/* Creates a queue in pool, which must outlive all calls and whose allocator
 * must be thread-safe. */
apr_status_t iu_group_queue_create(iu_group_queue **queue,
                                   const iu_group_work *work, void *baton,
                                   apr_pool_t *pool);

/* What became of a request. */
typedef enum iu_group_outcome {
    IU_GROUP_DONE,      /* the work is done */
    IU_GROUP_FULL,      /* it did not join: too many wait */
    IU_GROUP_WITHDRAWN, /* its bound came before the work */
    IU_GROUP_GIVEN_UP   /* its bound came during the work */
} iu_group_outcome;

/* A request's place in a group. */
typedef struct iu_group_place {
    iu_group *group;
    iu_group_member *member; /* answered only if the outcome is IU_GROUP_DONE */
} iu_group_place;

/* Joins a group and waits for its work, or does it. Sets *place unless
 * IU_GROUP_FULL is returned; then call iu_group_leave. A leader stays until the
 * work is done. */
iu_group_outcome iu_group_join(iu_group_queue *queue, iu_group_request *request,
                               iu_group_place *place);

/* Leaves a group; its memory is then invalid. */
void iu_group_leave(iu_group_queue *queue, const iu_group_place *place);

/* Whether all members but the leader, who asks, have left. */
int iu_group_is_left(const iu_group *led);

#endif
