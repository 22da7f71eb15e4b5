/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_item.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/key.h"
#include "../text/excerpt.h"
#include "../text/name.h"
#include "batch_problem.h"
#include "batch_target.h"

/* Sets in->problem. Returns 0, to end iu_json_each_member. */
static int refuse(iu_batch_reader *in, const char *member, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

static int refuse(iu_batch_reader *in, const char *member, const char *format,
                  ...)
{
    const char *sentence;
    va_list arguments;

    va_start(arguments, format);
    sentence = apr_pvsprintf(in->pool, format, arguments);
    va_end(arguments);
    in->problem = iu_batch_invalid(in->pool, in->index, member, "%s", sentence);
    return 0;
}

static const char *excerpt(iu_batch_reader *in, const char *text)
{
    return iu_excerpt(in->pool, text, strlen(text));
}

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

int iu_batch_item_set_id(iu_batch_reader *in, const char *id)
{
    if (!iu_batch_names_add(&in->names, id, in->index)) {
        return refuse(in, "id", "Request Id %s has to be unique in a batch.",
                      excerpt(in, id));
    }
    in->item->id = id;
    return 1;
}

static int read_id(iu_batch_reader *in, const iu_json *value)
{
    const char *id = apr_pstrdup(in->pool, text_of(value));

    if (!id || !iu_key_is_valid(id, strlen(id))) {
        return refuse(in, "id",
                      "The id must be a string of 1 to %d bytes without "
                      "control characters.",
                      IU_KEY_MAX);
    }
    return iu_batch_item_set_id(in, id);
}

static int read_method(iu_batch_reader *in, const iu_json *value)
{
    char *name = apr_pstrdup(in->pool, text_of(value));
    char *c;

    if (!name || !is_token(name)) {
        return refuse(in, "method", "The method must be a token, such as GET.");
    }
    for (c = name; *c; c++) {
        if (*c >= 'a' && *c <= 'z') {
            *c -= 'a' - 'A';
        }
    }
    in->item->method_name = name;
    in->item->method = iu_method_find(name);
    return 1;
}

static int read_url(iu_batch_reader *in, const iu_json *value)
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
static const char *clean_value(iu_batch_reader *in, const char *value)
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

static int refuse_field(iu_batch_reader *in, const char *name,
                        const char *sentence)
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
    iu_batch_reader *in = baton;
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

static int read_headers(iu_batch_reader *in, const iu_json *value)
{
    if (iu_json_type_of(value) != IU_JSON_OBJECT) {
        return refuse(in, "headers", "The headers must be an object.");
    }
    in->fields = apr_table_make(in->scratch, 8);
    iu_json_each_member(value, read_field, in);
    return !in->problem;
}

static int read_references(iu_batch_reader *in, const iu_json *value)
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

static int read_group(iu_batch_reader *in, const iu_json *value)
{
    const char *name = apr_pstrdup(in->names.pool, text_of(value));

    if (!name || !*name) {
        return refuse(in, "atomicityGroup",
                      "The name of a group must be a string, and not empty.");
    }
    in->item->group = iu_batch_names_join(&in->names, name, in->index);
    return in->item->group >= 0
               ? 1
               : refuse(in, "atomicityGroup",
                        "An atomicityGroup has at most %d requests.",
                        IU_WRITE_ALL_MAX);
}

/* The tree has null in place of the body, unless memory was too short to find
 * it. */
static int check_body(iu_batch_reader *in, const iu_json *value)
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
        int (*read)(iu_batch_reader *in, const iu_json *value);
    } members[] = {{"id", 0, read_id},
                   {"method", 0, read_method},
                   {"url", 0, read_url},
                   {"headers", 1, read_headers},
                   {"body", 0, check_body},
                   {"dependsOn", 1, read_references},
                   /* the spelling of Microsoft's Python client */
                   {"depends_on", 1, read_references},
                   {"atomicityGroup", 1, read_group}};
    iu_batch_reader *in = baton;
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

/* Checks an item whose members were read. */
static void check_item(iu_batch_reader *in)
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

void iu_batch_item_read(iu_batch_reader *in, const iu_json *tree)
{
    iu_json_each_member(tree, read_member, in);
    if (!in->problem) {
        check_item(in);
    }
}
