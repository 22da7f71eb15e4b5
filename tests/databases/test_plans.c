/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of how a server plans the statement that finds the records of a group:
 * by the primary key for each, whatever it knows of the table. */
#include "trial.h"

#include "../../src/dialect/dialect.h"

#define PAIRS 64

/* The statement as src/store/read_group.c composes it, with pairs for the
 * parameters. */
static const char *make_sql(apr_pool_t *pool, const char *const pairs[])
{
    const iu_dialect *dialect = iu_dialect_of(fixture_driver());
    const char *list = "";
    int i;

    for (i = 0; i < PAIRS; i++) {
        list = apr_pstrcat(pool, list, i ? "," : "", pairs[i], NULL);
    }
    return apr_pstrcat(pool, "SELECT version, document FROM ",
                       apr_psprintf(pool, dialect->find_group, list), NULL);
}

/* The plan, as JSON, for texts. */
static const char *plan_for_texts(foreign other, apr_pool_t *pool)
{
    const char *pairs[PAIRS];
    int i;

    for (i = 0; i < PAIRS; i++) {
        pairs[i] = apr_psprintf(pool, "('i%d','d%d')", i, i);
    }
    return foreign_read(
        other, pool,
        apr_pstrcat(pool,
                    pgsql ? "EXPLAIN (FORMAT JSON) " : "EXPLAIN FORMAT=JSON ",
                    make_sql(pool, pairs), NULL));
}

/* PostgreSQL's plan for all values of parameters, which it keeps. */
static const char *plan_for_all(foreign other, apr_pool_t *pool)
{
    const char *pairs[PAIRS];
    const char *values = "";
    const char *text;
    int i;

    for (i = 0; i < PAIRS; i++) {
        pairs[i] = apr_psprintf(pool, "($%d,$%d)", 2 * i + 1, 2 * i + 2);
        values = apr_pstrcat(pool, values, i ? "," : "", "'i','d'", NULL);
    }
    foreign_run(other, "SET plan_cache_mode = force_generic_plan");
    foreign_run(other, apr_pstrcat(pool, "PREPARE finds AS ",
                                   make_sql(pool, pairs), NULL));
    text =
        foreign_read(other, pool,
                     apr_pstrcat(pool, "EXPLAIN (FORMAT JSON) EXECUTE finds(",
                                 values, ")", NULL));
    foreign_run(other, "DEALLOCATE finds");
    return text;
}

static void check(const char *text, const char *when)
{
    int by_key = pgsql ? strstr(text, "\"used_insight_pkey\"") != NULL
                       : strstr(text, "\"range\"") != NULL &&
                             strstr(text, "\"PRIMARY\"") != NULL;

    if (!ok(by_key && !strstr(text, "Seq Scan") && !strstr(text, "\"ALL\""),
            "%s: by the primary key", when)) {
        printf("# %s\n", text);
    }
}

/* Fills the table up to so many rows, which the server does not analyze. */
static void fill(foreign other, apr_pool_t *pool, int from, int to)
{
    foreign_run(
        other,
        apr_psprintf(pool,
                     pgsql ? "INSERT INTO used_insight (invitation_id, id,"
                             " version, last_accessed, last_modified, document)"
                             " SELECT 'i' || n, 'd' || n, '1', '', '', '{}'"
                             " FROM generate_series(%d, %d) AS n"
                           : "INSERT INTO used_insight (invitation_id, id,"
                             " version, last_accessed, last_modified, document)"
                             " SELECT concat('i', seq), concat('d', seq), '1',"
                             " '', '', '{}' FROM seq_%d_to_%d",
                     from, to));
}

int main(void)
{
    static const int rows[] = {0, 5, 1000, 100000};
    const char *params;
    foreign other;
    int i;

    trial_begin();
    params = fixture_path(test_pool);
    foreign_sql(test_pool, params,
                pgsql
                    ? "ALTER TABLE used_insight SET (autovacuum_enabled = off)"
                    : "ALTER TABLE used_insight STATS_AUTO_RECALC = 0");
    other = foreign_open(test_pool, params);
    for (i = 0; i < 4; i++) {
        const char *when = apr_psprintf(test_pool, "%d rows", rows[i]);

        if (i > 0) {
            fill(other, test_pool, rows[i - 1], rows[i] - 1);
        }
        check(plan_for_texts(other, test_pool), when);
        if (pgsql) {
            check(plan_for_all(other, test_pool), when);
        }
    }
    foreign_close(other);
    return trial_end();
}
