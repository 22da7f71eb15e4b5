/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store/query_sql.c with the largest queries that the parser
 * accepts: no database may refuse one as too complex. */
#include "support/query_trial.h"

#define TITLE 3 /* its index in iu_properties */

static const iu_expression *title(trial *in)
{
    return iu_expression_property(in->pool, TITLE);
}

/* A position in an operator where the next operator is nested. */
typedef struct place {
    iu_operator operator;
    iu_value_type type;    /* of the operator */
    iu_value_type operand; /* of the operand in that position */
    int count;             /* operands */
    int position;          /* of the nested operand */
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

/* The other operands: a title, or a literal where a boolean is compared. */
static const iu_expression *beside(trial *in, const place *place, int position)
{
    if (IU_SUBSTRING == place->operator&& position> 0) {
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

/* A comparison of two texts or numbers. */
static const iu_expression *compare(trial *in, iu_operator operator,
                                    const iu_expression * left,
                                    const iu_expression *right)
{
    const iu_expression *operands[] = {left, right};

    return iu_expression_make(in->pool, operator, IU_VALUE_BOOLEAN, 2,
                              operands);
}

/* Nests two operators alternately, as deep as the parser accepts. */
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

/* A query with the maximum of keys and of bytes in their values, for the page
 * after a record with values. */
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

/* A node with as many operands as the parser accepts. Each has size nodes and
 * compares with a text that no title has, so that all are evaluated. */
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

#define LONG (1024 * 1024) /* characters, before the end */
#define PREVIEW_TEXT 7     /* its index in iu_properties */

/* The longest text that concat can build from one property. */
static const iu_expression *join(trial *in, const iu_expression *property)
{
    const iu_expression *joined = property;
    int i;

    for (i = 1; i < IU_FILTER_JOINED; i++) {
        const iu_expression *operands[] = {property, joined};

        joined =
            iu_expression_make(in->pool, IU_CONCAT, IU_VALUE_TEXT, 2, operands);
    }
    return joined;
}

/* The document is as long as a body may be by default. */
static void test_long(trial *in)
{
    static const place lower = {IU_TOLOWER, TEXT, TEXT, 1, 0};
    static const place length = {IU_LENGTH, INTEGER, TEXT, 1, 0};
    const iu_expression *preview =
        iu_expression_property(in->pool, PREVIEW_TEXT);
    char *text = apr_palloc(in->pool, LONG + 1);
    iu_store_call call = fixture_call(in->pool);
    iu_record record;
    apr_int64_t count = 0;
    iu_problem *problem;
    const iu_expression *tests[4];

    memset(text, 'x', LONG);
    text[LONG] = '\0';
    record = fixture_record(
        "long", "a",
        apr_psprintf(in->pool,
                     "{\"resourceVisualization\":{\"previewText\":\"%sEnd\"}}",
                     text));
    tests[0] =
        compare(in, IU_ENDSWITH, preview, iu_expression_text(in->pool, "End"));
    tests[1] = compare(in, IU_CONTAINS, put_into(in, &lower, preview),
                       iu_expression_text(in->pool, "xend"));
    tests[2] =
        compare(in, IU_EQ, put_into(in, &length, preview),
                iu_expression_number(in->pool, IU_VALUE_INTEGER, LONG + 3));
    tests[3] = compare(in, IU_EQ, put_into(in, &length, join(in, preview)),
                       iu_expression_number(in->pool, IU_VALUE_INTEGER,
                                            IU_FILTER_JOINED * (LONG + 3)));
    ok(!insert_record(in->store, &call, &record), "a long text is stored");
    problem = iu_store_count(
        in->store, &call, "long",
        iu_expression_make(in->pool, IU_AND, IU_VALUE_BOOLEAN, 4, tests),
        &count);
    ok(!problem && count == 1,
       "and found by its end, its length, and that of many such");
    apr_pool_clear(in->pool);
}

int main(void)
{
    trial in = trial_begin();

    test_depth(&in);
    test_size(&in);
    test_long(&in);
    return trial_end(&in);
}
