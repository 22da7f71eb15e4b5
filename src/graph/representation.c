/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The representation of a usedInsight: see representation.h. The stored
 * document is that of minimal metadata. The other two are made from it by
 * looking at its text alone, which is sound because it is our own writing,
 * without white space: a name comes right after '{' or ',' and an unescaped
 * quote, and inside of a string every quote is escaped.
 */
#include "representation.h"

#include <string.h>

#include "buffer.h"
#include "route.h"

#define NESTED_TYPE "{\"@odata.type\":\""
#define SET "/invitedUser/insights/used"

/* Appends an annotation's name and the quote that opens its value. */
static void open_annotation(iu_buffer *out, const char *name)
{
    iu_buffer_puts(out, "\"@odata.");
    iu_buffer_puts(out, name);
    iu_buffer_puts(out, "\":\"");
}

/* The context URL of one entity of a contained set (OData 4.01 Protocol
 * section 10.2): the key in parentheses, its quotes doubled, not
 * percent-encoded. */
static void write_context(iu_buffer *out, const char *service_root,
                          const char *invitation_id)
{
    const char *quote;

    open_annotation(out, "context");
    iu_buffer_json_escaped(out, service_root, strlen(service_root));
    iu_buffer_puts(out, "/$metadata#invitations('");
    while ((quote = strchr(invitation_id, '\''))) {
        iu_buffer_json_escaped(out, invitation_id, quote - invitation_id);
        iu_buffer_puts(out, "''");
        invitation_id = quote + 1;
    }
    iu_buffer_json_escaped(out, invitation_id, strlen(invitation_id));
    iu_buffer_puts(out, "')" SET "/$entity\",");
}

static void write_etag(iu_buffer *out, const char *version)
{
    open_annotation(out, "etag");
    iu_buffer_puts(out, "W/\\\"");
    iu_buffer_puts(out, version);
    iu_buffer_puts(out, "\\\"\",");
}

/* The links that only full metadata has; relative to the context URL. */
static void write_links(iu_buffer *out, const char *service_root,
                        const iu_record *record)
{
    open_annotation(out, "id");
    iu_buffer_json_escaped(out, service_root, strlen(service_root));
    iu_buffer_puts(out, "/");
    iu_route_write(out, record->invitation_id, record->id);
    iu_buffer_puts(out, "\",");
    open_annotation(out, "editLink");
    iu_route_write(out, record->invitation_id, record->id);
    iu_buffer_puts(out, "\",");
}

/* Copies a document without the types of its objects. */
static void copy_without_types(iu_buffer *out, const char *document)
{
    const char *type;

    while ((type = strstr(document, NESTED_TYPE))) {
        iu_buffer_append(out, document, type + 1 - document);
        document = strchr(type + strlen(NESTED_TYPE), '"') + 1;
        document += *document == ',';
    }
    iu_buffer_puts(out, document);
}

/* Copies a document and says which of its strings are instants, as their JSON
 * form does not (OData JSON Format 4.01 section 4.6.3). */
static void copy_with_types(iu_buffer *out, const char *document)
{
    static const char *const names[] = {"\"lastAccessedDateTime\":",
                                        "\"lastModifiedDateTime\":"};
    int i;

    for (i = 0; i < 2; i++) {
        const char *name = strstr(document, names[i]);

        if (name) {
            iu_buffer_append(out, document, name - document);
            iu_buffer_append(out, names[i], strlen(names[i]) - 2);
            iu_buffer_puts(out, "@odata.type\":\"#DateTimeOffset\",");
            document = name;
        }
    }
    iu_buffer_puts(out, document);
}

void iu_used_insight_represent(apr_pool_t *pool, const iu_record *record,
                               iu_metadata metadata, const char *service_root,
                               iu_representation *out)
{
    iu_buffer head;
    int is_empty = record->document_length == 2; /* "{}" */

    iu_buffer_init(&head, pool, 512);
    iu_buffer_puts(&head, "{");
    if (metadata != IU_METADATA_NONE) {
        write_context(&head, service_root, record->invitation_id);
        write_etag(&head, record->version);
        iu_buffer_puts(&head,
                       "\"@odata.type\":\"#microsoft.graph.usedInsight\",");
    }
    if (metadata == IU_METADATA_FULL) {
        write_links(&head, service_root, record);
    }
    iu_buffer_puts(&head, "\"id\":");
    iu_buffer_json_string(&head, record->id, strlen(record->id));
    if (!is_empty) {
        iu_buffer_puts(&head, ",");
    }
    out->tail = record->document + 1;
    out->tail_length = record->document_length - 1;
    if (metadata != IU_METADATA_MINIMAL) {
        iu_buffer tail;

        iu_buffer_init(&tail, pool, record->document_length + 128);
        (metadata == IU_METADATA_NONE ? copy_without_types
                                      : copy_with_types)(&tail, out->tail);
        out->tail = tail.data;
        out->tail_length = tail.length;
    }
    out->head = head.data;
    out->head_length = head.length;
}
