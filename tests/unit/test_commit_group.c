/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of commit groups, with a commit that only notes what it was given and
 * that can be held up. Also meant for TSan, hence no database.
 */
#include "../../src/store/clock.h"
#include "../../src/store/commit_group.h"

#include <pthread.h>
#include <stdatomic.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "tap.h"

#define ALL 1000
#define SECONDS(n) (iu_clock_now() + apr_time_from_sec(n))

/* A commit that notes what it is given. */
typedef struct notes {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int allowed;  /* commits that may end; those after wait */
    int inside;   /* commits at the same time: 0 or 1 */
    int overlaps; /* times that there were more */
    int groups;
    int sizes[100];
    char ids[1000]; /* of all entries, in order, with a blank after each and
                     * a bar after each group; the last entries may miss */
} notes;

static apr_pool_t *test_pool;

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

static iu_commit_queue *make_queue(notes *seen)
{
    iu_commit_queue *queue;

    memset(seen, 0, sizeof *seen);
    seen->allowed = ALL;
    pthread_mutex_init(&seen->mutex, NULL);
    pthread_cond_init(&seen->changed, NULL);
    if (iu_commit_queue_create(&queue, note_group, seen, test_pool) !=
        APR_SUCCESS) {
        exit(EXIT_FAILURE);
    }
    return queue;
}

/* One request in a thread of its own. */
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
    iu_store_call call = {pool, id, deadline, limit};
    char *document = apr_palloc(pool, length);
    iu_record record = {"invitation", id,    "0123456789abcdef", "", "",
                        document,     length};

    memset(document, 'e', length);
    return iu_commit_join(queue, &call, IU_INSERT, &record, NULL);
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

/* Returns when count requests wait. It looks by a request that may join where
 * fewer wait and withdraws at once. */
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
       "a lone request leads at once, whatever its deadline and the limit");
    problem = join(queue, test_pool, "there", SECONDS(20), 10, 10);
    is_number(problem ? problem->kind : 0, IU_ALREADY_EXISTS,
              "the commit's problem comes back");
    is_text(problem ? problem->message : NULL,
            "A usedInsight with the id 'there' already exists.",
            "as a copy that outlives the group");
    is_text(seen.ids, "a|there|", "each in a group of its own");
}

static void test_hand_over(void)
{
    notes seen;
    iu_commit_queue *queue = make_queue(&seen);
    member members[4];

    allow(&seen, 0);
    start(&members[0], queue, "a", SECONDS(20), 10);
    wait_for_groups(&seen, 1);
    start(&members[1], queue, "b", SECONDS(20), 10);
    wait_for_waiting(queue, 1);
    start(&members[2], queue, "there", SECONDS(20), 10);
    wait_for_waiting(queue, 2);
    start(&members[3], queue, "d", SECONDS(20), 10);
    wait_for_waiting(queue, 3);
    allow(&seen, ALL);
    is_text(end(&members[0]), NULL, "the first leader");
    is_text(end(&members[1]), NULL, "a member of the second group");
    is_text(end(&members[2]), number(IU_ALREADY_EXISTS), "another, refused");
    is_text(end(&members[3]), NULL, "the third");
    is_text(seen.ids, "a|b there d|", "who waited shared one commit");
    is_number(seen.overlaps, 0, "one commit at a time");
    ok(!join(queue, test_pool, "e", 0, 0, 10), "then it is free again");
}

static void test_withdraw(void)
{
    notes seen;
    iu_commit_queue *queue = make_queue(&seen);
    apr_time_t before = iu_clock_now();
    member members[4];

    allow(&seen, 0);
    start(&members[0], queue, "a", SECONDS(20), 10);
    wait_for_groups(&seen, 1);
    start(&members[1], queue, "b", before + 100000, 10);
    is_text(end(&members[1]), number(IU_COMMIT_TIMEOUT),
            "a deadline before the turn");
    is_number(members[1].problem->retry_after, 1, "come in a second");
    start(&members[1], queue, "c", SECONDS(20), 10);
    wait_for_waiting(queue, 1);
    start(&members[2], queue, "d", iu_clock_now() + 100000, 10);
    start(&members[3], queue, "e", SECONDS(20), 10);
    is_text(end(&members[2]), number(IU_COMMIT_TIMEOUT), "one of three");
    wait_for_waiting(queue, 2);
    allow(&seen, ALL);
    end(&members[0]);
    is_text(end(&members[1]), NULL, "the second of three");
    is_text(end(&members[3]), NULL, "the third of three");
    is_text(strstr(seen.ids, "b"), NULL, "who withdrew is not committed");
    is_text(strstr(seen.ids, "d"), NULL, "nor the other");
    is_number(seen.groups, 2, "a group that all have left is none");
}

