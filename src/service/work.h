/* SPDX-License-Identifier: Apache-2.0 */
/* The state of an action while its steps run: the input, what they parsed, and
 * the answer. */
#ifndef IU_SERVICE_WORK_H
#define IU_SERVICE_WORK_H

#include "../http/media_type.h"
#include "../http/precondition.h"
#include "../http/repeatability.h"
#include "../json/json_reader.h"
#include "../query/query.h"
#include "answer.h"
#include "operation.h"

typedef struct iu_work {
    const iu_operation *operation;
    iu_answer *answer;
    iu_query query;
    iu_json_format format;       /* of actions that answer with JSON */
    iu_preconditions conditions; /* of actions that have some; valid */
    const iu_json *body;         /* of actions with a body */
    iu_write write;              /* of actions that write: what to commit, and
                                  * the outcome */
    iu_repeatability keys;       /* of a create; valid */
    int may_repeat;              /* of a create: done twice, it makes one
                                  * record */
    iu_store_call call;          /* of actions that use the store */
    const char *set_id;          /* likewise: the set of the route, as in
                                  * iu_record */
} iu_work;

/* The shape of a record, or of a list's records, that the query asks for. */
static inline iu_shape iu_work_shape(const iu_work *work)
{
    return (iu_shape){work->format, work->query.select, work->query.select_text,
                      work->query.expand_resource};
}

#endif
