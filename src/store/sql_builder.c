/* SPDX-License-Identifier: Apache-2.0 */
#include "sql_builder.h"

#include <apr_strings.h>

void iu_builder_put(iu_builder *out, const char *sql)
{
    iu_buffer_puts(&out->sql, sql);
}

void iu_builder_put_numbered(iu_builder *out, const char *prefix, int number)
{
    iu_builder_put(out, prefix);
    iu_builder_put(out, apr_itoa(out->pool, number));
}

void iu_builder_bind(iu_builder *out, const char *value)
{
    APR_ARRAY_PUSH(out->arguments, const char *) = value;
}

void iu_builder_bind_number(iu_builder *out, apr_int64_t number)
{
    iu_builder_bind(out, apr_psprintf(out->pool, "%" APR_INT64_T_FMT, number));
}

void iu_builder_put_text(iu_builder *out, const char *text)
{
    iu_builder_put(out, out->words->text_parameter);
    iu_builder_bind(out, text);
}

void iu_builder_put_integer(iu_builder *out, apr_int64_t number)
{
    iu_builder_put(out, "CAST(%s AS ");
    iu_builder_put(out, out->words->integer);
    iu_builder_put(out, ")");
    iu_builder_bind_number(out, number);
}

void iu_builder_put_property_text(iu_builder *out, const iu_property *property)
{
    int index = (int)(property - iu_properties);

    out->chain->used |= 1u << index;
    iu_builder_put_numbered(out, "p", index);
}

void iu_builder_put_member_type(iu_builder *out, const iu_member *member)
{
    out->chain->used_members |= member->bit;
    iu_builder_put_numbered(out, "m", (int)(member - iu_members));
}

iu_builder iu_builder_begin_part(const iu_builder *whole)
{
    iu_builder part = *whole;

    part.arguments = apr_array_make(whole->pool, 8, sizeof(char *));
    iu_buffer_init(&part.sql, whole->pool, 512);
    return part;
}
