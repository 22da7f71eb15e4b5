/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds records. Requests that look for single records at the same time share
 * one statement (src/concurrency/group_queue.h), since most of what a lookup
 * costs a server is the statement.
 *
 * The statement begins when its group is closed, after each member's request
 * came: a client that was told that its record is stored finds it.
 *
 * Three requests read their record alone: one that has a group of its own; one
 * whose document is longer than a group carries; and one in a group whose
 * statement the database refused for its values, which may be another's.
 */
#include <string.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "../text/buffer.h"
#include "store_private.h"

/* How many requests share a statement at most. */
#define GROUP_MAX 64

/* Bytes of all documents that a group carries: each may have an equal share. */
#define GROUP_BYTES (1024 * 1024)

/* How many groups may have been overtaken, each of which has a reader. */
#define OVERTAKEN 3

/* Columns of a row, after those that iu_store_make_record takes. */
#define ROW_DOCUMENT 3
#define ROW_DIGEST 4
#define ROW_SET_ID 5
#define ROW_ID 6

/* A request for a record. */
typedef struct request {
    iu_group_request joining; /* the first field */
    const iu_store_call *call;
    const char *set_id;
    const char *id;
    iu_record **found;
    int is_answered; /* as the only one of its group */
    iu_problem *problem;
} request;

/* The group's copy of it. */
typedef struct member {
    iu_group_member joined; /* the first field */
    const char *set_id;
    const char *id;
} member;

/* Makes a request's record, in its pool, that points to a row. */
static iu_record *make_record(const request *wanted, const char *const *row)
{
    iu_record *record = iu_store_make_record(wanted->call->pool, wanted->set_id,
                                             wanted->id, row);

    apr_cpystrn(record->digest, row[ROW_DIGEST], sizeof record->digest);
    return record;
}

static iu_problem *find_alone(iu_store *store, const request *wanted)
{
    const iu_store_call *call = wanted->call;
    const char *const key[] = {wanted->set_id, wanted->id};
    iu_execution execution = {
        .sql = iu_sql_find, .arguments = key, .count = 2, .is_fixed = 1};
    apr_array_header_t *rows;
    iu_problem *problem =
        iu_store_read(store, call, IU_READ_KEYS, &execution, NULL, &rows);

    if (problem) {
        return problem;
    }
    if (rows->nelts == 0) {
        return iu_problem_make(call->pool, IU_NOT_FOUND, wanted->id);
    }
    *wanted->found =
        make_record(wanted, APR_ARRAY_IDX(rows, 0, const char *const *));
    return NULL;
}

/* As of iu_group_work. */
static iu_group_member *copy(const iu_group_request *joining, iu_group *group)
{
    const request *from = (const request *)joining;
    member *made = apr_palloc(group->pool, sizeof *made);

    made->set_id = apr_pstrdup(group->pool, from->set_id);
    made->id = apr_pstrdup(group->pool, from->id);
    return &made->joined;
}

/* How many pairs the statement for so many members has: a power of two, or one
 * and a half, so that few statements are prepared. */
static int padded(int count)
{
    int size = 2;

    while (size < count) {
        if (count <= size / 2 * 3) {
            return size / 2 * 3;
        }
        size *= 2;
    }
    return size;
}

static const char *group_sql(const iu_dialect *dialect, int size,
                             apr_pool_t *pool)
{
    iu_buffer pairs;
    int i;

    iu_buffer_init(&pairs, pool, size * strlen(",(%s,%s)") + 1);
    for (i = 0; i < size; i++) {
        iu_buffer_puts(&pairs, i == 0 ? "(%s,%s)" : ",(%s,%s)");
    }
    return apr_pstrcat(
        pool, "SELECT version, last_accessed, last_modified, CASE WHEN ",
        dialect->words->document_bytes,
        apr_psprintf(pool, " <= %d THEN document END", GROUP_BYTES / size),
        ", digest, invitation_id, id FROM ",
        apr_psprintf(pool, dialect->find_group, pairs.data), NULL);
}

/* The keys of all members. No record has the empty keys of the padding. */
static const char *const *group_arguments(const iu_group *group, int size)
{
    const char **arguments =
        apr_palloc(group->pool, 2 * size * sizeof *arguments);
    const iu_group_member *joined = group->members;
    int i;

    for (i = 0; i < size; i++) {
        const member *wanted = (const member *)joined;

        arguments[2 * i] = wanted ? wanted->set_id : "";
        arguments[2 * i + 1] = wanted ? wanted->id : "";
        joined = joined ? joined->next : NULL;
    }
    return arguments;
}

/* The client of a group's statement. */
typedef struct audience {
    const iu_group *group;
    const iu_store_call *leader;
} audience;

/* An iu_is_gone: others may need the answer, although the leader's client has
 * gone. */
static int is_gone(void *client)
{
    const audience *left = client;

    return iu_group_is_left(left->group) &&
           left->leader->is_gone(left->leader->client);
}

