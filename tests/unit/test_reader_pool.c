/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/database/reader_pool.c. */
#include "../../src/database/reader_pool.h"

#include <stdatomic.h>

#include "support/store_fixture.h"

#define READERS 8 /* of an SQLite database */
#define LISTS 4   /* of them for lists */

static apr_pool_t *test_pool;
static iu_reader_pool *readers;
static _Atomic int inside[IU_READ_KINDS];
static _Atomic int most[IU_READ_KINDS];
static _Atomic int missed;

static iu_session *take_for(iu_read_kind reading, apr_time_t deadline)
{
    const iu_bound bound = {.deadline = deadline};

    return iu_reader_pool_take(readers, reading, &bound);
}

static iu_session *take(apr_time_t deadline)
{
    return take_for(IU_READ_KEYS, deadline);
}

static void give_back(iu_session *reader)
{
    iu_reader_pool_give_back(readers, IU_READ_KEYS, reader);
}

static void test_exhaustion(void)
{
    iu_session *taken[READERS];
    apr_time_t before;
    int i;
    int j;

    for (i = 0; i < READERS; i++) {
        taken[i] = take(0);
        ok(taken[i] && !taken[i]->connection, "reader %d, not yet open", i);
        for (j = 0; j < i; j++) {
            ok(taken[i] != taken[j], "is not reader %d", j);
        }
    }
    before = iu_clock_now();
    ok(!take(before + 50000), "then no reader is free");
    ok(iu_clock_now() - before >= 50000, "which takes until the deadline");
    ok(!take(before), "or at once if that has passed");
    give_back(taken[2]);
    ok(take(0) == taken[2], "a reader that was returned is free");
    give_back(taken[0]);
    give_back(taken[1]);
    ok(take(0) == taken[1], "the one used last comes first");
    for (i = 1; i < READERS; i++) {
        give_back(taken[i]);
    }
}

static void test_renewal(void)
{
    iu_session *a = take(0);
    iu_session *b = take(0);
    iu_session *c;

    iu_reader_pool_renew(readers);
    ok(!take(0), "closing waits while two are in use");
    give_back(a);
    ok(!take(0), "and while one is");
    give_back(b);
    c = take(0);
    ok(c == b && !c->connection, "then all readers are free, and closed");
    give_back(c);
    iu_reader_pool_renew(readers);
    c = take(0);
    ok(c != NULL, "closing ends at once if none is in use");
    give_back(c);
}

/* Lists use only their readers; the others remain free. */
static void test_lists(void)
{
    iu_session *lists[LISTS];
    iu_session *others[READERS - LISTS];
    apr_time_t before;
    int i;

    for (i = 0; i < LISTS; i++) {
        lists[i] = take_for(IU_READ_LIST, 0);
        ok(lists[i] != NULL, "reader %d for a list", i);
    }
    before = iu_clock_now();
    ok(!take_for(IU_READ_LIST, before + 50000), "then none is free for lists");
    ok(iu_clock_now() - before >= 50000, "which takes until the deadline");
    for (i = 0; i < READERS - LISTS; i++) {
        others[i] = take(0);
        ok(others[i] != NULL, "reader %d for other requests", i);
    }
    ok(!take(0), "then none is free at all");
    iu_reader_pool_give_back(readers, IU_READ_LIST, lists[0]);
    ok(take(0) == lists[0], "a list's reader may serve any request");
    ok(!take_for(IU_READ_LIST, 0), "which comes first");
    give_back(lists[0]);
    ok(take_for(IU_READ_LIST, 0) == lists[0], "and a list after that");
    give_back(others[0]);
    ok(!take_for(IU_READ_LIST, 0), "but no other list");
    for (i = 0; i < LISTS; i++) {
        iu_reader_pool_give_back(readers, IU_READ_LIST, lists[i]);
    }
    for (i = 1; i < READERS - LISTS; i++) {
        give_back(others[i]);
    }
}

static int ask_gone(void *client)
{
    ++*(int *)client;
    return 1;
}

static void test_gone(void)
{
    iu_session *taken[READERS];
    int asked = 0;
    const iu_bound bound = {.deadline = iu_clock_now() + 20000000,
                            .is_gone = ask_gone,
                            .client = &asked};
    apr_time_t before = iu_clock_now();
    int i;

    for (i = 0; i < READERS; i++) {
        taken[i] = iu_reader_pool_take(readers, IU_READ_KEYS, &bound);
    }
    is_number(asked, 0, "a client is not checked if a reader is free");
    ok(!iu_reader_pool_take(readers, IU_READ_KEYS, &bound) && asked == 1,
       "a client that is gone does not wait");
    ok(iu_clock_now() - before < 10000000, "and does not until the deadline");
    for (i = 0; i < READERS; i++) {
        give_back(taken[i]);
    }
}

static void *take_often(void *data)
{
    iu_read_kind reading = *(const iu_read_kind *)data;
    int i;

    for (i = 0; i < 300; i++) {
        iu_session *taken = take_for(reading, iu_clock_now() + 20000000);
        int now;

        if (!taken) {
            atomic_fetch_add(&missed, 1);
            continue;
        }
        now = atomic_fetch_add(&inside[reading], 1) + 1;
        if (now > atomic_load(&most[reading])) {
            atomic_store(&most[reading], now);
        }
        apr_sleep(20);
        atomic_fetch_sub(&inside[reading], 1);
        iu_reader_pool_give_back(readers, reading, taken);
    }
    return NULL;
}

static void test_threads(void)
{
    static const iu_read_kind readings[] = {IU_READ_KEYS, IU_READ_LIST};
    pthread_t threads[24];
    int i;

    for (i = 0; i < 24; i++) {
        pthread_create(&threads[i], NULL, take_often, (void *)&readings[i % 2]);
    }
    for (i = 0; i < 24; i++) {
        pthread_join(threads[i], NULL);
    }
    is_number(atomic_load(&missed), 0, "24 threads all get a reader in time");
    ok(atomic_load(&most[IU_READ_KEYS]) <= READERS,
       "never more than there are (%d)", atomic_load(&most[IU_READ_KEYS]));
    ok(atomic_load(&most[IU_READ_LIST]) <= LISTS,
       "nor more than lists may use (%d)", atomic_load(&most[IU_READ_LIST]));
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    if (iu_reader_pool_create(&readers,
                              fixture_database(test_pool, "/x/y.db", NULL),
                              test_pool) != APR_SUCCESS) {
        give_up("no pool of readers can be made");
    }
    test_exhaustion();
    test_lists();
    test_gone();
    test_renewal();
    test_threads();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
