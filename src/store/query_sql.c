/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's query as SQL: see query_sql.h. An operator is a template, in which
 * $1, $2, $3 are its operands and what differs between databases has a name:
 *
 *   $=  whether two values are the same, null being a value
 *   $L  the function that counts characters
 *   $I  the function that finds a text in another, from 1; 0: not there
 *   $N  the type of integers
 *   $C  operand 2 or 3, which follows, not below 0 and not too large for substr
 *   $T  operand 1, an instant, as the text that was sent
 *
 * An operand that stands in a template more than once makes the SQL no longer
 * than twice that of its operands a level; it does so only in comparisons and
 * in functions with a logical value, which are never within another value.
 */
#include "query_sql.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/buffer.h"

typedef struct builder {
    apr_pool_t *pool;
    const iu_words *words;
    iu_buffer sql;
    apr_array_header_t *arguments;
} builder;

static const char *const templates[] = {
    [IU_NOT] = "(NOT $1)",
    [IU_EQ] = "($1 $= $2)",
    [IU_NE] = "(NOT ($1 $= $2))",
    [IU_GT] = "COALESCE($1 > $2, FALSE)",
    [IU_GE] = "COALESCE($1 >= $2, $1 IS NULL AND $2 IS NULL)",
    [IU_LT] = "COALESCE($1 < $2, FALSE)",
    [IU_LE] = "COALESCE($1 <= $2, $1 IS NULL AND $2 IS NULL)",
    [IU_CONTAINS] = "($I($1, $2) > 0)",
    [IU_STARTSWITH] = "(substr($1, 1, $L($2)) = $2)",
    [IU_ENDSWITH] = "($L($1) >= $L($2) AND"
                    " substr($1, $L($1) - $L($2) + 1) = $2)",
    [IU_TRIM] = "trim($1)",
    [IU_LENGTH] = "$L($1)",
    [IU_INDEXOF] = "($I($1, $2) - 1)",
    [IU_YEAR] = "CAST(substr($T, 1, 4) AS $N)",
    [IU_MONTH] = "CAST(substr($T, 6, 2) AS $N)",
    [IU_DAY] = "CAST(substr($T, 9, 2) AS $N)",
    [IU_HOUR] = "CAST(substr($T, 12, 2) AS $N)",
    [IU_MINUTE] = "CAST(substr($T, 15, 2) AS $N)",
    /* Seconds may be left out. */
    [IU_SECOND] = "CASE WHEN substr($T, 17, 1) = ':'"
                  " THEN CAST(substr($T, 18, 2) AS $N)"
                  " WHEN $T IS NOT NULL THEN 0 END",
    [IU_DATE] = "substr($T, 1, 10)",
};

static void write_expression(builder *out, const iu_expression *expression);

static void put(builder *out, const char *text)
{
    iu_buffer_puts(&out->sql, text);
}

/* Binds the value of a %s that was put. */
static void bind_text(builder *out, const char *value)
{
    APR_ARRAY_PUSH(out->arguments, const char *) = value;
}

static void bind_number(builder *out, apr_int64_t number)
{
    bind_text(out, apr_psprintf(out->pool, "%" APR_INT64_T_FMT, number));
}

static void write_text(builder *out, const char *text)
{
    put(out, out->words->text);
    bind_text(out, text);
}

static void write_integer(builder *out, apr_int64_t number)
{
    put(out, "CAST(%s AS ");
    put(out, out->words->integer);
    put(out, ")");
    bind_number(out, number);
}

/* A property's text in the document. */
static void write_document_text(builder *out, const iu_property *property)
{
    const iu_words *words = out->words;

    put(out, words->member_begin);
    put(out, property->member->name);
    put(out, words->member_between);
    put(out, property->name);
    put(out, words->member_end);
}

static void write_property(builder *out, const iu_property *property)
{
    if (property->type == IU_EDM_DATE_TIME_OFFSET) {
        put(out, "NULLIF(");
        put(out, property->column);
        put(out, ", '')");
    }
    else if (property->column) {
        put(out, property->column);
    }
    else {
        write_document_text(out, property);
    }
}

