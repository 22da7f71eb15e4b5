/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include <string.h>

#include "../concurrency/clock.h"
#include "../service/service.h"
#include "batch_task.h"

/* Bytes by which an answer to a write may be longer than the document: ETag,
 * header fields, and the URLs of context, Location and links, which also have
 * the service root each. The room is checked before the write. */
#define ANSWER_OVERHEAD 16384
#define ANSWER_URLS 8

/* A chunk is written when its answers may take so many bytes. The memory of a
 * change is several times its document. */
#define CHUNK_BYTES (6 * 1024 * 1024)

/* A create with a body of at most so many bytes needs no pool of its own, whose
 * least size is 8 KB: what it leaves if it fails may wait for the end of the
 * chunk. */
#define SMALL_BODY 4096

typedef struct batch {
    apr_pool_t *pool; /* of tasks; cleared after each chunk */
    const iu_batch_request *request;
    const iu_batch_host *host;
    apr_time_t deadline;
    iu_batch_response *response;
    iu_batch_task *tasks; /* of the chunk that runs */
    int max_tasks;
    int count;
    apr_size_t promised; /* bytes that the answers of the chunk may take */
    char *failed;        /* for each item: it ran, and failed */
    int failures;
    iu_problem *untried; /* why the first item could not be tried */
    int tried;           /* items that could be tried */
} batch;

static const iu_batch_item *item_at(const batch *self, int index)
{
    return &APR_ARRAY_IDX(self->request->items, index, iu_batch_item);
}

/*** One request ***/

/* Whether an item that this one depends on has failed. */
static int has_failed_need(const batch *self, const iu_batch_item *item)
{
    int i;

    for (i = 0; item->needs && i < item->needs->nelts; i++) {
        if (self->failed[APR_ARRAY_IDX(item->needs, i, int)]) {
            return 1;
        }
    }
    return 0;
}

/* Refuses a write whose answer might not fit into the response. */
static iu_problem *promise_room(batch *self, iu_batch_task *begun)
{
    apr_size_t needed =
        ANSWER_OVERHEAD +
        ANSWER_URLS * strlen(begun->operation.settings.service_root);

    if (!begun->pending) {
        return NULL;
    }
    needed += iu_service_write(begun->pending)->record.document_length;
    if (!iu_batch_response_has_room(self->response, self->promised + needed)) {
        begun->pending = NULL;
        return iu_problem_make(self->pool, IU_BATCH_ANSWER_TOO_LARGE,
                               self->response->max_size);
    }
    self->promised += needed;
    return NULL;
}

/* The pool of a task. Until the chunk ends, others may also read a large record
 * or body and fail: such tasks have pools of their own. */
static apr_pool_t *make_pool(const batch *self, const iu_batch_item *item)
{
    apr_pool_t *pool = self->pool;

    if (item->method != IU_METHOD_POST || item->body_length > SMALL_BODY) {
        apr_pool_create(&pool, self->pool);
    }
    return pool;
}

/* Adds an item to the chunk and runs it up to its write. */
static void begin_task(batch *self, int index)
{
    const iu_batch_item *item = item_at(self, index);
    iu_batch_task *begun = &self->tasks[self->count++];
    apr_pool_t *pool = make_pool(self, item);

    memset(begun, 0, sizeof *begun);
    begun->index = index;
    begun->item = item;
    self->host->identify(self->host->baton, item, self->pool, &begun->entry);
    begun->entry.id = item->id;
    begun->problem =
        has_failed_need(self, item)
            ? iu_problem_make(pool, IU_DEPENDENCY_FAILED)
            : iu_batch_task_begin(begun, self->host, self->deadline, pool);
    if (!begun->problem) {
        begun->problem = promise_room(self, begun);
    }
    if (begun->problem && pool != self->pool) {
        begun->problem = iu_problem_copy(self->pool, begun->problem);
        apr_pool_destroy(pool);
    }
}

/* Whether a problem of the database says that the request was not tried. */
static int is_untried(const iu_problem *problem)
{
    switch (problem->kind) {
    case IU_DATABASE_DOWN:
    case IU_DATABASE_REFUSED:
    case IU_DATABASE_FULL:
    case IU_DATABASE_READ_ONLY:
    case IU_DATABASE_BUSY:
    case IU_QUEUE_FULL:
    case IU_COMMIT_TIMEOUT:
    case IU_READ_TIMEOUT:
        return 1;
    default:
        return 0;
    }
}

