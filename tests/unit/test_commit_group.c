/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/store/commit_group.c, with a commit that records its groups and
 * can be held up. They also run under TSan, hence without a database.
 */
#include "../../src/concurrency/clock.h"
#include "../../src/database/database.h"
#include "../../src/store/commit_group.h"

#include <pthread.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "support/tap.h"

#define ALL 1000
#define SECONDS(n) (iu_clock_now() + apr_time_from_sec(n))

/* What the commit records, and how it is held up. */
typedef struct notes {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int closed;   /* commits wait before they begin */
    int refused;  /* and then fail */
    int waiting;  /* leaders before their commit: 0 or 1 */
    int allowed;  /* commits that may end; later ones wait */
    int inside;   /* commits that run: 0 or 1 */
    int overlaps; /* how often there were more of either */
    int groups;
    int sizes[100];
    char ids[1000]; /* of all entries, separated by blanks; a bar ends each
                     * group */
} notes;

static apr_pool_t *test_pool;

static iu_failure *wait_to_begin(void *baton, apr_time_t deadline,
                                 apr_pool_t *pool)
{
    notes *seen = baton;
    int refused;

    (void)deadline;
    pthread_mutex_lock(&seen->mutex);
    seen->overlaps += seen->waiting++ > 0;
    pthread_cond_broadcast(&seen->changed);
    while (seen->closed) {
        pthread_cond_wait(&seen->changed, &seen->mutex);
    }
    seen->waiting--;
    refused = seen->refused;
    pthread_mutex_unlock(&seen->mutex);
    return refused ? iu_failure_make(pool, IU_FAILURE_BUSY, "not now") : NULL;
}

static void note_group(void *baton, iu_commit_group *group)
{
    notes *seen = baton;
    int turn;
    int i;

    pthread_mutex_lock(&seen->mutex);
    seen->overlaps += seen->inside++ > 0;
    seen->sizes[seen->groups++] = group->count;
    for (i = 0; i < group->count; i++) {
        apr_size_t used = strlen(seen->ids);

        apr_snprintf(seen->ids + used, sizeof seen->ids - used, "%s%s",
                     group->entries[i]->record.id,
                     i + 1 < group->count ? " " : "|");
        if (strncmp(group->entries[i]->record.id, "there", 5) == 0) {
            group->entries[i]->problem = iu_problem_make(
                group->pool, IU_ALREADY_EXISTS, group->entries[i]->record.id);
        }
        if (group->begin_failure) {
            group->entries[i]->problem =
                iu_problem_make(group->pool, IU_DATABASE_BUSY);
        }
    }
    pthread_cond_broadcast(&seen->changed);
    turn = seen->groups;
    while (turn > seen->allowed) {
        pthread_cond_wait(&seen->changed, &seen->mutex);
    }
    seen->inside--;
    pthread_mutex_unlock(&seen->mutex);
}

static void allow(notes *seen, int commits)
{
    pthread_mutex_lock(&seen->mutex);
    seen->allowed = commits;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->mutex);
}

static void wait_for_groups(notes *seen, int groups)
{
    pthread_mutex_lock(&seen->mutex);
    while (seen->groups < groups) {
        pthread_cond_wait(&seen->changed, &seen->mutex);
    }
    pthread_mutex_unlock(&seen->mutex);
}

static void close_gate(notes *seen, int closed, int refused)
{
    pthread_mutex_lock(&seen->mutex);
    seen->closed = closed;
    seen->refused = refused;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->mutex);
}

static void wait_for_leader(notes *seen)
{
    pthread_mutex_lock(&seen->mutex);
    while (!seen->waiting) {
        pthread_cond_wait(&seen->changed, &seen->mutex);
    }
    pthread_mutex_unlock(&seen->mutex);
}

static iu_commit_queue *make_queue(notes *seen)
{
    iu_commit_queue *queue;

    memset(seen, 0, sizeof *seen);
    seen->allowed = ALL;
    pthread_mutex_init(&seen->mutex, NULL);
    pthread_cond_init(&seen->changed, NULL);
    if (iu_commit_queue_create(&queue, wait_to_begin, note_group, seen,
                               test_pool) != APR_SUCCESS) {
        exit(EXIT_FAILURE);
    }
    return queue;
}

