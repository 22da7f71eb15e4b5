/* SPDX-License-Identifier: Apache-2.0 */
/* The state of an operation: its input, what the steps before the action
 * (service.c) parsed, and the answer. */
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
    iu_metadata metadata;        /* of actions with ACCEPTS_JSON */
    iu_preconditions conditions; /* of actions with HAS_CONDITIONS; valid */
    const iu_json *body;         /* of actions with HAS_BODY */
    iu_store_call call;          /* of actions with NEEDS_STORE, and create */
} iu_work;

#endif
