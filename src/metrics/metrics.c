/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <stddef.h>
#include <string.h>

#include <apr_general.h>
#include <apr_sha1.h>

typedef _Atomic apr_int64_t cell;

/* The order of a slot's cells. */
typedef struct cells_by_metric {
#define IU_METRIC(id, class, labels, cells, name, help) cell id[cells];
#include "metric_list.h"
#undef IU_METRIC
} cells_by_metric;

#define CELLS (sizeof(cells_by_metric) / sizeof(cell))

/* A cache line: no two children write to one. */
#define ALIGNMENT 64

struct iu_metrics_slot {
    _Alignas(ALIGNMENT) _Atomic pid_t child; /* 0: free */
    cell cells[CELLS];
};

struct iu_metrics {
    apr_uint64_t layout; /* these two first: any version finds them */
    int number;
    int children;    /* number of slots but the last, which has no child */
    atomic_int used; /* the first slots, which children have had: the others are
                      * not even read, since that would give them memory */
    iu_write_state writes;
    iu_metrics_slot slots[];
};

/*** Labels and bounds ***/

static const char *const methods[] = {"GET",    "HEAD",    "POST", "PATCH",
                                      "DELETE", "OPTIONS", "other"};
static const char *const resources[] = {"service_document",
                                        "metadata",
                                        "openapi",
                                        "batch",
                                        "collection",
                                        "count",
                                        "item",
                                        "resource",
                                        "other"};
static const char *const changes[] = {"create", "update", "delete"};
static const char *const numbers[] = {
#define IU_PROBLEM(name, number, status, code, message) number,
#include "../problem/problem_list.h"
#undef IU_PROBLEM
};

/* The most frequent ones first. */
#define EACH_STATUS(DO)                                                        \
    DO(201)                                                                    \
    DO(200)                                                                    \
    DO(204)                                                                    \
    DO(304)                                                                    \
    DO(400)                                                                    \
    DO(401)                                                                    \
    DO(403)                                                                    \
    DO(404)                                                                    \
    DO(405)                                                                    \
    DO(406)                                                                    \
    DO(408)                                                                    \
    DO(409)                                                                    \
    DO(412)                                                                    \
    DO(413)                                                                    \
    DO(414)                                                                    \
    DO(415)                                                                    \
    DO(417)                                                                    \
    DO(422)                                                                    \
    DO(424)                                                                    \
    DO(428)                                                                    \
    DO(429)                                                                    \
    DO(431)                                                                    \
    DO(500)                                                                    \
    DO(501)                                                                    \
    DO(502)                                                                    \
    DO(503)                                                                    \
    DO(504)                                                                    \
    DO(507)
#define AS_NUMBER(status) status,
#define AS_TEXT(status) #status,

static const int statuses[] = {EACH_STATUS(AS_NUMBER)};
static const char *const status_texts[] = {EACH_STATUS(AS_TEXT) "other"};

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

_Static_assert(COUNT(methods) == IU_METRIC_METHODS, "a text for each");
_Static_assert(COUNT(resources) == IU_METRIC_RESOURCES, "a text for each");
_Static_assert(COUNT(changes) == IU_METRIC_CHANGE_KINDS, "a text for each");
_Static_assert(COUNT(status_texts) == IU_METRIC_STATUSES, "a text for each");

static const iu_metric_label request_labels[] = {
    {"method", methods, COUNT(methods)},
    {"resource", resources, COUNT(resources)},
    {"status", status_texts, COUNT(status_texts)},
    {NULL, NULL, 0}};
static const iu_metric_label problem_labels[] = {
    {"number", numbers, COUNT(numbers)}, {NULL, NULL, 0}};
static const iu_metric_label change_labels[] = {
    {"change", changes, COUNT(changes)}, {NULL, NULL, 0}};
static const iu_metric_label no_labels[] = {{NULL, NULL, 0}};

const iu_metric_properties iu_metric_list[IU_METRICS] = {
#define IU_METRIC(id, class, labels, cells, name, help)                        \
    [id] = {class, labels,                                                     \
            cells, (int)(offsetof(cells_by_metric, id) / sizeof(cell)),        \
            name,  help},
#include "metric_list.h"
#undef IU_METRIC
};

