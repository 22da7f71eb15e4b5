/* SPDX-License-Identifier: Apache-2.0 */
/* What the service answers, where it does not refuse. */
#ifndef IU_SERVICE_ANSWER_H
#define IU_SERVICE_ANSWER_H

#include <apr_tables.h>

#include "operation.h"
#include "representation.h"

/* The content that comes next of an answer, in parts (iu_span, which live in
 * answer->parts_pool); those handed out before are gone then. Sets answer->next
 * to NULL with the last. NULL, or a problem: the answer cannot be completed. */
struct iu_answer;
typedef iu_problem *iu_answer_next(struct iu_answer *answer);

typedef struct iu_answer {
    int status;
    const char *content_type;  /* NULL: no content */
    apr_table_t *headers;      /* the caller's; to those that every answer has
                               * are added those of this one */
    apr_array_header_t *parts; /* of iu_span: the content, or its beginning */
    apr_pool_t *parts_pool;    /* where their texts live */
    iu_answer_next *next;      /* NULL: parts are all there is */
    void *source;              /* for next */
} iu_answer;

/* The absolute URL of a record, in operation->pool. */
const char *iu_answer_location(const iu_operation *operation,
                               const iu_record *record);

/* Begins an answer with content, to which parts are appended. */
void iu_answer_begin(const iu_operation *operation, iu_answer *answer,
                     int status, const char *content_type);

/* Appends a part of the content, without a copy. */
void iu_answer_append(iu_answer *answer, const char *text, apr_size_t length);

/* 201 with the representation, or 204 where the client prefers return=minimal
 * (OData 4.01 Protocol 11.4.2). record must be durable, and live as long as the
 * operation. */
void iu_answer_created(const iu_operation *operation, iu_answer *answer,
                       const iu_record *record, iu_metadata metadata);

/* 200 with the representation, or 204 as above. */
void iu_answer_updated(const iu_operation *operation, iu_answer *answer,
                       const iu_record *record, iu_metadata metadata);

/* 204. */
void iu_answer_no_content(iu_answer *answer);

/* 200 with the representation. */
void iu_answer_found(const iu_operation *operation, iu_answer *answer,
                     const iu_record *record, const iu_shape *shape);

/* 200 with the entity that the record refers to, 204 where there is none. */
void iu_answer_resource(const iu_operation *operation, iu_answer *answer,
                        const iu_record *record, iu_metadata metadata);

/* 304: the client has this version of record (RFC 9110 section 15.4.5). */
void iu_answer_not_modified(const iu_operation *operation, iu_answer *answer,
                            const iu_record *record);

#endif