/* A request in its own thread. */
typedef struct member {
    pthread_t thread;
    iu_commit_queue *queue;
    apr_pool_t *pool;
    apr_time_t deadline;
    apr_size_t length; /* of the document */
    char id[20];
    iu_problem *problem;
} member;

static iu_problem *join(iu_commit_queue *queue, apr_pool_t *pool,
                        const char *id, apr_time_t deadline, apr_uint32_t limit,
                        apr_size_t length)
{
    iu_store_call call = {
        .pool = pool, .origin = id, .deadline = deadline, .queue_limit = limit};
    char *document = apr_palloc(pool, length);
    iu_record record = {"invitation", id, "0123456789abcdef", "", "", document,
                        length,       ""};
    iu_write write = {.kind = IU_INSERT, .record = record};
    iu_write *const writes[] = {&write};

    memset(document, 'e', length);
    iu_commit_join(queue, &call, writes, 1, 0);
    return write.problem;
}

static void *run_member(void *data)
{
    member *self = data;

    self->problem = join(self->queue, self->pool, self->id, self->deadline,
                         1024, self->length);
    return NULL;
}

static void start(member *started, iu_commit_queue *queue, const char *id,
                  apr_time_t deadline, apr_size_t length)
{
    memset(started, 0, sizeof *started);
    started->queue = queue;
    started->deadline = deadline;
    started->length = length;
    apr_cpystrn(started->id, id, sizeof started->id);
    apr_pool_create(&started->pool, test_pool);
    if (pthread_create(&started->thread, NULL, run_member, started) != 0) {
        exit(EXIT_FAILURE);
    }
}

static const char *end(member *ended)
{
    pthread_join(ended->thread, NULL);
    return ended->problem ? ended->problem->number : NULL;
}

/* Returns when count requests wait: a probe with that queue limit is refused
 * then; before, it joins and withdraws at once. */
static void wait_for_waiting(iu_commit_queue *queue, apr_uint32_t count)
{
    iu_problem *problem;

    do {
        apr_pool_t *pool;

        apr_sleep(1000);
        apr_pool_create(&pool, test_pool);
        problem = join(queue, pool, "probe", 0, count, 0);
        if (!problem || (problem->kind != IU_QUEUE_FULL &&
                         problem->kind != IU_COMMIT_TIMEOUT)) {
            printf("Bail out! the probe was committed\n");
            exit(EXIT_FAILURE);
        }
        problem = problem->kind == IU_QUEUE_FULL ? problem : NULL;
        apr_pool_destroy(pool);
    } while (!problem);
}

/* Starts a request and returns when it waits as the last of count. */
static void start_waiting(member *started, iu_commit_queue *queue,
                          const char *id, apr_size_t length, apr_uint32_t count)
{
    start(started, queue, id, SECONDS(60), length);
    wait_for_waiting(queue, count);
}

/* Makes a queue whose leader "a" is committing until allow(). */
static iu_commit_queue *make_busy_queue(notes *seen, member *leader)
{
    iu_commit_queue *queue = make_queue(seen);

    allow(seen, 0);
    start(leader, queue, "a", SECONDS(60), 10);
    wait_for_groups(seen, 1);
    return queue;
}

/* Lets a request lead a group that waits before its commit. */
static void start_closed(member *leader, notes *seen, iu_commit_queue *queue,
                         const char *id)
{
    close_gate(seen, 1, 0);
    start(leader, queue, id, SECONDS(60), 10);
    wait_for_leader(seen);
}

static const char *number(iu_problem_kind kind)
{
    return iu_problem_number(kind);
}

static void test_alone(void)
{
    notes seen;
    iu_commit_queue *queue = make_queue(&seen);
    iu_problem *problem;

    ok(!join(queue, test_pool, "a", 0, 0, 10),
       "a single request leads at once, whatever its deadline and the limit");
    problem = join(queue, test_pool, "there", SECONDS(20), 10, 10);
    is_text(problem ? problem->number : NULL, number(IU_ALREADY_EXISTS),
            "the problem that the commit found is returned");
    is_text(problem ? problem->message : NULL,
            "A usedInsight with the id 'there' already exists.",
            "as a copy that outlives the group");
    is_text(seen.ids, "a|there|", "each request is a group");
}