static void write_literal(builder *out, const iu_expression *literal)
{
    switch (literal->type) {
    case IU_VALUE_NULL:
        put(out, "NULL");
        break;
    case IU_VALUE_BOOLEAN:
        put(out, literal->number ? "TRUE" : "FALSE");
        break;
    case IU_VALUE_INTEGER:
        write_integer(out, literal->number);
        break;
    default:
        write_text(out, literal->text);
    }
}

static void write_clamped(builder *out, const iu_expression *operand)
{
    put(out, out->words->clamp_begin);
    write_expression(out, operand);
    put(out, out->words->clamp_end);
}

/* An instant as it was sent; a literal one is known in UTC only, with a year of
 * five digits. */
static void write_instant_text(builder *out, const iu_expression *instant)
{
    if (instant->operator== IU_PROPERTY) {
        write_document_text(out, instant->property);
    }
    else {
        write_text(out, instant->text + 1);
    }
}

/* Writes what the two characters of a template at mark stand for, or three;
 * returns what follows them. */
static const char *write_mark(builder *out, const char *mark,
                              const iu_expression *expression)
{
    const iu_words *words = out->words;

    switch (mark[1]) {
    case '=':
        put(out, words->same);
        break;
    case 'L':
        put(out, words->length);
        break;
    case 'I':
        put(out, words->find);
        break;
    case 'N':
        put(out, words->integer);
        break;
    case 'T':
        write_instant_text(out, expression->operands[0]);
        break;
    case 'C':
        write_clamped(out, expression->operands[mark[2] - '1']);
        return mark + 3;
    default:
        write_expression(out, expression->operands[mark[1] - '1']);
    }
    return mark + 2;
}

static void write_template(builder *out, const char *template,
                           const iu_expression *expression)
{
    const char *mark;

    while ((mark = strchr(template, '$'))) {
        iu_buffer_append(&out->sql, template, mark - template);
        template = write_mark(out, mark, expression);
    }
    put(out, template);
}

/* and, or: of two operands or more. */
static void write_chain(builder *out, const iu_expression *expression,
                        const char *between)
{
    int i;

    put(out, "(");
    for (i = 0; i < expression->count; i++) {
        put(out, i > 0 ? between : "");
        write_expression(out, expression->operands[i]);
    }
    put(out, ")");
}

/* The first operand among the others, which are literals. */
static void write_in(builder *out, const iu_expression *expression)
{
    const iu_expression *const *operands = expression->operands;
    const char *before = "COALESCE($1 IN (";
    int with_null = 0;
    int i;

    put(out, "(");
    for (i = 1; i < expression->count; i++) {
        if (operands[i]->type == IU_VALUE_NULL) {
            with_null = 1;
            continue;
        }
        write_template(out, before, expression);
        write_literal(out, operands[i]);
        before = ", ";
    }
    if (*before == ',') {
        put(out, "), FALSE)");
        put(out, with_null ? " OR " : "");
    }
    write_template(out, with_null ? "$1 IS NULL)" : ")", expression);
}

/* A function of the literal null, which has no type that a database could go
 * by. */
static int is_function_of_null(const iu_expression *expression)
{
    int i;

    if (expression->operator<IU_CONTAINS) {
        return 0;
    }
    for (i = 0; i < expression->count; i++) {
        if (expression->operands[i]->operator== IU_LITERAL &&
            expression->operands[i]->type == IU_VALUE_NULL) {
            return 1;
        }
    }
    return 0;
}

static void write_expression(builder *out, const iu_expression *expression)
{
    const iu_words *words = out->words;

    if (is_function_of_null(expression)) {
        put(out, "NULL");
        return;
    }
    switch (expression->operator) {
    case IU_LITERAL:
        write_literal(out, expression);
        break;
    case IU_PROPERTY:
        write_property(out, expression->property);
        break;
    case IU_AND:
        write_chain(out, expression, " AND ");
        break;
    case IU_OR:
        write_chain(out, expression, " OR ");
        break;
    case IU_IN:
        write_in(out, expression);
        break;
    case IU_TOLOWER:
        write_template(out, words->lower, expression);
        break;
    case IU_TOUPPER:
        write_template(out, words->upper, expression);
        break;
    case IU_CONCAT:
        write_template(out, words->concat, expression);
        break;
    case IU_SUBSTRING:
        write_template(out,
                       expression->count == 2 ? "substr($1, $C2 + 1)"
                                              : "substr($1, $C2 + 1, $C3)",
                       expression);
        break;
    default:
        write_template(out, templates[expression->operator], expression);
    }
}

