/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which member of a commit group leads and which ones wait.
 *
 * The states of a group, changed only under the queue's mutex:
 *
 *   a request finds              a request finds
 *   a commit running             no commit running: it leads
 *          |                               |
 *          v                               |
 *       QUEUED                             |
 *          | the running commit is done    |
 *          v                               |
 *        TURN                              |
 *          | a member sees TURN: it leads  |
 *          v                               |
 *         LED <----------------------------+
 *          | iu_commit_begin has returned: no other process commits
 *          v
 *       RUNNING
 *          | iu_commit has returned
 *          v
 *        DONE
 *
 *             join   a member's deadline comes
 *   QUEUED    yes    it withdraws; the last one ends the group
 *   TURN      yes    it leads
 *   LED       yes    it withdraws, unless it leads
 *   RUNNING   no     it gives up, and does not know the outcome
 *
 * Members sleep on the state in QUEUED, LED and RUNNING. A group that all
 * members have left is reused. Whenever the mutex is free:
 *
 * - "committing" is 1 exactly while one group is in TURN, LED or RUNNING. While
 *   it is 0 no group is queued.
 * - A group in QUEUED or TURN is in the list and has at least one entry, whose
 *   member sleeps on the state or is about to look at it. The last member to
 *   withdraw takes its group out of the list.
 * - A group in LED is in the list and has the entry of its leader, which does
 *   not withdraw.
 *
 * Hence TURN always ends: the group has a member then, nobody withdraws in
 * TURN, and any member that sees TURN leads, whether it was woken, its deadline
 * came, or it has just joined. Waking one member is enough: if TURN is over
 * when it wakes, another member already leads.
 */
#include "commit_group.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include "../concurrency/event.h"

/* Memory that an unused group keeps. */
#define SPARE_BYTES (512 * 1024)

enum { QUEUED, TURN, LED, RUNNING, DONE };

/* A group with the members that iu_commit does not see. */
typedef struct group {
    iu_commit_group shared; /* the commit's view */
    iu_event state;
    _Atomic int users;  /* members that have not left */
    int members;        /* that have not withdrawn */
    apr_size_t bytes;   /* of all documents that were copied */
    int transactions;   /* number of the last one */
    struct group *next; /* in the list, or in the free list */
} group;

struct iu_commit_queue {
    iu_commit_begin *begin;
    iu_commit *commit;
    void *baton;
    apr_thread_mutex_t *mutex; /* for all below */
    apr_pool_t *pool;          /* of the groups, which are never freed */
    group *head;               /* oldest first; requests join the last */
    group *tail;
    group *spare;         /* empty groups to reuse */
    int committing;       /* a group is in TURN, LED or RUNNING */
    apr_uint32_t waiting; /* members of the groups in the list */
};

apr_status_t iu_commit_queue_create(iu_commit_queue **queue,
                                    iu_commit_begin *begin, iu_commit *commit,
                                    void *baton, apr_pool_t *pool)
{
    iu_commit_queue *made = apr_pcalloc(pool, sizeof *made);
    apr_status_t status = apr_pool_create(&made->pool, pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    made->begin = begin;
    made->commit = commit;
    made->baton = baton;
    *queue = made;
    return apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT,
                                   made->pool);
}

/* Makes a group with a pool that needs no lock: the queue's mutex guards it
 * until the group is closed, then only the leader uses it. */
static group *make_group(apr_pool_t *pool)
{
    group *made = apr_pcalloc(pool, sizeof *made);
    apr_allocator_t *allocator;

    /* Out of memory: httpd aborts, too, but ap_abort_on_oom() is httpd's. */
    if (apr_allocator_create(&allocator) != APR_SUCCESS ||
        apr_pool_create_ex(&made->shared.pool, pool, NULL, allocator) !=
            APR_SUCCESS) {
        abort();
    }
    apr_allocator_max_free_set(allocator, SPARE_BYTES);
    apr_allocator_owner_set(allocator, made->shared.pool);
    return made;
}

