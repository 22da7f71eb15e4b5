/* SPDX-License-Identifier: Apache-2.0 */
/* The representation of a usedInsight, as an answer carries it. */
#ifndef IU_GRAPH_REPRESENTATION_H
#define IU_GRAPH_REPRESENTATION_H

#include <apr_pools.h>

#include "negotiation.h"
#include "record.h"

/* A representation in two parts, to be sent one after the other: what differs
 * with each request, and the stored document without a copy of it. */
typedef struct iu_representation {
    const char *head;
    apr_size_t head_length;
    const char *tail;
    apr_size_t tail_length;
} iu_representation;

/* Makes the representation of a whole record (OData JSON Format 4.01 section
 * 4.5). service_root is the absolute URL of the service root without a slash at
 * its end. The parts live in pool or in record. */
void iu_used_insight_represent(apr_pool_t *pool, const iu_record *record,
                               iu_metadata metadata, const char *service_root,
                               iu_representation *out);

#endif