/* Writes the answer of a task into the response. */
static void end_task(batch *self, iu_batch_task *ended)
{
    const iu_problem *problem = ended->problem;
    iu_problem *instead;
    int status;

    if (!problem) {
        /* A batch is not cached. */
        apr_table_unset(ended->answer.headers, "Vary");
    }
    instead = problem
                  ? iu_batch_response_add_problem(self->response, ended->index,
                                                  &ended->entry, problem)
                  : iu_batch_response_add(self->response, ended->index,
                                          &ended->entry, &ended->answer);
    status = ended->answer.status;

    if (problem && is_untried(problem)) {
        if (!self->untried) {
            self->untried = iu_problem_copy(self->response->pool, problem);
        }
    }
    else if (!problem || (problem->kind != IU_DEPENDENCY_FAILED &&
                          problem->kind != IU_GROUP_FAILED)) {
        self->tried++;
    }
    if (instead) {
        problem = instead;
    }
    if (problem) {
        status = problem->status;
        self->failed[ended->index] = 1;
        self->failures++;
    }
    self->host->log(self->host->baton, ended->item, &ended->entry, status,
                    problem);
}

/* Writes the answers of the chunk, and empties it. */
static void end_chunk(batch *self)
{
    int i;

    for (i = 0; i < self->count; i++) {
        end_task(self, &self->tasks[i]);
    }
    self->count = 0;
    self->promised = 0;
    apr_pool_clear(self->pool);
}

/*** Writes ***/

/* Collects the writes of the chunk that are not done. Returns their number. */
static int collect_writes(const batch *self, iu_write **writes)
{
    int count = 0;
    int i;

    for (i = 0; i < self->count; i++) {
        if (self->tasks[i].pending) {
            writes[count++] = iu_service_write(self->tasks[i].pending);
        }
    }
    return count;
}

/* The first task that writes. */
static const iu_batch_task *first_writer(const batch *self)
{
    const iu_batch_task *found = self->tasks;

    while (!found->pending) {
        found++;
    }
    return found;
}

/* Commits writes of the chunk: each on its own, or all or none. */
static void commit(const batch *self, iu_write *const *writes, int count,
                   int is_transaction)
{
    const iu_batch_task *first = first_writer(self);

    (is_transaction ? iu_store_write_all : iu_store_write)(
        first->operation.store, iu_service_call(first->pending), writes, count);
}

/* Commits the writes of the chunk, each on its own, in as few commits as
 * possible. */
static void write_chunk(batch *self)
{
    iu_write *writes[IU_WRITE_ALL_MAX];
    int count = collect_writes(self, writes);
    int i;

    if (count > 0) {
        commit(self, writes, count, 0);
    }
    for (i = 0; i < self->count; i++) {
        iu_batch_task *written = &self->tasks[i];

        if (written->pending) {
            written->problem = iu_service_finish(written->pending);
            if (written->problem &&
                written->problem->kind == IU_VERSION_CONFLICT) {
                written->problem = iu_service_repeat(written->pending);
            }
        }
    }
    end_chunk(self);
}

/*** Atomicity groups ***/

/* Whether a task of the chunk has a problem of its own. */
static int has_problem(const batch *self)
{
    int i;

    for (i = 0; i < self->count; i++) {
        if (self->tasks[i].problem) {
            return 1;
        }
    }
    return 0;
}

/* What a try to commit a group led to. */
typedef enum attempt { COMMITTED, FAILED, TRY_AGAIN } attempt;

/* Finishes the tasks of a group after a try. */
static attempt finish_group(batch *self)
{
    attempt result = COMMITTED;
    int i;

    for (i = 0; i < self->count; i++) {
        iu_batch_task *written = &self->tasks[i];
        const iu_problem *problem;

        if (!written->pending) {
            continue;
        }
        problem = iu_service_write(written->pending)->problem;
        if (problem && problem->kind == IU_GROUP_FAILED) {
            result = result == FAILED ? FAILED : TRY_AGAIN;
            continue;
        }
        written->problem = iu_service_finish(written->pending);
        if (!written->problem) {
            /* Stored now, or an earlier time if this is a repeat. */
            written->pending = NULL;
        }
        else if (written->problem->kind == IU_VERSION_CONFLICT) {
            result = result == FAILED ? FAILED : TRY_AGAIN;
        }
        else {
            result = FAILED;
        }
    }
    return result;
}

