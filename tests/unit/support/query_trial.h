/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store with records, and queries whose answers are compared with the
 * evaluation of evaluate.c. INSIGHTS_TEST_SEED sets the seed of the random
 * records and queries.
 */
#ifndef IU_TESTS_UNIT_QUERY_TRIAL_H
#define IU_TESTS_UNIT_QUERY_TRIAL_H

#include "samples.h"
#include "store_fixture.h"

#define SEED 20260102
#define RECORDS 60
#define FAULTS_TOLD 5 /* faults of a test that are printed */

static apr_pool_t *test_pool;

typedef struct trial {
    iu_store *store;
    const char *params;
    foreign other;            /* deletes records */
    apr_pool_t *pool;         /* for one query */
    iu_generator generator;   /* of records and queries */
    apr_array_header_t *held; /* of const iu_sample *: the records of invitation
                               * i */
    int made;                 /* records so far */
    int faults;               /* of the test that runs */
    int partial;       /* queries that selected some records, but not all */
    int with, without; /* records that were listed with their document */
} trial;

/* A record and the values that it is sorted by. */
typedef struct entry {
    const iu_sample *sample;
    const char *const *keys;
} entry;

/*** What is expected ***/

/* The records that a query selects, in order, regardless of skip and top. */
static inline apr_array_header_t *expect(const trial *in, const iu_query *query)
{
    apr_array_header_t *expected =
        apr_array_make(in->pool, in->held->nelts, sizeof(entry));
    int i;

    for (i = 0; i < in->held->nelts; i++) {
        const iu_sample *sample = APR_ARRAY_IDX(in->held, i, const iu_sample *);
        entry added = {sample, iu_evaluate_keys(in->pool, query, sample)};
        entry *at;

        if (!iu_evaluate_filter(in->pool, query->filter, sample) ||
            (query->after &&
             iu_evaluate_order(query, added.keys, query->after) <= 0)) {
            continue;
        }
        for (at = apr_array_push(expected);
             at > (entry *)expected->elts &&
             iu_evaluate_order(query, added.keys, at[-1].keys) < 0;
             at--) {
            *at = at[-1];
        }
        *at = added;
    }
    return expected;
}

/* A text in one line. */
static inline const char *one_line(apr_pool_t *pool, const char *text)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, strlen(text));
    iu_buffer_json_escaped(&out, text, strlen(text));
    return out.data;
}

static inline void tell(trial *in, const iu_query *query, const char *format,
                        ...)
{
    va_list arguments;

    if (in->faults++ >= FAULTS_TOLD) {
        return;
    }
    va_start(arguments, format);
    printf("# %s\n", apr_pvsprintf(in->pool, format, arguments));
    va_end(arguments);
    printf("#   $filter=%.400s\n",
           one_line(in->pool, iu_expression_describe(in->pool, query->filter)));
    printf("#   $orderby=%s&$skip=%" APR_INT64_T_FMT "&$top=%d%s\n",
           iu_order_describe(in->pool, query), query->skip, query->top,
           query->after ? " (behind another page)" : "");
}

static inline void tell_problem(trial *in, const iu_query *query,
                                const char *action, const iu_problem *problem)
{
    tell(in, query, "%s: %s %s", action, problem->number,
         problem->log_detail ? problem->log_detail : problem->message);
}

/*** One query ***/

static inline int same_text(const char *left, const char *right)
{
    return left && right ? strcmp(left, right) == 0 : left == right;
}

static inline int same_record(const iu_record *left, const iu_record *right)
{
    return right && same_text(left->id, right->id) &&
           same_text(left->set_id, right->set_id) &&
           same_text(left->version, right->version) &&
           same_text(left->last_accessed, right->last_accessed) &&
           same_text(left->last_modified, right->last_modified) &&
           left->document_length == right->document_length &&
           same_text(left->document, right->document);
}

/* A record is listed with its document unless that exceeds its share. */
static inline int same_listed(const iu_query *query, const iu_record *listed,
                              const iu_record *expected)
{
    iu_record record = *listed;

    if (!record.document &&
        expected->document_length > IU_LIST_BYTES / (query->top + 1)) {
        record.document = expected->document;
        record.document_length = expected->document_length;
    }
    return same_record(&record, expected);
}

static inline int is_expected(const iu_query *query, const iu_listed *listed,
                              const entry *expected)
{
    int same = same_listed(query, listed->record, &expected->sample->record);
    int i;

    for (i = 0; i < query->order_count; i++) {
        same = same && same_text(listed->values[i], expected->keys[i]);
    }
    return same;
}

/* Lists a page and checks each row. Returns NULL after a problem. */
static inline apr_array_header_t *check_list(trial *in, const iu_query *query)
{
    iu_store_call call = fixture_call(in->pool);
    apr_array_header_t *expected = expect(in, query);
    int count = expected->nelts - (int)query->skip;
    apr_array_header_t *listed;
    iu_problem *problem = iu_store_list(in->store, &call, "i", query, &listed);
    int i;

    if (problem) {
        tell_problem(in, query, "list", problem);
        return NULL;
    }
    count = count < 0 ? 0 : count > query->top + 1 ? query->top + 1 : count;
    for (i = 0; i < count && i < listed->nelts; i++) {
        const iu_listed *row = &APR_ARRAY_IDX(listed, i, iu_listed);
        const entry *other = &APR_ARRAY_IDX(expected, query->skip + i, entry);

        *(row->record->document ? &in->with : &in->without) += 1;
        if (!is_expected(query, row, other)) {
            tell(in, query, "row %d is '%s' instead of '%s'", i,
                 row->record->id, other->sample->record.id);
            return listed;
        }
    }
    if (listed->nelts != count) {
        tell(in, query, "%d rows instead of %d", listed->nelts, count);
    }
    return listed;
}

