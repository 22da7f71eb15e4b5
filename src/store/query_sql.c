/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a client's query as SQL. SQLite's statement for the page after the
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
 *   s1 AS (...), ..., only if the filter has many levels      filter_sql.c
 *   page AS (SELECT place,
 *       COALESCE('=' || substr(p4, 1, 255), '') AS k0         write_values
 *     FROM s0 WHERE (instr(p3, %s) > 0)                       filter_sql.c
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
 * query uses; p3 is the text of iu_properties[3]. If the query compares an
 * object with null, s0 also has its type; m1 is that of iu_members[1]. "page"
 * chooses the records; only the last SELECT reads documents, and no database
 * has to sort them.
 */
#include "query_sql.h"

#include <apr_strings.h>

#include "filter_sql.h"

/* Each object in a document has its type, null and what is absent have none.
 * The quotes are part of the path, on all databases. */
#define OBJECT_TYPE "\"@odata.type\""

/* Writes the value by which a key of $orderby sorts. An instant's null is
 * ''. */
static void write_order_value(iu_builder *out, const iu_property *property)
{
    if (property->column) {
        iu_builder_put(out, property->column);
        return;
    }
    iu_builder_put(out, "substr(");
    iu_builder_put_property_text(out, property);
    iu_builder_put(out,
                   apr_psprintf(out->pool, ", 1, %d)", IU_ORDER_CHARACTERS));
}

/* Writes the condition that a key's value sorts after the given one. */
static void write_after(iu_builder *out, const iu_order_key *key,
                        const char *value)
{
    if (!value && key->descending && !key->property->column) {
        iu_builder_put(out, "FALSE"); /* nulls are last */
        return;
    }
    iu_builder_put(out, "(");
    write_order_value(out, key->property);
    if (!value && !key->property->column) {
        iu_builder_put(out, " IS NOT NULL)");
        return;
    }
    iu_builder_put(out, key->descending ? " < " : " > ");
    iu_builder_put_text(out, value ? value : "");
    if (key->descending && !key->property->column) {
        iu_builder_put(out, " OR ");
        write_order_value(out, key->property);
        iu_builder_put(out, " IS NULL");
    }
    iu_builder_put(out, ")");
}

/* Writes the condition that a key has the given value. */
static void write_same(iu_builder *out, const iu_order_key *key,
                       const char *value)
{
    write_order_value(out, key->property);
    if (!value && !key->property->column) {
        iu_builder_put(out, " IS NULL");
        return;
    }
    iu_builder_put(out, " = ");
    iu_builder_put_text(out, value ? value : "");
}

/* Writes the condition that a record sorts after query->after: the first key
 * that differs decides. */
static void write_position(iu_builder *out, const iu_query *query)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        iu_builder_put(out, i > 0 ? " OR (" : " AND (");
        if (i > 0) {
            write_same(out, &query->order[i - 1], query->after[i - 1]);
            iu_builder_put(out, " AND (");
        }
        write_after(out, &query->order[i], query->after[i]);
    }
    for (i = 2 * query->order_count - 1; i > 0; i--) {
        iu_builder_put(out, ")");
    }
}

static void write_order(iu_builder *out, const iu_query *query)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        const iu_order_key *key = &query->order[i];

        iu_builder_put(out, i > 0 ? ", " : " ORDER BY ");
        write_order_value(out, key->property);
        iu_builder_put(out, key->descending ? " DESC" : "");
        if (!key->property->column) { /* no column is null */
            iu_builder_put(out, key->descending ? out->words->nulls_last
                                                : out->words->nulls_first);
        }
    }
}

/* Writes the values of those keys of the order that are not columns, named k0,
 * k1…; or only their names. */
static void write_values(iu_builder *out, const iu_query *query, int names_only)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        if (query->order[i].property->column) {
            continue;
        }
        if (!names_only) {
            iu_builder_put(out, ", COALESCE(");
            iu_builder_put(out, out->words->marked_begin);
            write_order_value(out, query->order[i].property);
            iu_builder_put(out, out->words->marked_end);
            iu_builder_put(out, ", '') AS");
        }
        iu_builder_put_numbered(out, names_only ? ", k" : " k", i);
    }
}

/* Begins the part of a statement after the chain. */
static iu_builder begin_statement(apr_pool_t *pool, const iu_dialect *dialect,
                                  const char *text)
{
    iu_builder whole = {.pool = pool, .words = dialect->words};
    iu_builder out;

    whole.chain = apr_pcalloc(pool, sizeof *whole.chain);
    whole.chain->arguments = apr_array_make(pool, 8, sizeof(char *));
    iu_buffer_init(&whole.chain->sql, pool, 512);
    out = iu_builder_begin_part(&whole);
    iu_builder_put(&out, text);
    return out;
}