/* Prepares the tasks again that met a conflict. Returns 0 if one fails. */
static int prepare_again(batch *self)
{
    int i;

    for (i = 0; i < self->count; i++) {
        iu_batch_task *prepared = &self->tasks[i];

        if (prepared->problem) {
            prepared->problem = iu_service_prepare(prepared->pending);
        }
    }
    return !has_problem(self);
}

/* Commits the group in the chunk. Tasks whose problem stays NULL have
 * succeeded if it returns 1; otherwise none has. */
static int commit_group(batch *self)
{
    iu_write *writes[IU_WRITE_ALL_MAX];
    attempt result = COMMITTED;
    int count;

    if (has_problem(self)) {
        return 0;
    }
    while ((count = collect_writes(self, writes)) > 0) {
        commit(self, writes, count, 1);
        result = finish_group(self);
        if (result != TRY_AGAIN) {
            break;
        }
        if (iu_clock_now() >= self->deadline || !prepare_again(self)) {
            return 0;
        }
    }
    return result != FAILED;
}

static void run_group(batch *self, int group)
{
    int i;

    for (i = 0; i < self->request->items->nelts; i++) {
        if (item_at(self, i)->group == group) {
            begin_task(self, i);
        }
    }
    if (!commit_group(self)) {
        for (i = 0; i < self->count; i++) {
            if (!self->tasks[i].problem) {
                self->tasks[i].problem =
                    iu_problem_make(self->pool, IU_GROUP_FAILED);
            }
        }
    }
    end_chunk(self);
}

/*** Waves ***/

/* Runs the writes of a wave that are in no group. */
static void run_writes(batch *self, int wave)
{
    int i;

    for (i = 0; i < self->request->items->nelts; i++) {
        const iu_batch_item *item = item_at(self, i);

        if (item->wave == wave && item->group < 0 &&
            item->method != IU_METHOD_GET) {
            begin_task(self, i);
            if (self->count == self->max_tasks ||
                self->promised >= CHUNK_BYTES) {
                write_chunk(self);
            }
        }
    }
    write_chunk(self);
}

static void run_groups(batch *self, int wave)
{
    char *done = apr_pcalloc(self->response->pool, self->request->group_count);
    int i;

    for (i = 0; i < self->request->items->nelts; i++) {
        const iu_batch_item *item = item_at(self, i);

        if (item->wave == wave && item->group >= 0 && !done[item->group]) {
            done[item->group] = 1;
            run_group(self, item->group);
        }
    }
}

/* Runs the reads of a wave, whose answers may be large: one at a time. */
static void run_reads(batch *self, int wave)
{
    int i;

    for (i = 0; i < self->request->items->nelts; i++) {
        const iu_batch_item *item = item_at(self, i);

        if (item->wave == wave && item->method == IU_METHOD_GET) {
            begin_task(self, i);
            end_chunk(self);
        }
    }
}

iu_problem *iu_batch_run(apr_pool_t *pool, const iu_batch_request *request,
                         const iu_batch_host *host, apr_time_t deadline,
                         iu_batch_response *response, int *failed)
{
    batch self = {.request = request,
                  .host = host,
                  .deadline = deadline,
                  .response = response};
    int wave;

    apr_pool_create(&self.pool, pool);
    self.failed = apr_pcalloc(pool, request->items->nelts);
    self.max_tasks = request->items->nelts < IU_WRITE_ALL_MAX
                         ? request->items->nelts
                         : IU_WRITE_ALL_MAX;
    self.tasks = apr_palloc(pool, self.max_tasks * sizeof *self.tasks);
    for (wave = 0; wave < request->wave_count; wave++) {
        run_writes(&self, wave);
        run_groups(&self, wave);
        run_reads(&self, wave);
    }
    apr_pool_destroy(self.pool);
    *failed = self.failures;
    return self.tried == 0 ? self.untried : NULL;
}
