/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text is cut into the items and their members in one pass. An item without
 * its body is copied and read as a tree, with the limits of json_guard.h, so
 * the text itself stays as the client sent it.
 *
 * The items of a batch are often alike but for id and body. Such an item is not
 * read again: method, URL and header fields are those of the last one.
 */
#include "batch_request.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/key.h"
#include "../json/json_parts.h"
#include "../json/json_reader.h"
#include "../text/excerpt.h"
#include "batch_item.h"

/* An object without the value of one member. */
typedef struct cut {
    const char *text; /* the object */
    iu_buffer copy;   /* its text, with null in place of the value apart */
    iu_span apart;    /* that value; text NULL: there is none */
    iu_span id;       /* the value of "id", likewise */
    apr_size_t id_at; /* where that is in copy */
} cut;

typedef struct reader {
    iu_batch_reader shared;
    const char *text;
    apr_size_t length;
    apr_array_header_t *items; /* of the result */
    cut last; /* the last item that was read; copy.data NULL: none that others
               * may be like */
    iu_batch_item last_item;
} reader;

/* Reads a value, so that *value is its text. Sets the problem, or the reason of
 * parts, if it is faulty. */
typedef void read_value(reader *in, iu_json_parts *parts, iu_span *value);

/* Sets the problem. */
static void refuse_all(reader *in, const char *target, const char *sentence)
{
    in->shared.problem =
        iu_problem_make(in->shared.pool, IU_BATCH_INVALID, sentence);
    in->shared.problem->target = target;
}

/* Refuses a text that is not JSON at "at". */
static void refuse_text(reader *in, const char *at, const char *reason)
{
    unsigned line;
    unsigned column;

    iu_json_locate(in->text, at, &line, &column);
    refuse_all(
        in,
        in->shared.index < 0
            ? NULL
            : apr_psprintf(in->shared.pool, "requests/%d", in->shared.index),
        apr_psprintf(in->shared.pool, "Line %u, column %u: %s.", line, column,
                     reason));
}

/* --- objects --- */

/* Whether a name in quotes, perhaps with escapes, is wanted. */
static int is_named(reader *in, iu_span name, const char *wanted)
{
    const iu_json *decoded;
    const char *text = name.text + 1;
    apr_size_t length = name.length - 2;

    if (memchr(text, '\\', length)) {
        if (iu_json_read(
                in->shared.scratch,
                apr_pstrmemdup(in->shared.scratch, name.text, name.length),
                name.length, &decoded)) {
            return 0;
        }
        text = iu_json_string(decoded, &length);
    }
    return length == strlen(wanted) && !memcmp(text, wanted, length);
}

/* Cuts an object to its end, and the value of the member "apart", which read
 * reads, out of its copy. Does not look at the names of more members than
 * json_guard.h accepts. */
static void cut_object(reader *in, iu_json_parts *parts, const char *text,
                       const char *apart, read_value *read, cut *cut)
{
    const char *rest = text;
    iu_span value;
    iu_span name;

    memset(cut, 0, sizeof *cut);
    cut->text = text;
    iu_buffer_init(&cut->copy, in->shared.scratch, 1000);
    while (!in->shared.problem && iu_json_next_member(parts, &name)) {
        int is_known = parts->count <= IU_JSON_VALUES;

        if (!is_known || !is_named(in, name, apart)) {
            iu_json_read_part(parts, &value);
            if (is_known && is_named(in, name, "id")) {
                cut->id = value;
                cut->id_at = cut->copy.length + (value.text - rest);
            }
            continue;
        }
        if (cut->apart.text) {
            refuse_text(in, name.text, "a name is given twice in one object");
            return;
        }
        read(in, parts, &cut->apart);
        iu_buffer_append(&cut->copy, rest, cut->apart.text - rest);
        iu_buffer_puts(&cut->copy, "null");
        rest = parts->at;
    }
    iu_buffer_append(&cut->copy, rest, parts->at - rest);
    if (parts->reason && !in->shared.problem) {
        refuse_text(in, parts->at, parts->reason);
    }
}

