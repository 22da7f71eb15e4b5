/* SPDX-License-Identifier: Apache-2.0 */
#include "request_batch.h"

#include <http_request.h>

#include <apr_strings.h>

#include "../batch/batch.h"
#include "../concurrency/clock.h"
#include "../http/media_type.h"
#include "access.h"
#include "batch_hooks.h"
#include "config.h"
#include "counters.h"
#include "error_page.h"
#include "mapping.h"
#include "request.h"
#include "request_body.h"
#include "request_operation.h"
#include "stores.h"

/* Bytes of the whole answer. */
#define ANSWER_MAX ((apr_size_t)16 * 1024 * 1024)

/* What the hooks of httpd said about a path and method. Requests of a batch are
 * often alike, so that the last result is kept. */
typedef struct grant {
    apr_pool_t *pool; /* of all below; cleared for the next one */
    const char *method;
    const char *target;
    iu_problem *problem;   /* NULL: granted */
    const char *challenge; /* WWW-Authenticate, or NULL */
    iu_operation operation;
} grant;

typedef struct batch {
    request_rec *r;
    iu_operation operation; /* of the batch itself */
    grant last;
} batch;

/*** Authorization ***/

/* The problem of a subrequest that a hook has refused or redirected. */
static iu_problem *problem_of_refusal(request_rec *refused)
{
    const char *seconds;
    iu_problem *problem;

    if (!ap_is_HTTP_ERROR(refused->status)) {
        refused->status = HTTP_NOT_FOUND;
    }
    iu_error_page_set_defaults(refused);
    problem = iu_error_page_problem(refused);
    seconds = apr_table_get(refused->err_headers_out, "Retry-After");
    problem->retry_after = seconds ? (int)apr_atoi64(seconds) : 0;
    return problem;
}

/* Makes the operation of a subrequest, or returns the problem for which it must
 * not run. */
static iu_problem *check_subrequest(const batch *self, request_rec *r,
                                    iu_operation *operation)
{
    const iu_request *request;

    if (r->status != HTTP_OK) {
        return problem_of_refusal(r);
    }
    request = iu_mapping_find(r);
    if (!request || strcmp(request->root, iu_request_get(self->r)->root) != 0) {
        /* The operator's rules led it out of the service. */
        r->status = HTTP_NOT_FOUND;
        return problem_of_refusal(r);
    }
    iu_request_operation_make(r, operation);
    return iu_access_check(r, operation->method == IU_METHOD_GET
                                  ? IU_ACCESS_READ
                                  : IU_ACCESS_WRITE);
}

/* Copies what an operation has in another pool, unless batch.c sets it. */
static void copy_operation(apr_pool_t *pool, iu_operation *operation)
{
    operation->settings.service_root =
        apr_pstrdup(pool, operation->settings.service_root);
    operation->query = apr_pstrdup(pool, operation->query);
    iu_route_copy(pool, &operation->route);
    if (operation->route_problem) {
        operation->route_problem =
            iu_problem_copy(pool, operation->route_problem);
    }
}

/* Copies the result of a subrequest, which will be destroyed. */
static void keep_result(grant *kept, const request_rec *r, iu_problem *problem)
{
    apr_pool_t *pool = kept->pool;

    if (problem) {
        kept->problem = iu_problem_copy(pool, problem);
        kept->challenge = apr_pstrdup(
            pool, apr_table_get(r->err_headers_out, "WWW-Authenticate"));
        return;
    }
    copy_operation(pool, &kept->operation);
}

/* Lets httpd's hooks judge a path and method. httpd answers a TRACE while it
 * maps the path, and the batch's client would get that: a GET takes its place,
 * for the service refuses TRACE anyway. */
static void authorize(batch *self, const iu_batch_item *item)
{
    grant *last = &self->last;
    apr_pool_t *pool = last->pool;
    request_rec *r;
    iu_problem *problem;

    apr_pool_clear(pool);
    memset(last, 0, sizeof *last);
    last->pool = pool;
    last->method = apr_pstrdup(pool, item->method_name);
    last->target = apr_pstrdup(pool, item->target);
    r = ap_sub_req_method_uri(strcmp(last->method, "TRACE") ? last->method
                                                            : "GET",
                              last->target, self->r, NULL);
    iu_batch_hooks_show(r);
    problem = check_subrequest(self, r, &last->operation);
    keep_result(last, r, problem);
    ap_destroy_sub_req(r);
}

static int is_granted(const grant *last, const iu_batch_item *item)
{
    return last->method && !strcmp(last->method, item->method_name) &&
           !strcmp(last->target, item->target);
}

/*** One request of the batch ***/

/* A request has these header fields of the batch unless it has its own (OData
 * JSON Format 4.01 section 19.1). */
static void inherit_headers(const request_rec *r, apr_table_t *headers)
{
    static const char *const names[] = {"Accept", "OData-Version",
                                        "OData-MaxVersion", "Isolation",
                                        "OData-Isolation"};
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = apr_table_get(r->headers_in, names[i]);

        if (value && !apr_table_get(headers, names[i])) {
            apr_table_setn(headers, names[i], value);
        }
    }
}

/* Of iu_batch_host: sets the ids of a request and the header fields of every
 * answer. */
