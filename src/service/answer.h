/* SPDX-License-Identifier: Apache-2.0 */
/* Responses other than errors. */
#ifndef IU_SERVICE_ANSWER_H
#define IU_SERVICE_ANSWER_H

#include <apr_tables.h>

#include "operation.h"
#include "representation.h"

struct iu_answer;

/* Appends the next parts of the content to answer->parts, which the caller has
 * emptied, and sets answer->next to NULL after the last. Clears
 * answer->parts_pool: the previous parts must have been sent. Returns NULL, or
 * a problem if the answer cannot be completed. */
typedef iu_problem *iu_answer_next(struct iu_answer *answer);

typedef struct iu_answer {
    int status;
    const char *content_type;  /* NULL: no content */
    apr_table_t *headers;      /* the caller's, with the fields of every answer;
                                * the service adds those of this one */
    apr_array_header_t *parts; /* of iu_span: the content, or its beginning */
    apr_pool_t *parts_pool;    /* owns the text of the parts */
    iu_answer_next *next;      /* NULL: parts is the whole content */
    void *source;              /* for next */
} iu_answer;

/* The absolute URL of a record in the set of the route, in operation->pool. */
const char *iu_answer_location(const iu_operation *operation,
                               const iu_record *record);

/* Begins an answer with content, which iu_answer_append adds. */
void iu_answer_begin(const iu_operation *operation, iu_answer *answer,
                     int status, const char *content_type);

/* Appends a part of the content without copying it: text must live as long as
 * answer->parts_pool. */
void iu_answer_append(iu_answer *answer, const char *text, apr_size_t length);

/* 201 with the representation in this shape, or 204 if the client prefers
 * return=minimal (OData 4.01 Protocol 11.4.2). record must be committed, and
 * its texts must live as long as operation->pool. Returns NULL, or the problem
 * of iu_representation_make. */
iu_problem *iu_answer_created(const iu_operation *operation, iu_answer *answer,
                              const iu_record *record, const iu_shape *shape);

/* 200 with the representation, or 204. As above. */
iu_problem *iu_answer_updated(const iu_operation *operation, iu_answer *answer,
                              const iu_record *record, const iu_shape *shape);

/* 204. */
void iu_answer_no_content(iu_answer *answer);

/* 200 with the representation. Returns as above. */
iu_problem *iu_answer_found(const iu_operation *operation, iu_answer *answer,
                            const iu_record *record, const iu_shape *shape);

/* 200 with the entity in resourceReference, 204 if there is none. Returns as
 * above. */
iu_problem *iu_answer_resource(const iu_operation *operation, iu_answer *answer,
                               const iu_record *record, iu_json_format format);

/* 304: the client already has this version (RFC 9110 section 15.4.5). */
void iu_answer_not_modified(const iu_operation *operation, iu_answer *answer,
                            const iu_record *record);

#endif
