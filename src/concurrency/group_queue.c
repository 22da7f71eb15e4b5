/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which member of a group leads and which ones wait.
 *
 * The states of a group, changed only under the queue's mutex:
 *
 *   a request finds that         a request finds that
 *   a group has the turn         none has it: it leads
 *          |                               |
 *          v                               |
 *       QUEUED ------------------------+   |
 *          | the group that has the    |   |
 *          | turn is done              |   |
 *          v                           |   |
 *        TURN    a member has waited   |   |
 *          |     too long: it leads    |   |
 *          | a member sees TURN:       |   |
 *          | it leads                  |   |
 *          v                           |   |
 *         LED <------------------------+---+
 *          | begin has returned
 *          v
 *       RUNNING
 *          | run has returned
 *          v
 *        DONE
 *
 *             join   a member's bound comes
 *   QUEUED    yes    it withdraws; the last one ends the group
 *   TURN      yes    it leads
 *   LED       yes    it withdraws, unless it leads
 *   RUNNING   no     it gives up, and does not know the outcome
 *
 * Members sleep on the state in QUEUED, LED and RUNNING. A group that all
 * members have left is reused. Whenever the mutex is free:
 *
 * - "current", which has the turn, is in TURN, LED or RUNNING. While there is
 *   none, no group is queued.
 * - "overtaken" is the number of other groups in these states.
 * - A group in QUEUED or TURN is in the list and has at least one member, who
 *   sleeps on the state or is about to look at it. The last member to withdraw
 *   takes its group out of the list.
 * - A group in LED is in the list and has its leader, who does not withdraw.
 *
 * Hence TURN always ends: the group has a member then, nobody withdraws in
 * TURN, and any member that sees TURN leads, whether it was woken, its bound
 * came, or it has just joined. Waking one member is enough: if TURN is over
 * when it wakes, another member already leads.
 */
#include "group_queue.h"

#include <apr_thread_mutex.h>

#include "clock.h"
#include "own_pool.h"

/* Memory that an unused group keeps. */
#define SPARE_BYTES (512 * 1024)

enum { QUEUED, TURN, LED, RUNNING, DONE };

/* A group with what the callbacks do not see. */
typedef struct group {
    iu_group shared; /* the callbacks' view; the first field */
    iu_event state;
    _Atomic int users;      /* members that have not left */
    int count;              /* members that have not withdrawn */
    iu_group_member **last; /* the end of the list of members */
    int size;               /* of all members that have not withdrawn */
    apr_size_t bytes;       /* of all members */
    struct group *next;     /* in the list, or in the free list */
} group;

struct iu_group_queue {
    const iu_group_work *work;
    void *baton;
    apr_thread_mutex_t *mutex; /* for all below */
    apr_pool_t *pool;          /* of the groups, which are never freed */
    group *head;               /* oldest first; requests join the last */
    group *tail;
    group *spare;         /* empty groups to reuse */
    group *current;       /* has the turn; NULL: none has */
    apr_time_t since;     /* when it got the turn; unused if it is not
                           * overtaken */
    int overtaken;        /* groups that lost the turn and are not done */
    apr_uint32_t waiting; /* members of the groups in the list */
};

apr_status_t iu_group_queue_create(iu_group_queue **queue,
                                   const iu_group_work *work, void *baton,
                                   apr_pool_t *pool)
{
    iu_group_queue *made = apr_pcalloc(pool, sizeof *made);
    apr_status_t status = apr_pool_create(&made->pool, pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    made->work = work;
    made->baton = baton;
    *queue = made;
    return apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   made->pool);
}

static group *make_group(apr_pool_t *pool)
{
    group *made = apr_pcalloc(pool, sizeof *made);

    made->shared.pool = iu_own_pool_create(pool, SPARE_BYTES);
    return made;
}

