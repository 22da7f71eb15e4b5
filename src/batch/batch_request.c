/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text is cut into the items, and each item into its members. An item
 * without its body is then copied and read as a tree, with the limits of
 * json_guard.h, so the text itself stays as the client sent it.
 */
#include "batch_request.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/key.h"
#include "../json/json_parts.h"
#include "../json/json_reader.h"
#include "../text/excerpt.h"
#include "../text/name.h"
#include "batch_order.h"
#include "batch_problem.h"
#include "batch_target.h"

typedef struct reader {
    apr_pool_t *pool;    /* of the result */
    apr_pool_t *scratch; /* of one item */
    const char *text;
    apr_size_t length;
    const iu_batch_limits *limits;
    iu_batch_names names;
    iu_batch_item *item; /* the current one */
    int index;           /* its index; -1: none */
    apr_table_t *fields; /* all header fields of the current item */
    iu_problem *problem; /* the first one */
} reader;

/* Sets in->problem. Returns 0, to end iu_json_each_member. */
static int refuse(reader *in, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(reader *in, const char *member, const char *format, ...)
{
    const char *sentence;
    va_list arguments;

    va_start(arguments, format);
    sentence = apr_pvsprintf(in->pool, format, arguments);
    va_end(arguments);
    in->problem = iu_batch_invalid(in->pool, in->index, member, "%s", sentence);
    return 0;
}

/* The same for a fault outside the items. */
static void refuse_all(reader *in, const char *target, const char *sentence)
{
    in->problem = iu_problem_make(in->pool, IU_BATCH_INVALID, sentence);
    in->problem->target = target;
}

/* Refuses a text that is not JSON at "at". */
static void refuse_text(reader *in, const char *at, const char *reason)
{
    unsigned line;
    unsigned column;

    iu_json_locate(in->text, at, &line, &column);
    refuse_all(in,
               in->index < 0 ? NULL
                             : apr_psprintf(in->pool, "requests/%d", in->index),
               apr_psprintf(in->pool, "Line %u, column %u: %s.", line, column,
                            reason));
}

static const char *excerpt(reader *in, const char *text)
{
    return iu_excerpt(in->pool, text, strlen(text));
}

/* --- objects --- */

/* Whether a name in quotes, perhaps with escapes, is wanted. */
static int is_named(reader *in, iu_span name, const char *wanted)
{
    const iu_json *decoded;
    const char *text = name.text + 1;
    apr_size_t length = name.length - 2;

    if (memchr(text, '\\', length)) {
        if (iu_json_read(in->scratch,
                         apr_pstrmemdup(in->scratch, name.text, name.length),
                         name.length, &decoded)) {
            return 0;
        }
        text = iu_json_string(decoded, &length);
    }
    return length == strlen(wanted) && !memcmp(text, wanted, length);
}

/* Copies object, with null in place of the member "apart", whose value stays
 * apart; its text is NULL if there is none. Does not look for it behind more
 * members than json_guard.h accepts. */
static void copy_object(reader *in, iu_span object, const char *apart,
                        iu_span *value, iu_buffer *copy)
{
    const char *rest = object.text;
    iu_json_member member;
    iu_json_parts parts;

    memset(value, 0, sizeof *value);
    iu_buffer_init(copy, in->scratch, 1000);
    iu_json_parts_begin(&parts, object, '{');
    while (parts.count < IU_JSON_VALUES &&
           iu_json_next_member(&parts, &member)) {
        if (!is_named(in, member.name, apart)) {
            continue;
        }
        if (value->text) {
            refuse_text(in, member.name.text,
                        "a name is given twice in one object");
            return;
        }
        *value = member.value;
        iu_buffer_append(copy, rest, value->text - rest);
        iu_buffer_puts(copy, "null");
        rest = value->text + value->length;
    }
    iu_buffer_append(copy, rest, object.text + object.length - rest);
    if (parts.reason) {
        refuse_text(in, parts.at, parts.reason);
    }
}

/* Refuses an object that json_guard.h does not accept. Finds the place in the
 * text, which is that in the copy but for the length of the value that is
 * apart. */
static void refuse_object(reader *in, iu_span object, iu_span value,
                          const iu_buffer *copy)
{
    iu_json_passed passed;
    iu_json_fault fault;
    apr_size_t offset;

    iu_json_guard(in->scratch, copy->data, copy->length, &passed, &fault);
    offset = fault.offset;
    if (value.text && offset > (apr_size_t)(value.text - object.text)) {
        offset = offset + value.length - strlen("null");
    }
    refuse_text(in, object.text + offset, fault.reason);
}

/* Reads an object without the value of the member "apart". Sets *value to its
 * text, not checked, NULL: there is none. The tree is in in->scratch. Returns
 * NULL and sets in->problem if the object is faulty. */
static const iu_json *read_object(reader *in, iu_span object, const char *apart,
                                  iu_span *value)
{
    const iu_json *tree = NULL;
    iu_buffer copy;

    copy_object(in, object, apart, value, &copy);
    if (!in->problem) {
        in->problem = iu_json_read(
            in->scratch, apr_pstrmemdup(in->scratch, copy.data, copy.length),
            copy.length, &tree);
        if (in->problem && in->problem->kind == IU_BODY_NOT_JSON) {
            refuse_object(in, object, *value, &copy);
        }
        else if (in->problem) {
            in->problem = iu_problem_copy(in->pool, in->problem);
        }
    }
    return tree;
}

/* --- the members of an item --- */

/* The text of a string, which lives as long as the tree. NULL: value is no
 * string. */
static const char *text_of(const iu_json *value)
{
    apr_size_t length;

    return iu_json_type_of(value) == IU_JSON_STRING
               ? iu_json_string(value, &length)
               : NULL;
}

/* Whether text is a token (RFC 9110 section 5.6.2). */
static int is_token(const char *text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    const char *c;

    for (c = text; *c; c++) {
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
              (*c >= '0' && *c <= '9') || strchr(marks, *c))) {
            return 0;
        }
    }
    return c > text;
}