/* Up to the largest group. */
static const iu_metric_bound sizes[] = {
    {1, "1.0"},     {2, "2.0"},
    {4, "4.0"},     {8, "8.0"},
    {16, "16.0"},   {32, "32.0"},
    {64, "64.0"},   {128, "128.0"},
    {256, "256.0"}, {APR_INT64_MAX, "+Inf"}};

/* From a commit without a disk to the default deadline and beyond. */
static const iu_metric_bound times[] = {
    {250, "0.00025"}, {500, "0.0005"},        {1000, "0.001"},
    {2500, "0.0025"}, {5000, "0.005"},        {10000, "0.01"},
    {25000, "0.025"}, {50000, "0.05"},        {100000, "0.1"},
    {250000, "0.25"}, {1000000, "1.0"},       {2500000, "2.5"},
    {5000000, "5.0"}, {APR_INT64_MAX, "+Inf"}};

_Static_assert(COUNT(sizes) == IU_METRIC_SIZES, "a cell for each");
_Static_assert(COUNT(times) == IU_METRIC_TIMES, "a cell for each");

const iu_metric_bound *iu_metric_bounds(iu_metric metric)
{
    return iu_metric_list[metric].class == IU_HISTOGRAM ? sizes : times;
}

/*** The shared memory ***/

static void add_text(apr_sha1_ctx_t *sha1, const char *text)
{
    apr_sha1_update(sha1, text, (unsigned)strlen(text) + 1);
}

/* A number that differs if the meaning of any cell does. */
static apr_uint64_t digest_layout(void)
{
    const apr_size_t bytes[] = {sizeof(iu_metrics), sizeof(iu_metrics_slot)};
    union {
        unsigned char bytes[APR_SHA1_DIGESTSIZE];
        apr_uint64_t number;
    } digest;
    apr_sha1_ctx_t sha1;
    int metric;
    int i;

    apr_sha1_init(&sha1);
    apr_sha1_update_binary(&sha1, (const unsigned char *)bytes, sizeof bytes);

    for (metric = 0; metric < IU_METRICS; metric++) {
        const iu_metric_label *label = iu_metric_list[metric].labels;

        add_text(&sha1, iu_metric_list[metric].name);
        for (; label->name; label++) {
            for (i = 0; i < label->count; i++) {
                add_text(&sha1, label->values[i]);
            }
        }
    }
    for (i = 0; i < COUNT(times); i++) {
        add_text(&sha1, times[i].text);
    }
    for (i = 0; i < COUNT(sizes); i++) {
        add_text(&sha1, sizes[i].text);
    }
    apr_sha1_final(digest.bytes, &sha1);
    return digest.number;
}

/* During a graceful restart there are children of both configurations. */
static int count_slots(int children)
{
    return 2 * children + 1;
}

apr_size_t iu_metrics_size(int children)
{
    return sizeof(iu_metrics) +
           count_slots(children) * sizeof(iu_metrics_slot) + ALIGNMENT;
}

iu_metrics *iu_metrics_at(void *memory)
{
    char *at = memory;

    return (void *)(at + (-(apr_uintptr_t)at & (ALIGNMENT - 1)));
}

iu_metrics *iu_metrics_make(void *memory, int children, int number)
{
    iu_metrics *made = iu_metrics_at(memory);

    made->layout = digest_layout();
    made->number = number;
    made->children = count_slots(children) - 1;
    return made;
}

int iu_metrics_fits(const iu_metrics *metrics, apr_size_t size, int children)
{
    return size == iu_metrics_size(children) &&
           metrics->layout == digest_layout();
}

int iu_metrics_number(const iu_metrics *metrics)
{
    return metrics->number;
}

iu_write_state *iu_metrics_writes(iu_metrics *metrics)
{
    return &metrics->writes;
}

/*** Counting ***/

static void add(iu_metrics_slot *slot, iu_metric metric, int index,
                apr_int64_t difference)
{
    atomic_fetch_add_explicit(
        &slot->cells[iu_metric_list[metric].first_cell + index], difference,
        memory_order_relaxed);
}

