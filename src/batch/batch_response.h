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
    iu_buffer text; /* the response */
    apr_size_t max_size;
    int items_left; /* that were not yet added */
    int count;      /* that were */
} iu_batch_response;

/* What the response says about an item, besides its answer or problem. */
typedef struct iu_batch_entry {
    const char *id;
    apr_time_t date;               /* of an error */
    const char *request_id;        /* for the text of an error; NULL: left
                                    * out */
    const char *client_request_id; /* likewise */
    apr_table_t *error_headers;    /* fields of an error: request-id, Allow,
                                    * WWW-Authenticate … without those that are
                                    * made from the problem: Content-Type,
                                    * Retry-After, Location */
} iu_batch_entry;

/* Begins a response for so many items, in pool. max_size: bytes of the whole
 * response. If max_size is less than items * IU_BATCH_ITEM_ROOM, or an error is
 * longer than that, errors may exceed it. */
void iu_batch_response_begin(iu_batch_response *response, apr_pool_t *pool,
                             int items, apr_size_t max_size);

/* Appends an item with its answer, and calls answer->next to the end. Fields of
 * the same name in answer->headers are merged. Content other than JSON becomes
 * a string. Returns NULL, or the problem that the item has become instead, to
 * be logged: that of answer->next, or IU_BATCH_ANSWER_TOO_LARGE. What the item
 * has changed stays changed. */
iu_problem *iu_batch_response_add(iu_batch_response *response,
                                  const iu_batch_entry *entry,
                                  iu_answer *answer);

/* Appends an item with an error. Returns NULL, or IU_BATCH_ANSWER_TOO_LARGE, as
 * above. */
iu_problem *iu_batch_response_add_problem(iu_batch_response *response,
                                          const iu_batch_entry *entry,
                                          const iu_problem *problem);

/* Appends the end: response->text is complete. */
void iu_batch_response_end(iu_batch_response *response);

#endif