static int read_id(reader *in, const iu_json *value)
{
    const char *id = apr_pstrdup(in->pool, text_of(value));

    if (!id || !iu_key_is_valid(id, strlen(id))) {
        return refuse(in, "id",
                      "The id must be a string of 1 to %d bytes without "
                      "control characters.",
                      IU_KEY_MAX);
    }
    if (!iu_batch_names_add(&in->names, id, in->index)) {
        return refuse(in, "id", "Request Id %s has to be unique in a batch.",
                      excerpt(in, id));
    }
    in->item->id = id;
    return 1;
}

static int read_method(reader *in, const iu_json *value)
{
    static const struct {
        const char *name;
        iu_method method;
    } methods[] = {{"GET", IU_METHOD_GET},
                   {"POST", IU_METHOD_POST},
                   {"PATCH", IU_METHOD_PATCH},
                   {"DELETE", IU_METHOD_DELETE}};
    char *name = apr_pstrdup(in->pool, text_of(value));
    char *c;
    size_t i;

    if (!name || !is_token(name)) {
        return refuse(in, "method", "The method must be a token, such as GET.");
    }
    for (c = name; *c; c++) {
        if (*c >= 'a' && *c <= 'z') {
            *c -= 'a' - 'A';
        }
    }
    in->item->method_name = name;
    in->item->method = IU_METHOD_UNKNOWN;
    for (i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (!strcmp(name, methods[i].name)) {
            in->item->method = methods[i].method;
        }
    }
    return 1;
}

static int read_url(reader *in, const iu_json *value)
{
    const char *url = text_of(value);
    const char *reason = "The URL must be a string.";

    if (url) {
        in->item->target =
            iu_batch_target_read(in->pool, in->limits, url, &reason);
    }
    return in->item->target ? 1 : refuse(in, "url", "%s", reason);
}