/* Appends an empty group to the list. */
static group *append_group(iu_commit_queue *queue)
{
    group *added = queue->spare;

    if (added) {
        queue->spare = added->next;
    }
    else {
        added = make_group(queue->pool);
    }
    added->shared.count = 0;
    added->shared.deadline = 0;
    added->bytes = 0;
    added->transactions = 0;
    added->members = 0;
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

/* A request in a group. Its entries are neighbours. */
typedef struct member {
    group *joined;
    iu_commit_entry *entries;
    int count;
} member;

static group *group_with_room(iu_commit_queue *queue, int count,
                              apr_size_t bytes)
{
    group *last = queue->tail;

    if (last && last->shared.count + count <= IU_GROUP_RECORDS &&
        last->bytes + bytes <= IU_GROUP_BYTES) {
        return last;
    }
    return append_group(queue);
}

static void remove_group(iu_commit_queue *queue, group *removed)
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

static void copy_write(iu_commit_entry *entry, const iu_write *write,
                       int transaction, apr_pool_t *pool)
{
    const iu_record *record = &write->record;

    entry->kind = write->kind;
    apr_cpystrn(entry->expected, write->expected, sizeof entry->expected);
    entry->record = *record;
    entry->record.set_id = apr_pstrdup(pool, record->set_id);
    entry->record.id = apr_pstrdup(pool, record->id);
    entry->record.last_accessed = apr_pstrdup(pool, record->last_accessed);
    entry->record.last_modified = apr_pstrdup(pool, record->last_modified);
    entry->record.document =
        apr_pstrmemdup(pool, record->document, record->document_length);
    entry->transaction = transaction;
    entry->from_lookup = 0;
    entry->problem = NULL;
}

/* Makes a member of a group and of writes. */
static member add_member(group *joined, const iu_store_call *call,
                         iu_write *const *writes, int count, int is_transaction)
{
    iu_commit_group *shared = &joined->shared;
    member added = {
        joined, apr_palloc(shared->pool, count * sizeof *added.entries), count};
    int transaction = is_transaction ? ++joined->transactions : 0;
    int i;

    for (i = 0; i < count; i++) {
        copy_write(&added.entries[i], writes[i], transaction, shared->pool);
        joined->bytes += writes[i]->record.document_length;
        shared->entries[shared->count++] = &added.entries[i];
    }
    if (shared->deadline < call->deadline) {
        shared->deadline = call->deadline;
    }
    joined->members++;
    atomic_fetch_add(&joined->users, 1);
    return added;
}

/* Takes a member out of a group that is not closed. The copies of its records
 * stay until the group is reused: bytes still counts them. */
static void withdraw(iu_commit_queue *queue, const member *leaving)
{
    group *from = leaving->joined;
    iu_commit_entry **entries = from->shared.entries;
    int at = 0;

    while (entries[at] != leaving->entries) {
        at++;
    }
    from->shared.count -= leaving->count;
    memmove(entries + at, entries + at + leaving->count,
            (from->shared.count - at) * sizeof *entries);
    from->members--;
    queue->waiting--;
    if (from->shared.count == 0) {
        remove_group(queue, from);
    }
}

/* Closes a group: from now on nobody joins it or withdraws from it. */
static void close_group(iu_commit_queue *queue, group *led)
{
    apr_thread_mutex_lock(queue->mutex);
    remove_group(queue, led);
    queue->waiting -= led->members;
    atomic_store(&led->state, RUNNING);
    apr_thread_mutex_unlock(queue->mutex);
}

/* Commits a group, passes the turn to the next group and wakes the others. */
static void lead(iu_commit_queue *queue, group *led, const iu_store_call *call)
{
    group *next;
    int has_followers;

    led->shared.origin = call->origin;
    led->shared.begin_failure =
        queue->begin(queue->baton, call->deadline, call->pool);
    close_group(queue, led);
    has_followers = atomic_load(&led->users) > 1;
    queue->commit(queue->baton, &led->shared);

    apr_thread_mutex_lock(queue->mutex);
    next = queue->head;
    if (next) {
        atomic_store(&next->state, TURN);
    }
    else {
        queue->committing = 0;
    }
    atomic_store(&led->state, DONE);
    apr_thread_mutex_unlock(queue->mutex);

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

static role choose_role(iu_commit_queue *queue, const member *member,
                        int is_late)
{
    group *joined = member->joined;
    role chosen = KEEP_WAITING;

    apr_thread_mutex_lock(queue->mutex);
    switch (atomic_load(&joined->state)) {
    case QUEUED:
    case LED:
        if (is_late) {
            withdraw(queue, member);
            chosen = WITHDRAW;
        }
        break;
    case TURN:
        atomic_store(&joined->state, LED);
        chosen = LEAD;
        break;
    case RUNNING:
        chosen = is_late ? GIVE_UP : KEEP_WAITING;
        break;
    }
    apr_thread_mutex_unlock(queue->mutex);
    return chosen;
}

/* What became of a member. */
typedef enum outcome { ANSWERED, WITHDRAWN, UNKNOWN } outcome;

/* Waits until the member's group is done or the deadline comes; leads the group
 * if this member sees TURN. */
static outcome wait_or_lead(iu_commit_queue *queue, const member *member,
                            const iu_store_call *call)
{
    group *joined = member->joined;
    apr_uint32_t state;

    while ((state = atomic_load(&joined->state)) != DONE) {
        int must_wait = state != TURN;

        if (must_wait && iu_event_wait(&joined->state, state, call->deadline)) {
            continue;
        }
        /* must_wait here means that the deadline has passed. */
        switch (choose_role(queue, member, must_wait)) {
        case KEEP_WAITING:
            break;
        case LEAD:
            lead(queue, joined, call);
            return ANSWERED;
        case WITHDRAW:
            return WITHDRAWN;
        case GIVE_UP:
            return UNKNOWN;
        }
    }
    return ANSWERED;
}

/* Leaves a group. The last member to leave empties it for reuse. */
static void leave(iu_commit_queue *queue, group *from)
{
    if (atomic_fetch_sub(&from->users, 1) > 1) {
        return;
    }
    apr_pool_clear(from->shared.pool);
    apr_thread_mutex_lock(queue->mutex);
    from->next = queue->spare;
    queue->spare = from;
    apr_thread_mutex_unlock(queue->mutex);
}

iu_problem *iu_commit_unknown(apr_pool_t *pool, const iu_commit_entry *entry)
{
    iu_problem *problem = iu_problem_make(
        pool, entry->kind == IU_INSERT ? IU_COMMIT_UNKNOWN : IU_CHANGE_UNKNOWN,
        entry->record.id);

    problem->retry_after = 1;
    return problem;
}

static iu_problem *make_refusal(apr_pool_t *pool, iu_problem_kind kind)
{
    iu_problem *problem = iu_problem_make(pool, kind);

    problem->retry_after = 1;
    return problem;
}

/* The problem of an entry, in pool; NULL: its write is durable. */
static iu_problem *problem_of(const iu_commit_entry *entry, outcome outcome,
                              apr_pool_t *pool)
{
    switch (outcome) {
    case WITHDRAWN:
        return make_refusal(pool, IU_COMMIT_TIMEOUT);
    case UNKNOWN:
        return iu_commit_unknown(pool, entry);
    case ANSWERED:
        break;
    }
    return entry->problem ? iu_problem_copy(pool, entry->problem) : NULL;
}

static apr_size_t bytes_of(iu_write *const *writes, int count)
{
    apr_size_t bytes = 0;
    int i;

    for (i = 0; i < count; i++) {
        bytes += writes[i]->record.document_length;
    }
    return bytes;
}

/* Refuses all writes because the queue is full. */
static void refuse_all(const iu_store_call *call, iu_write *const *writes,
                       int count)
{
    int i;

    for (i = 0; i < count; i++) {
        writes[i]->problem = make_refusal(call->pool, IU_QUEUE_FULL);
    }
}

void iu_commit_join(iu_commit_queue *queue, const iu_store_call *call,
                    iu_write *const *writes, int count, int is_transaction)
{
    apr_size_t bytes = bytes_of(writes, count);
    outcome outcome = ANSWERED;
    member added;
    int leads;
    int i;

    apr_thread_mutex_lock(queue->mutex);
    leads = !queue->committing;
    if (!leads && queue->waiting >= call->queue_limit) {
        apr_thread_mutex_unlock(queue->mutex);
        refuse_all(call, writes, count);
        return;
    }
    added = add_member(group_with_room(queue, count, bytes), call, writes,
                       count, is_transaction);
    queue->waiting++;
    if (leads) {
        queue->committing = 1;
        atomic_store(&added.joined->state, LED);
    }
    apr_thread_mutex_unlock(queue->mutex);

    if (leads) {
        lead(queue, added.joined, call);
    }
    else {
        outcome = wait_or_lead(queue, &added, call);
    }
    for (i = 0; i < count; i++) {
        writes[i]->problem = problem_of(&added.entries[i], outcome, call->pool);
    }
    leave(queue, added.joined);
}
