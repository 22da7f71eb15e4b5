/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/dialect/prepared.c. */
#include "../../src/dialect/prepared.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "support/tap.h"

static apr_pool_t *test_pool;
static int finalized;

static void finalize(void *statement)
{
    ++*(int *)statement;
    finalized++;
}

static int prepared_times;
static int mistaken; /* results other than the statement asked for */

/* An iu_prepare. */
static int prepare(void *baton, const char *sql, apr_pool_t *pool,
                   void **statement)
{
    (void)sql;
    (void)pool;
    prepared_times++;
    *statement = baton;
    return 0;
}

/* Whether the statement had to be prepared. */
static int is_new(iu_prepared_set *set, int number, int *ended)
{
    const char *sql = apr_psprintf(test_pool, "SELECT %d", number);
    int before = prepared_times;
    void *statement = NULL;

    mistaken += iu_prepared_get(set, sql, prepare, ended, &statement) ||
                statement != ended;
    return prepared_times > before;
}

static void test_least_used(void)
{
    iu_prepared_set set = {.pool = test_pool, .finalize = finalize};
    int ended[IU_PREPARED_MAX * 4] = {0};
    int made = 0;
    int i;

    for (i = 0; i < IU_PREPARED_MAX * 4; i++) {
        made += is_new(&set, i, &ended[i]);
        is_new(&set, 0, &ended[0]);
        is_new(&set, 1, &ended[1]);
    }
    is_number(made, IU_PREPARED_MAX * 4 - 1,
              "each statement is prepared once, except 1");
    is_number(mistaken, 0, "each result is the statement of that text");
    is_number(set.count, IU_PREPARED_MAX,
              "the set keeps no more statements than its limit");
    is_number(finalized, IU_PREPARED_MAX * 3,
              "the other statements are finalized");
    ok(!ended[0] && !ended[1], "statements in frequent use are kept");
    is_number(ended[2], 1, "the least recently used one is finalized");
    ok(!ended[IU_PREPARED_MAX * 3 + 2], "the last one is kept");
    ok(is_new(&set, 2, &ended[2]), "a finalized statement is prepared again");
    is_number(ended[IU_PREPARED_MAX * 3 + 2], 1,
              "in place of the next least recently used");
    iu_prepared_free_all(&set);
    is_number(finalized, IU_PREPARED_MAX * 4 + 1,
              "iu_prepared_free_all finalizes all");
    is_number(set.count, 0, "the set is empty then");
}

/* An iu_prepare. */
static int fail(void *baton, const char *sql, apr_pool_t *pool,
                void **statement)
{
    (void)baton;
    (void)sql;
    (void)pool;
    (void)statement;
    return 7;
}

static void test_failure(void)
{
    iu_prepared_set set = {.pool = test_pool, .finalize = finalize};
    int before = finalized;
    void *statement = NULL;

    is_number(iu_prepared_get(&set, "no SQL", fail, NULL, &statement), 7,
              "the error number of a statement that cannot be prepared");
    is_number(finalized, before, "it is not finalized");
    is_number(set.count, 0, "nor kept");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_least_used();
    test_failure();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
