/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the envelope of a $batch response: {"responses":[{"id","status",
 * "headers","body"}]} (OData JSON Format 4.01 section 19.2). Header names have
 * the spelling of HTTP/1.1, as from Microsoft Graph, whose clients look for
 * "Content-Type" in this case.
 */
#ifndef IU_BATCH_BATCH_RESPONSE_H
#define IU_BATCH_BATCH_RESPONSE_H

#include "../problem/problem.h"
#include "../service/answer.h"

/* Bytes that are kept free for each item to come, so that an error fits
 * whatever the items before it have used. */
#define IU_BATCH_ITEM_ROOM 2048

typedef struct iu_batch_response {
    apr_pool_t *pool; /* of the items' texts */
    iu_buffer text;   /* of the item that is being written; its memory is used
                       * again */
    iu_buffer piece;  /* of memory that has texts, and room for more */
    iu_span *items;   /* the texts, each with a comma before it; length 0: not
                       * added yet */
    int count;        /* of items, added or not */
    int items_left;   /* that were not added yet */
    apr_size_t size;  /* of all texts */
    apr_size_t max_size;
} iu_batch_response;

/* What the response says about an item, besides its answer or problem. */
typedef struct iu_batch_entry {
    const char *id;
    iu_route_kind resource;        /* IU_ROUTE_NONE: not opened */
    apr_time_t date;               /* of an error */
    const char *request_id;        /* for the text of an error; NULL: left
                                    * out */
    const char *client_request_id; /* likewise */
    const char *origin;            /* both ids and the batch's, for the log */
    apr_table_t *headers;          /* fields of an error: request-id, Allow,
                           * WWW-Authenticate … without those that are made from
                           * the problem: Content-Type, Retry-After,
                           * Location */
} iu_batch_entry;

/* Begins a response for count items, in pool. max_size: bytes of the whole
 * response. If max_size is less than count * IU_BATCH_ITEM_ROOM, or an error is
 * longer than that, errors may exceed it. */
void iu_batch_response_begin(iu_batch_response *response, apr_pool_t *pool,
                             int count, apr_size_t max_size);

/* Whether the next item may have so many bytes. */
int iu_batch_response_has_room(const iu_batch_response *response,
                               apr_size_t bytes);

/* Adds the item of this index with its answer, and calls answer->next to the
 * end. Sets Content-Type in answer->headers, where no name may be twice.
 * Content other than JSON becomes a string. Returns NULL, or the problem
 * that the item has become instead, to be logged: that of answer->next, or
 * IU_BATCH_ANSWER_TOO_LARGE. What the item has changed stays changed. */
iu_problem *iu_batch_response_add(iu_batch_response *response, int index,
                                  const iu_batch_entry *entry,
                                  iu_answer *answer);

/* Adds an item with an error. Returns NULL, or IU_BATCH_ANSWER_TOO_LARGE, as
 * above. */
iu_problem *iu_batch_response_add_problem(iu_batch_response *response,
                                          int index,
                                          const iu_batch_entry *entry,
                                          const iu_problem *problem);

/* Appends the whole response, in the order of the indices, to parts (of
 * iu_span). All items must have been added. */
void iu_batch_response_end(const iu_batch_response *response,
                           apr_array_header_t *parts);

#endif
