/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text is cut into the items, and each item into its members. An item
 * without its body is then copied and read as a tree, with the limits of
 * json_guard.h, so the text itself stays as the client sent it.
 *
 * The items of a batch are often alike but for id and body. Such an item is not
 * read again: method, URL and header fields are those of the last one.
 */
#include "batch_request.h"

#include <string.h>

#include <apr_strings.h>

#include "../json/json_parts.h"
#include "../json/json_reader.h"
#include "../text/excerpt.h"
#include "batch_item.h"

/* An object without the value of one member. */
typedef struct cut {
    iu_buffer copy;   /* its text, with null in place of the value apart */
    iu_span apart;    /* that value; text NULL: there is none */
    iu_span id;       /* the value of "id", likewise */
    apr_size_t id_at; /* where that is in copy */
} cut;

typedef struct reader {
    iu_batch_reader shared;
    const char *text;
    apr_size_t length;
    cut last; /* the last item that was read; copy.data NULL: none that others
               * may be like */
    const iu_batch_item *last_item;
} reader;

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

/* Cuts the value of the member "apart" out of object. Does not look for it
 * behind more members than json_guard.h accepts. */
static void cut_object(reader *in, iu_span object, const char *apart, cut *cut)
{
    const char *rest = object.text;
    iu_json_member member;
    iu_json_parts parts;

    memset(cut, 0, sizeof *cut);
    iu_buffer_init(&cut->copy, in->shared.scratch, 1000);
    iu_json_parts_begin(&parts, object, '{');
    while (parts.count < IU_JSON_VALUES &&
           iu_json_next_member(&parts, &member)) {
        if (is_named(in, member.name, "id")) {
            cut->id = member.value;
            cut->id_at = cut->copy.length + (member.value.text - rest);
        }
        if (!is_named(in, member.name, apart)) {
            continue;
        }
        if (cut->apart.text) {
            refuse_text(in, member.name.text,
                        "a name is given twice in one object");
            return;
        }
        cut->apart = member.value;
        iu_buffer_append(&cut->copy, rest, cut->apart.text - rest);
        iu_buffer_puts(&cut->copy, "null");
        rest = cut->apart.text + cut->apart.length;
    }
    iu_buffer_append(&cut->copy, rest, object.text + object.length - rest);
    if (parts.reason) {
        refuse_text(in, parts.at, parts.reason);
    }
}

/* Refuses an object that json_guard.h does not accept. Finds the place in the
 * text, which is that in the copy but for the length of the value that is
 * apart. */
static void refuse_object(reader *in, iu_span object, const cut *cut)
{
    const iu_span *apart = &cut->apart;
    iu_json_passed passed;
    iu_json_fault fault;
    apr_size_t offset;

    iu_json_guard(in->shared.scratch, cut->copy.data, cut->copy.length, &passed,
                  &fault);
    offset = fault.offset;
    if (apart->text && offset > (apr_size_t)(apart->text - object.text)) {
        offset = offset + apart->length - strlen("null");
    }
    refuse_text(in, object.text + offset, fault.reason);
}

/* Reads the copy of an object. The tree is in the scratch pool. Returns NULL
 * and sets the problem if the object is faulty. */
