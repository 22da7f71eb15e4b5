/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators are templates. $1, $2, $3 are the operands, and these marks are
 * replaced by the words of the dialect:
 *
 *   $=  operator: equal, where null equals null
 *   $L  function: number of characters
 *   $I  function: position of a text in another, from 1; 0: not found
 *   $N  type of integers
 *   $C  before 2 or 3: that operand, clamped to what substr takes
 *   $T  operand 1, an instant, as the text that the client sent
 *
 * A template repeats an operand only in comparisons and in functions with a
 * Boolean value, which cannot be nested in one another: the SQL does not grow
 * with each level.
 *
 * SQLite's parser has a stack of 100. If an operand has many levels, write_link
 * therefore computes it in a query of its own, which it adds after s0 (see the
 * statement in query_sql.c):
 *
 *   s1 AS (SELECT *, ... AS v1 FROM s0)
 */
#include "filter_sql.h"

#include <string.h>

#include <apr_strings.h>

/* Nested levels of a filter that one query of the chain computes. */
#define LEVELS 8

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
    /* If $1 is shorter than $2, substr returns less than $2. */
    [IU_ENDSWITH] = "(substr($1, $L($1) - $L($2) + 1) = $2)",
    [IU_TRIM] = "trim($1)",
    [IU_LENGTH] = "$L($1)",
    [IU_INDEXOF] = "($I($1, $2) - 1)",
    [IU_YEAR] = "CAST(substr($T, 1, 4) AS $N)",
    [IU_MONTH] = "CAST(substr($T, 6, 2) AS $N)",
    [IU_DAY] = "CAST(substr($T, 9, 2) AS $N)",
    [IU_HOUR] = "CAST(substr($T, 12, 2) AS $N)",
    [IU_MINUTE] = "CAST(substr($T, 15, 2) AS $N)",
    /* A client may omit the seconds. */
    [IU_SECOND] = ("CASE WHEN substr($T, 17, 1) = ':'"
                   " THEN CAST(substr($T, 18, 2) AS $N)"
                   " WHEN $T IS NOT NULL THEN 0 END"),
    [IU_DATE] = "substr($T, 1, 10)",
};

static void write_property(iu_builder *out, const iu_property *property)
{
    if (property->type == IU_EDM_DATE_TIME_OFFSET) {
        iu_builder_put(out, "NULLIF(");
        iu_builder_put(out, property->column);
        iu_builder_put(out, ", '')");
    }
    else if (property->column) {
        iu_builder_put(out, property->column);
    }
    else {
        iu_builder_put_property_text(out, property);
    }
}

static void write_literal(iu_builder *out, const iu_expression *literal)
{
    switch (literal->type) {
    case IU_VALUE_NULL:
        iu_builder_put(out, "NULL");
        break;
    case IU_VALUE_BOOLEAN:
        iu_builder_put(out, literal->number ? "TRUE" : "FALSE");
        break;
    case IU_VALUE_INTEGER:
        iu_builder_put_integer(out, literal->number);
        break;
    default:
        iu_builder_put_text(out, literal->text);
    }
}

static void write_clamped(iu_builder *out, const iu_expression *operand)
{
    iu_builder_put(out, out->words->clamp_begin);
    iu_filter_sql_write(out, operand);
    iu_builder_put(out, out->words->clamp_end);
}

/* Writes what a mark stands for. Returns the rest of the template. */
static const char *write_mark(iu_builder *out, const char *mark,
                              const iu_expression *expression)
{
    const iu_words *words = out->words;

    switch (mark[1]) {
    case '=':
        iu_builder_put(out, words->same);
        break;
    case 'L':
        iu_builder_put(out, words->length);
        break;
    case 'I':
        iu_builder_put(out, words->find);
        break;
    case 'N':
        iu_builder_put(out, words->integer);
        break;
    case 'T':
        iu_builder_put_property_text(out, expression->operands[0]->property);
        break;
    case 'C':
        write_clamped(out, expression->operands[mark[2] - '1']);
        return mark + 3;
    default:
        iu_filter_sql_write(out, expression->operands[mark[1] - '1']);
    }
    return mark + 2;
}

static void write_template(iu_builder *out, const char *template,
                           const iu_expression *expression)
{
    const char *mark;

    while ((mark = strchr(template, '$'))) {
        iu_buffer_append(&out->sql, template, mark - template);
        template = write_mark(out, mark, expression);
    }
    iu_builder_put(out, template);
}

/* Writes "and" or "or" of two operands or more. */
static void write_connected(iu_builder *out, const iu_expression *expression,
                            const char *between)
{
    int i;

    iu_builder_put(out, "(");
    for (i = 0; i < expression->count; i++) {
        iu_builder_put(out, i > 0 ? between : "");
        iu_filter_sql_write(out, expression->operands[i]);
    }
    iu_builder_put(out, ")");
}

/* Writes "in": operand 1, and literals. */
static void write_in(iu_builder *out, const iu_expression *expression)
{
    const iu_expression *const *operands = expression->operands;
    const char *before = "COALESCE($1 IN (";
    int with_null = 0;
    int i;

    iu_builder_put(out, "(");
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
        iu_builder_put(out, "), FALSE)");
        iu_builder_put(out, with_null ? " OR " : "");
    }
    write_template(out, with_null ? "$1 IS NULL)" : ")", expression);
}

/* Whether an expression is the literal null or a function of such an argument,
 * whose value is null, too. A database could not infer the type of a call with
 * it; and PostgreSQL with transform_null_equals takes "= NULL" for IS NULL. */
static int is_always_null(const iu_expression *expression)
{
    int i;

    if (expression->operator== IU_LITERAL) {
        return expression->type == IU_VALUE_NULL;
    }
    for (i = 0; expression->operator>= IU_CONTAINS && i<expression->count;
         i++) {
        if (is_always_null(expression->operands[i])) {
            return 1;
        }
    }
    return 0;
}

static void write_operator(iu_builder *out, const iu_expression *expression)
{
    const iu_words *words = out->words;

    switch (expression->operator) {
    case IU_LITERAL:
        write_literal(out, expression);
        break;
    case IU_PROPERTY:
        write_property(out, expression->property);
        break;
    case IU_OBJECT:
        iu_builder_put_member_type(out, expression->member);
        break;
    case IU_AND:
        write_connected(out, expression, " AND ");
        break;
    case IU_OR:
        write_connected(out, expression, " OR ");
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

static int levels_of(const iu_expression *expression)
{
    int most = 0;
    int i;

    for (i = 0; i < expression->count; i++) {
        int levels = levels_of(expression->operands[i]);

        most = levels > most ? levels : most;
    }
    return most + 1;
}

/* Adds a query to the chain that computes an operand. */
static void write_link(iu_builder *out, const iu_expression *expression)
{
    iu_builder_chain *chain = out->chain;
    iu_builder part = iu_builder_begin_part(out);

    write_operator(&part, expression); /* may add to the chain */
    iu_buffer_puts(&chain->sql,
                   apr_psprintf(out->pool,
                                ", s%d AS (SELECT *, %s AS v%d FROM s%d)",
                                chain->last + 1, part.sql.data, chain->last + 1,
                                chain->last));
    apr_array_cat(chain->arguments, part.arguments);
    iu_builder_put_numbered(out, "v", ++chain->last);
}

void iu_filter_sql_write(iu_builder *out, const iu_expression *filter)
{
    if (is_always_null(filter)) {
        iu_builder_put(out, "NULL");
    }
    else if (levels_of(filter) % LEVELS == 0) {
        write_link(out, filter);
    }
    else {
        write_operator(out, filter);
    }
}
