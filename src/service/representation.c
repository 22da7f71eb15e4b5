/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nearly every client requests all properties with minimal metadata: the stored
 * document is in that format and is sent as it is. Any other representation is
 * written from its parts.
 */
#include "representation.h"

#include <string.h>

#include <apr_strings.h>

#include "../graph/document.h"
#include "../graph/route.h"
#include "../query/query.h"
#include "../text/buffer.h"

/* Appends an annotation's name and the quote that opens its value. */
static void open_annotation(iu_buffer *out, const char *name)
{
    iu_buffer_puts(out, "\"@odata.");
    iu_buffer_puts(out, name);
    iu_buffer_puts(out, "\":\"");
}

static void open_context(iu_buffer *out, const char *service_root)
{
    open_annotation(out, "context");
    iu_buffer_json_escaped(out, service_root, strlen(service_root));
    iu_buffer_puts(out, "/$metadata#");
}

/* Appends the context URL of a contained set (OData 4.01 Protocol section
 * 10.2), without the closing quote. */
static void write_context(iu_buffer *out, const char *service_root,
                          const iu_owner *owner, const iu_shape *shape)
{
    open_context(out, service_root);
    iu_route_write_context(out, owner);
    if (shape->select_text) {
        iu_buffer_puts(out, "(");
        iu_buffer_puts(out, shape->select_text);
        iu_buffer_puts(out, ")");
    }
}

static void write_id_link(iu_buffer *out, const char *service_root,
                          const iu_owner *owner, const iu_record *record)
{
    open_annotation(out, "id");
    iu_buffer_json_escaped(out, service_root, strlen(service_root));
    iu_buffer_puts(out, "/");
    iu_route_write(out, owner, record->id);
    iu_buffer_puts(out, "\",");
}

/* Appends the links of full metadata, relative to the context URL. If $select
 * omits resource, so does this (OData 4.01 Protocol 11.2.5.1). */
static void write_links(iu_buffer *out, const iu_owner *owner,
                        const iu_record *record, const iu_shape *shape)
{
    open_annotation(out, "editLink");
    iu_route_write(out, owner, record->id);
    iu_buffer_puts(out, "\",");
    if (!shape->select || shape->select & IU_SELECT_RESOURCE) {
        iu_buffer_puts(out, "\"resource@odata.navigationLink\":\"");
        iu_route_write(out, owner, record->id);
        iu_buffer_puts(out, "/resource\",");
    }
}

static int is_selected(const iu_shape *shape, const iu_property *property)
{
    return !shape->select || shape->select & 1u << (property - iu_properties);
}

/* Appends the selected properties of an object. */
static void write_properties(iu_buffer *out, const iu_document *document,
                             const iu_member *member, const iu_shape *shape)
{
    int i;

    for (i = 0; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];
        iu_span value = document->properties[i];

        if (property->member != member || !value.text ||
            !is_selected(shape, property)) {
            continue;
        }
        /* In JSON an instant is a string: full metadata states its type (OData
         * JSON Format 4.01 section 4.6.3). */
        if (shape->format.metadata == IU_METADATA_FULL &&
            property->type == IU_EDM_DATE_TIME_OFFSET) {
            iu_buffer_json_name(out, apr_pstrcat(out->pool, property->name,
                                                 "@odata.type", NULL));
            iu_buffer_puts(out, "\"#DateTimeOffset\"");
        }
        iu_buffer_json_name(out, property->name);
        iu_buffer_append(out, value.text, value.length);
    }
}

static int is_member_selected(const iu_shape *shape, const iu_member *member)
{
    int i;

    for (i = 0; i < iu_property_count; i++) {
        if (iu_properties[i].member == member &&
            is_selected(shape, &iu_properties[i])) {
            return 1;
        }
    }
    return 0;
}

