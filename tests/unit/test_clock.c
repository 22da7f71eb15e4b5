/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/concurrency/clock.c, and of waiting while the wall clock is
 * set. */
#include "../../src/concurrency/clock.h"

#include <sys/time.h>
#include <sys/types.h>

#include "support/store_fixture.h"

static apr_time_t shift;

/* Replaces the C library's function, which apr_time_now() calls. Each call sets
 * the wall clock forward by the shift. */
int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    static apr_time_t shifted;
    struct timespec precise;
    apr_time_t told;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    shifted += shift;
    told = apr_time_from_sec(precise.tv_sec) + precise.tv_nsec / 1000 + shifted;
    now->tv_sec = apr_time_sec(told);
    now->tv_usec = apr_time_usec(told);
    return 0;
}

static void test_clock(void)
{
    apr_time_t wall = apr_time_now();
    apr_time_t before = iu_clock_now();

    shift = apr_time_from_sec(3600);
    ok(apr_time_now() - wall >= shift, "the wall clock is set forward");
    apr_sleep(20000);
    ok(iu_clock_now() - before >= 20000, "the clock for deadlines advances");
    ok(iu_clock_now() - before < apr_time_from_sec(600),
       "and is not set forward");
    shift = 0;
}

/* Setting the wall clock must not end a wait early. */
static void test_turn(apr_pool_t *pool)
{
    iu_database *database = fixture_database(pool, "/nowhere/at/all", NULL);
    apr_time_t before = iu_clock_now();
    turn_holder holder;
    iu_failure *failure;

    apr_global_mutex_create(&database->writer_turn, NULL, APR_LOCK_PROC_PTHREAD,
                            pool);
    holder = turn_hold(database);
    shift = -apr_time_from_sec(3600);
    failure = iu_database_take_turn(database, before + 200000, pool);
    is_failure(failure, IU_FAILURE_BUSY, "the turn is not free");
    ok(iu_clock_now() - before >= 200000,
       "the wait lasts until the deadline although the wall clock is set");
    shift = 0;
    turn_release(holder, 'e');
    ok(!iu_database_take_turn(database, iu_clock_now() + 1000000, pool),
       "the turn is free after its holder has ended it");
    iu_database_end_turn(database);
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_clock();
    test_turn(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
