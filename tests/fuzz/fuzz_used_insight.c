/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target: request bodies. The document of an accepted record is JSON
 * and is read again as the same record; so is its representation, with any
 * metadata. A selection of its properties, and its resource, are JSON. Merged
 * into itself it does not change. Merged into another record it gives a record,
 * which does not change when it is merged again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/document.h"
#include "../../src/graph/used_insight.h"
#include "../../src/service/representation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_record(apr_pool_t *pool, const char *text, size_t length,
                       iu_record *record)
{
    const iu_json *root;

    memset(record, 0, sizeof(*record));
    return !iu_json_read(pool, apr_pstrmemdup(pool, text, length), length,
                         &root) &&
           !iu_used_insight_read(pool, root, 0, record);
}

static iu_buffer represent(apr_pool_t *pool, const iu_record *record,
                           const iu_shape *shape)
{
    const iu_owner owner = {IU_OWNER_USER, "user"};
    iu_representation parts;
    iu_buffer text;

    if (iu_representation_make(pool, record, shape, "http://host/beta", &owner,
                               &parts)) {
        abort();
    }
    iu_buffer_init(&text, pool, parts.head_length + parts.tail_length);
    iu_buffer_append(&text, parts.head, parts.head_length);
    iu_buffer_append(&text, parts.tail, parts.tail_length);
    return text;
}

static void check_json(apr_pool_t *pool, const iu_buffer *text)
{
    const iu_json *root;

    if (iu_json_read(pool, apr_pstrmemdup(pool, text->data, text->length),
                     text->length, &root)) {
        abort();
    }
}

static void check_parts(apr_pool_t *pool, const iu_record *record,
                        iu_shape shape)
{
    iu_buffer text;

    for (shape.select = 1; shape.select < 1u << iu_property_count;
         shape.select = shape.select * 3 + 1) {
        text = represent(pool, record, &shape);
        check_json(pool, &text);
    }
    iu_buffer_init(&text, pool, 64);
    if (iu_representation_resource(&text, record, shape.format.metadata,
                                   "http://host")) {
        abort();
    }
    if (text.length > 0) {
        check_json(pool, &text);
    }
}

static void check_representation(apr_pool_t *pool, const iu_record *record,
                                 iu_metadata metadata)
{
    iu_shape shape = {{metadata, 0}, 0, NULL, 0};
    iu_buffer text = represent(pool, record, &shape);
    iu_record again;

    if (!read_record(pool, text.data, text.length, &again) ||
        strcmp(again.document, record->document) != 0 ||
        strcmp(again.id, record->id) != 0 ||
        strcmp(again.last_accessed, record->last_accessed) != 0 ||
        strcmp(again.last_modified, record->last_modified) != 0) {
        abort();
    }
    shape.expand_resource = 1;
    check_parts(pool, record, shape);
}

static void merge(apr_pool_t *pool, const iu_json *root,
                  const iu_record *stored, iu_record *merged)
{
    if (iu_used_insight_merge(pool, root, 0, stored->id, stored, merged)) {
        abort();
    }
}

static void check_merge(apr_pool_t *pool, const char *text, size_t length,
                        const iu_record *record)
{
    static const char other[] =
        "{\"id\":\"other\",\"lastUsed\":{\"lastAccessedDateTime\":"
        "\"2020-01-02T03:04:05Z\",\"lastModifiedDateTime\":null},"
        "\"resourceVisualization\":{\"title\":\"\\u0001\",\"type\":null},"
        "\"resourceReference\":null}";
    iu_record stored;
    iu_record once;
    iu_record twice;
    const iu_json *root;

    if (iu_json_read(pool, apr_pstrmemdup(pool, text, length), length, &root) ||
        !read_record(pool, other, strlen(other), &stored)) {
        abort();
    }
    stored.id = record->id;
    merge(pool, root, record, &once);
    if (strcmp(once.document, record->document) != 0) {
        abort();
    }
    merge(pool, root, &stored, &once);
    merge(pool, root, &once, &twice);
    if (strcmp(once.document, twice.document) != 0 ||
        strcmp(once.last_accessed, twice.last_accessed) != 0 ||
        strcmp(once.last_modified, twice.last_modified) != 0) {
        abort();
    }
}

/* Any text may be in the table: not a byte after its end is read. */
static void read_foreign(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    iu_document document;

    if (!copy) {
        abort();
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    iu_document_read(copy, &document);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *parent;
    apr_pool_t *pool;
    iu_record record;

    if (!parent) {
        apr_initialize();
        apr_pool_create(&parent, NULL);
    }
    apr_pool_create(&pool, parent);
    read_foreign((const char *)data, size);
    if (read_record(pool, (const char *)data, size, &record)) {
        record.set_id = "it's \"one\"";
        memcpy(record.version, "0123456789abcdef", IU_VERSION_SIZE);
        if (!record.id) {
            record.id = "made";
        }
        check_representation(pool, &record, IU_METADATA_MINIMAL);
        check_representation(pool, &record, IU_METADATA_NONE);
        check_representation(pool, &record, IU_METADATA_FULL);
        check_merge(pool, (const char *)data, size, &record);
    }
    apr_pool_destroy(pool);
    return 0;
}
