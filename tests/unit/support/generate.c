/* SPDX-License-Identifier: Apache-2.0 */
#include "generate.h"

#include <string.h>

#include <apr_strings.h>

#include "../../../src/graph/date_time_offset.h"
#include "../../../src/text/utf8.h"

#define LITERAL_MAX 2000 /* bytes: a request line has no room for more */

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 * Generators, 2014). */
int iu_generate_number(iu_generator *generator, int limit)
{
    apr_uint64_t bits = generator->state += 0x9E3779B97F4A7C15u;

    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
    return (int)((bits ^ bits >> 31) % (apr_uint64_t)limit);
}

#define ONE_OF(generator, table)                                               \
    ((table)[iu_generate_number(generator,                                     \
                                (int)(sizeof(table) / sizeof((table)[0])))])

/*** Nodes ***/

const iu_expression *iu_expression_make(apr_pool_t *pool, iu_operator operator,
                                        iu_value_type type, int count,
                                        const iu_expression *const *operands)
{
    iu_expression *made = apr_pcalloc(pool, sizeof *made);

    made->operator= operator;
    made->type = type;
    made->count = count;
    made->operands = apr_pmemdup(pool, operands, count * sizeof *operands);
    return made;
}

static iu_expression *leaf(apr_pool_t *pool, iu_operator operator,
                           iu_value_type type)
{
    iu_expression *made = apr_pcalloc(pool, sizeof *made);

    made->operator= operator;
    made->type = type;
    return made;
}

const iu_expression *iu_expression_property(apr_pool_t *pool, int index)
{
    const iu_property *property = &iu_properties[index];
    iu_expression *made = leaf(
        pool, IU_PROPERTY,
        property->type == IU_EDM_STRING ? IU_VALUE_TEXT : IU_VALUE_INSTANT);

    made->property = property;
    return made;
}

const iu_expression *iu_expression_text(apr_pool_t *pool, const char *text)
{
    iu_expression *made = leaf(pool, IU_LITERAL, IU_VALUE_TEXT);

    made->text = text;
    return made;
}

const iu_expression *iu_expression_number(apr_pool_t *pool, iu_value_type type,
                                          apr_int64_t number)
{
    iu_expression *made = leaf(pool, IU_LITERAL, type);

    made->number = number;
    return made;
}

/*** Leaves at random ***/

static int property_of(iu_generator *generator, iu_edm_type type)
{
    int index;

    do {
        index = iu_generate_number(generator, iu_property_count);
    } while (iu_properties[index].type != type);
    return index;
}

/* A value of a random record, as it was sent. */
static const char *value_of(iu_generator *generator, iu_edm_type type)
{
    const char *text;

    do {
        const iu_sample *sample = &generator->samples[iu_generate_number(
            generator, generator->sample_count)];

        text = sample->sent[property_of(generator, type)];
    } while (!text || strlen(text) > LITERAL_MAX);
    return text;
}

/* A text of a random record, or a part of it. */
static const char *text_of(iu_generator *generator)
{
    const char *text = value_of(generator, IU_EDM_STRING);
    const char *end = text + strlen(text);
    int skip = iu_generate_number(generator, 4);
    int take = 1 + iu_generate_number(generator, 3);
    const char *last;

    if (iu_generate_number(generator, 2)) {
        return text;
    }
    while (skip-- > 0 && text < end) {
        text += iu_utf8_length(text, end);
    }
    for (last = text; take-- > 0 && last < end;) {
        last += iu_utf8_length(last, end);
    }
    return apr_pstrmemdup(generator->pool, text, last - text);
}

/* An instant that can be written in UTC. */
static const char *instant_of(iu_generator *generator)
{
    char instant[IU_INSTANT_SIZE];
    const char *text;

    do {
        text = value_of(generator, IU_EDM_DATE_TIME_OFFSET);
        iu_date_time_offset_read(text, strlen(text), instant);
    } while (!strncmp(instant, "0000", 4) ||
             strncmp(instant + 11, "24", 2) >= 0);
    return apr_pstrdup(generator->pool, instant);
}

static apr_int64_t number_of(iu_generator *generator)
{
    static const apr_int64_t odd[] = {
        APR_INT64_MIN, APR_INT64_MAX, -2147483649, 2147483647, 2147483648,
        4294967296,    2020,          9999,        255,        256};

    return iu_generate_number(generator, 4)
               ? iu_generate_number(generator, 8) - 2
               : ONE_OF(generator, odd);
}

