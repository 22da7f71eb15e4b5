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

/* Prepares a statement and returns 1, unless the set has it already. */
static int is_new(iu_prepared_set *set, int number, int *ended)
{
    const char *sql = apr_psprintf(test_pool, "SELECT %d", number);
    iu_prepared *found = iu_prepared_find(set, sql);

    if (found) {
        return 0;
    }
    found = iu_prepared_make(set, sql);
    found->statement = ended;
    iu_prepared_keep(set, found);
    return 1;
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
    iu_prepared_end_all(&set);
    is_number(finalized, IU_PREPARED_MAX * 4 + 1,
              "iu_prepared_end_all finalizes all");
    is_number(set.count, 0, "the set is empty then");
}

static void test_failure(void)
{
    iu_prepared_set set = {.pool = test_pool, .finalize = finalize};
    int before = finalized;

    iu_prepared_end(&set, iu_prepared_make(&set, "no SQL"));
    is_number(finalized, before,
              "a statement whose prepare failed is not finalized");
    ok(!iu_prepared_find(&set, "no SQL"), "nor kept");
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
