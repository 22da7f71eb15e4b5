/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the members of one request of a batch, except its body. */
#ifndef IU_BATCH_BATCH_ITEM_H
#define IU_BATCH_BATCH_ITEM_H

#include "../json/json_reader.h"
#include "batch_order.h"
#include "batch_request.h"

/* The state while a batch is read. */
typedef struct iu_batch_reader {
    apr_pool_t *pool;    /* of the result */
    apr_pool_t *scratch; /* of one item */
    const iu_batch_limits *limits;
    iu_batch_names names;
    iu_batch_item *item; /* the current one */
    int index;           /* its index; -1: none */
    apr_table_t *fields; /* all header fields of the current item */
    iu_problem *problem; /* the first one */
} iu_batch_reader;

/* Sets the id of in->item, a valid key in in->pool. Returns 1, or 0 and sets
 * in->problem if an item before it has it. */
int iu_batch_item_set_id(iu_batch_reader *in, const char *id);

/* Sets in->item by the members of an IU_JSON_OBJECT, in which a body is null.
 * Sets in->problem if one is faulty, unknown or missing. */
void iu_batch_item_read(iu_batch_reader *in, const iu_json *tree);

#endif