/* Refuses an object that json_guard.h does not accept. Finds the place in the
 * text, which is that in the copy but for the length of the value that is
 * apart. */
static void refuse_object(reader *in, const cut *cut)
{
    const iu_span *apart = &cut->apart;
    iu_json_passed passed;
    iu_json_fault fault;
    apr_size_t offset;

    iu_json_guard(in->shared.scratch, cut->copy.data, cut->copy.length, &passed,
                  &fault);
    offset = fault.offset;
    if (apart->text && offset > (apr_size_t)(apart->text - cut->text)) {
        offset = offset + apart->length - strlen("null");
    }
    refuse_text(in, cut->text + offset, fault.reason);
}

/* Reads the copy of an object. The tree is in the scratch pool. Returns NULL
 * and sets the problem if the object is faulty. */
static const iu_json *read_copy(reader *in, const cut *cut)
{
    iu_batch_reader *shared = &in->shared;
    const iu_json *tree = NULL;

    shared->problem = iu_json_read(
        shared->scratch,
        apr_pstrmemdup(shared->scratch, cut->copy.data, cut->copy.length),
        cut->copy.length, &tree);
    if (shared->problem && shared->problem->kind == IU_BODY_NOT_JSON) {
        refuse_object(in, cut);
    }
    else if (shared->problem) {
        shared->problem = iu_problem_copy(shared->pool, shared->problem);
    }
    return tree;
}

/* --- items --- */

static int is_null(iu_span value)
{
    return !value.text || (value.length == 4 && !memcmp(value.text, "null", 4));
}

/* Sets the body. Unlike other JSON, null is none, as SDKs send it for GET. */
static void set_body(reader *in, iu_span body)
{
    iu_batch_item *item = in->shared.item;

    if (is_null(body)) {
        return;
    }
    item->body = (char *)body.text;
    item->body_length = body.length;
    if (!apr_table_get(item->headers, "Content-Type")) {
        apr_table_setn(item->headers, "Content-Type", "application/json");
    }
}

/* Whether an item differs from the last one only by id and body. */
static int is_like_last(const reader *in, const cut *cut)
{
    const iu_buffer *copy = &cut->copy;
    const iu_buffer *last = &in->last.copy;
    apr_size_t after = cut->id_at + cut->id.length;
    apr_size_t last_after = in->last.id_at + in->last.id.length;

    return last->data && cut->id.text && cut->id_at == in->last.id_at &&
           is_null(cut->apart) == is_null(in->last.apart) &&
           copy->length - after == last->length - last_after &&
           !memcmp(copy->data, last->data, cut->id_at) &&
           !memcmp(copy->data + after, last->data + last_after,
                   copy->length - after);
}

/* The id of an item, if it is like the last one; otherwise, or if it has
 * escapes or is faulty, NULL: the whole item must be read. */
static const char *read_only_id(reader *in, const cut *cut)
{
    iu_span id = cut->id;

    if (!is_like_last(in, cut) || id.length < 2 || *id.text != '"' ||
        memchr(id.text, '\\', id.length) ||
        !iu_key_is_valid(id.text + 1, id.length - 2)) {
        return NULL;
    }
    return apr_pstrmemdup(in->shared.pool, id.text + 1, id.length - 2);
}

/* Remembers an item that others may be like. */
static void remember(reader *in, const cut *cut)
{
    in->last.copy.data = NULL;
    if (!cut->id.text || in->shared.item->group >= 0 ||
        in->shared.names.references[in->shared.index]) {
        return;
    }
    in->last = *cut;
    in->last.copy.data =
        apr_pstrmemdup(in->shared.names.pool, cut->copy.data, cut->copy.length);
    in->last_item = *in->shared.item;
}

/* Reads all of an item but its body. */
static void read_whole(reader *in, const cut *cut)
{
    iu_batch_item *item = in->shared.item;
    const iu_json *tree = read_copy(in, cut);

    item->group = -1;
    item->headers = apr_table_make(in->shared.pool, 4);
    if (tree) {
        iu_batch_item_read(&in->shared, tree);
        remember(in, cut);
    }
}