static const iu_expression *literal(iu_generator *generator, iu_value_type type)
{
    iu_expression *made;
    const char *text;

    if (iu_generate_number(generator, 15) == 0) {
        return leaf(generator->pool, IU_LITERAL, IU_VALUE_NULL);
    }
    made = leaf(generator->pool, IU_LITERAL, type);
    switch (type) {
    case IU_VALUE_TEXT:
        made->text = text_of(generator);
        break;
    case IU_VALUE_INSTANT:
        made->text = instant_of(generator);
        break;
    case IU_VALUE_DATE:
        text = value_of(generator, IU_EDM_DATE_TIME_OFFSET);
        made->text = apr_pstrmemdup(generator->pool, text, 10);
        break;
    case IU_VALUE_BOOLEAN:
        made->number = iu_generate_number(generator, 2);
        break;
    default:
        made->number = number_of(generator);
    }
    return made;
}

static const iu_expression *property(iu_generator *generator, iu_edm_type type)
{
    return iu_expression_property(generator->pool,
                                  property_of(generator, type));
}

/*** Trees at random ***/

static const iu_expression *value(iu_generator *generator, iu_value_type type,
                                  int depth);

/* A function of texts; substring has one or two integers. */
static const iu_expression *function_of_text(iu_generator *generator,
                                             iu_operator operator,
                                             iu_value_type type, int count,
                                             int depth)
{
    const iu_expression *operands[3];
    int i;

    for (i = 0; i < count; i++) {
        operands[i] = value(generator,
                            IU_SUBSTRING == operator&& i> 0 ? IU_VALUE_INTEGER
                                                            : IU_VALUE_TEXT,
                            depth - 1);
    }
    return iu_expression_make(generator->pool, operator, type, count, operands);
}

static const iu_expression *part_of_instant(iu_generator *generator,
                                            iu_operator operator,
                                            iu_value_type type)
{
    const iu_expression *of =
        iu_generate_number(generator, 20)
            ? property(generator, IU_EDM_DATE_TIME_OFFSET)
            : leaf(generator->pool, IU_LITERAL, IU_VALUE_NULL);

    return iu_expression_make(generator->pool, operator, type, 1, &of);
}

static const iu_expression *text(iu_generator *generator, int depth)
{
    switch (iu_generate_number(generator, depth > 0 ? 10 : 5)) {
    case 0:
    case 1:
    case 2:
        return property(generator, IU_EDM_STRING);
    case 3:
    case 4:
        return literal(generator, IU_VALUE_TEXT);
    case 5:
        return function_of_text(generator, IU_TOLOWER, IU_VALUE_TEXT, 1, depth);
    case 6:
        return function_of_text(generator, IU_TOUPPER, IU_VALUE_TEXT, 1, depth);
    case 7:
        return function_of_text(generator, IU_TRIM, IU_VALUE_TEXT, 1, depth);
    case 8:
        return function_of_text(generator, IU_CONCAT, IU_VALUE_TEXT, 2, depth);
    default:
        return function_of_text(generator, IU_SUBSTRING, IU_VALUE_TEXT,
                                2 + iu_generate_number(generator, 2), depth);
    }
}

static const iu_expression *integer(iu_generator *generator, int depth)
{
    static const iu_operator parts[] = {IU_YEAR, IU_MONTH,  IU_DAY,
                                        IU_HOUR, IU_MINUTE, IU_SECOND};

    switch (iu_generate_number(generator, depth > 0 ? 5 : 2)) {
    case 0:
        return literal(generator, IU_VALUE_INTEGER);
    case 1:
        return depth > 0 ? part_of_instant(generator, ONE_OF(generator, parts),
                                           IU_VALUE_INTEGER)
                         : literal(generator, IU_VALUE_INTEGER);
    case 2:
        return function_of_text(generator, IU_INDEXOF, IU_VALUE_INTEGER, 2,
                                depth);
    default:
        return function_of_text(generator, IU_LENGTH, IU_VALUE_INTEGER, 1,
                                depth);
    }
}

static const iu_expression *value(iu_generator *generator, iu_value_type type,
                                  int depth)
{
    switch (type) {
    case IU_VALUE_TEXT:
        return text(generator, depth);
    case IU_VALUE_INTEGER:
        return integer(generator, depth);
    case IU_VALUE_INSTANT:
        return iu_generate_number(generator, 3)
                   ? property(generator, IU_EDM_DATE_TIME_OFFSET)
                   : literal(generator, type);
    default: /* IU_VALUE_DATE */
        return depth > 0 && iu_generate_number(generator, 3)
                   ? part_of_instant(generator, IU_DATE, type)
                   : literal(generator, type);
    }
}

