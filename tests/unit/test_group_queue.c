/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/concurrency/group_queue.c where it is not as commits use it
 * (test_commit_group.c, test_commit_storm.c): groups that overtake, clients
 * that are gone, and how a group is left. They also run under TSan.
 */
#include "../../src/concurrency/clock.h"
#include "../../src/concurrency/group_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "support/tap.h"

#define SECONDS(n) (iu_clock_now() + apr_time_from_sec(n))

static apr_pool_t *test_pool;

/* A request, and what its group keeps of it. */
typedef struct request {
    iu_group_request joining;
    int number;
    int answer; /* of the work; 0: none */
    int is_left;
    iu_group_outcome outcome;
} request;

typedef struct member {
    iu_group_member joined;
    int number;
    int answer;
} member;

/* The work. Each group records the numbers of its members, and waits while it
 * is held. */
typedef struct notes {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int from; /* groups from this one on wait, up to this one */
    int to;
    int begin; /* the leader with this number waits before its work */
    int groups;
    char numbers[1000]; /* a bar ends each group */
} notes;

static iu_group_member *copy(const iu_group_request *joining, iu_group *group)
{
    member *made = apr_palloc(group->pool, sizeof *made);

    made->number = ((const request *)joining)->number;
    made->answer = 0;
    return &made->joined;
}

static void wait_to_begin(void *baton, iu_group *group,
                          iu_group_request *leader)
{
    notes *seen = baton;

    (void)group;
    pthread_mutex_lock(&seen->mutex);
    while (seen->begin == ((request *)leader)->number) {
        pthread_cond_wait(&seen->changed, &seen->mutex);
    }
    pthread_mutex_unlock(&seen->mutex);
}

static void note_group(void *baton, iu_group *group, iu_group_request *leader)
{
    notes *seen = baton;
    iu_group_member *joined;
    int number;

    pthread_mutex_lock(&seen->mutex);
    number = ++seen->groups;
    for (joined = group->members; joined; joined = joined->next) {
        member *answered = (member *)joined;
        apr_size_t used = strlen(seen->numbers);

        answered->answer = 1000 + answered->number;
        apr_snprintf(seen->numbers + used, sizeof seen->numbers - used, "%d%s",
                     answered->number, joined->next ? " " : "|");
    }
    pthread_cond_broadcast(&seen->changed);
    while (number >= seen->from && number <= seen->to) {
        pthread_cond_wait(&seen->changed, &seen->mutex);
    }
    pthread_mutex_unlock(&seen->mutex);
    ((request *)leader)->is_left = iu_group_is_left(group);
}

static const iu_group_work alone_at_work = {
    .size = 4, .copy = copy, .run = note_group};
static const iu_group_work can_overtake = {
    .overtaken = 2, .size = 4, .copy = copy, .run = note_group};

static const iu_group_work begins = {.overtaken = 2,
                                     .size = 4,
                                     .copy = copy,
                                     .begin = wait_to_begin,
                                     .run = note_group};

#define ALL 1000