static const iu_json *read_copy(reader *in, iu_span object, const cut *cut)
{
    iu_batch_reader *shared = &in->shared;
    const iu_json *tree = NULL;

    shared->problem = iu_json_read(
        shared->scratch,
        apr_pstrmemdup(shared->scratch, cut->copy.data, cut->copy.length),
        cut->copy.length, &tree);
    if (shared->problem && shared->problem->kind == IU_BODY_NOT_JSON) {
        refuse_object(in, object, cut);
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

/* The value of "id" of an item, if it is like the last one; otherwise, or if
 * the value is not JSON or null, NULL: the whole item must be read. */
static const iu_json *read_only_id(reader *in, const cut *cut)
{
    apr_pool_t *pool = in->shared.scratch;
    const iu_json *id = NULL;

    if (is_like_last(in, cut)) {
        iu_json_read(pool, apr_pstrmemdup(pool, cut->id.text, cut->id.length),
                     cut->id.length, &id);
    }
    return id;
}

/* Makes an item that is like the last one. */
static void repeat_last(reader *in, const iu_json *id)
{
    iu_batch_item *item = in->shared.item;

    *item = *in->last_item;
    item->headers = apr_table_copy(in->shared.pool, item->headers);
    iu_batch_item_read_id(&in->shared, id);
}

/* Remembers an item that others may be like. */
static void remember(reader *in, const cut *cut)
{
    const iu_batch_item *item = in->shared.item;

    in->last.copy.data = NULL;
    if (!cut->id.text || item->group >= 0 ||
        in->shared.names.references[in->shared.index]) {
        return;
    }
    in->last = *cut;
    in->last.copy.data =
        apr_pstrmemdup(in->shared.names.pool, cut->copy.data, cut->copy.length);
    in->last_item = item;
}

/* Reads all of an item but its body. */
static void read_whole(reader *in, iu_span text, const cut *cut)
{
    iu_batch_item *item = in->shared.item;
    const iu_json *tree = read_copy(in, text, cut);

    item->group = -1;
    item->headers = apr_table_make(in->shared.pool, 4);
    if (tree) {
        iu_batch_item_read(&in->shared, tree);
        remember(in, cut);
    }
}

static void read_item(reader *in, iu_span text)
{
    const iu_json *id;
    cut cut;

    cut_object(in, text, "body", &cut);
    if (in->shared.problem) {
        return;
    }
    id = read_only_id(in, &cut);
    if (id) {
        repeat_last(in, id);
    }
    else {
        read_whole(in, text, &cut);
    }
    if (!in->shared.problem) {
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

/* Returns the texts of the items: an array of iu_span in the scratch pool. */
static apr_array_header_t *cut_items(reader *in, iu_span requests)
{
    apr_array_header_t *texts =
        apr_array_make(in->shared.scratch, 20, sizeof(iu_span));
    iu_json_parts parts;
    iu_span text;

    iu_json_parts_begin(&parts, requests, '[');
    while (iu_json_next_element(&parts, &text)) {
        if (texts->nelts == in->shared.limits->max_items) {
            refuse_all(in, "requests",
                       apr_psprintf(in->shared.pool,
                                    "Number of requests inside batch exceeds "
                                    "the limit of %d.",
                                    in->shared.limits->max_items));
            return texts;
        }
        APR_ARRAY_PUSH(texts, iu_span) = text;
    }
    if (parts.reason) {
        refuse_text(in, parts.at, parts.reason);
    }
    else if (texts->nelts == 0) {
        refuse_all(in, "requests", "There are no requests.");
    }
    return texts;
}

/* Reads the object around the items. */
static apr_array_header_t *read_batch(reader *in)
{
    const iu_span text = {in->text, in->length};
    const iu_json *tree = NULL;
    cut cut;

    cut_object(in, text, "requests", &cut);
    if (!in->shared.problem) {
        tree = read_copy(in, text, &cut);
    }
    if (tree) {
        iu_json_each_member(tree, check_member, in);
    }
    if (in->shared.problem) {
        return NULL;
    }
    if (!cut.apart.text || *cut.apart.text != '[') {
        refuse_all(in, "requests", "It must be an array of requests.");
        return NULL;
    }
    return cut_items(in, cut.apart);
}

static void read_items(reader *in, const apr_array_header_t *texts,
                       apr_array_header_t *items)
{
    iu_batch_reader *shared = &in->shared;

    apr_pool_create(&shared->scratch, shared->names.pool);
    for (shared->index = 0; !shared->problem && shared->index < texts->nelts;
         shared->index++) {
        shared->item = apr_array_push(items);
        read_item(in, APR_ARRAY_IDX(texts, shared->index, iu_span));
        apr_pool_clear(shared->scratch);
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
    const apr_array_header_t *texts;
    apr_pool_t *work;

    apr_pool_create(&work, pool);
    shared->scratch = work;
    texts = read_batch(&in);
    if (!shared->problem) {
        iu_batch_names_init(&shared->names, work, texts->nelts);
        batch->items =
            apr_array_make(pool, texts->nelts, sizeof(iu_batch_item));
        read_items(&in, texts, batch->items);
    }
    if (!shared->problem) {
        shared->problem = iu_batch_order(pool, &shared->names, batch);
    }
    apr_pool_destroy(work);
    return shared->problem;
}
