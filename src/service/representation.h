/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON representation of used insights in responses. */
#ifndef IU_SERVICE_REPRESENTATION_H
#define IU_SERVICE_REPRESENTATION_H

#include <apr_pools.h>

#include "../graph/document.h"
#include "../graph/record.h"
#include "../graph/route.h"
#include "../http/media_type.h"
#include "../text/buffer.h"

/* How to represent a record. */
typedef struct iu_shape {
    iu_json_format format;
    apr_uint32_t select;     /* as in iu_query; 0: everything */
    const char *select_text; /* as in iu_query; NULL: everything */
    int expand_resource;     /* include the entity in resourceReference */
} iu_shape;

/* A representation in two parts, to be sent in this order: a head made for the
 * request, and a tail, the rest of the stored document, which is not copied. */
typedef struct iu_representation {
    const char *head;
    apr_size_t head_length;
    const char *tail;
    apr_size_t tail_length;
} iu_representation;

/* Makes the representation of a single record (OData JSON Format 4.01 section
 * 4.5). service_root is the absolute URL of the service root without a trailing
 * slash. owner is that of the path that was asked: context URL and links name
 * the record by it. The parts are in pool or in record. Returns NULL, or
 * IU_READ_FAILED if the record's document was not written by used_insight.c. */
iu_problem *iu_representation_make(apr_pool_t *pool, const iu_record *record,
                                   const iu_shape *shape,
                                   const char *service_root,
                                   const iu_owner *owner,
                                   iu_representation *out);

/* Appends the head of a list item, which has no context URL. *tail points into
 * record or is constant: the caller appends it. Returns as above; the problem
 * is in out->pool. */
iu_problem *iu_representation_begin_item(iu_buffer *out,
                                         const iu_record *record,
                                         const iu_shape *shape,
                                         const char *service_root,
                                         const iu_owner *owner, iu_span *tail);

/* Appends the start of a list up to its first item. count is the total number
 * of items, an integer of 64 bits; NULL: not requested. */
void iu_representation_begin_list(iu_buffer *out, const iu_shape *shape,
                                  const char *service_root,
                                  const iu_owner *owner,
                                  const apr_int64_t *count);

/* Appends the end of a list. next_link is the absolute URL of the next page;
 * NULL: this is the last. */
void iu_representation_end_list(iu_buffer *out, const char *next_link);

/* Appends the representation of the entity in resourceReference, or nothing if
 * that has no id. Returns as above. */
iu_problem *iu_representation_resource(iu_buffer *out, const iu_record *record,
                                       iu_metadata metadata,
                                       const char *service_root);

#endif
