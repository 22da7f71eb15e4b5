/* SPDX-License-Identifier: Apache-2.0 */
#include "select.h"

#include <string.h>

#include <apr_strings.h>

#include "clause.h"
#include "filter_name.h"

/* Bits of a member's properties; of all properties if member is NULL. */
static apr_uint32_t property_mask(const iu_member *member)
{
    apr_uint32_t mask = 0;
    int i;

    for (i = 0; i < iu_property_count; i++) {
        if (!member || iu_properties[i].member == member) {
            mask |= 1u << i;
        }
    }
    return mask;
}

static void append_name(iu_buffer *out, const char *name)
{
    if (out->length) {
        iu_buffer_puts(out, ",");
    }
    iu_buffer_puts(out, name);
}

/* Appends the selected properties of a member, or its name if all of them are
 * selected. */
static void append_member(iu_buffer *out, const iu_member *member,
                          apr_uint32_t selected)
{
    int i;

    if ((selected & property_mask(member)) == property_mask(member)) {
        append_name(out, member->name);
        return;
    }
    for (i = 0; i < iu_property_count; i++) {
        if (iu_properties[i].member == member && selected & 1u << i) {
            append_name(out, member->name);
            iu_buffer_puts(out, "/");
            iu_buffer_puts(out, iu_properties[i].name);
        }
    }
}

/* Makes query->select_text. */
static const char *make_select_text(apr_pool_t *pool, apr_uint32_t selected)
{
    iu_buffer out;
    int i;

    iu_buffer_init(&out, pool, 128);
    if ((selected & property_mask(NULL)) == property_mask(NULL)) {
        append_name(&out, "*");
    }
    else {
        for (i = 0; i < iu_member_count; i++) {
            append_member(&out, &iu_members[i], selected);
        }
    }
    if (selected & IU_SELECT_RESOURCE) {
        append_name(&out, IU_NAVIGATION);
    }
    return out.data;
}

/* Reads a path as bits of query->select; 0 and a problem if it is unknown. */
static apr_uint32_t read_path(iu_clause *in, iu_token path)
{
    const iu_property *property = iu_property_find(path.text, path.length);
    const iu_member *member = iu_member_find(path.text, path.length);

    if (property) {
        return 1u << (property - iu_properties);
    }
    if (member) {
        return property_mask(member);
    }
    if (iu_token_is_name(path, IU_NAVIGATION)) {
        return IU_SELECT_RESOURCE;
    }
    if (memchr(path.text, '@', path.length)) {
        iu_clause_refuse(in, path, "An annotation cannot be selected.");
    }
    else if (iu_filter_is_unsupported_path(path) ||
             iu_filter_is_navigation(path)) {
        iu_clause_refuse_unsupported(in, path);
    }
    else {
        in->problem = iu_property_unknown(in->pool, path.text, path.length);
        in->problem->target = in->option;
    }
    return 0;
}

/* Checks that a comma or the end follows. Options in parentheses and "/$ref"
 * are refused as unsupported. */
static void check_next(iu_clause *in)
{
    if (iu_token_is(in->token, '(') ||
        (in->token.kind == IU_TOKEN_NAME &&
         iu_filter_is_unsupported_path(in->token))) {
        iu_clause_refuse_unsupported(in, in->token);
    }
    else if (!iu_clause_ended(in) && !iu_token_is(in->token, ',')) {
        iu_clause_refuse_next(in, "',' or the end");
    }
}

static apr_uint32_t read_selected(iu_clause *in)
{
    apr_uint32_t selected = 0;

    if (iu_clause_take_character(in, '*')) {
        selected = property_mask(NULL);
    }
    else if (in->token.kind == IU_TOKEN_NAME) {
        selected = read_path(in, iu_clause_take(in));
    }
    else {
        iu_clause_refuse_next(in, "A property or '*'");
    }
    return selected;
}

iu_problem *iu_select_read(apr_pool_t *pool, const char *text, iu_query *query)
{
    iu_clause in = iu_clause_begin(pool, "$select", IU_SELECT_INVALID, text);

    do {
        query->select |= read_selected(&in);
        if (!in.problem) {
            check_next(&in);
        }
    } while (!in.problem && iu_clause_take_character(&in, ','));
    query->select_text = make_select_text(pool, query->select);
    return in.problem;
}

static void read_expanded(iu_clause *in)
{
    iu_token token = in->token;

    if (iu_clause_take_character(in, '*') ||
        iu_clause_take_name(in, IU_NAVIGATION)) {
        return;
    }
    if (token.kind != IU_TOKEN_NAME) {
        iu_clause_refuse_next(in, "A navigation property or '*'");
    }
    else if (iu_filter_is_unsupported_path(token)) {
        iu_clause_refuse_unsupported(in, token);
    }
    else {
        iu_clause_refuse(
            in, token,
            apr_psprintf(in->pool,
                         "The navigation property '%s' does not exist on type "
                         "'" IU_ENTITY_TYPE "'.",
                         iu_clause_quote(in, token)));
    }
}

iu_problem *iu_expand_read(apr_pool_t *pool, const char *text, iu_query *query)
{
    iu_clause in = iu_clause_begin(pool, "$expand", IU_EXPAND_INVALID, text);

    do {
        read_expanded(&in);
        if (!in.problem) {
            check_next(&in);
        }
    } while (!in.problem && iu_clause_take_character(&in, ','));
    query->expand_resource = 1;
    return in.problem;
}