static int is_one_of(const char *name, const char *const *names)
{
    while (*names && strcasecmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

/* Copies a field value to in->scratch, without the white space around it (RFC
 * 9110 section 5.5). Returns NULL if it contains other control characters. */
static const char *clean_value(reader *in, const char *value)
{
    const char *end = value + strlen(value);
    const char *c;

    while (*value == ' ' || *value == '\t') {
        value++;
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    for (c = value; c < end; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7F) {
            return NULL;
        }
    }
    return apr_pstrmemdup(in->scratch, value, end - value);
}

static int refuse_field(reader *in, const char *name, const char *sentence)
{
    return refuse(in,
                  apr_pstrcat(in->pool, "headers/", excerpt(in, name), NULL),
                  "%s", sentence);
}

/* An iu_json_visit for "headers". Fields that the service does not read are
 * dropped: none of them may have an effect on an item alone. */
static int read_field(void *baton, const char *name, const iu_json *json)
{
    static const char *const read[] = {"Accept",
                                       "Content-Type",
                                       "Content-Encoding",
                                       "Prefer",
                                       "If-Match",
                                       "If-None-Match",
                                       "OData-Version",
                                       "OData-MaxVersion",
                                       "Isolation",
                                       "OData-Isolation",
                                       "Repeatability-Request-ID",
                                       "Repeatability-First-Sent",
                                       "Idempotency-Key",
                                       "client-request-id",
                                       NULL};
    static const char *const credentials[] = {"Proxy-Authorization", "Cookie",
                                              NULL};
    reader *in = baton;
    const char *value = text_of(json);

    if (!is_token(name)) {
        return refuse_field(in, name,
                            "This cannot be the name of a header field.");
    }
    value = value ? clean_value(in, value) : NULL;
    if (!value) {
        return refuse_field(in, name,
                            "The value of a header field must be a string "
                            "without control characters.");
    }
    if (apr_table_get(in->fields, name)) {
        return refuse_field(in, name, "The header field is given twice.");
    }
    apr_table_setn(in->fields, name, value);
    if (is_one_of(name, read)) {
        apr_table_set(in->item->headers, name, value);
    }
    if (!strcasecmp(name, "Authorization")) {
        in->item->authorization = apr_pstrdup(in->pool, value);
    }
    in->item->has_credentials |= is_one_of(name, credentials);
    return 1;
}

static int read_headers(reader *in, const iu_json *value)
{
    if (iu_json_type_of(value) != IU_JSON_OBJECT) {
        return refuse(in, "headers", "The headers must be an object.");
    }
    in->fields = apr_table_make(in->scratch, 8);
    iu_json_each_member(value, read_field, in);
    return !in->problem;
}

static int read_references(reader *in, const iu_json *value)
{
    apr_array_header_t *references;
    apr_size_t i;

    if (iu_json_type_of(value) != IU_JSON_ARRAY) {
        return refuse(in, "dependsOn",
                      "It must be an array of ids and names of groups.");
    }
    if (in->names.references[in->index]) {
        return refuse(in, "dependsOn", "It is given twice, in two spellings.");
    }
    references = apr_array_make(in->names.pool, (int)iu_json_count(value),
                                sizeof(const char *));
    for (i = 0; i < iu_json_count(value); i++) {
        const char *name = text_of(iu_json_element(value, i));

        if (!name) {
            return refuse(in, apr_psprintf(in->pool, "dependsOn/%d", (int)i),
                          "It must be an id, or the name of a group.");
        }
        APR_ARRAY_PUSH(references, const char *) =
            apr_pstrdup(in->names.pool, name);
    }
    in->names.references[in->index] = references;
    return 1;
}

static int read_group(reader *in, const iu_json *value)
{
    const char *name = apr_pstrdup(in->names.pool, text_of(value));

    if (!name || !*name) {
        return refuse(in, "atomicityGroup",
                      "The name of a group must be a string, and not empty.");
    }
    in->item->group = iu_batch_names_join(&in->names, name, in->index);
    return 1;
}

/* The tree has null in place of the body, unless memory was too short to find
 * it. */
static int check_body(reader *in, const iu_json *value)
{
    if (value) {
        in->problem = iu_problem_make(in->pool, IU_JSON_FAILED);
    }
    return !value;
}

/* An iu_json_visit for an item. Annotations are ignored, as in other bodies.
 * Null is as good as absent where a member may be absent: some clients write
 * it. */
static int read_member(void *baton, const char *name, const iu_json *value)
{
    static const struct {
        const char *name;
        int is_optional;
        int (*read)(reader *in, const iu_json *value);
    } members[] = {{"id", 0, read_id},
                   {"method", 0, read_method},
                   {"url", 0, read_url},
                   {"headers", 1, read_headers},
                   {"body", 0, check_body},
                   {"dependsOn", 1, read_references},
                   /* the spelling of Microsoft's Python client */
                   {"depends_on", 1, read_references},
                   {"atomicityGroup", 1, read_group}};
    reader *in = baton;
    size_t i;

    for (i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!strcmp(name, members[i].name)) {
            return (!value && members[i].is_optional) ||
                   members[i].read(in, value);
        }
    }
    return strchr(name, '@')
               ? 1
               : refuse(in, excerpt(in, name),
                        "A request of a batch has no such member.");
}

/* --- items --- */

/* Sets the body. Unlike other JSON, null is none, as SDKs send it for GET. */
static void set_body(reader *in, iu_span body)
{
    iu_batch_item *item = in->item;

    if (!body.text || (body.length == 4 && !memcmp(body.text, "null", 4))) {
        return;
    }
    item->body = (char *)body.text;
    item->body_length = body.length;
    if (!apr_table_get(item->headers, "Content-Type")) {
        apr_table_setn(item->headers, "Content-Type", "application/json");
    }
}

/* Checks an item whose members were read. */
static void check_item(reader *in)
{
    const iu_batch_item *item = in->item;
    const char *missing = !item->id            ? "id"
                          : !item->method_name ? "method"
                          : !item->target      ? "url"
                                               : NULL;

    if (missing) {
        refuse(in, missing, "It is missing.");
    }
    else if (item->group >= 0 && item->method == IU_METHOD_GET) {
        refuse(in, "atomicityGroup", "A group must not have a GET.");
    }
}

static void read_item(reader *in, iu_span text)
{
    const iu_json *tree;
    iu_span body;

    in->item->group = -1;
    in->item->headers = apr_table_make(in->pool, 4);
    tree = read_object(in, text, "body", &body);
    if (!tree) {
        return;
    }
    iu_json_each_member(tree, read_member, in);
    if (!in->problem) {
        check_item(in);
        set_body(in, body);
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
    refuse_all(in, excerpt(in, name), "A batch has no such member.");
    return 0;
}

/* Returns the texts of the items: an array of iu_span in in->names.pool. */
static apr_array_header_t *cut_items(reader *in, iu_span requests)
{
    apr_array_header_t *texts =
        apr_array_make(in->scratch, 20, sizeof(iu_span));
    iu_json_parts parts;
    iu_span text;

    iu_json_parts_begin(&parts, requests, '[');
    while (iu_json_next_element(&parts, &text)) {
        if (texts->nelts == in->limits->max_items) {
            refuse_all(in, "requests",
                       apr_psprintf(in->pool,
                                    "Number of requests inside batch exceeds "
                                    "the limit of %d.",
                                    in->limits->max_items));
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
    iu_span requests;
    const iu_json *tree =
        read_object(in, (iu_span){in->text, in->length}, "requests", &requests);

    if (tree) {
        iu_json_each_member(tree, check_member, in);
    }
    if (in->problem) {
        return NULL;
    }
    if (!requests.text || *requests.text != '[') {
        refuse_all(in, "requests", "It must be an array of requests.");
        return NULL;
    }
    return cut_items(in, requests);
}

static void read_items(reader *in, const apr_array_header_t *texts,
                       apr_array_header_t *items)
{
    apr_pool_create(&in->scratch, in->names.pool);
    for (in->index = 0; !in->problem && in->index < texts->nelts; in->index++) {
        in->item = apr_array_push(items);
        read_item(in, APR_ARRAY_IDX(texts, in->index, iu_span));
        apr_pool_clear(in->scratch);
    }
}

iu_problem *iu_batch_request_read(apr_pool_t *pool, char *text,
                                  apr_size_t length,
                                  const iu_batch_limits *limits,
                                  iu_batch_request *batch)
{
    reader in = {.pool = pool,
                 .text = text,
                 .length = length,
                 .limits = limits,
                 .index = -1};
    const apr_array_header_t *texts;
    apr_pool_t *work;

    apr_pool_create(&work, pool);
    in.scratch = work;
    texts = read_batch(&in);
    if (!in.problem) {
        iu_batch_names_init(&in.names, work, texts->nelts);
        batch->items =
            apr_array_make(pool, texts->nelts, sizeof(iu_batch_item));
        read_items(&in, texts, batch->items);
    }
    if (!in.problem) {
        in.problem = iu_batch_order(pool, &in.names, batch);
    }
    apr_pool_destroy(work);
    return in.problem;
}