/* Holds up these groups, and no others. */
static void hold(notes *seen, int from, int to)
{
    pthread_mutex_lock(&seen->mutex);
    seen->from = from;
    seen->to = to;
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

static int groups_of(notes *seen)
{
    int groups;

    pthread_mutex_lock(&seen->mutex);
    groups = seen->groups;
    pthread_mutex_unlock(&seen->mutex);
    return groups;
}

static iu_group_queue *make_queue(notes *seen, const iu_group_work *work)
{
    iu_group_queue *queue;

    memset(seen, 0, sizeof *seen);
    pthread_mutex_init(&seen->mutex, NULL);
    pthread_cond_init(&seen->changed, NULL);
    if (iu_group_queue_create(&queue, work, seen, test_pool) != APR_SUCCESS) {
        exit(EXIT_FAILURE);
    }
    return queue;
}

static void join(iu_group_queue *queue, request *joining)
{
    iu_group_place place;

    joining->outcome = iu_group_join(queue, &joining->joining, &place);
    if (joining->outcome != IU_GROUP_FULL) {
        if (joining->outcome == IU_GROUP_DONE) {
            joining->answer = ((const member *)place.member)->answer;
        }
        iu_group_leave(queue, &place);
    }
}

/* A request in its own thread. */
typedef struct caller {
    pthread_t thread;
    iu_group_queue *queue;
    request request;
} caller;

static void *call(void *data)
{
    caller *self = data;

    join(self->queue, &self->request);
    return NULL;
}

static request make_request(int number, apr_time_t deadline)
{
    request made = {.joining = {.bound.deadline = deadline,
                                .waiting = APR_UINT32_MAX,
                                .size = 1},
                    .number = number};

    return made;
}

static void start(caller *started, iu_group_queue *queue, request made)
{
    started->queue = queue;
    started->request = made;
    if (pthread_create(&started->thread, NULL, call, started) != 0) {
        exit(EXIT_FAILURE);
    }
}

/* Returns when count requests wait: see test_commit_group.c. */
static void wait_for_waiting(iu_group_queue *queue, apr_uint32_t count)
{
    request probe = make_request(0, 0);

    probe.joining.waiting = count;
    do {
        apr_sleep(1000);
        join(queue, &probe);
    } while (probe.outcome == IU_GROUP_WITHDRAWN);
    if (probe.outcome != IU_GROUP_FULL) {
        printf("Bail out! the probe was answered\n");
        exit(EXIT_FAILURE);
    }
}

static void start_waiting(caller *started, iu_group_queue *queue, int number,
                          apr_uint32_t count)
{
    start(started, queue, make_request(number, SECONDS(60)));
    wait_for_waiting(queue, count);
}

static int end(caller *ended)
{
    pthread_join(ended->thread, NULL);
    return ended->request.answer;
}

static int ask_gone(void *client)
{
    return atomic_load((atomic_int *)client);
}

static void test_groups(void)
{
    notes seen;
    iu_group_queue *queue = make_queue(&seen, &can_overtake);
    caller callers[7];
    request lone = make_request(9, 0);
    int i;

    join(queue, &lone);
    is_number(lone.answer, 1009, "a lone request is served at once");
    hold(&seen, 2, ALL);
    start(&callers[0], queue, make_request(1, SECONDS(60)));
    wait_for_groups(&seen, 2);
    for (i = 1; i < 7; i++) {
        start_waiting(&callers[i], queue, i + 1, (apr_uint32_t)i);
    }
    hold(&seen, 0, 0);
    for (i = 0; i < 7; i++) {
        is_number(end(&callers[i]), 1001 + i, "each has its own answer");
    }
    is_text(seen.numbers, "9|1|2 3 4 5|6 7|",
            "requests that wait share groups of at most that size");
}

/* The order of a group after members in all positions have withdrawn. */
static void test_withdraw(void)
{
    static const int order[] = {3, 1, 2}; /* the last, the first, the others */
    notes seen;
    iu_group_queue *queue = make_queue(&seen, &alone_at_work);
    caller callers[5];
    atomic_int gone[5];
    int i;

    hold(&seen, 1, ALL);
    start(&callers[0], queue, make_request(0, SECONDS(60)));
    wait_for_groups(&seen, 1);
    for (i = 1; i <= 3; i++) {
        request made = make_request(i, SECONDS(60));

        atomic_init(&gone[i], 0);
        made.joining.bound.is_gone = ask_gone;
        made.joining.bound.client = &gone[i];
        start(&callers[i], queue, made);
        wait_for_waiting(queue, (apr_uint32_t)i);
    }
    for (i = 0; i < 2; i++) {
        atomic_store(&gone[order[i]], 1);
        end(&callers[order[i]]);
        is_number(callers[order[i]].request.outcome, IU_GROUP_WITHDRAWN,
                  "a request withdraws when its client is gone");
    }
    start_waiting(&callers[4], queue, 4, 2);
    hold(&seen, 0, 0);
    is_number(end(&callers[2]), 1002, "one that stays is served");
    is_number(end(&callers[4]), 1004, "so is one that came then");
    end(&callers[0]);
    is_text(seen.numbers, "0|2 4|", "in the order in which they came");
}

static void test_overtaking(void)
{
    notes seen;
    iu_group_queue *queue = make_queue(&seen, &can_overtake);
    apr_time_t begin = iu_clock_now();
    caller callers[6];
    int i;

    hold(&seen, 1, ALL);
    for (i = 0; i < 3; i++) {
        start(&callers[i], queue, make_request(i, SECONDS(60)));
        wait_for_groups(&seen, i + 1);
    }
    ok(iu_clock_now() - begin >= 2 * IU_BOUND_INTERVAL,
       "while a group takes long, the next one begins after an interval");
    start_waiting(&callers[3], queue, 3, 1);
    apr_sleep(2 * IU_BOUND_INTERVAL);
    is_number(groups_of(&seen), 3, "but only so many at once");
    hold(&seen, 4, ALL);
    for (i = 0; i < 3; i++) {
        end(&callers[i]);
    }
    wait_for_groups(&seen, 4);
    start_waiting(&callers[4], queue, 4, 1);
    start_waiting(&callers[5], queue, 5, 2);
    hold(&seen, 0, 0);
    is_number(end(&callers[3]), 1003, "then the turn passes on as before");
    is_number(end(&callers[4]), 1004, "to the group that waits");
    is_number(end(&callers[5]), 1005, "all of it");
    is_text(seen.numbers, "0|1|2|3|4 5|", "each group was served once");

    queue = make_queue(&seen, &alone_at_work);
    hold(&seen, 1, ALL);
    start(&callers[0], queue, make_request(0, SECONDS(60)));
    wait_for_groups(&seen, 1);
    start_waiting(&callers[1], queue, 1, 1);
    apr_sleep(2 * IU_BOUND_INTERVAL);
    is_number(groups_of(&seen), 1, "work that says so is not overtaken");
    hold(&seen, 0, 0);
    end(&callers[0]);
    is_number(end(&callers[1]), 1001, "and the next group follows it");
}

/* A group that was overtaken ends after those that overtook it. More often than
 * groups may be overtaken at once. */
static void test_overtaken(void)
{
    notes seen;
    iu_group_queue *queue = make_queue(&seen, &can_overtake);
    caller callers[2];
    request lone = make_request(7, 0);
    int round;

    for (round = 0; round < 3; round++) {
        int first = groups_of(&seen) + 1;

        hold(&seen, first, first);
        start(&callers[0], queue, make_request(0, SECONDS(60)));
        wait_for_groups(&seen, first);
        start(&callers[1], queue, make_request(1, SECONDS(10)));
        is_number(end(&callers[1]), 1001, "a group overtakes");
        join(queue, &lone);
        is_number(lone.answer, 1007, "then a lone request is served at once");
        hold(&seen, 0, 0);
        is_number(end(&callers[0]), 1000, "the overtaken one ends at last");
    }
    join(queue, &lone);
    is_number(lone.answer, 1007, "and the turn is still free");
    is_text(seen.numbers, "0|1|7|0|1|7|0|1|7|7|", "each was served once");
}

/* A group that is overtaken before it is closed stays out of the way. */
static void test_open(void)
{
    notes seen;
    iu_group_queue *queue = make_queue(&seen, &begins);
    caller callers[7];
    int i;

    pthread_mutex_lock(&seen.mutex);
    seen.begin = 0;
    pthread_mutex_unlock(&seen.mutex);
    for (i = 0; i < 4; i++) { /* the first leads, the group is then full */
        start(&callers[i], queue, make_request(i, SECONDS(60)));
        wait_for_waiting(queue, (apr_uint32_t)i + 1);
    }
    hold(&seen, 1, 1);
    start(&callers[4], queue, make_request(4, SECONDS(60)));
    wait_for_groups(&seen, 1);
    start_waiting(&callers[5], queue, 5, 5);
    hold(&seen, 0, 0);
    is_number(end(&callers[4]), 1004, "a group overtakes an open one");
    is_number(end(&callers[5]), 1005, "the next one follows it");
    pthread_mutex_lock(&seen.mutex);
    seen.begin = -1;
    pthread_cond_broadcast(&seen.changed);
    pthread_mutex_unlock(&seen.mutex);
    for (i = 0; i < 4; i++) {
        is_number(end(&callers[i]), 1000 + i, "the open one is served");
    }
    is_text(seen.numbers, "4|5|0 1 2 3|", "each group was served once");
}

static void test_left(void)
{
    notes seen;
    iu_group_queue *queue = make_queue(&seen, &alone_at_work);
    apr_time_t deadline;
    caller callers[3];
    request early;

    hold(&seen, 1, ALL);
    start(&callers[0], queue, make_request(0, SECONDS(60)));
    wait_for_groups(&seen, 1);
    deadline = SECONDS(2);
    early = make_request(1, deadline);
    start(&callers[1], queue, early);
    wait_for_waiting(queue, 1);
    early.number = 2;
    start(&callers[2], queue, early);
    wait_for_waiting(queue, 2);
    hold(&seen, 2, ALL);
    wait_for_groups(&seen, 2);
    while (iu_clock_now() < deadline + 300000) {
        apr_sleep(10000);
    }
    hold(&seen, 0, 0);
    end(&callers[0]);
    end(&callers[1]);
    end(&callers[2]);
    is_number(callers[0].request.is_left, 1, "a lone leader has no others");
    is_number((callers[1].request.outcome == IU_GROUP_GIVEN_UP) +
                  (callers[2].request.outcome == IU_GROUP_GIVEN_UP),
              1, "a member gives up during the work, but not the leader");
    is_number(callers[1].request.is_left + callers[2].request.is_left, 1,
              "who then knows that nobody else waits");
}

/* A storm, in which some work takes so long that other groups overtake. */
#define THREADS 12
#define JOINS 2000

static _Atomic int at_work;
static _Atomic int most_at_work;
static _Atomic unsigned works;
static _Atomic int wrong;
static _Atomic int outcomes[4];

static void work_hard(void *unused, iu_group *group, iu_group_request *leader)
{
    int now = atomic_fetch_add(&at_work, 1) + 1;
    iu_group_member *joined;
    unsigned count;

    (void)unused;
    (void)leader;
    if (now > atomic_load(&most_at_work)) {
        atomic_store(&most_at_work, now);
    }
    for (joined = group->members; joined; joined = joined->next) {
        member *answered = (member *)joined;

        atomic_fetch_add(&wrong, answered->answer != 0);
        answered->answer = 1000 + answered->number;
    }
    count = atomic_fetch_add(&works, 1);
    if (count % 2000 == 500) {
        apr_sleep(2 * IU_BOUND_INTERVAL);
    }
    else if (count % 16 == 0) {
        apr_sleep(1000);
    }
    atomic_fetch_sub(&at_work, 1);
}

static void *storm(void *data)
{
    caller *self = data;
    int i;

    for (i = 1; i <= JOINS; i++) {
        int number = self->request.number * JOINS + i;
        request made = make_request(
            number, iu_clock_now() + (i % 4 ? 20000000 : number % 2048));

        join(self->queue, &made);
        atomic_fetch_add(&outcomes[made.outcome], 1);
        atomic_fetch_add(&wrong, made.outcome == IU_GROUP_DONE &&
                                     made.answer != 1000 + number);
    }
    return NULL;
}

static void test_storm(void)
{
    static const iu_group_work work = {
        .overtaken = 2, .size = 4, .copy = copy, .run = work_hard};
    caller callers[THREADS];
    iu_group_queue *queue;
    int i;

    if (iu_group_queue_create(&queue, &work, NULL, test_pool) != APR_SUCCESS) {
        exit(EXIT_FAILURE);
    }
    for (i = 0; i < THREADS; i++) {
        callers[i].queue = queue;
        callers[i].request.number = i;
        pthread_create(&callers[i].thread, NULL, storm, &callers[i]);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(callers[i].thread, NULL);
    }
    is_number(wrong, 0, "each answer of %d requests is its own",
              THREADS * JOINS);
    ok(outcomes[IU_GROUP_DONE] && outcomes[IU_GROUP_WITHDRAWN] &&
           outcomes[IU_GROUP_GIVEN_UP] && !outcomes[IU_GROUP_FULL],
       "done: %d, withdrawn: %d, given up: %d", outcomes[IU_GROUP_DONE],
       outcomes[IU_GROUP_WITHDRAWN], outcomes[IU_GROUP_GIVEN_UP]);
    ok(most_at_work > 1 && most_at_work <= 3, "at most %d groups at work",
       (int)most_at_work);
    is_number(at_work, 0, "and none in the end");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_groups();
    test_withdraw();
    test_overtaking();
    test_overtaken();
    test_open();
    test_left();
    test_storm();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