/* Appends the selected members of a document. */
static void write_members(iu_buffer *out, const iu_document *document,
                          const iu_shape *shape)
{
    int i;

    for (i = 0; i < iu_member_count; i++) {
        const iu_member *member = &iu_members[i];
        iu_span value = document->members[i];

        if (!value.text || !is_member_selected(shape, member)) {
            continue;
        }
        iu_buffer_json_name(out, member->name);
        if (*value.text != '{') {
            iu_buffer_append(out, value.text, value.length);
            continue;
        }
        iu_buffer_puts(out, "{");
        if (shape->format.metadata != IU_METADATA_NONE) {
            iu_buffer_json_name(out, "@odata.type");
            iu_buffer_puts(out, "\"");
            iu_buffer_puts(out, member->type);
            iu_buffer_puts(out, "\"");
        }
        write_properties(out, document, member, shape);
        iu_buffer_puts(out, "}");
    }
}

/* The value of a property; path must be in the type table. */
static iu_span find_value(const iu_document *document, const char *path)
{
    return document
        ->properties[iu_property_find(path, strlen(path)) - iu_properties];
}

static int is_nonempty_string(iu_span value)
{
    return iu_span_is_string(value) && value.length > strlen("\"\"");
}

/* Appends the members of the entity in resourceReference, and a closing brace.
 * Returns 0 if there is none. */
static int write_resource(iu_buffer *out, const iu_document *document,
                          iu_metadata metadata)
{
    iu_span type = find_value(document, "resourceReference/type");
    iu_span id = find_value(document, "resourceReference/id");
    iu_span url = find_value(document, "resourceReference/webUrl");

    if (!is_nonempty_string(id)) {
        return 0;
    }
    if (metadata != IU_METADATA_NONE && is_nonempty_string(type)) {
        iu_buffer_json_name(out, "@odata.type");
        iu_buffer_puts(out, type.text[1] == '#' ? "\"" : "\"#");
        iu_buffer_append(out, type.text + 1, type.length - 1);
    }
    iu_buffer_json_name(out, "id");
    iu_buffer_append(out, id.text, id.length);
    if (url.text) {
        iu_buffer_json_name(out, "webUrl");
        iu_buffer_append(out, url.text, url.length);
    }
    iu_buffer_puts(out, "}");
    return 1;
}

static void write_expanded(iu_buffer *out, const iu_document *document,
                           const iu_shape *shape)
{
    apr_size_t begin;

    iu_buffer_json_name(out, "resource");
    begin = out->length;
    iu_buffer_puts(out, "{");
    if (!write_resource(out, document, shape->format.metadata)) {
        out->length = begin;
        iu_buffer_puts(out, "null");
    }
}

/* Appends the control information of an entity except its context URL. */
static void write_control(iu_buffer *out, const iu_record *record,
                          const iu_shape *shape, const char *service_root,
                          const iu_owner *owner)
{
    if (shape->format.metadata == IU_METADATA_NONE) {
        return;
    }
    iu_buffer_puts(out, "\"@odata.etag\":\"W/\\\"");
    iu_buffer_puts(out, record->version);
    iu_buffer_puts(out, "\\\"\",\"@odata.type\":\"#" IU_ENTITY_TYPE "\"");
    /* An entity without its key needs its id (OData JSON Format
     * 4.01 section 4.6.8). */
    if (shape->format.metadata == IU_METADATA_FULL ||
        !is_selected(shape, IU_KEY_PROPERTY)) {
        iu_buffer_puts(out, ",");
        write_id_link(out, service_root, owner, record);
        if (shape->format.metadata == IU_METADATA_FULL) {
            write_links(out, owner, record, shape);
        }
        out->length--; /* the comma */
    }
}

static iu_problem *read_document(apr_pool_t *pool, const iu_record *record,
                                 iu_document *document)
{
    return iu_document_read(record->document, document)
               ? NULL
               : iu_problem_explain(pool, iu_problem_make(pool, IU_READ_FAILED),
                                    "the document of '%s' is not one that this "
                                    "module writes",
                                    record->id);
}

/* Appends an entity after its context URL, except *tail: the rest of the stored
 * document, or a closing brace. */
