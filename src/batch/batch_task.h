/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one request of a batch up to its write. */
#ifndef IU_BATCH_BATCH_TASK_H
#define IU_BATCH_BATCH_TASK_H

#include "../service/service.h"
#include "batch.h"

/* A request while it runs. */
typedef struct iu_batch_task {
    int index; /* of the item */
    const iu_batch_item *item;
    iu_batch_entry entry;
    iu_operation operation;
    iu_is_gone *is_gone; /* of the server, with source */
    void *source;
    iu_answer answer;
    iu_pending *pending; /* NULL: no write, or it is done */
    iu_problem *problem;
} iu_batch_task;

/* Runs begun, whose item and entry are set and whose other members are zero, up
 * to its write. All but entry is in pool. deadline: as of iu_batch_run. Returns
 * NULL, or the problem for which it writes and answers nothing, in pool. */
iu_problem *iu_batch_task_begin(iu_batch_task *begun, const iu_batch_host *host,
                                apr_time_t deadline, apr_pool_t *pool);

#endif