static iu_reading *read_group(iu_store *store, const iu_group *group,
                              const iu_store_call *leader, int count)
{
    iu_reading *reading = apr_palloc(group->pool, sizeof *reading);
    audience audience = {group, leader};
    int size = padded(count);
    iu_execution execution = {
        .sql = group_sql(store->database.dialect, size, group->pool),
        .arguments = group_arguments(group, size),
        .count = 2 * size,
        .is_fixed = 1,
        .pool = group->pool,
        .origin = leader->origin,
        .bound = {group->deadline, leader->is_gone ? is_gone : NULL,
                  &audience}};

    *reading = iu_store_run(store, IU_READ_KEYS, &execution);
    return reading;
}

/* As of iu_group_work. */
static void run(void *baton, iu_group *group, iu_group_request *leader)
{
    request *led = (request *)leader;
    const iu_group_member *joined;
    int count = 0;

    for (joined = group->members; joined; joined = joined->next) {
        count++;
    }
    if (count == 1) {
        led->problem = find_alone(baton, led);
        led->is_answered = 1;
    }
    else {
        group->result = read_group(baton, group, led->call, count);
    }
}

apr_status_t iu_store_create_find_groups(iu_store *store, apr_pool_t *pool)
{
    static const iu_group_work work = {
        .overtaken = OVERTAKEN, .size = GROUP_MAX, .copy = copy, .run = run};

    return store->database.dialect->find_group
               ? iu_group_queue_create(&store->find_groups, &work, store, pool)
               : APR_SUCCESS;
}

/* The row with the keys of a request; NULL: none. */
static const char *const *find_row(const apr_array_header_t *rows,
                                   const request *wanted)
{
    int i;

    for (i = 0; i < rows->nelts; i++) {
        const char *const *row = APR_ARRAY_IDX(rows, i, const char *const *);

        if (strcmp(row[ROW_ID], wanted->id) == 0 &&
            strcmp(row[ROW_SET_ID], wanted->set_id) == 0) {
            return row;
        }
    }
    return NULL;
}

/* The same from a row in the group's pool, which is copied. */
static iu_record *copy_record(const request *wanted, const char *const *row)
{
    apr_pool_t *pool = wanted->call->pool;
    iu_record *record = make_record(wanted, row);

    record->last_accessed = apr_pstrdup(pool, record->last_accessed);
    record->last_modified = apr_pstrdup(pool, record->last_modified);
    record->document =
        apr_pstrmemdup(pool, record->document, record->document_length);
    return record;
}

/* Takes a request's answer from its group's statement. Returns 0 if the request
 * must read its record alone. */
static int take_answer(iu_store *store, request *wanted,
                       const iu_reading *reading)
{
    apr_pool_t *pool = wanted->call->pool;
    const char *const *row;

    if (reading->failure && reading->failure->kind == IU_FAILURE_CONTENT) {
        return 0;
    }
    wanted->problem = iu_store_problem(store, wanted->call, reading, NULL);
    if (wanted->problem) {
        return 1;
    }
    row = find_row(reading->rows, wanted);
    if (!row) {
        wanted->problem = iu_problem_make(pool, IU_NOT_FOUND, wanted->id);
        return 1;
    }
    if (!row[ROW_DOCUMENT]) {
        return 0;
    }
    *wanted->found = copy_record(wanted, row);
    return 1;
}

/* Looks for a record in a group. Returns as take_answer. */
static int find_in_group(iu_store *store, request *wanted)
{
    static const iu_failure stopped = {IU_FAILURE_STOPPED,
                                       "others' records were being read"};
    iu_reading reading = {0, NULL, NULL};
    iu_group_place place;
    iu_group_outcome outcome =
        iu_group_join(store->find_groups, &wanted->joining, &place);
    int is_answered = wanted->is_answered;

    if (!is_answered) {
        if (outcome == IU_GROUP_DONE) {
            reading = *(const iu_reading *)place.group->result;
        }
        else if (outcome == IU_GROUP_GIVEN_UP) {
            reading.has_run = 1;
            reading.failure = &stopped;
        }
        is_answered = take_answer(store, wanted, &reading);
    }
    iu_group_leave(store->find_groups, &place);
    return is_answered;
}

iu_problem *iu_store_find(iu_store *store, const iu_store_call *call,
                          const char *set_id, const char *id, iu_record **found)
{
    request wanted = {
        .joining = {.bound = {call->deadline, call->is_gone, call->client},
                    .waiting = APR_UINT32_MAX,
                    .size = 1},
        .call = call,
        .set_id = set_id,
        .id = id,
        .found = found};

    if (store->find_groups) {
        wanted.problem = iu_database_check(&store->database, call->pool);
        if (wanted.problem || find_in_group(store, &wanted)) {
            return wanted.problem;
        }
    }
    return find_alone(store, &wanted);
}
