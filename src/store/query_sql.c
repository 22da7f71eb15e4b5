/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a client's query as SQL. SQLite's statement for the page behind the
 * record with type 'Plan' and id 'a' of
 *
 *   $filter=contains(resourceVisualization/title,'an')
 *   &$orderby=resourceVisualization/type&$top=10
 *
 * is, with the functions that write its parts:
 *
 *   WITH s0 AS (SELECT                                        write_records
 *       id, last_accessed, last_modified, rowid AS place,
 *       json_extract(document, '$.resourceVisualization.title') AS p3,
 *       json_extract(document, '$.resourceVisualization.type') AS p4
 *     FROM used_insight WHERE invitation_id = %s),
 *                                                             write_link: none
 *   page AS (SELECT place,
 *       COALESCE('=' || substr(p4, 1, 255), '') AS k0         write_values
 *     FROM s0 WHERE (instr(p3, %s) > 0)                       write_source
 *       AND ((substr(p4, 1, 255) > %s)                        write_position
 *         OR (substr(p4, 1, 255) = %s AND ((id > %s))))
 *     ORDER BY substr(p4, 1, 255), id                         write_order
 *     LIMIT %s OFFSET %s)
 *   SELECT version, last_accessed, last_modified,             write_page
 *     CASE WHEN length(CAST(document AS BLOB)) <= CAST(%s AS INTEGER)
 *       THEN document ELSE '' END, id, k0
 *   FROM page JOIN used_insight
 *     ON invitation_id = %s AND used_insight.rowid = place
 *
 * s0 has the invitation's records and the texts of the properties that the
 * query uses; p3 is the text of iu_properties[3]. "page" chooses the records;
 * only the last SELECT reads documents, and no database has to sort them.
 *
 * If an operand has many levels, write_link adds a query between s0 and page
 * that computes it as a column: SQLite's parser has a stack of 100.
 *
 *   s1 AS (SELECT *, ... AS v1 FROM s0)
 *
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
 * Boolean value, which are never operands of another function or comparison:
 * the SQL does not grow with each level.
 */
#include "query_sql.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/buffer.h"

/* Nested levels of a filter that one query of the chain computes. */
#define LEVELS 8

/* The queries s0, s1… of a statement, each of which selects from the one
 * before. */
typedef struct chain {
    iu_buffer sql; /* of all but s0 */
    apr_array_header_t *arguments;
    int last;
    apr_uint32_t used; /* bits of iu_properties: the texts that s0 needs */
} chain;

/* A part of a statement: its SQL and the values of its %s. */
typedef struct builder {
    apr_pool_t *pool;
    const iu_words *words;
    iu_buffer sql;
    apr_array_header_t *arguments;
    chain *chain; /* of the whole statement */
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

static void write_expression(builder *out, const iu_expression *expression);

static void put(builder *out, const char *text)
{
    iu_buffer_puts(&out->sql, text);
}

static void put_name(builder *out, const char *prefix, int number)
{
    put(out, prefix);
    put(out, apr_itoa(out->pool, number));
}

/* Binds the value of a %s in the SQL. */
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
    put(out, out->words->text_parameter);
    bind_text(out, text);
}

static void write_integer(builder *out, apr_int64_t number)
{
    put(out, "CAST(%s AS ");
    put(out, out->words->integer);
    put(out, ")");
    bind_number(out, number);
}

