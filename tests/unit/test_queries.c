/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of listing, counting and fetching: queries at random, whose answers are
 * compared with what evaluate.c makes of them in memory.
 *
 * INSIGHTS_TEST_SEED     another number makes other records and queries
 * INSIGHTS_TEST_QUERIES  how many queries
 */
#include "samples.h"
#include "store_fixture.h"

#define SEED 20260102
#define RECORDS 60
#define FAULTS_TOLD 5 /* of a test */

static apr_pool_t *test_pool;

typedef struct trial {
    iu_store *store;
    foreign other;            /* who deletes */
    apr_pool_t *pool;         /* for one query */
    iu_generator generator;   /* of records and queries */
    apr_array_header_t *held; /* of const iu_sample *: what invitation i has */
    int made;                 /* records so far */
    int faults;               /* of the test that runs */
    int partial; /* queries that kept some of the records, but not all */
} trial;

/* A record with what it is put in order by. */
typedef struct entry {
    const iu_sample *sample;
    const char *const *keys;
} entry;

/*** What is expected ***/

/* The records that a query asks for, skip and top aside, in their order. */
static apr_array_header_t *expect(const trial *in, const iu_query *query)
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

static void tell(trial *in, const iu_query *query, const char *format, ...)
{
    va_list arguments;

    if (in->faults++ >= FAULTS_TOLD) {
        return;
    }
    va_start(arguments, format);
    printf("# %s\n", apr_pvsprintf(in->pool, format, arguments));
    va_end(arguments);
    printf("#   $filter=%.400s\n",
           iu_expression_describe(in->pool, query->filter));
    printf("#   $orderby=%s&$skip=%" APR_INT64_T_FMT "&$top=%d%s\n",
           iu_order_describe(in->pool, query), query->skip, query->top,
           query->after ? " (behind another page)" : "");
}

static void tell_problem(trial *in, const iu_query *query, const char *action,
                         const iu_problem *problem)
{
    tell(in, query, "%s: %s %s", action, problem->number,
         problem->log_detail ? problem->log_detail : problem->message);
}

/*** One query ***/

static int same_text(const char *left, const char *right)
{
    return left && right ? strcmp(left, right) == 0 : left == right;
}

static int is_expected(const iu_query *query, const iu_listed *listed,
                       const entry *expected)
{
    int same = same_text(listed->id, expected->sample->record.id);
    int i;

    for (i = 0; i < query->order_count; i++) {
        same = same && same_text(listed->values[i], expected->keys[i]);
    }
    return same;
}

/* Lists a page and looks at every row; NULL where there was none. */
static apr_array_header_t *check_list(trial *in, const iu_query *query)
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

        if (!is_expected(query, row, other)) {
            tell(in, query, "row %d is '%s' instead of '%s'", i, row->id,
                 other->sample->record.id);
            return listed;
        }
    }
    if (listed->nelts != count) {
        tell(in, query, "%d rows instead of %d", listed->nelts, count);
    }
    return listed;
}

static void check_count(trial *in, const iu_query *query)
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

static const iu_record *held_record(const trial *in, const char *id)
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

static int same_record(const iu_record *left, const iu_record *right)
{
    return right && same_text(left->id, right->id) &&
           same_text(left->invitation_id, right->invitation_id) &&
           same_text(left->version, right->version) &&
           same_text(left->last_accessed, right->last_accessed) &&
           same_text(left->last_modified, right->last_modified) &&
           left->document_length == right->document_length &&
           same_text(left->document, right->document);
}

/* Fetches the first records of a page, with one between that is not there. */
static void check_fetch(trial *in, const iu_query *query,
                        const apr_array_header_t *page)
{
    iu_store_call call = fixture_call(in->pool);
    int gone = iu_generate_number(&in->generator, IU_FETCH_MAX);
    iu_listed wanted[IU_FETCH_MAX];
    apr_array_header_t *records;
    iu_problem *problem;
    int count = 0;
    int i;

    for (i = 0; i < page->nelts && count < IU_FETCH_MAX; i++) {
        wanted[count++] = APR_ARRAY_IDX(page, i, iu_listed);
    }
    if (gone < count) {
        wanted[gone].id = "gone";
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
        const char *id = wanted[i + (i >= gone)].id;

        if (!same_text(record->id, id) ||
            !same_record(record, held_record(in, id))) {
            tell(in, query, "record %d, '%s', is another one", i, id);
        }
    }
}

