/* SPDX-License-Identifier: Apache-2.0 */
#include "commit_group.h"

#include <apr_strings.h>

#include "../concurrency/group_queue.h"

struct iu_commit_queue {
    iu_group_queue *groups;
    iu_commit_begin *begin;
    iu_commit *commit;
    void *baton;
};

/* A request's writes. */
typedef struct request {
    iu_group_request joining; /* the first field */
    const iu_store_call *call;
    iu_write *const *writes; /* joining.size */
    int is_transaction;
} request;

/* The group's copy of them. */
typedef struct member {
    iu_group_member joined; /* the first field */
    int is_transaction;
    iu_commit_entry entries[]; /* joined.size */
} member;

static void copy_write(iu_commit_entry *entry, const iu_write *write,
                       apr_pool_t *pool)
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
    entry->transaction = 0;
    entry->from_lookup = 0;
    entry->problem = NULL;
}

/* As of iu_group_work. */
static iu_group_member *copy(const iu_group_request *joining, iu_group *group)
{
    const request *from = (const request *)joining;
    member *made = apr_palloc(
        group->pool, sizeof *made + joining->size * sizeof *made->entries);
    int i;

    made->is_transaction = from->is_transaction;
    for (i = 0; i < joining->size; i++) {
        copy_write(&made->entries[i], from->writes[i], group->pool);
    }
    return &made->joined;
}

/* As of iu_group_work. */
static void begin(void *baton, iu_group *group, iu_group_request *leader)
{
    const iu_commit_queue *queue = baton;
    const iu_store_call *call = ((const request *)leader)->call;

    group->result = queue->begin(queue->baton, call->deadline, call->pool);
}

/* As of iu_group_work. */
static void run(void *baton, iu_group *group, iu_group_request *leader)
{
    const iu_commit_queue *queue = baton;
    iu_commit_group committed;
    iu_group_member *joined;
    int transactions = 0;
    int i;

    committed.pool = group->pool;
    committed.origin = ((const request *)leader)->call->origin;
    committed.deadline = group->deadline;
    committed.begin_failure = group->result;
    committed.count = 0;
    for (joined = group->members; joined; joined = joined->next) {
        member *from = (member *)joined;
        int transaction = from->is_transaction ? ++transactions : 0;

        for (i = 0; i < joined->size; i++) {
            from->entries[i].transaction = transaction;
            committed.entries[committed.count++] = &from->entries[i];
        }
    }
    queue->commit(queue->baton, &committed);
}

apr_status_t iu_commit_queue_create(iu_commit_queue **queue,
                                    iu_commit_begin *begin_commit,
                                    iu_commit *commit, void *baton,
                                    apr_pool_t *pool)
{
    static const iu_group_work work = {.size = IU_GROUP_RECORDS,
                                       .bytes = IU_GROUP_BYTES,
                                       .copy = copy,
                                       .begin = begin,
                                       .run = run};
    iu_commit_queue *made = apr_palloc(pool, sizeof *made);

    made->begin = begin_commit;
    made->commit = commit;
    made->baton = baton;
    *queue = made;
    return iu_group_queue_create(&made->groups, &work, made, pool);
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
static iu_problem *problem_of(const iu_commit_entry *entry,
                              iu_group_outcome outcome, apr_pool_t *pool)
{
    switch (outcome) {
    case IU_GROUP_WITHDRAWN:
        return make_refusal(pool, IU_COMMIT_TIMEOUT);
    case IU_GROUP_GIVEN_UP:
        return iu_commit_unknown(pool, entry);
    case IU_GROUP_FULL: /* it has no entry */
    case IU_GROUP_DONE:
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

void iu_commit_join(iu_commit_queue *queue, const iu_store_call *call,
                    iu_write *const *writes, int count, int is_transaction)
{
    request made = {.joining = {.bound.deadline = call->deadline,
                                .waiting = call->queue_limit,
                                .size = count,
                                .bytes = bytes_of(writes, count)},
                    .call = call,
                    .writes = writes,
                    .is_transaction = is_transaction};
    iu_group_place place = {NULL, NULL};
    iu_group_outcome outcome =
        iu_group_join(queue->groups, &made.joining, &place);
    const member *joined = (const member *)place.member;
    int i;

    for (i = 0; i < count; i++) {
        writes[i]->problem =
            joined ? problem_of(&joined->entries[i], outcome, call->pool)
                   : make_refusal(call->pool, IU_QUEUE_FULL);
    }
    if (joined) {
        iu_group_leave(queue->groups, &place);
    }
}