/* Appends an empty group to the list. */
static group *append_group(iu_group_queue *queue)
{
    group *added = queue->spare;

    if (added) {
        queue->spare = added->next;
    }
    else {
        added = make_group(queue->pool);
    }
    added->shared.members = NULL;
    added->shared.deadline = 0;
    added->shared.result = NULL;
    added->last = &added->shared.members;
    added->count = 0;
    added->size = 0;
    added->bytes = 0;
    added->next = NULL;
    atomic_store(&added->state, QUEUED);
    atomic_store(&added->users, 0);
    if (queue->tail) {
        queue->tail->next = added;
    }
    else {
        queue->head = added;
    }
    queue->tail = added;
    return added;
}

static void remove_group(iu_group_queue *queue, group *removed)
{
    group **link = &queue->head;
    group *before = NULL;

    while (*link != removed) {
        before = *link;
        link = &before->next;
    }
    *link = removed->next;
    if (queue->tail == removed) {
        queue->tail = before;
    }
}

/* The last group of the list; NULL: it has no room for the request. */
static group *last_with_room(const iu_group_queue *queue,
                             const iu_group_request *request)
{
    group *last = queue->tail;

    return last && last->size + request->size <= queue->work->size &&
                   last->bytes + request->bytes <= queue->work->bytes
               ? last
               : NULL;
}

static iu_group_member *add_member(iu_group_queue *queue, group *joined,
                                   const iu_group_request *request)
{
    iu_group_member *added = queue->work->copy(request, &joined->shared);

    added->next = NULL;
    added->size = request->size;
    *joined->last = added;
    joined->last = &added->next;
    joined->count++;
    joined->size += request->size;
    joined->bytes += request->bytes;
    if (joined->shared.deadline < request->bound.deadline) {
        joined->shared.deadline = request->bound.deadline;
    }
    atomic_fetch_add(&joined->users, 1);
    queue->waiting++;
    return added;
}

/* Takes a member out of a group that is not closed. Its copy stays until the
 * group is reused: bytes still counts it. */
static void withdraw(iu_group_queue *queue, group *from,
                     const iu_group_member *leaving)
{
    iu_group_member **link = &from->shared.members;

    while (*link != leaving) {
        link = &(*link)->next;
    }
    *link = leaving->next;
    if (from->last == &leaving->next) {
        from->last = link;
    }
    from->count--;
    from->size -= leaving->size;
    queue->waiting--;
    if (from->count == 0) {
        remove_group(queue, from);
    }
}

/* Closes a group: from now on nobody joins it or withdraws from it. */
static void close_group(iu_group_queue *queue, group *led)
{
    apr_thread_mutex_lock(queue->mutex);
    remove_group(queue, led);
    queue->waiting -= led->count;
    atomic_store(&led->state, RUNNING);
    apr_thread_mutex_unlock(queue->mutex);
}

static void give_turn(iu_group_queue *queue, group *next, apr_uint32_t state)
{
    queue->current = next;
    if (queue->work->overtaken > 0) {
        queue->since = iu_clock_now();
    }
    atomic_store(&next->state, state);
}

/* The oldest group in QUEUED; NULL: none. */
static group *first_queued(const iu_group_queue *queue)
{
    group *first = queue->head;

    while (first && atomic_load(&first->state) != QUEUED) {
        first = first->next;
    }
    return first;
}

/* Ends a group, and passes its turn, if it still has that. Returns the group
 * that has got it; NULL: none. */
static group *end_group(iu_group_queue *queue, group *led)
{
    group *next = NULL;

    apr_thread_mutex_lock(queue->mutex);
    if (queue->current == led) {
        queue->current = NULL;
        next = first_queued(queue);
    }
    else {
        queue->overtaken--;
    }
    if (next) {
        give_turn(queue, next, TURN);
    }
    atomic_store(&led->state, DONE);
    apr_thread_mutex_unlock(queue->mutex);
    return next;
}

/* Whether a member of a group in QUEUED may lead it now. */
static int may_overtake(const iu_group_queue *queue)
{
    return queue->overtaken < queue->work->overtaken &&
           iu_clock_now() - queue->since >= IU_BOUND_INTERVAL;
}

/* Does a group's work, passes the turn to the next group and wakes the
 * others. */