/* What a key of $orderby is compared by; an instant's null is ''. */
static void write_order_value(builder *out, const iu_property *property)
{
    if (property->column) {
        put(out, property->column);
        return;
    }
    put(out, "substr(");
    write_document_text(out, property);
    put(out, apr_psprintf(out->pool, ", 1, %d)", IU_ORDER_CHARACTERS));
}

/* Whether a key's value comes after the given one. */
static void write_after(builder *out, const iu_order_key *key,
                        const char *value)
{
    if (!value && key->descending && !key->property->column) {
        put(out, "FALSE"); /* nulls come last */
        return;
    }
    put(out, "(");
    write_order_value(out, key->property);
    if (!value && !key->property->column) {
        put(out, " IS NOT NULL)");
        return;
    }
    put(out, key->descending ? " < " : " > ");
    write_text(out, value ? value : "");
    if (key->descending && !key->property->column) {
        put(out, " OR ");
        write_order_value(out, key->property);
        put(out, " IS NULL");
    }
    put(out, ")");
}

static void write_same(builder *out, const iu_order_key *key, const char *value)
{
    write_order_value(out, key->property);
    if (!value && !key->property->column) {
        put(out, " IS NULL");
        return;
    }
    put(out, " = ");
    write_text(out, value ? value : "");
}

/* Whether a record comes after the one with query->after: by the first key in
 * which they differ. */
static void write_position(builder *out, const iu_query *query)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        put(out, i > 0 ? " OR (" : " AND (");
        if (i > 0) {
            write_same(out, &query->order[i - 1], query->after[i - 1]);
            put(out, " AND (");
        }
        write_after(out, &query->order[i], query->after[i]);
    }
    for (i = 2 * query->order_count - 1; i > 0; i--) {
        put(out, ")");
    }
}

static void write_order(builder *out, const iu_query *query)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        const iu_order_key *key = &query->order[i];

        put(out, i > 0 ? ", " : " ORDER BY ");
        write_order_value(out, key->property);
        put(out, key->descending ? " DESC" : "");
        put(out,
            key->descending ? out->words->nulls_last : out->words->nulls_first);
    }
}

static void write_values(builder *out, const iu_query *query)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        put(out, ", COALESCE(");
        put(out, out->words->marked_begin);
        write_order_value(out, query->order[i].property);
        put(out, out->words->marked_end);
        put(out, ", '')");
    }
}

static void write_source(builder *out, const char *invitation_id,
                         const iu_expression *filter)
{
    put(out, " FROM used_insight WHERE invitation_id = %s");
    bind_text(out, invitation_id);
    if (filter) {
        put(out, " AND ");
        write_expression(out, filter);
    }
}

static builder begin(apr_pool_t *pool, const iu_dialect *dialect,
                     const char *text)
{
    builder out = {.pool = pool,
                   .words = dialect->words,
                   .arguments = apr_array_make(pool, 8, sizeof(char *))};

    iu_buffer_init(&out.sql, pool, 1024);
    put(&out, text);
    return out;
}

iu_statement iu_sql_list(apr_pool_t *pool, const iu_dialect *dialect,
                         const char *invitation_id, const iu_query *query)
{
    builder out = begin(pool, dialect, "SELECT id");

    write_values(&out, query);
    write_source(&out, invitation_id, query->filter);
    if (query->after) {
        write_position(&out, query);
    }
    write_order(&out, query);
    put(&out, " LIMIT %s OFFSET %s"); /* MariaDB takes no expression there */
    bind_number(&out, query->top + 1);
    bind_number(&out, query->skip);
    return (iu_statement){out.sql.data, out.arguments};
}

iu_statement iu_sql_count(apr_pool_t *pool, const iu_dialect *dialect,
                          const char *invitation_id,
                          const iu_expression *filter)
{
    builder out = begin(pool, dialect, "SELECT count(*)");

    write_source(&out, invitation_id, filter);
    return (iu_statement){out.sql.data, out.arguments};
}
