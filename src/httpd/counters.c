/* SPDX-License-Identifier: Apache-2.0 */
#include "counters.h"

#include <http_protocol.h>

#include <apr_shm.h>
#include <apr_strings.h>

#include "request.h"
#include "retained.h"
#include "stores.h"

/* The hash of all apr_shm_t *, by the key of their database. */
#define METRICS "mod_insights_used metrics"

/* Memory that children inherit. It lasts as long as the server. The kernel
 * fills it with zeros, a page at a time when that is first used: of a large
 * ServerLimit only the slots that were in use take memory. */
static apr_shm_t *make_memory(server_rec *server, apr_size_t size)
{
    apr_shm_t *memory;
    apr_status_t status =
        apr_shm_create(&memory, size, NULL, server->process->pool);

    if (status == APR_SUCCESS) {
        return memory;
    }
    ap_log_error(APLOG_MARK, APLOG_EMERG, status, server,
                 "IU0147: cannot share %" APR_SIZE_T_FMT
                 " bytes between processes for the metrics",
                 size);
    return NULL;
}

/* How many children may run at a time. */
static int count_children(void)
{
    int children = 1;

    return ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &children) == APR_SUCCESS &&
                   children > 1
               ? children
               : 1;
}

iu_metrics *iu_counters_get(server_rec *server, const char *key)
{
    apr_hash_t *all = iu_retained_hash(server, METRICS);
    apr_shm_t *memory = apr_hash_get(all, key, APR_HASH_KEY_STRING);
    int number = (int)apr_hash_count(all);
    int children = count_children();

    if (memory) {
        iu_metrics *found = iu_metrics_at(apr_shm_baseaddr_get(memory));

        if (iu_metrics_fits(found, apr_shm_size_get(memory), children)) {
            return found;
        }
        /* Of another version. Its children have mapped it, too. */
        number = iu_metrics_number(found);
        apr_shm_destroy(memory);
    }
    memory = make_memory(server, iu_metrics_size(children));
    if (!memory) {
        return NULL;
    }
    apr_hash_set(all, apr_pstrdup(server->process->pool, key),
                 APR_HASH_KEY_STRING, memory);
    return iu_metrics_make(apr_shm_baseaddr_get(memory), children, number);
}

/* Frees the slots in all metrics, also of databases that the configuration has
 * no longer: a later one may have them again. */
void iu_counters_end_child(server_rec *server, pid_t child,
                           ap_generation_t generation, int slot,
                           mpm_child_status state)
{
    apr_hash_index_t *at =
        apr_hash_first(NULL, iu_retained_hash(server, METRICS));

    (void)generation;
    (void)slot;
    for (; at && state == MPM_CHILD_EXITED; at = apr_hash_next(at)) {
        iu_metrics_leave(
            iu_metrics_at(apr_shm_baseaddr_get(apr_hash_this_val(at))), child);
    }
}

static iu_metric_method method_of(int number, int is_head)
{
    switch (number) {
    case M_GET:
        return is_head ? IU_METRIC_HEAD : IU_METRIC_GET;
    case M_POST:
        return IU_METRIC_POST;
    case M_PATCH:
        return IU_METRIC_PATCH;
    case M_DELETE:
        return IU_METRIC_DELETE;
    case M_OPTIONS:
        return IU_METRIC_OPTIONS;
    default:
        return IU_METRIC_OTHER_METHOD;
    }
}

static iu_metric_resource resource_of(iu_route_kind kind)
{
    static const iu_metric_resource resources[] = {
        [IU_ROUTE_NONE] = IU_METRIC_OTHER_RESOURCE,
        [IU_ROUTE_SERVICE_DOCUMENT] = IU_METRIC_SERVICE_DOCUMENT,
        [IU_ROUTE_METADATA] = IU_METRIC_METADATA,
        [IU_ROUTE_OPENAPI] = IU_METRIC_OPENAPI,
        [IU_ROUTE_BATCH] = IU_METRIC_BATCH,
        [IU_ROUTE_COLLECTION] = IU_METRIC_COLLECTION,
        [IU_ROUTE_COUNT] = IU_METRIC_COUNT,
        [IU_ROUTE_ITEM] = IU_METRIC_ITEM,
        [IU_ROUTE_RESOURCE] = IU_METRIC_RESOURCE,
    };

    return resources[kind];
}

int iu_counters_count_request(request_rec *r)
{
    const request_rec *last = r;
    const iu_request *request;

    /* As mod_log_config: of internal redirects, the last has the answer and the
     * first the client's method. */
    while (last->next) {
        last = last->next;
    }
    while (r->prev) {
        r = r->prev;
    }
    request = iu_request_find(last);
    if (request) {
        iu_metrics_count_request(iu_stores_metrics(last->server),
                                 method_of(r->method_number, r->header_only),
                                 resource_of(request->route.kind),
                                 last->status);
    }
    return DECLINED;
}

void iu_counters_count_item(const request_rec *r, const char *method,
                            iu_route_kind kind, int status)
{
    iu_metrics_count_request(
        iu_stores_metrics(r->server),
        method_of(ap_method_number_of(method), strcmp(method, "HEAD") == 0),
        resource_of(kind), status);
}