static void lead(iu_group_queue *queue, group *led, iu_group_request *leader)
{
    group *next;
    int has_followers;

    if (queue->work->begin) {
        queue->work->begin(queue->baton, &led->shared, leader);
    }
    close_group(queue, led);
    has_followers = atomic_load(&led->users) > 1;
    queue->work->run(queue->baton, &led->shared, leader);

    next = end_group(queue, led);
    if (next) {
        /* By now next may be led, done and reused. That is harmless: groups are
         * never freed, and a spurious wake-up does not matter. */
        iu_event_wake(&next->state, 1);
    }
    if (has_followers) {
        iu_event_wake(&led->state, IU_EVENT_ALL);
    }
}

/* What a member does after it woke. */
typedef enum role { KEEP_WAITING, LEAD, WITHDRAW, GIVE_UP } role;

static role choose_role(iu_group_queue *queue, group *joined,
                        const iu_group_member *member, int is_late)
{
    apr_uint32_t state;
    role chosen = KEEP_WAITING;

    apr_thread_mutex_lock(queue->mutex);
    state = atomic_load(&joined->state);
    if (state == TURN) {
        atomic_store(&joined->state, LED);
        chosen = LEAD;
    }
    else if (is_late && state == RUNNING) {
        chosen = GIVE_UP;
    }
    else if (is_late && state != DONE) {
        withdraw(queue, joined, member);
        chosen = WITHDRAW;
    }
    else if (state == QUEUED && may_overtake(queue)) {
        queue->overtaken++;
        give_turn(queue, joined, LED);
        chosen = LEAD;
    }
    apr_thread_mutex_unlock(queue->mutex);
    return chosen;
}

/* Waits until the member's group is done or the request's bound comes; leads
 * the group if this member sees TURN. */
static iu_group_outcome wait_or_lead(iu_group_queue *queue, group *joined,
                                     const iu_group_member *member,
                                     iu_group_request *request)
{
    apr_uint32_t state;

    while ((state = atomic_load(&joined->state)) != DONE) {
        int is_late = state != TURN &&
                      !iu_bound_wait(&request->bound, &joined->state, state);

        /* Usually it woke because of a new state: no need for the mutex. */
        if (state != TURN && !is_late && atomic_load(&joined->state) != state) {
            continue;
        }
        switch (choose_role(queue, joined, member, is_late)) {
        case KEEP_WAITING:
            break;
        case LEAD:
            lead(queue, joined, request);
            return IU_GROUP_DONE;
        case WITHDRAW:
            return IU_GROUP_WITHDRAWN;
        case GIVE_UP:
            return IU_GROUP_GIVEN_UP;
        }
    }
    return IU_GROUP_DONE;
}

iu_group_outcome iu_group_join(iu_group_queue *queue, iu_group_request *request,
                               iu_group_place *place)
{
    iu_group_member *member;
    group *joined;
    int leads = 0;

    apr_thread_mutex_lock(queue->mutex);
    joined = last_with_room(queue, request);
    if (queue->current && queue->waiting >= request->waiting) {
        apr_thread_mutex_unlock(queue->mutex);
        return IU_GROUP_FULL;
    }
    if (!joined) {
        joined = append_group(queue);
        leads = !queue->current;
    }
    member = add_member(queue, joined, request);
    if (leads) {
        give_turn(queue, joined, LED);
    }
    apr_thread_mutex_unlock(queue->mutex);

    place->group = &joined->shared;
    place->member = member;
    if (leads) {
        lead(queue, joined, request);
        return IU_GROUP_DONE;
    }
    return wait_or_lead(queue, joined, member, request);
}

void iu_group_leave(iu_group_queue *queue, const iu_group_place *place)
{
    group *from = (group *)place->group;

    /* The last member to leave empties the group for reuse. */
    if (atomic_fetch_sub(&from->users, 1) > 1) {
        return;
    }
    apr_pool_clear(from->shared.pool);
    apr_thread_mutex_lock(queue->mutex);
    from->next = queue->spare;
    queue->spare = from;
    apr_thread_mutex_unlock(queue->mutex);
}

int iu_group_is_left(const iu_group *led)
{
    return atomic_load(&((const group *)led)->users) == 1;
}