static void test_all_withdrawn(void)
{
    notes seen;
    iu_commit_queue *queue = make_queue(&seen);
    member members[3];

    allow(&seen, 0);
    start(&members[0], queue, "a", SECONDS(20), 10);
    wait_for_groups(&seen, 1);
    start(&members[1], queue, "b", iu_clock_now() + 50000, 10);
    start(&members[2], queue, "c", iu_clock_now() + 60000, 10);
    end(&members[1]);
    end(&members[2]);
    allow(&seen, ALL);
    is_text(end(&members[0]), NULL, "the leader goes");
    ok(!join(queue, test_pool, "d", 0, 0, 10),
       "after a group that all have left the next leads at once");
    is_text(seen.ids, "a|d|", "two groups");
}

static void test_unknown(void)
{
    notes seen;
    iu_commit_queue *queue = make_queue(&seen);
    apr_time_t deadline;
    member members[3];
    const char *first;
    const char *second;

    allow(&seen, 0);
    start(&members[0], queue, "a", SECONDS(20), 10);
    wait_for_groups(&seen, 1);
    deadline = SECONDS(2);
    start(&members[1], queue, "b", deadline, 10);
    start(&members[2], queue, "b", deadline, 10);
    wait_for_waiting(queue, 2);
    allow(&seen, 1);
    wait_for_groups(&seen, 2);
    while (iu_clock_now() < deadline + 200000) {
        apr_sleep(10000);
    }
    /* Whichever leads could not leave; the other has. */
    allow(&seen, ALL);
    is_text(end(&members[0]), NULL, "the leader before");
    first = end(&members[1]);
    second = end(&members[2]);
    is_text(first ? first : second, number(IU_COMMIT_UNKNOWN),
            "a deadline during the commit");
    is_text(first ? second : first, NULL, "does not concern the leader");
    is_number(members[first ? 1 : 2].problem->retry_after, 1,
              "come in a second");
    ok(strstr(members[first ? 1 : 2].problem->message, "'b'") != NULL,
       "with that id");
    is_text(seen.ids, "a|b b|", "both were committed");
    ok(!join(queue, test_pool, "c", 0, 0, 10), "and all goes on");
}

static void test_queue_full(void)
{
    notes seen;
    iu_commit_queue *queue = make_queue(&seen);
    member members[3];
    iu_problem *problem;

    allow(&seen, 0);
    start(&members[0], queue, "a", SECONDS(20), 10);
    wait_for_groups(&seen, 1);
    start(&members[1], queue, "b", SECONDS(20), 10);
    start(&members[2], queue, "c", SECONDS(20), 10);
    wait_for_waiting(queue, 2);
    problem = join(queue, test_pool, "d", SECONDS(20), 2, 10);
    is_text(problem ? problem->number : NULL, number(IU_QUEUE_FULL),
            "more than the limit are turned away");
    is_number(problem ? problem->retry_after : 0, 1, "for a second");
    allow(&seen, ALL);
    end(&members[0]);
    end(&members[1]);
    end(&members[2]);
    is_text(strstr(seen.ids, "d"), NULL, "and not committed");
}

#define MANY (IU_GROUP_RECORDS + 44)

static void test_limits(void)
{
    static member members[MANY + 1];
    notes seen;
    iu_commit_queue *queue = make_queue(&seen);
    int i;

    allow(&seen, 0);
    start(&members[MANY], queue, "a", SECONDS(60), 10);
    wait_for_groups(&seen, 1);
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
    is_number(seen.groups, 3, "records beyond the limit: another group");
    is_number(seen.sizes[1], IU_GROUP_RECORDS, "the second is full");
    is_number(seen.sizes[2], MANY - IU_GROUP_RECORDS, "the rest");

    queue = make_queue(&seen);
    allow(&seen, 0);
    start(&members[0], queue, "a", SECONDS(60), 10);
    wait_for_groups(&seen, 1);
    start(&members[1], queue, "b", SECONDS(60), IU_GROUP_BYTES / 2);
    wait_for_waiting(queue, 1);
    start(&members[2], queue, "c", SECONDS(60), IU_GROUP_BYTES / 2);
    wait_for_waiting(queue, 2);
    start(&members[3], queue, "d", SECONDS(60), 1);
    wait_for_waiting(queue, 3);
    start(&members[4], queue, "e", SECONDS(60), 3 * IU_GROUP_BYTES);
    wait_for_waiting(queue, 4);
    start(&members[5], queue, "f", SECONDS(60), 1);
    wait_for_waiting(queue, 5);
    allow(&seen, ALL);
    for (i = 0; i < 6; i++) {
        is_text(end(&members[i]), NULL, "long member %d", i);
    }
    is_text(seen.ids, "a|b c|d|e|f|", "bytes beyond the limit likewise");
}

/* What happened to each of the requests of the storm. */
#define STORM_THREADS 12
#define STORM_JOINS 12000

static _Atomic unsigned char committed[STORM_THREADS * STORM_JOINS];
static _Atomic int storm_inside;
static _Atomic unsigned storm_groups;
static _Atomic int storm_wrong;
static _Atomic int outcomes[5]; /* stored, there, timeout, unknown, other */