static void check_query(trial *in, const iu_query *query)
{
    iu_query all = *query;
    apr_array_header_t *page = check_list(in, query);

    all.skip = 0;
    check_count(in, &all);
    if (page && iu_generate_number(&in->generator, 8) == 0) {
        check_fetch(in, query, page);
    }
}

/*** Many queries ***/

static iu_query any_query(trial *in)
{
    iu_query query = {.top = IU_PAGE_MAX};

    in->generator.pool = in->pool;
    if (iu_generate_number(&in->generator, 10)) {
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
        iu_query query = any_query(in);

        if (iu_generate_number(&in->generator, 3) == 0) {
            query.top = iu_generate_number(&in->generator, 20);
            query.skip = iu_generate_number(&in->generator, 20);
        }
        check_query(in, &query);
        apr_pool_clear(in->pool);
    }
    is_number(in->faults, 0, "%d queries", queries);
    ok(in->partial * 4 > queries, "%d of them kept some of the records",
       in->partial);
}

/*** Pages ***/

static void insert_any(trial *in, int count)
{
    iu_sample *samples;
    int i;

    in->generator.pool = test_pool;
    samples = iu_samples_make(&in->generator, "i",
                              apr_psprintf(test_pool, "%d", in->made++), count);
    for (i = 0; i < count; i++) {
        iu_store_call call = fixture_call(in->pool);

        if (iu_store_insert(in->store, &call, &samples[i].record)) {
            give_up("a record cannot be stored");
        }
        APR_ARRAY_PUSH(in->held, const iu_sample *) = &samples[i];
    }
}

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