static void test_hand_over(void)
{
    notes seen;
    member members[4];
    iu_commit_queue *queue = make_busy_queue(&seen, &members[0]);

    start_waiting(&members[1], queue, "b", 10, 1);
    start_waiting(&members[2], queue, "there", 10, 2);
    start_waiting(&members[3], queue, "d", 10, 3);
    allow(&seen, ALL);
    is_text(end(&members[0]), NULL, "the first leader succeeds");
    is_text(end(&members[1]), NULL, "so does a member of the second group");
    is_text(end(&members[2]), number(IU_ALREADY_EXISTS), "another fails");
    is_text(end(&members[3]), NULL, "and the third succeeds");
    is_text(seen.ids, "a|b there d|", "requests that waited share one commit");
    is_number(seen.overlaps, 0, "commits did not overlap");
    ok(!join(queue, test_pool, "e", 0, 0, 10), "then the queue is free again");
}

static void test_withdraw(void)
{
    notes seen;
    member members[4];
    iu_commit_queue *queue = make_busy_queue(&seen, &members[0]);

    start(&members[1], queue, "b", iu_clock_now() + 100000, 10);
    is_text(end(&members[1]), number(IU_COMMIT_TIMEOUT),
            "a deadline before the commit");
    is_number(members[1].problem->retry_after, 1, "has a Retry-After");
    start_waiting(&members[1], queue, "c", 10, 1);
    start(&members[2], queue, "d", iu_clock_now() + 100000, 10);
    start(&members[3], queue, "e", SECONDS(60), 10);
    is_text(end(&members[2]), number(IU_COMMIT_TIMEOUT),
            "one of three withdraws");
    wait_for_waiting(queue, 2);
    allow(&seen, ALL);
    end(&members[0]);
    is_text(end(&members[1]), NULL, "the second of three succeeds");
    is_text(end(&members[3]), NULL, "so does the third");
    is_text(strstr(seen.ids, "b"), NULL,
            "a request that withdrew is not committed");
    is_text(strstr(seen.ids, "d"), NULL, "nor is the other");
    is_number(seen.groups, 2, "a group that all have left is not committed");
}

/* While its leader waits for other processes, a group is open. */
static void test_open_until_begun(void)
{
    notes seen;
    iu_commit_queue *queue = make_queue(&seen);
    member members[3];

    start_closed(&members[0], &seen, queue, "a");
    start(&members[1], queue, "b", iu_clock_now() + 100000, 10);
    is_text(end(&members[1]), number(IU_COMMIT_TIMEOUT),
            "a member may withdraw while the leader waits");
    start_waiting(&members[2], queue, "c", 10, 2);
    close_gate(&seen, 0, 0);
    is_text(end(&members[0]), NULL, "the leader succeeds");
    is_text(end(&members[2]), NULL, "so does the member that stayed");
    is_text(seen.ids, "a c|", "it is in the same group");

    start_closed(&members[0], &seen, queue, "d");
    start_waiting(&members[1], queue, "e", 10, 2);
    start_waiting(&members[2], queue, "f", IU_GROUP_BYTES, 3);
    close_gate(&seen, 0, 1);
    is_text(end(&members[0]), number(IU_DATABASE_BUSY),
            "a leader whose commit cannot begin fails");
    is_text(end(&members[1]), number(IU_DATABASE_BUSY), "so does its group");
    is_text(end(&members[2]), number(IU_DATABASE_BUSY),
            "and the next group after its own try");
    is_text(seen.ids, "a c|d e|f|", "the two groups are separate");
    close_gate(&seen, 0, 0);
    ok(!join(queue, test_pool, "g", 0, 0, 10),
       "after a refused group the queue is free again");
    is_number(seen.overlaps, 0, "one leader at a time");
}

static void test_all_withdrawn(void)
{
    notes seen;
    member members[3];
    iu_commit_queue *queue = make_busy_queue(&seen, &members[0]);

    start(&members[1], queue, "b", iu_clock_now() + 50000, 10);
    start(&members[2], queue, "c", iu_clock_now() + 60000, 10);
    end(&members[1]);
    end(&members[2]);
    allow(&seen, ALL);
    is_text(end(&members[0]), NULL, "the leader ends");
    ok(!join(queue, test_pool, "d", 0, 0, 10),
       "after a group that all have left the next request leads at once");
    is_text(seen.ids, "a|d|", "two groups were committed");
}