/* Writes the column of a property's text. */
static void write_property_text(builder *out, const iu_property *property)
{
    int index = (int)(property - iu_properties);

    out->chain->used |= 1u << index;
    put_name(out, "p", index);
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
        write_property_text(out, property);
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

/* Writes what a mark stands for. Returns the rest of the template. */
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
        write_property_text(out, expression->operands[0]->property);
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

/* Writes "and" or "or" of two operands or more. */
static void write_connected(builder *out, const iu_expression *expression,
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

/* Writes "in": operand 1, and literals. */
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

/* Whether an argument is the literal null. Its value is null then; a database
 * could not infer the type of such a call. */
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

static void write_operator(builder *out, const iu_expression *expression)
{
    const iu_words *words = out->words;

    switch (expression->operator) {
    case IU_LITERAL:
        write_literal(out, expression);
        break;
    case IU_PROPERTY:
        write_property(out, expression->property);
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

static builder make_part(const builder *whole)
{
    builder part = *whole;

    part.arguments = apr_array_make(whole->pool, 8, sizeof(char *));
    iu_buffer_init(&part.sql, whole->pool, 512);
    return part;
}

/* Adds a query to the chain that computes an operand. */
static void write_link(builder *out, const iu_expression *expression)
{
    chain *chain = out->chain;
    builder part = make_part(out);

    write_operator(&part, expression); /* may add to the chain */
    iu_buffer_puts(&chain->sql,
                   apr_psprintf(out->pool,
                                ", s%d AS (SELECT *, %s AS v%d FROM s%d)",
                                chain->last + 1, part.sql.data, chain->last + 1,
                                chain->last));
    apr_array_cat(chain->arguments, part.arguments);
    put_name(out, "v", ++chain->last);
}

static void write_expression(builder *out, const iu_expression *expression)
{
    if (is_function_of_null(expression)) {
        put(out, "NULL");
    }
    else if (levels_of(expression) % LEVELS == 0) {
        write_link(out, expression);
    }
    else {
        write_operator(out, expression);
    }
}

/* Writes the value by which a key of $orderby sorts. An instant's null is
 * ''. */
static void write_order_value(builder *out, const iu_property *property)
{
    if (property->column) {
        put(out, property->column);
        return;
    }
    put(out, "substr(");
    write_property_text(out, property);
    put(out, apr_psprintf(out->pool, ", 1, %d)", IU_ORDER_CHARACTERS));
}

/* Writes the condition that a key's value sorts after the given one. */
static void write_after(builder *out, const iu_order_key *key,
                        const char *value)
{
    if (!value && key->descending && !key->property->column) {
        put(out, "FALSE"); /* nulls are last */
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

/* Writes the condition that a key has the given value. */
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

/* Writes the condition that a record sorts after query->after: the first key
 * that differs decides. */
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
        if (!key->property->column) { /* no column is null */
            put(out, key->descending ? out->words->nulls_last
                                     : out->words->nulls_first);
        }
    }
}

/* Writes the values of those keys of the order that are not columns, named k0,
 * k1…; or only their names. */
static void write_values(builder *out, const iu_query *query, int names_only)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        if (query->order[i].property->column) {
            continue;
        }
        if (!names_only) {
            put(out, ", COALESCE(");
            put(out, out->words->marked_begin);
            write_order_value(out, query->order[i].property);
            put(out, out->words->marked_end);
            put(out, ", '') AS");
        }
        put_name(out, names_only ? ", k" : " k", i);
    }
}

/* Begins the part of a statement behind the chain. */
static builder begin_statement(apr_pool_t *pool, const iu_dialect *dialect,
                               const char *text)
{
    builder whole = {.pool = pool, .words = dialect->words};
    builder out;

    whole.chain = apr_pcalloc(pool, sizeof *whole.chain);
    whole.chain->arguments = apr_array_make(pool, 8, sizeof(char *));
    iu_buffer_init(&whole.chain->sql, pool, 512);
    out = make_part(&whole);
    put(&out, text);
    return out;
}

/* Writes FROM and WHERE. The filter first: it may add to the chain, whose last
 * query rows are selected from. */
static void write_source(builder *out, const iu_expression *filter)
{
    builder part = make_part(out);

    if (filter) {
        write_expression(&part, filter);
    }
    else {
        put(&part, "TRUE");
    }
    put_name(out, " FROM s", out->chain->last);
    put(out, " WHERE ");
    put(out, part.sql.data);
    apr_array_cat(out->arguments, part.arguments);
}

/* Writes s0, the first query of the chain. */
static void write_records(builder *out, const char *invitation_id)
{
    const iu_words *words = out->words;
    apr_uint32_t used = out->chain->used;
    int i;

    put(out, "WITH s0 AS (SELECT id, last_accessed, last_modified, ");
    put(out, words->row_id);
    put(out, " AS place");
    for (i = 0; i < iu_property_count; i++) {
        if (used & 1u << i) {
            put(out, ", ");
            put(out, words->member_begin);
            put(out, iu_properties[i].member->name);
            put(out, words->member_between);
            put(out, iu_properties[i].name);
            put(out, words->member_end);
            put_name(out, " AS p", i);
        }
    }
    put(out, " FROM used_insight WHERE invitation_id = %s");
    bind_text(out, invitation_id);
    put(out, words->guard);
    put(out, used ? words->fence : "");
    put(out, ")");
}

/* Puts the chain before the rest. */
static iu_statement end_statement(const builder *out, const char *invitation_id)
{
    builder whole = make_part(out);

    write_records(&whole, invitation_id);
    put(&whole, out->chain->sql.data);
    put(&whole, out->sql.data);
    apr_array_cat(whole.arguments, out->chain->arguments);
    apr_array_cat(whole.arguments, out->arguments);
    return (iu_statement){whole.sql.data, whole.arguments};
}

/* Writes the last SELECT of a list's statement. */
static void write_page(builder *out, const char *invitation_id,
                       const iu_query *query, apr_size_t document_max)
{
    put(out, " SELECT version, last_accessed, last_modified, CASE WHEN ");
    put(out, out->words->document_bytes);
    put(out, " <= ");
    write_integer(out, (apr_int64_t)document_max);
    put(out, " THEN document ELSE '' END, id");
    write_values(out, query, 1);
    put(out, " FROM page JOIN used_insight ON invitation_id = %s AND "
             "used_insight.");
    put(out, out->words->row_id);
    put(out, " = place");
    bind_text(out, invitation_id);
}

iu_statement iu_query_sql_list(apr_pool_t *pool, const iu_dialect *dialect,
                               const char *invitation_id, const iu_query *query,
                               apr_size_t document_max)
{
    builder out = begin_statement(pool, dialect, ", page AS (SELECT place");

    write_values(&out, query, 0);
    write_source(&out, query->filter);
    if (query->after) {
        write_position(&out, query);
    }
    write_order(&out, query);
    put(&out, " LIMIT %s OFFSET %s)"); /* no CAST: MariaDB refuses one here */
    bind_number(&out, query->top + 1);
    bind_number(&out, query->skip);
    write_page(&out, invitation_id, query, document_max);
    return end_statement(&out, invitation_id);
}

iu_statement iu_query_sql_count(apr_pool_t *pool, const iu_dialect *dialect,
                                const char *invitation_id,
                                const iu_expression *filter)
{
    builder out = begin_statement(pool, dialect, " SELECT count(*)");

    write_source(&out, filter);
    return end_statement(&out, invitation_id);
}
