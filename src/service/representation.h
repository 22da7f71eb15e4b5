/* SPDX-License-Identifier: Apache-2.0 */
/* The representation of used insights, as an answer carries it. */
#ifndef IU_SERVICE_REPRESENTATION_H
#define IU_SERVICE_REPRESENTATION_H

#include <apr_pools.h>

#include "../graph/document.h"
#include "../graph/record.h"
#include "../http/media_type.h"
#include "../text/buffer.h"

/* How a record is shown. */
typedef struct iu_shape {
    iu_metadata metadata;
    apr_uint32_t select; /* of iu_properties: query.h; 0: everything */
    const char
        *select_text;    /* the same for the context URL; NULL: everything */
    int expand_resource; /* with what it refers to */
} iu_shape;

/* A representation in two parts, to be sent one after the other: what differs
 * with each request, and the stored document without a copy of it. */
typedef struct iu_representation {
    const char *head;
    apr_size_t head_length;
    const char *tail;
    apr_size_t tail_length;
} iu_representation;

/* Makes the representation of a record as an answer of its own (OData JSON
 * Format 4.01 section 4.5). service_root is the absolute URL of the service
 * root without a slash at its end. The parts live in pool or in record. */
void iu_used_insight_represent(apr_pool_t *pool, const iu_record *record,
                               const iu_shape *shape, const char *service_root,
                               iu_representation *out);

/* Appends the same as one of a list, without the context, but for its end,
 * which is returned: that of the stored document without a copy of it. */
iu_span iu_used_insight_begin_item(iu_buffer *out, const iu_record *record,
                                   const iu_shape *shape,
                                   const char *service_root);

/* Appends what a list begins with, up to its first item. count is of all its
 * items on all pages; NULL: it was not asked for. */
void iu_used_insight_begin_list(iu_buffer *out, const char *invitation_id,
                                const iu_shape *shape, const char *service_root,
                                const apr_int64_t *count);

/* Appends what ends a list. next_link is the absolute URL of the next page;
 * NULL: this is the last. */
void iu_used_insight_end_list(iu_buffer *out, const char *next_link);

/* Appends the entity that a record refers to, as an answer of its own. Returns
 * 0 and appends nothing where it refers to none: without an id. */
int iu_used_insight_represent_resource(iu_buffer *out, const iu_record *record,
                                       iu_metadata metadata,
                                       const char *service_root);

#endif