static inline void check_count(trial *in, const iu_query *query)
{
    iu_store_call call = fixture_call(in->pool);
    int expected = expect(in, query)->nelts;
    apr_int64_t count;
    iu_problem *problem =
        iu_store_count(in->store, &call, "i", query->filter, &count);

    in->partial += expected > 0 && expected < in->held->nelts;
    if (problem) {
        tell_problem(in, query, "count", problem);
    }
    else if (count != expected) {
        tell(in, query, "%" APR_INT64_T_FMT " counted instead of %d", count,
             expected);
    }
}

static inline const iu_record *held_record(const trial *in, const char *id)
{
    int i;

    for (i = 0; i < in->held->nelts; i++) {
        const iu_sample *sample = APR_ARRAY_IDX(in->held, i, const iu_sample *);

        if (strcmp(sample->record.id, id) == 0) {
            return &sample->record;
        }
    }
    return NULL;
}

/* Fetches the first records of a page, and one that does not exist. */
static inline void check_fetch(trial *in, const iu_query *query,
                               const apr_array_header_t *page)
{
    iu_store_call call = fixture_call(in->pool);
    int gone = iu_generate_number(&in->generator, IU_FETCH_MAX);
    const iu_record absent = {.id = "gone"};
    iu_listed wanted[IU_FETCH_MAX];
    apr_array_header_t *records;
    iu_problem *problem;
    int count = 0;
    int i;

    for (i = 0; i < page->nelts && count < IU_FETCH_MAX; i++) {
        wanted[count++] = APR_ARRAY_IDX(page, i, iu_listed);
    }
    if (gone < count) {
        wanted[gone].record = &absent;
    }
    if (count == 0) {
        return;
    }
    problem = iu_store_fetch(in->store, &call, "i", wanted, count, &records);
    if (problem) {
        tell_problem(in, query, "fetch", problem);
        return;
    }
    if (records->nelts != count - (gone < count)) {
        tell(in, query, "%d of %d records were fetched", records->nelts, count);
        return;
    }
    for (i = 0; i < records->nelts; i++) {
        const iu_record *record = APR_ARRAY_IDX(records, i, iu_record *);
        const char *id = wanted[i + (i >= gone)].record->id;

        if (!same_text(record->id, id) ||
            !same_record(record, held_record(in, id))) {
            tell(in, query, "record %d, '%s', is another one", i, id);
        }
    }
}

static inline void check_query(trial *in, const iu_query *query)
{
    iu_query all = *query;
    apr_array_header_t *page = check_list(in, query);

    all.skip = 0;
    check_count(in, &all);
    if (page && iu_generate_number(&in->generator, 8) == 0) {
        check_fetch(in, query, page);
    }
}

/*** Begin and end ***/

static inline void insert_any(trial *in, int count)
{
    iu_sample *samples;
    int i;

    in->generator.pool = test_pool;
    samples = iu_samples_make(&in->generator, "i",
                              apr_psprintf(test_pool, "%d", in->made++), count);
    for (i = 0; i < count; i++) {
        iu_store_call call = fixture_call(in->pool);

        if (insert_record(in->store, &call, &samples[i].record)) {
            give_up("a record cannot be stored");
        }
        APR_ARRAY_PUSH(in->held, const iu_sample *) = &samples[i];
    }
}

static inline int number_in_environment(const char *name, int otherwise)
{
    const char *text = getenv(name);

    return text ? atoi(text) : otherwise;
}

/* Stores the records for queries, and others that they must not find. */
static inline void fill(trial *in)
{
    iu_sample *foreign_samples;
    int i;

    insert_any(in, RECORDS);
    foreign_samples = iu_samples_make(&in->generator, "I", "0", 5);
    for (i = 0; i < 5; i++) {
        iu_store_call call = fixture_call(in->pool);

        if (insert_record(in->store, &call, &foreign_samples[i].record)) {
            give_up("a record cannot be stored");
        }
    }
    in->generator.samples = APR_ARRAY_IDX(in->held, 0, const iu_sample *);
    in->generator.sample_count = RECORDS;
}

static inline trial trial_begin(void)
{
    trial in = {.made = 0};

    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    apr_pool_create(&in.pool, test_pool);
    in.generator.state =
        (apr_uint64_t)number_in_environment("INSIGHTS_TEST_SEED", SEED);
    printf("# INSIGHTS_TEST_SEED=%d\n", (int)in.generator.state);
    in.params = fixture_path(test_pool);
    in.store = fixture_store(test_pool, in.params, NULL);
    in.held = apr_array_make(test_pool, RECORDS, sizeof(iu_sample *));
    fill(&in);
    in.other = foreign_open(test_pool, in.params);
    return in;
}

static inline int trial_end(trial *in)
{
    foreign_close(in->other);
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}

#endif
