/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/store/listing.c and query_sql.c: the answers to random queries
 * are compared with an evaluation in memory. INSIGHTS_TEST_QUERIES sets how
 * many.
 */
#include "../../src/query/filter.h"

#include "support/query_trial.h"

/*** Many queries ***/

static iu_query any_query(trial *in, int with_filter)
{
    iu_query query = {.top = IU_PAGE_MAX};

    in->generator.pool = in->pool;
    if (with_filter || iu_generate_number(&in->generator, 10)) {
        query.filter = iu_generate_filter(
            &in->generator, 1 + iu_generate_number(&in->generator, 5));
    }
    iu_generate_order(&in->generator, 3, &query);
    return query;
}

static void test_any(trial *in, int queries)
{
    int i;

    in->faults = in->partial = 0;
    for (i = 0; i < queries; i++) {
        iu_query query = any_query(in, 0);

        if (iu_generate_number(&in->generator, 3) == 0) {
            query.top = iu_generate_number(&in->generator, 20);
            query.skip = iu_generate_number(&in->generator, 20);
        }
        check_query(in, &query);
        apr_pool_clear(in->pool);
    }
    is_number(in->faults, 0, "%d queries", queries);
    ok(in->partial * 5 > queries,
       "%d of them selected some of the records, not all", in->partial);
    ok(in->with > 0 && in->without > 0,
       "%d records with their documents, %d without", in->with, in->without);
}

/* A filter that is written as text and parsed means the same. */
static void test_parsed(trial *in, int queries)
{
    int i;

    in->faults = 0;
    for (i = 0; i < queries; i++) {
        iu_query query = any_query(in, 1);
        const iu_expression *read = NULL;
        iu_problem *problem = iu_filter_read(
            in->pool, iu_expression_describe(in->pool, query.filter), &read);
        int n;

        if (problem) {
            tell(in, &query, "parse: %s", problem->message);
        }
        for (n = 0; read && n < in->held->nelts; n++) {
            const iu_sample *sample =
                APR_ARRAY_IDX(in->held, n, const iu_sample *);

            if (iu_evaluate_filter(in->pool, query.filter, sample) !=
                iu_evaluate_filter(in->pool, read, sample)) {
                tell(in, &query, "another meaning for '%s'", sample->record.id);
            }
        }
        apr_pool_clear(in->pool);
    }
    is_number(in->faults, 0, "%d filters as texts", queries);
}

/*** Pages ***/

static void delete_any(trial *in)
{
    int index = iu_generate_number(&in->generator, in->held->nelts);
    const iu_sample **held = (const iu_sample **)in->held->elts;

    foreign_run(in->other,
                apr_psprintf(in->pool,
                             "DELETE FROM used_insight"
                             " WHERE invitation_id = 'i' AND id = '%s'",
                             held[index]->record.id));
    held[index] = held[in->held->nelts - 1];
    apr_array_pop(in->held);
}

/* Inserts a record, deletes one, or changes nothing. */
static void change_any(trial *in)
{
    if (iu_generate_number(&in->generator, 2) &&
        in->held->nelts < RECORDS * 3 / 2) {
        insert_any(in, 1);
    }
    if (iu_generate_number(&in->generator, 2) &&
        in->held->nelts > RECORDS / 2) {
        delete_any(in);
    }
}

static int times_seen(const apr_array_header_t *ids, const char *id)
{
    int times = 0;
    int i;

    for (i = 0; i < ids->nelts; i++) {
        times += strcmp(APR_ARRAY_IDX(ids, i, const char *), id) == 0;
    }
    return times;
}

/* Reads all pages, or those before the first fault, and returns the ids. */
static apr_array_header_t *read_pages(trial *in, iu_query *query, int changing)
{
    apr_array_header_t *ids = apr_array_make(in->pool, 64, sizeof(char *));
    int faults = in->faults;
    apr_array_header_t *page;
    int i;

    do {
        page = check_list(in, query);
        for (i = 0; page && i < page->nelts && i < query->top; i++) {
            const iu_listed *row = &APR_ARRAY_IDX(page, i, iu_listed);

            APR_ARRAY_PUSH(ids, const char *) = row->record->id;
            query->after = row->values;
        }
        if (changing) {
            change_any(in);
        }
    } while (page && page->nelts > query->top && in->faults == faults);
    return ids;
}

/* A record that exists all the time is in the pages once, any other at most
 * once. */
static void test_pages(trial *in, int queries, int changing)
{
    int i;
    int n;

    in->faults = 0;
    for (n = 0; n < queries; n++) {
        iu_query query = any_query(in, 0);
        apr_array_header_t *before;
        apr_array_header_t *ids;

        query.top = 1 + iu_generate_number(&in->generator, 9);
        before = expect(in, &query);
        ids = read_pages(in, &query, changing);
        for (i = 0; i < before->nelts; i++) {
            const char *id = APR_ARRAY_IDX(before, i, entry).sample->record.id;

            if (held_record(in, id) && times_seen(ids, id) != 1) {
                tell(in, &query, "'%s' is in the pages %d times", id,
                     times_seen(ids, id));
            }
        }
        for (i = 0; i < ids->nelts; i++) {
            if (times_seen(ids, APR_ARRAY_IDX(ids, i, const char *)) > 1) {
                tell(in, &query, "a record is in the pages twice");
            }
        }
        apr_pool_clear(in->pool);
    }
    is_number(in->faults, 0, "%d queries read page by page%s", queries,
              changing ? " while records come and go" : "");
}

/*** Faults ***/

/* Parameters of a database that does not exist. */
static const char *absent(apr_pool_t *pool)
{
    if (fixture_has_server()) {
        return apr_pstrcat(pool, fixture_environment("INSIGHTS_TEST_USER"),
                           strcmp(fixture_driver(), "pgsql") ? "," : " ",
                           "dbname=insights_absent", NULL);
    }
    return apr_pstrcat(pool, fixture_directory(pool), "/absent/x.db", NULL);
}

static void test_absent(trial *in)
{
    iu_store_call call = fixture_call(in->pool);
    iu_store *store = fixture_store(in->pool, absent(in->pool), NULL);
    iu_query query = any_query(in, 0);
    const iu_record record = {.id = "a"};
    const iu_listed listed = {&record, NULL};
    apr_array_header_t *rows;
    apr_int64_t count;
    iu_problem *problem = iu_store_list(store, &call, "i", &query, &rows);

    is_number(problem ? problem->kind : 0,
              fixture_has_server() ? IU_DATABASE_DOWN : IU_DATABASE_REFUSED,
              "list: the database cannot be opened");
    problem = iu_store_count(store, &call, "i", query.filter, &count);
    is_number(problem ? problem->kind : 0, IU_DATABASE_DOWN, "count: likewise");
    problem = iu_store_fetch(store, &call, "i", &listed, 1, &rows);
    is_number(problem ? problem->kind : 0, IU_DATABASE_DOWN, "fetch: likewise");
    apr_pool_clear(in->pool);
}

int main(void)
{
    int queries = number_in_environment("INSIGHTS_TEST_QUERIES",
                                        fixture_has_server() ? 500 : 3000);
    trial in = trial_begin();

    test_any(&in, queries);
    test_parsed(&in, queries);
    test_pages(&in, queries / 40, 0);
    test_pages(&in, queries / 40, 1);
    test_absent(&in);
    return trial_end(&in);
}