static void test_unknown(void)
{
    notes seen;
    member members[3];
    iu_commit_queue *queue = make_busy_queue(&seen, &members[0]);
    apr_time_t deadline = SECONDS(2);
    const iu_problem *problem;
    const char *first;
    const char *second;

    start(&members[1], queue, "b", deadline, 10);
    start(&members[2], queue, "b", deadline, 10);
    wait_for_waiting(queue, 2);
    allow(&seen, 1);
    wait_for_groups(&seen, 2);
    while (iu_clock_now() < deadline + 200000) {
        apr_sleep(10000);
    }
    /* One of the two leads and cannot leave; the other has left. */
    allow(&seen, ALL);
    is_text(end(&members[0]), NULL, "the leader of the first group succeeds");
    first = end(&members[1]);
    second = end(&members[2]);
    problem = members[first ? 1 : 2].problem;
    is_text(first ? first : second, number(IU_COMMIT_UNKNOWN),
            "a deadline during the commit");
    is_text(first ? second : first, NULL, "does not stop the leader");
    is_number(problem->retry_after, 1, "has a Retry-After of a second");
    ok(strstr(problem->message, "'b'") != NULL, "and the id in its message");
    is_text(seen.ids, "a|b b|", "both were committed");
    ok(!join(queue, test_pool, "c", 0, 0, 10),
       "after an unknown outcome the queue is free again");
}

static void test_queue_full(void)
{
    notes seen;
    member members[3];
    iu_commit_queue *queue = make_busy_queue(&seen, &members[0]);
    iu_problem *problem;

    start_waiting(&members[1], queue, "b", 10, 1);
    start_waiting(&members[2], queue, "c", 10, 2);
    problem = join(queue, test_pool, "d", SECONDS(20), 2, 10);
    is_text(problem ? problem->number : NULL, number(IU_QUEUE_FULL),
            "a request beyond the limit is refused");
    is_number(problem ? problem->retry_after : 0, 1, "for a second");
    allow(&seen, ALL);
    end(&members[0]);
    end(&members[1]);
    end(&members[2]);
    is_text(strstr(seen.ids, "d"), NULL, "and is not committed");
}

#define MANY (IU_GROUP_RECORDS + 44)

static void test_record_limit(void)
{
    static member members[MANY + 1];
    notes seen;
    iu_commit_queue *queue = make_busy_queue(&seen, &members[MANY]);
    int i;

    for (i = 0; i < MANY; i++) {
        start(&members[i], queue, "m", SECONDS(60), 10);
    }
    wait_for_waiting(queue, MANY);
    allow(&seen, ALL);
    for (i = 0; i <= MANY; i++) {
        if (end(&members[i])) {
            ok(0, "member %d failed", i);
        }
    }
    is_number(seen.groups, 3, "records beyond the limit make another group");
    is_number(seen.sizes[1], IU_GROUP_RECORDS, "the second group is full");
    is_number(seen.sizes[2], MANY - IU_GROUP_RECORDS,
              "the third has the other records");
}

static void test_byte_limit(void)
{
    notes seen;
    member members[6];
    iu_commit_queue *queue = make_busy_queue(&seen, &members[0]);
    int i;

    start_waiting(&members[1], queue, "b", IU_GROUP_BYTES / 2, 1);
    start_waiting(&members[2], queue, "c", IU_GROUP_BYTES / 2, 2);
    start_waiting(&members[3], queue, "d", 1, 3);
    start_waiting(&members[4], queue, "e", 3 * IU_GROUP_BYTES, 4);
    start_waiting(&members[5], queue, "f", 1, 5);
    allow(&seen, ALL);
    for (i = 0; i < 6; i++) {
        is_text(end(&members[i]), NULL, "long member %d succeeds", i);
    }
    is_text(seen.ids, "a|b c|d|e|f|",
            "bytes beyond the limit make another group");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_alone();
    test_hand_over();
    test_withdraw();
    test_open_until_begun();
    test_all_withdrawn();
    test_unknown();
    test_queue_full();
    test_record_limit();
    test_byte_limit();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
