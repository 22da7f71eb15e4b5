/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_task.h"

#include <string.h>

#include <apr_strings.h>

#include "batch_body.h"

/* An iu_read_body. */
static iu_problem *read_body(const iu_operation *operation, iu_buffer *body)
{
    const iu_batch_task *self = operation->source;
    const iu_batch_item *item = self->item;
    const char *coding = apr_table_get(item->headers, "Content-Encoding");
    apr_int64_t limit = operation->settings.max_body;

    if (coding && *coding && strcasecmp(coding, "identity") != 0) {
        return iu_problem_make(operation->pool, IU_CONTENT_ENCODING);
    }
    if ((apr_int64_t)item->body_length > limit) {
        return iu_problem_make(operation->pool, IU_BODY_TOO_LARGE,
                               (apr_off_t)limit);
    }
    iu_buffer_init(body, operation->pool, 0);
    if (!item->body) {
        return NULL;
    }
    body->data = iu_batch_body_decode(operation->pool,
                                      (iu_span){item->body, item->body_length},
                                      &body->length);
    if (!body->data) {
        body->data = item->body;
        body->length = item->body_length;
    }
    return NULL;
}

/* An iu_is_gone. */
static int is_gone(void *source)
{
    const iu_batch_task *self = source;

    return self->is_gone(self->source);
}

/* Sets the operation, in pool. Returns NULL or a problem. */
static iu_problem *open_operation(iu_batch_task *opened,
                                  const iu_batch_host *host,
                                  apr_time_t deadline, apr_pool_t *pool)
{
    const iu_batch_item *item = opened->item;
    iu_operation *operation = &opened->operation;
    iu_problem *problem =
        host->open(host->baton, item, pool, operation, &opened->entry);

    if (problem) {
        return problem;
    }
    opened->is_gone = operation->is_gone;
    opened->source = operation->source;
    operation->pool = pool;
    operation->method = item->method;
    operation->headers = item->headers;
    operation->read_body = read_body;
    operation->is_gone = opened->is_gone ? is_gone : NULL;
    operation->source = opened;
    operation->deadline = deadline;
    return NULL;
}

/* The methods of a resource that a batch can use, for Allow. */
static const char *allowed(apr_pool_t *pool, iu_route_kind kind)
{
    unsigned methods = iu_service_methods(kind);
    const char *list = "";
    int i;

    for (i = 0; i < IU_METHOD_UNKNOWN; i++) {
        if (methods & 1u << i) {
            list = apr_pstrcat(pool, list, *list ? ", " : "",
                               iu_method_names[i], NULL);
        }
    }
    return list;
}

iu_problem *iu_batch_task_begin(iu_batch_task *begun, const iu_batch_host *host,
                                apr_time_t deadline, apr_pool_t *pool)
{
    iu_operation *operation = &begun->operation;
    iu_problem *problem = open_operation(begun, host, deadline, pool);

    if (problem) {
        return problem;
    }
    begun->answer.headers = apr_table_copy(pool, begun->entry.headers);
    problem = iu_service_begin(operation, &begun->answer, &begun->pending);
    if (problem && problem->kind == IU_METHOD_NOT_ALLOWED) {
        apr_table_set(begun->entry.headers, "Allow",
                      allowed(pool, operation->route.kind));
    }
    return problem;
}