static void commit_storm(void *unused, iu_commit_group *group)
{
    int i;

    (void)unused;
    atomic_fetch_add(&storm_wrong, atomic_fetch_add(&storm_inside, 1) != 0);
    for (i = 0; i < group->count; i++) {
        iu_commit_entry *entry = group->entries[i];
        int number = atoi(entry->record.id);

        atomic_fetch_add(&committed[number], 1);
        atomic_fetch_add(&storm_wrong,
                         strcmp(entry->record.document, entry->record.id) != 0);
        if (number % 7 == 0) {
            entry->problem = iu_problem_make(group->pool, IU_ALREADY_EXISTS,
                                             entry->record.id);
        }
    }
    /* Some commits outlast every short deadline: of members of the group, and
     * of those who wait for the next. */
    if (atomic_fetch_add(&storm_groups, 1) % 128 == 0) {
        apr_sleep(3000);
    }
    else if (group->count % 3 == 0) {
        apr_sleep(300);
    }
    atomic_fetch_sub(&storm_inside, 1);
}

static void judge(int number, const iu_problem *problem)
{
    int times = atomic_load(&committed[number]);
    int wrong = 0;

    if (!problem || problem->kind == IU_ALREADY_EXISTS) {
        wrong = times != 1 || (problem != NULL) != (number % 7 == 0);
        atomic_fetch_add(&outcomes[problem != NULL], 1);
    }
    else if (problem->kind == IU_COMMIT_TIMEOUT) {
        wrong = times != 0;
        atomic_fetch_add(&outcomes[2], 1);
    }
    else if (problem->kind == IU_COMMIT_UNKNOWN) {
        atomic_fetch_add(&outcomes[3], 1);
    }
    else {
        atomic_fetch_add(&outcomes[4], 1);
    }
    atomic_fetch_add(&storm_wrong, wrong);
}

static void *storm(void *data)
{
    member *self = data;
    int first = atoi(self->id) * STORM_JOINS;
    apr_pool_t *pool;
    int i;

    apr_pool_create(&pool, self->pool);
    for (i = first; i < first + STORM_JOINS; i++) {
        char id[20];
        /* One in four has so little time that it may run out anywhere. */
        apr_interval_time_t time = i % 4 == 0 ? i % 4096 : 20000000;
        iu_store_call call = {pool, NULL, iu_clock_now() + time, 1024};
        iu_record record = {"i", id, "v", "", "", id, 0};

        apr_snprintf(id, sizeof id, "%d", i);
        record.document_length = strlen(id);
        judge(i, iu_commit_join(self->queue, &call, IU_INSERT, &record, NULL));
        apr_pool_clear(pool);
    }
    return NULL;
}

static long resident_pages(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    long total = 0;
    long resident = 0;

    if (!statm || fscanf(statm, "%ld %ld", &total, &resident) != 2) {
        exit(EXIT_FAILURE);
    }
    fclose(statm);
    return resident;
}

static void run_storm(iu_commit_queue *queue)
{
    member members[STORM_THREADS];
    int i;

    memset(committed, 0, sizeof committed);
    for (i = 0; i < STORM_THREADS; i++) {
        members[i].queue = queue;
        apr_snprintf(members[i].id, sizeof members[i].id, "%d", i);
        apr_pool_create(&members[i].pool, test_pool);
        pthread_create(&members[i].thread, NULL, storm, &members[i]);
    }
    for (i = 0; i < STORM_THREADS; i++) {
        pthread_join(members[i].thread, NULL);
        apr_pool_destroy(members[i].pool);
    }
}

static void test_storm(void)
{
    iu_commit_queue *queue;
    int twice = 0;
    long before;
    int i;

    iu_commit_queue_create(&queue, commit_storm, NULL, test_pool);
    run_storm(queue);
    for (i = 0; i < STORM_THREADS * STORM_JOINS; i++) {
        twice += committed[i] > 1;
    }
    is_number(twice, 0, "nothing is committed twice");
    is_number(storm_wrong, 0, "every answer of %d requests is true",
              STORM_THREADS * STORM_JOINS);
    is_number(outcomes[4], 0, "no answer but the four");
    is_number(outcomes[0] + outcomes[1] + outcomes[2] + outcomes[3],
              STORM_THREADS * STORM_JOINS, "each request has one");
    ok(outcomes[0] && outcomes[1] && outcomes[2] && outcomes[3],
       "each of the four was met");
    printf("# stored %d, there %d, timeout %d, unknown %d\n", outcomes[0],
           outcomes[1], outcomes[2], outcomes[3]);
    before = resident_pages();
    run_storm(queue);
    run_storm(queue);
    is_number(storm_wrong, 0, "nor later");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    /* A sanitizer's own books grow. */
    ok(resident_pages() - before < 500, "memory stays (%ld pages more)",
       resident_pages() - before);
#else
    (void)before;
#endif
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_alone();
    test_hand_over();
    test_withdraw();
    test_all_withdrawn();
    test_unknown();
    test_queue_full();
    test_limits();
    test_storm();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
