/* SPDX-License-Identifier: Apache-2.0 */
/* What an action works with: the operation, what was read of it by the steps
 * that come before the action (service.c), and the answer to fill in. */
#ifndef IU_SERVICE_WORK_H
#define IU_SERVICE_WORK_H

#include "../http/media_type.h"
#include "../http/precondition.h"
#include "../json/json_reader.h"
#include "../query/query.h"
#include "answer.h"
#include "operation.h"

typedef struct iu_work {
    const iu_operation *operation;
    iu_answer *answer;
    iu_query query;
    iu_metadata metadata;        /* where the action accepts JSON */
    iu_preconditions conditions; /* valid, where it has some */
    const iu_json *body;         /* where it has one */
    iu_store_call call;          /* where it needs the store */
} iu_work;

/* Prepares for calls of the store, and sees that the invitation is known where
 * there is a way to tell: NULL, IU_DATABASE_REFUSED, or the problems of
 * iu_store_check_invitation. */
iu_problem *iu_work_begin_call(iu_work *work);

#endif