static iu_problem *write_entity(iu_buffer *head, const iu_record *record,
                                const iu_shape *shape, const char *service_root,
                                const iu_owner *owner, iu_span *tail)
{
    iu_document document;
    iu_problem *problem;

    write_control(head, record, shape, service_root, owner);
    if (is_selected(shape, IU_KEY_PROPERTY)) {
        iu_buffer_json_name(head, "id");
        iu_buffer_json_string(head, record->id, strlen(record->id));
    }
    if (shape->format.metadata == IU_METADATA_MINIMAL && !shape->select &&
        !shape->expand_resource) {
        int is_empty = record->document_length == strlen("{}");

        iu_buffer_puts(head, is_empty ? "" : ",");
        *tail = (iu_span){record->document + 1, record->document_length - 1};
        return NULL;
    }
    problem = read_document(head->pool, record, &document);
    if (problem) {
        return problem;
    }
    write_members(head, &document, shape);
    if (shape->expand_resource) {
        write_expanded(head, &document, shape);
    }
    *tail = (iu_span){"}", 1};
    return NULL;
}

iu_problem *iu_representation_make(apr_pool_t *pool, const iu_record *record,
                                   const iu_shape *shape,
                                   const char *service_root,
                                   const iu_owner *owner,
                                   iu_representation *out)
{
    iu_buffer head;
    iu_problem *problem;
    iu_span tail;

    iu_buffer_init(&head, pool, 512);
    iu_buffer_puts(&head, "{");
    if (shape->format.metadata != IU_METADATA_NONE) {
        write_context(&head, service_root, owner, shape);
        iu_buffer_puts(&head, "/$entity\",");
    }
    problem = write_entity(&head, record, shape, service_root, owner, &tail);
    if (!problem) {
        *out =
            (iu_representation){head.data, head.length, tail.text, tail.length};
    }
    return problem;
}

iu_problem *iu_representation_begin_item(iu_buffer *out,
                                         const iu_record *record,
                                         const iu_shape *shape,
                                         const char *service_root,
                                         const iu_owner *owner, iu_span *tail)
{
    iu_buffer_puts(out, "{");
    return write_entity(out, record, shape, service_root, owner, tail);
}

void iu_representation_begin_list(iu_buffer *out, const iu_shape *shape,
                                  const char *service_root,
                                  const iu_owner *owner,
                                  const apr_int64_t *count)
{
    iu_buffer_puts(out, "{");
    if (shape->format.metadata != IU_METADATA_NONE) {
        write_context(out, service_root, owner, shape);
        iu_buffer_puts(out, "\",");
    }
    if (count) {
        iu_buffer_puts(
            out, apr_psprintf(out->pool,
                              shape->format.ieee754_compatible
                                  ? "\"@odata.count\":\"%" APR_INT64_T_FMT "\","
                                  : "\"@odata.count\":%" APR_INT64_T_FMT ",",
                              *count));
    }
    iu_buffer_puts(out, "\"value\":[");
}

void iu_representation_end_list(iu_buffer *out, const char *next_link)
{
    iu_buffer_puts(out, "]");
    if (next_link) {
        iu_buffer_puts(out, ",");
        open_annotation(out, "nextLink");
        iu_buffer_json_escaped(out, next_link, strlen(next_link));
        iu_buffer_puts(out, "\"");
    }
    iu_buffer_puts(out, "}");
}

iu_problem *iu_representation_resource(iu_buffer *out, const iu_record *record,
                                       iu_metadata metadata,
                                       const char *service_root)
{
    apr_size_t begin = out->length;
    iu_document document;
    iu_problem *problem = read_document(out->pool, record, &document);

    if (problem) {
        return problem;
    }
    iu_buffer_puts(out, "{");
    if (metadata != IU_METADATA_NONE) {
        open_context(out, service_root);
        iu_buffer_puts(out, "microsoft.graph.entity\"");
    }
    if (!write_resource(out, &document, metadata)) {
        out->length = begin;
    }
    return NULL;
}