/* A read_value. */
static void read_body(reader *in, iu_json_parts *item, iu_span *body)
{
    (void)in;
    iu_json_read_part(item, body);
}

/* Reads the element of outer. */
static void read_item(reader *in, iu_json_parts *outer)
{
    iu_batch_reader *shared = &in->shared;
    iu_json_parts parts;
    const char *id;
    cut cut;

    shared->index = in->items->nelts;
    shared->item = apr_array_push(in->items);
    iu_json_parts_enter(&parts, outer, '{');
    cut_object(in, &parts, outer->at, "body", read_body, &cut);
    iu_json_parts_leave(&parts, outer);
    if (shared->problem) {
        return;
    }
    id = read_only_id(in, &cut);
    if (id) {
        *shared->item = in->last_item;
        iu_batch_item_set_id(shared, id);
    }
    else {
        read_whole(in, &cut);
    }
    if (!shared->problem) {
        set_body(in, cut.apart);
    }
}

/* --- the batch --- */

/* An iu_json_visit for the batch. */
static int check_member(void *baton, const char *name, const iu_json *value)
{
    reader *in = baton;

    (void)value;
    if (!strcmp(name, "requests") || strchr(name, '@')) {
        return 1;
    }
    refuse_all(in, iu_excerpt(in->shared.pool, name, strlen(name)),
               "A batch has no such member.");
    return 0;
}

/* A read_value: reads the items, if value is an array. */
static void read_items(reader *in, iu_json_parts *batch, iu_span *value)
{
    iu_batch_reader *shared = &in->shared;
    apr_pool_t *scratch = shared->scratch;
    iu_json_parts parts;

    if (batch->at == batch->end || *batch->at != '[') {
        iu_json_read_part(batch, value);
        return;
    }
    value->text = batch->at;
    apr_pool_create(&shared->scratch, scratch);
    iu_json_parts_enter(&parts, batch, '[');
    while (!shared->problem && iu_json_next_element(&parts)) {
        if (in->items->nelts == shared->limits->max_items) {
            refuse_all(in, "requests",
                       apr_psprintf(shared->pool,
                                    "Number of requests inside batch exceeds "
                                    "the limit of %d.",
                                    shared->limits->max_items));
            break;
        }
        read_item(in, &parts);
        apr_pool_clear(shared->scratch);
    }
    iu_json_parts_leave(&parts, batch);
    value->length = batch->at - value->text;
    shared->scratch = scratch;
    shared->index = -1;
}

/* Reads the object around the items, and the items. */
static void read_batch(reader *in)
{
    const iu_json *tree = NULL;
    iu_json_parts parts;
    cut cut;

    iu_json_parts_begin(&parts, (iu_span){in->text, in->length}, '{');
    cut_object(in, &parts, in->text, "requests", read_items, &cut);
    if (!in->shared.problem) {
        tree = read_copy(in, &cut);
    }
    if (tree) {
        iu_json_each_member(tree, check_member, in);
    }
    if (in->shared.problem) {
        return;
    }
    if (!cut.apart.text || *cut.apart.text != '[') {
        refuse_all(in, "requests", "It must be an array of requests.");
    }
    else if (in->items->nelts == 0) {
        refuse_all(in, "requests", "There are no requests.");
    }
}

iu_problem *iu_batch_request_read(apr_pool_t *pool, char *text,
                                  apr_size_t length,
                                  const iu_batch_limits *limits,
                                  iu_batch_request *batch)
{
    reader in = {.shared = {.pool = pool, .limits = limits, .index = -1},
                 .text = text,
                 .length = length};
    iu_batch_reader *shared = &in.shared;
    apr_pool_t *work;

    apr_pool_create(&work, pool);
    shared->scratch = work;
    iu_batch_names_init(&shared->names, work, limits->max_items);
    in.items = apr_array_make(pool, 20, sizeof(iu_batch_item));
    read_batch(&in);
    if (!shared->problem) {
        batch->items = in.items;
        shared->problem = iu_batch_order(pool, &shared->names, batch);
    }
    apr_pool_destroy(work);
    return shared->problem;
}
