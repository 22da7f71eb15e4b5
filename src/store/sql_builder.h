/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the SQL of a query and the list of its arguments, in parts. */
#ifndef IU_STORE_SQL_BUILDER_H
#define IU_STORE_SQL_BUILDER_H

#include <apr_tables.h>

#include "../dialect/dialect.h"
#include "../query/query.h"
#include "../text/buffer.h"

/* The queries s0, s1… at the beginning of a statement, each of which selects
 * from the one before: see query_sql.c. */
typedef struct iu_builder_chain {
    iu_buffer sql;                 /* of all but s0 */
    apr_array_header_t *arguments; /* likewise */
    int last;                      /* number of the last query */
    apr_uint32_t used;     /* bits of iu_properties: the texts that s0 needs */
    unsigned used_members; /* IU_MEMBER_…: the types that s0 needs */
} iu_builder_chain;

/* A part of a statement: its SQL and the values of its %s. */
typedef struct iu_builder {
    apr_pool_t *pool;
    const iu_words *words;
    iu_buffer sql;
    apr_array_header_t *arguments; /* of const char * */
    iu_builder_chain *chain;       /* of the whole statement */
} iu_builder;

/* An empty part of the same statement, in whole->pool. */
iu_builder iu_builder_begin_part(const iu_builder *whole);

/* Append SQL. */
void iu_builder_put(iu_builder *out, const char *sql);
void iu_builder_put_numbered(iu_builder *out, const char *prefix, int number);

/* Bind the value of a %s that has been put. Texts are not copied. */
void iu_builder_bind(iu_builder *out, const char *value);
void iu_builder_bind_number(iu_builder *out, apr_int64_t number);

/* Append a parameter of this type and bind it, likewise. */
void iu_builder_put_text(iu_builder *out, const char *text);
void iu_builder_put_integer(iu_builder *out, apr_int64_t number);

/* Appends the column of s0 that has a property's text. */
void iu_builder_put_property_text(iu_builder *out, const iu_property *property);

/* Appends the column of s0 that has the type of a complex member; NULL: the
 * member is null or absent. */
void iu_builder_put_member_type(iu_builder *out, const iu_member *member);

#endif