static iu_value_type comparable(iu_generator *generator)
{
    static const iu_value_type types[] = {
        IU_VALUE_TEXT,    IU_VALUE_TEXT,    IU_VALUE_TEXT, IU_VALUE_INTEGER,
        IU_VALUE_INTEGER, IU_VALUE_INSTANT, IU_VALUE_DATE};

    return ONE_OF(generator, types);
}

static const iu_expression *relation(iu_generator *generator, int depth)
{
    static const iu_operator operators[] = {IU_EQ, IU_NE, IU_GT,
                                            IU_GE, IU_LT, IU_LE};
    iu_value_type type = comparable(generator);
    const iu_expression *operands[] = {value(generator, type, depth - 1),
                                       value(generator, type, depth - 1)};

    return iu_expression_make(generator->pool, ONE_OF(generator, operators),
                              IU_VALUE_BOOLEAN, 2, operands);
}

static const iu_expression *list(iu_generator *generator, int depth)
{
    iu_value_type type = comparable(generator);
    const iu_expression *operands[8] = {value(generator, type, depth - 1)};
    int count = 1;

    do {
        operands[count++] = literal(generator, type);
    } while (count < 8 && iu_generate_number(generator, 4));
    return iu_expression_make(generator->pool, IU_IN, IU_VALUE_BOOLEAN, count,
                              operands);
}

/* Whether a complex member is null, or is not. */
static const iu_expression *nullity(iu_generator *generator)
{
    iu_expression *object = leaf(generator->pool, IU_OBJECT, IU_VALUE_OBJECT);
    const iu_expression *null =
        leaf(generator->pool, IU_LITERAL, IU_VALUE_NULL);
    int object_first = iu_generate_number(generator, 2);
    const iu_expression *operands[] = {object_first ? object : null,
                                       object_first ? null : object};

    object->member =
        &iu_members[1 + iu_generate_number(generator, iu_member_count - 1)];
    return iu_expression_make(generator->pool,
                              iu_generate_number(generator, 2) ? IU_EQ : IU_NE,
                              IU_VALUE_BOOLEAN, 2, operands);
}

static const iu_expression *boolean(iu_generator *generator, int depth);

/* and, or, not, or eq and ne with a literal, of booleans that may be null. */
static const iu_expression *logical(iu_generator *generator, int depth)
{
    static const iu_operator operators[] = {IU_AND, IU_OR, IU_AND, IU_OR,
                                            IU_NOT, IU_EQ, IU_NE};
    iu_operator operator= ONE_OF(generator, operators);
    const iu_expression *operands[4];
    int count = IU_NOT == operator? 1 : 2;
    int i;

    if (IU_AND == operator|| IU_OR == operator) {
        count += iu_generate_number(generator, 3);
    }
    for (i = 0; i < count; i++) {
        operands[i] = boolean(generator, depth - 1);
    }
    if (IU_EQ == operator|| IU_NE == operator) {
        operands[iu_generate_number(generator, 2)] =
            literal(generator, IU_VALUE_BOOLEAN);
    }
    return iu_expression_make(generator->pool, operator, IU_VALUE_BOOLEAN,
                              count, operands);
}

static const iu_expression *boolean(iu_generator *generator, int depth)
{
    static const iu_operator tests[] = {IU_CONTAINS, IU_STARTSWITH,
                                        IU_ENDSWITH};

    if (depth < 1) {
        return literal(generator, IU_VALUE_BOOLEAN);
    }
    switch (iu_generate_number(generator, 20)) {
    case 0:
        return literal(generator, IU_VALUE_BOOLEAN);
    case 1:
    case 2:
        return list(generator, depth);
    case 3:
    case 4:
    case 5:
    case 6:
        return function_of_text(generator, ONE_OF(generator, tests),
                                IU_VALUE_BOOLEAN, 2, depth);
    case 7:
    case 8:
    case 9:
    case 10:
        return relation(generator, depth);
    case 11:
        return nullity(generator);
    default:
        return depth > 1 ? logical(generator, depth)
                         : relation(generator, depth);
    }
}

static int nodes_of(const iu_expression *expression)
{
    int nodes = 1;
    int i;

    for (i = 0; i < expression->count; i++) {
        nodes += nodes_of(expression->operands[i]);
    }
    return nodes;
}