static void identify(void *baton, const iu_batch_item *item, apr_pool_t *pool,
                     iu_batch_entry *entry)
{
    const batch *self = baton;
    const iu_request *outer = iu_request_get(self->r);
    char *id = apr_palloc(pool, IU_UUID_SIZE);
    const char *client = apr_table_get(item->headers, "client-request-id");

    iu_uuid_random(self->operation.random, id);
    entry->request_id = id;
    entry->resource = IU_ROUTE_NONE;
    entry->date = apr_time_now();
    entry->headers = apr_table_make(pool, 8);
    apr_table_setn(entry->headers, "OData-Version", "4.0");
    apr_table_setn(entry->headers, "request-id", id);
    if (client && iu_request_is_client_id(client)) {
        entry->client_request_id = client;
        apr_table_setn(entry->headers, "client-request-id", client);
    }
    else {
        entry->client_request_id = outer->client_request_id;
    }
    entry->origin = apr_pstrcat(pool, "request-id ", id, " client-request-id ",
                                entry->client_request_id, " batch ",
                                outer->request_id, NULL);
}

/* Whether a request has credentials other than the batch's. Microsoft's .NET
 * client writes the same token into each request. */
static int has_other_credentials(const request_rec *r,
                                 const iu_batch_item *item)
{
    const char *own = apr_table_get(r->headers_in, "Authorization");

    return item->has_credentials ||
           (item->authorization &&
            (!own || strcmp(item->authorization, own) != 0));
}

/* Of iu_batch_host. */
static iu_problem *open_request(void *baton, const iu_batch_item *item,
                                apr_pool_t *pool, iu_operation *operation,
                                iu_batch_entry *entry)
{
    batch *self = baton;
    const grant *last = &self->last;

    if (has_other_credentials(self->r, item)) {
        return iu_problem_make(pool, IU_BATCH_CREDENTIALS);
    }
    if (!is_granted(last, item)) {
        authorize(self, item);
    }
    if (last->problem) {
        if (last->challenge) {
            apr_table_set(entry->headers, "WWW-Authenticate", last->challenge);
        }
        return iu_problem_copy(pool, last->problem);
    }
    inherit_headers(self->r, item->headers);
    *operation = last->operation;
    copy_operation(pool, operation);
    entry->resource = operation->route.kind;
    operation->is_gone = self->operation.is_gone;
    operation->source = self->operation.source;
    operation->origin = entry->origin;
    return NULL;
}

/* Of iu_batch_host. */
static void log_request(void *baton, const iu_batch_item *item,
                        const iu_batch_entry *entry, int status,
                        const iu_problem *problem)
{
    const batch *self = baton;
    request_rec *r = self->r;

    if (problem) {
        iu_request_log_as(r, problem, entry->origin);
    }
    iu_counters_count_item(r, item->method_name, entry->resource, status);
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, "IU0146: %s: %d for %s %s",
                  entry->origin, status, item->method_name, item->target);
}

/*** The batch ***/

static iu_problem *check_content_type(const request_rec *r)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");

    if (iu_content_type_is_json(type)) {
        return NULL;
    }
    return iu_problem_make(r->pool, type && !strncasecmp(type, "multipart/", 10)
                                        ? IU_BATCH_MULTIPART
                                        : IU_CONTENT_TYPE);
}

static iu_problem *read_batch(const batch *self, iu_batch_request *request)
{
    request_rec *r = self->r;
    const iu_config *config = iu_config_of(r);
    const iu_batch_limits limits = {
        .max_items = iu_config_batch(config),
        .max_target = self->operation.settings.max_target,
        .root = config->root,
        .service_root = self->operation.settings.service_root,
    };
    iu_problem *problem = check_content_type(r);
    iu_buffer body;

    if (!problem) {
        problem = iu_request_body_read(r, iu_config_batch_body(config), &body);
    }
    return problem ? problem
                   : iu_batch_request_read(r->pool, body.data, body.length,
                                           &limits, request);
}

/* Notes for access logs. */
static void note_counts(request_rec *r, int requests, int failed)
{
    apr_table_setn(r->notes, IU_NOTE_BATCH, apr_itoa(r->pool, requests));
    apr_table_setn(r->notes, IU_NOTE_BATCH_FAILED, apr_itoa(r->pool, failed));
}

static iu_problem *run(batch *self, const iu_batch_request *request,
                       iu_answer *answer)
{
    request_rec *r = self->r;
    const iu_batch_host host = {identify, open_request, log_request, self};
    apr_time_t deadline = iu_clock_now() + self->operation.settings.timeout;
    iu_batch_response response;
    iu_problem *problem;
    int failed = 0;

    apr_pool_create(&self->last.pool, r->pool);
    iu_batch_response_begin(&response, r->pool, request->items->nelts,
                            ANSWER_MAX);
    problem =
        iu_batch_run(r->pool, request, &host, deadline, &response, &failed);
    note_counts(r, request->items->nelts, failed);
    if (problem) {
        return problem;
    }
    answer->status = HTTP_OK;
    answer->content_type = "application/json";
    answer->parts_pool = r->pool;
    answer->parts =
        apr_array_make(r->pool, request->items->nelts + 2, sizeof(iu_span));
    iu_batch_response_end(&response, answer->parts);
    return NULL;
}

iu_problem *iu_request_batch_run(request_rec *r, iu_answer *answer)
{
    batch self = {.r = r};
    iu_batch_request request;
    iu_problem *problem;

    iu_request_operation_make(r, &self.operation);
    if (self.operation.method != IU_METHOD_POST) {
        return iu_problem_make(r->pool, IU_METHOD_NOT_ALLOWED);
    }
    problem = read_batch(&self, &request);
    return problem ? problem : run(&self, &request, answer);
}