/* Writes FROM and WHERE. The filter first: it may add to the chain, whose last
 * query rows are selected from. */
static void write_source(iu_builder *out, const iu_expression *filter)
{
    iu_builder part = iu_builder_begin_part(out);

    if (filter) {
        iu_filter_sql_write(&part, filter);
    }
    else {
        iu_builder_put(&part, "TRUE");
    }
    iu_builder_put_numbered(out, " FROM s", out->chain->last);
    iu_builder_put(out, " WHERE ");
    iu_builder_put(out, part.sql.data);
    apr_array_cat(out->arguments, part.arguments);
}

/* Writes a column of s0: a text in the document. */
static void write_text_column(iu_builder *out, const iu_member *member,
                              const char *name, const char *column, int number)
{
    iu_builder_put(out, ", ");
    iu_builder_put(out, out->words->member_begin);
    iu_builder_put(out, member->name);
    iu_builder_put(out, out->words->member_between);
    iu_builder_put(out, name);
    iu_builder_put(out, out->words->member_end);
    iu_builder_put_numbered(out, column, number);
}

/* Writes s0, the first query of the chain. */
static void write_records(iu_builder *out, const char *set_id)
{
    const iu_words *words = out->words;
    apr_uint32_t used = out->chain->used;
    unsigned used_members = out->chain->used_members;
    int i;

    iu_builder_put(out,
                   "WITH s0 AS (SELECT id, last_accessed, last_modified, ");
    iu_builder_put(out, words->row_id);
    iu_builder_put(out, " AS place");
    for (i = 0; i < iu_property_count; i++) {
        if (used & 1u << i) {
            write_text_column(out, iu_properties[i].member,
                              iu_properties[i].name, " AS p", i);
        }
    }
    for (i = 0; i < iu_member_count; i++) {
        if (used_members & iu_members[i].bit) {
            write_text_column(out, &iu_members[i], OBJECT_TYPE, " AS m", i);
        }
    }
    iu_builder_put(out, " FROM used_insight WHERE invitation_id = %s");
    iu_builder_bind(out, set_id);
    iu_builder_put(out, words->guard);
    iu_builder_put(out, used || used_members ? words->fence : "");
    iu_builder_put(out, ")");
}

/* Puts the chain before the rest. */
static iu_statement end_statement(const iu_builder *out, const char *set_id)
{
    iu_builder whole = iu_builder_begin_part(out);

    write_records(&whole, set_id);
    iu_builder_put(&whole, out->chain->sql.data);
    iu_builder_put(&whole, out->sql.data);
    apr_array_cat(whole.arguments, out->chain->arguments);
    apr_array_cat(whole.arguments, out->arguments);
    return (iu_statement){whole.sql.data, whole.arguments};
}

/* Writes the last SELECT of a list's statement. */
static void write_page(iu_builder *out, const char *set_id,
                       const iu_query *query, apr_size_t document_max)
{
    iu_builder_put(out,
                   " SELECT version, last_accessed, last_modified, CASE WHEN ");
    iu_builder_put(out, out->words->document_bytes);
    iu_builder_put(out, " <= ");
    iu_builder_put_integer(out, (apr_int64_t)document_max);
    iu_builder_put(out, " THEN document ELSE '' END, id");
    write_values(out, query, 1);
    iu_builder_put(out,
                   " FROM page JOIN used_insight ON invitation_id = %s AND "
                   "used_insight.");
    iu_builder_put(out, out->words->row_id);
    iu_builder_put(out, " = place");
    iu_builder_bind(out, set_id);
}

iu_statement iu_query_sql_list(apr_pool_t *pool, const iu_dialect *dialect,
                               const char *set_id, const iu_query *query,
                               apr_size_t document_max)
{
    iu_builder out = begin_statement(pool, dialect, ", page AS (SELECT place");

    write_values(&out, query, 0);
    write_source(&out, query->filter);
    if (query->after) {
        write_position(&out, query);
    }
    write_order(&out, query);
    iu_builder_put(
        &out, " LIMIT %s OFFSET %s)"); /* no CAST: MariaDB refuses one here */
    iu_builder_bind_number(&out, query->top + 1);
    iu_builder_bind_number(&out, query->skip);
    write_page(&out, set_id, query, document_max);
    return end_statement(&out, set_id);
}

iu_statement iu_query_sql_count(apr_pool_t *pool, const iu_dialect *dialect,
                                const char *set_id, const iu_expression *filter)
{
    iu_builder out = begin_statement(pool, dialect, " SELECT count(*)");

    write_source(&out, filter);
    return end_statement(&out, set_id);
}