/* Inserts and deletes a record or two, or leaves all as it is. */
static void change_any(trial *in)
{
    if (iu_generate_number(&in->generator, 2)) {
        insert_any(in, 1 + iu_generate_number(&in->generator, 2));
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

/* Reads page after page and returns all ids. */
static apr_array_header_t *read_pages(trial *in, iu_query *query, int changing)
{
    apr_array_header_t *ids = apr_array_make(in->pool, 64, sizeof(char *));
    apr_array_header_t *page;
    int i;

    do {
        page = check_list(in, query);
        for (i = 0; page && i < page->nelts && i < query->top; i++) {
            const iu_listed *row = &APR_ARRAY_IDX(page, i, iu_listed);

            APR_ARRAY_PUSH(ids, const char *) = row->id;
            query->after = row->values;
        }
        if (changing) {
            change_any(in);
        }
    } while (page && page->nelts > query->top);
    return ids;
}

/* What was there all the time is in the pages once, whatever was not is there
 * at most once. */
static void test_pages(trial *in, int queries, int changing)
{
    int i;
    int n;

    in->faults = 0;
    for (n = 0; n < queries; n++) {
        iu_query query = any_query(in);
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

/*** Limits ***/

#define TITLE 3 /* its index in iu_properties */

static const iu_expression *title(trial *in)
{
    return iu_expression_property(in->pool, TITLE);
}

/* A place within an operator for an operand that the next operator is in. */
typedef struct place {
    iu_operator operator;
    iu_value_type type;    /* of the operator */
    iu_value_type operand; /* of what is put there */
    int count;             /* operands */
    int position;          /* which of them is put there */
} place;

#define LOGICAL IU_VALUE_BOOLEAN
#define TEXT IU_VALUE_TEXT
#define INTEGER IU_VALUE_INTEGER

static const place places[] = {
    {IU_AND, LOGICAL, LOGICAL, 2, 0},    {IU_AND, LOGICAL, LOGICAL, 2, 1},
    {IU_OR, LOGICAL, LOGICAL, 2, 0},     {IU_OR, LOGICAL, LOGICAL, 2, 1},
    {IU_NOT, LOGICAL, LOGICAL, 1, 0},    {IU_EQ, LOGICAL, LOGICAL, 2, 0},
    {IU_EQ, LOGICAL, LOGICAL, 2, 1},     {IU_NE, LOGICAL, LOGICAL, 2, 0},
    {IU_NE, LOGICAL, LOGICAL, 2, 1},     {IU_TOLOWER, TEXT, TEXT, 1, 0},
    {IU_TOUPPER, TEXT, TEXT, 1, 0},      {IU_TRIM, TEXT, TEXT, 1, 0},
    {IU_CONCAT, TEXT, TEXT, 2, 0},       {IU_CONCAT, TEXT, TEXT, 2, 1},
    {IU_SUBSTRING, TEXT, TEXT, 2, 0},    {IU_SUBSTRING, TEXT, TEXT, 3, 0},
    {IU_SUBSTRING, TEXT, INTEGER, 2, 1}, {IU_SUBSTRING, TEXT, INTEGER, 3, 1},
    {IU_SUBSTRING, TEXT, INTEGER, 3, 2}, {IU_LENGTH, INTEGER, TEXT, 1, 0},
    {IU_INDEXOF, INTEGER, TEXT, 2, 0},   {IU_INDEXOF, INTEGER, TEXT, 2, 1},
};

/* What stands beside the place: a title, or a literal, since a boolean is
 * compared with one. */
static const iu_expression *beside(trial *in, const place *place, int position)
{
    if (place->operator== IU_SUBSTRING && position> 0) {
        return iu_expression_number(in->pool, IU_VALUE_INTEGER, position - 1);
    }
    return place->operand == LOGICAL
               ? iu_expression_number(in->pool, IU_VALUE_BOOLEAN, 1)
               : title(in);
}

static const iu_expression *put_into(trial *in, const place *place,
                                     const iu_expression *operand)
{
    const iu_expression *operands[3];
    int i;

    for (i = 0; i < place->count; i++) {
        operands[i] = i == place->position ? operand : beside(in, place, i);
    }
    return iu_expression_make(in->pool, place->operator, place->type,
                              place->count, operands);
}

/* A test of two texts or numbers. */
static const iu_expression *compare(trial *in, iu_operator operator,
                                    const iu_expression * left,
                                    const iu_expression *right)
{
    const iu_expression *operands[] = {left, right};

    return iu_expression_make(in->pool, operator, IU_VALUE_BOOLEAN, 2,
                              operands);
}

/* Two places by turns as deep as the parser lets it be. */
static const iu_expression *nest(trial *in, const place *inner,
                                 const place *outer)
{
    int logical = inner->operand == LOGICAL;
    int levels = IU_FILTER_DEPTH - 2;
    const iu_expression *made =
        logical ? compare(in, IU_GE, title(in), title(in)) : title(in);
    int i;

    for (i = 0; i < levels - (logical ? 0 : levels % 2); i++) {
        made = put_into(in, i % 2 ? outer : inner, made);
    }
    return logical ? made : compare(in, IU_ENDSWITH, title(in), made);
}

/* A query with as many keys and as long values as there can be, behind a record
 * that has values. */
static iu_query long_order(trial *in)
{
    iu_query query = {.top = IU_PAGE_MAX};
    const char **after;
    int i;

    after = apr_palloc(in->pool, sizeof *after * (IU_ORDER_MAX + 1));
    for (i = 0; i < IU_ORDER_MAX; i++) {
        query.order[i].property = &iu_properties[TITLE + i];
        query.order[i].descending = i % 2;
        after[i] = i % 2 ? "zzz" : "";
    }
    query.order[i].property = &iu_properties[0];
    after[i] = "";
    query.order_count = i + 1;
    query.after = after;
    return query;
}

#define PLACES (int)(sizeof places / sizeof places[0])

static void test_depth(trial *in)
{
    int filters = 0;
    int i, j;

    in->faults = 0;
    for (i = 0; i < PLACES; i++) {
        for (j = 0; j < PLACES; j++) {
            iu_query query = long_order(in);

            if (places[i].operand == INTEGER ||
                places[j].operand != places[i].type ||
                places[i].operand != places[j].type) {
                continue;
            }
            filters++;
            query.filter = nest(in, &places[i], &places[j]);
            check_list(in, &query);
            apr_pool_clear(in->pool);
        }
    }
    is_number(in->faults, 0, "%d filters that are %d levels deep", filters,
              IU_FILTER_DEPTH);
}

/* A node of as many operands as the parser lets it have. Each has size nodes
 * and begins a text: one that no title has, so that all are evaluated. */
static const iu_expression *spread(trial *in, iu_operator operator,
                                   iu_operator operand, int size)
{
    static const place lower = {IU_TOLOWER, TEXT, TEXT, 1, 0};
    const iu_expression *operands[IU_FILTER_NODES];
    int count = 0;
    int nodes;

    if (IU_IN == operator) {
        operands[count++] = title(in);
    }
    for (nodes = 1 + count; nodes + size <= IU_FILTER_NODES; nodes += size) {
        const iu_expression *text = iu_expression_text(
            in->pool, apr_psprintf(in->pool, "%d", 1000 - count));

        operands[count++] =
            size == 1 ? text
                      : compare(in, operand,
                                size == 4 ? put_into(in, &lower, title(in))
                                          : title(in),
                                text);
    }
    return iu_expression_make(in->pool, operator, IU_VALUE_BOOLEAN, count,
                              operands);
}

static void test_size(trial *in)
{
    const iu_expression *filters[] = {
        spread(in, IU_IN, IU_LITERAL, 1),  spread(in, IU_OR, IU_EQ, 3),
        spread(in, IU_AND, IU_NE, 3),      spread(in, IU_OR, IU_GE, 3),
        spread(in, IU_OR, IU_ENDSWITH, 3), spread(in, IU_OR, IU_ENDSWITH, 4),
        spread(in, IU_AND, IU_LE, 4),
    };
    apr_size_t i;

    in->faults = 0;
    for (i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        iu_query query = long_order(in);

        query.filter = filters[i];
        check_list(in, &query);
        query.after = NULL;
        check_query(in, &query);
    }
    is_number(in->faults, 0, "filters of %d nodes", IU_FILTER_NODES);
    apr_pool_clear(in->pool);
}

/*** ***/

static int number_in_environment(const char *name, int otherwise)
{
    const char *text = getenv(name);

    return text ? atoi(text) : otherwise;
}

/* The records that queries are about, and others that they must not find. */
static void fill(trial *in)
{
    iu_sample *foreign_samples;
    int i;

    insert_any(in, RECORDS);
    foreign_samples = iu_samples_make(&in->generator, "I", "0", 5);
    for (i = 0; i < 5; i++) {
        iu_store_call call = fixture_call(in->pool);

        if (iu_store_insert(in->store, &call, &foreign_samples[i].record)) {
            give_up("a record cannot be stored");
        }
    }
    in->generator.samples = APR_ARRAY_IDX(in->held, 0, const iu_sample *);
    in->generator.sample_count = RECORDS;
}

int main(void)
{
    int seed = number_in_environment("INSIGHTS_TEST_SEED", SEED);
    int queries = number_in_environment("INSIGHTS_TEST_QUERIES",
                                        fixture_has_server() ? 500 : 4000);
    trial in = {.made = 0};
    const char *params;

    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    apr_pool_create(&in.pool, test_pool);
    printf("# INSIGHTS_TEST_SEED=%d INSIGHTS_TEST_QUERIES=%d\n", seed, queries);
    params = fixture_path(test_pool);
    in.store = fixture_store(test_pool, params, NULL);
    in.generator.state = (apr_uint64_t)seed;
    in.held = apr_array_make(test_pool, RECORDS, sizeof(iu_sample *));
    fill(&in);
    in.other = foreign_open(test_pool, params);
    test_any(&in, queries);
    test_depth(&in);
    test_size(&in);
    test_pages(&in, queries / 20, 0);
    test_pages(&in, queries / 20, 1);
    foreign_close(in.other);
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
