/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of iu_store_change with one thread: which problem a change ends with
 * whose deadline comes after conflicts. */
#include "support/store_fixture.h"

#include "../../src/concurrency/clock.h"
#include "../../src/store/store_private.h"

static apr_pool_t *test_pool;

/* Attempts that conflict. */
typedef struct conflict {
    iu_store *store;
    int attempts;
    int takes_readers; /* none is left for the next read */
    int taken;
    iu_session *readers[16];
} conflict;

/* An iu_store_attempt. */
static iu_problem *meet_conflict(void *baton, const iu_store_call *call,
                                 const iu_record *found)
{
    conflict *self = baton;
    const iu_bound bound = {.deadline = call->deadline};

    (void)found;
    self->attempts++;
    while (self->takes_readers &&
           self->taken < self->store->database.dialect->readers) {
        self->readers[self->taken++] =
            iu_reader_pool_take(self->store->readers, IU_READ_KEYS, &bound);
    }
    return iu_problem_make(call->pool, IU_VERSION_CONFLICT, "one");
}

static iu_problem_kind change(iu_store *store, conflict *met)
{
    iu_store_call call = fixture_call(test_pool);
    iu_problem *problem;

    met->store = store;
    call.deadline = iu_clock_now() + apr_time_from_msec(200);
    problem = iu_store_change(store, &call, "i", "one", 0, meet_conflict, met);
    while (met->taken > 0) {
        iu_reader_pool_give_back(store->readers, IU_READ_KEYS,
                                 met->readers[--met->taken]);
    }
    return problem ? problem->kind : 0;
}

static void test_deadline(void)
{
    iu_store *store = fixture_store(test_pool, fixture_path(test_pool), NULL);
    conflict always = {.takes_readers = 0};
    conflict once = {.takes_readers = 1};

    is_number(change(store, &always), IU_VERSION_CONFLICT,
              "conflicts until the deadline");
    ok(always.attempts > 1, "in %d attempts", always.attempts);
    is_number(change(store, &once), IU_VERSION_CONFLICT,
              "the deadline comes while the record is read again");
    is_number(once.attempts, 1, "after one attempt");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_deadline();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