iu_metrics_slot *iu_metrics_join(iu_metrics *metrics, pid_t child)
{
    pid_t nobody = 0;
    int at = 0;
    int used;

    while (at < metrics->children &&
           !atomic_compare_exchange_strong(&metrics->slots[at].child, &nobody,
                                           child)) {
        nobody = 0;
        at++;
    }
    used = atomic_load(&metrics->used);
    while (used <= at &&
           !atomic_compare_exchange_weak(&metrics->used, &used, at + 1)) {
    }
    iu_metrics_add(&metrics->slots[at], IU_METRIC_CHILDREN, 1);
    return &metrics->slots[at];
}

/* The number of slots that children have had, without the last one, which has
 * no child. */
static int count_used(const iu_metrics *metrics)
{
    int used = atomic_load(&metrics->used);

    return used < metrics->children ? used : metrics->children;
}

static int is_gauge(iu_metric metric)
{
    return iu_metric_list[metric].class == IU_GAUGE ||
           iu_metric_list[metric].class == IU_MOMENT;
}

void iu_metrics_leave(iu_metrics *metrics, pid_t child)
{
    iu_metrics_slot *slot = metrics->slots;
    const iu_metrics_slot *end;
    int metric;

    if (metrics->layout != digest_layout()) {
        return;
    }
    end = slot + count_used(metrics);
    while (slot < end && atomic_load(&slot->child) != child) {
        slot++;
    }
    if (slot == end) {
        return;
    }
    for (metric = 0; metric < IU_METRICS; metric++) {
        if (is_gauge(metric)) {
            iu_metrics_set(slot, metric, 0);
        }
    }
    atomic_store(&slot->child, 0);
}

void iu_metrics_count(iu_metrics_slot *slot, iu_metric metric, int index)
{
    if (slot) {
        add(slot, metric, index, 1);
    }
}

void iu_metrics_count_request(iu_metrics_slot *slot, iu_metric_method method,
                              iu_metric_resource resource, int status)
{
    int index = 0;

    while (index < COUNT(statuses) && statuses[index] != status) {
        index++;
    }
    iu_metrics_count(slot, IU_METRIC_REQUESTS,
                     ((int)method * IU_METRIC_RESOURCES + (int)resource) *
                             IU_METRIC_STATUSES +
                         index);
}

void iu_metrics_add(iu_metrics_slot *slot, iu_metric metric, int difference)
{
    if (slot) {
        add(slot, metric, 0, difference);
    }
}

void iu_metrics_set(iu_metrics_slot *slot, iu_metric metric, apr_time_t value)
{
    if (slot) {
        atomic_store_explicit(&slot->cells[iu_metric_list[metric].first_cell],
                              value, memory_order_relaxed);
    }
}

void iu_metrics_observe(iu_metrics_slot *slot, iu_metric metric,
                        apr_int64_t value)
{
    const iu_metric_bound *bounds = iu_metric_bounds(metric);
    int bucket = 0;

    if (!slot) {
        return;
    }
    while (value > bounds[bucket].most) {
        bucket++;
    }
    add(slot, metric, bucket, 1);
    add(slot, metric, iu_metric_list[metric].cells - 1, value);
}

/*** Reading ***/

apr_int64_t iu_metrics_sum(const iu_metrics *metrics, iu_metric metric,
                           int index)
{
    int at = iu_metric_list[metric].first_cell + index;
    int is_moment = iu_metric_list[metric].class == IU_MOMENT;
    int slots =
        is_gauge(metric) ? count_used(metrics) : atomic_load(&metrics->used);
    apr_int64_t sum = 0;
    int i;

    for (i = 0; i < slots; i++) {
        apr_int64_t value = atomic_load_explicit(&metrics->slots[i].cells[at],
                                                 memory_order_relaxed);

        if (!is_moment) {
            sum += value;
        }
        else if (value != 0 && (sum == 0 || value < sum)) {
            sum = value;
        }
    }
    return sum;
}
