/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of handing readers out. */
#include "../../src/store/reader_pool.h"

#include <stdatomic.h>

#include "store_fixture.h"

#define READERS 8 /* of SQLite's */

static apr_pool_t *test_pool;
static iu_reader_pool *readers;
static _Atomic int inside;
static _Atomic int most;
static _Atomic int missed;

static void test_exhaustion(void)
{
    iu_session *taken[READERS];
    apr_time_t before;
    int i;
    int j;

    for (i = 0; i < READERS; i++) {
        taken[i] = iu_reader_pool_take(readers, 0);
        ok(taken[i] && !taken[i]->connection, "reader %d, not yet open", i);
        for (j = 0; j < i; j++) {
            ok(taken[i] != taken[j], "is not reader %d", j);
        }
    }
    before = iu_clock_now();
    ok(!iu_reader_pool_take(readers, before + 50000), "then there is none");
    ok(iu_clock_now() - before >= 50000, "which takes until the deadline");
    ok(!iu_reader_pool_take(readers, before), "or no time, if that has passed");
    iu_reader_pool_give_back(readers, taken[2]);
    ok(iu_reader_pool_take(readers, 0) == taken[2], "one that came back");
    iu_reader_pool_give_back(readers, taken[0]);
    iu_reader_pool_give_back(readers, taken[1]);
    ok(iu_reader_pool_take(readers, 0) == taken[1], "the last used is next");
    for (i = 1; i < READERS; i++) {
        iu_reader_pool_give_back(readers, taken[i]);
    }
}

static void test_renewal(void)
{
    iu_session *a = iu_reader_pool_take(readers, 0);
    iu_session *b = iu_reader_pool_take(readers, 0);
    iu_session *c;

    iu_reader_pool_renew(readers);
    ok(!iu_reader_pool_take(readers, 0), "none while two are still out");
    iu_reader_pool_give_back(readers, a);
    ok(!iu_reader_pool_take(readers, 0), "nor while one is");
    iu_reader_pool_give_back(readers, b);
    c = iu_reader_pool_take(readers, 0);
    ok(c == b && !c->connection, "then all again, closed");
    iu_reader_pool_give_back(readers, c);
    iu_reader_pool_renew(readers);
    c = iu_reader_pool_take(readers, 0);
    ok(c != NULL, "at once, where none was out");
    iu_reader_pool_give_back(readers, c);
}

static void *take_often(void *unused)
{
    int i;

    (void)unused;
    for (i = 0; i < 300; i++) {
        iu_session *taken =
            iu_reader_pool_take(readers, iu_clock_now() + 20000000);
        int now;

        if (!taken) {
            atomic_fetch_add(&missed, 1);
            continue;
        }
        now = atomic_fetch_add(&inside, 1) + 1;
        if (now > atomic_load(&most)) {
            atomic_store(&most, now);
        }
        apr_sleep(20);
        atomic_fetch_sub(&inside, 1);
        iu_reader_pool_give_back(readers, taken);
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[12];
    int i;

    for (i = 0; i < 12; i++) {
        pthread_create(&threads[i], NULL, take_often, NULL);
    }
    for (i = 0; i < 12; i++) {
        pthread_join(threads[i], NULL);
    }
    is_number(atomic_load(&missed), 0, "12 threads all get one in time");
    ok(atomic_load(&most) <= READERS, "never more than there are (%d)",
       atomic_load(&most));
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
    test_renewal();
    test_threads();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