const iu_expression *iu_generate_filter(iu_generator *generator, int depth)
{
    const iu_expression *made;

    do {
        made = boolean(generator, depth);
    } while (nodes_of(made) > IU_FILTER_NODES);
    return made;
}

void iu_generate_order(iu_generator *generator, int keys, iu_query *query)
{
    int i;

    query->order_count = 0;
    for (keys = iu_generate_number(generator, keys + 1); keys > 0; keys--) {
        const iu_property *chosen =
            &iu_properties[1 + iu_generate_number(generator,
                                                  iu_property_count - 1)];

        for (i = 0; i < query->order_count; i++) {
            if (query->order[i].property == chosen) {
                break;
            }
        }
        if (i == query->order_count) {
            query->order[query->order_count].property = chosen;
            query->order[query->order_count++].descending =
                iu_generate_number(generator, 2);
        }
    }
    query->order[query->order_count].property = &iu_properties[0];
    query->order[query->order_count++].descending =
        iu_generate_number(generator, 2);
}

/*** Description ***/

/* In the order of iu_operator. */
static const char *const names[] = {
    "",      "",         "",           "and",      "or",        "not",
    "eq",    "ne",       "gt",         "ge",       "lt",        "le",
    "in",    "contains", "startswith", "endswith", "tolower",   "toupper",
    "trim",  "concat",   "length",     "indexof",  "substring", "year",
    "month", "day",      "hour",       "minute",   "second",    "date"};

static void put_path(iu_buffer *out, const iu_property *property)
{
    if (property->member->type) {
        iu_buffer_puts(out, property->member->name);
        iu_buffer_puts(out, "/");
    }
    iu_buffer_puts(out, property->name);
}

static void put_text(iu_buffer *out, const char *text)
{
    iu_buffer_puts(out, "'");
    for (; *text; text++) {
        iu_buffer_append(out, text, 1);
        iu_buffer_puts(out, *text == '\'' ? "'" : "");
    }
    iu_buffer_puts(out, "'");
}

static void put_literal(iu_buffer *out, const iu_expression *literal)
{
    switch (literal->type) {
    case IU_VALUE_NULL:
        iu_buffer_puts(out, "null");
        break;
    case IU_VALUE_BOOLEAN:
        iu_buffer_puts(out, literal->number ? "true" : "false");
        break;
    case IU_VALUE_INTEGER:
        iu_buffer_puts(
            out, apr_psprintf(out->pool, "%" APR_INT64_T_FMT, literal->number));
        break;
    case IU_VALUE_TEXT:
        put_text(out, literal->text);
        break;
    case IU_VALUE_INSTANT: /* in UTC */
        iu_buffer_puts(out, literal->text);
        iu_buffer_puts(out, "Z");
        break;
    default: /* IU_VALUE_DATE */
        iu_buffer_puts(out, literal->text);
    }
}

static void put_expression(iu_buffer *out, const iu_expression *expression)
{
    iu_operator operator= expression->operator;
    int infix = IU_AND <= operator&& IU_LE >= operator&& IU_NOT != operator;
    int i;

    if (IU_LITERAL == operator) {
        put_literal(out, expression);
        return;
    }
    if (IU_PROPERTY == operator) {
        put_path(out, expression->property);
        return;
    }
    if (IU_OBJECT == operator) {
        iu_buffer_puts(out, expression->member->name);
        return;
    }
    if (!infix && IU_IN != operator) {
        iu_buffer_puts(out, names[operator]);
    }
    iu_buffer_puts(out, IU_IN == operator? "" : "(");
    for (i = 0; i < expression->count; i++) {
        if (i > 0 && infix) {
            iu_buffer_puts(out, apr_pstrcat(out->pool, " ", names[operator],
                                            " ", NULL));
        }
        else if (i > 0) {
            iu_buffer_puts(out, IU_IN == operator&& i == 1 ? " in (" : ",");
        }
        put_expression(out, expression->operands[i]);
    }
    iu_buffer_puts(out, ")");
}

const char *iu_expression_describe(apr_pool_t *pool,
                                   const iu_expression *expression)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 200);
    if (expression) {
        put_expression(&out, expression);
    }
    return out.data;
}

const char *iu_order_describe(apr_pool_t *pool, const iu_query *query)
{
    iu_buffer out;
    int i;

    iu_buffer_init(&out, pool, 100);
    for (i = 0; i < query->order_count; i++) {
        iu_buffer_puts(&out, i > 0 ? "," : "");
        put_path(&out, query->order[i].property);
        iu_buffer_puts(&out, query->order[i].descending ? " desc" : "");
    }
    return out.data;
}
