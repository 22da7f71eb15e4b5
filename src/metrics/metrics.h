/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts what happens to one database in all child processes. The counts are
 * in memory that the processes share: one slot of 64-bit atomics for each
 * child, so that children do not contend for it, without a lock or a thread. A
 * slot keeps its counters when its child ends, and the next child adds to them:
 * sums never go back. exposition.h writes the sums as text.
 */
#ifndef IU_METRICS_METRICS_H
#define IU_METRICS_METRICS_H

#include <stdatomic.h>
#include <sys/types.h>

#include <apr.h>
#include <apr_time.h>

#include "../problem/problem.h"

typedef enum iu_metric {
#define IU_METRIC(id, class, labels, cells, name, help) id,
#include "metric_list.h"
#undef IU_METRIC
    IU_METRICS /* number of metrics */
} iu_metric;

/* The values of labels: fixed lists, never a client's text. */
typedef enum iu_metric_method {
    IU_METRIC_GET,
    IU_METRIC_HEAD,
    IU_METRIC_POST,
    IU_METRIC_PATCH,
    IU_METRIC_DELETE,
    IU_METRIC_OPTIONS,
    IU_METRIC_OTHER_METHOD,
    IU_METRIC_METHODS
} iu_metric_method;

typedef enum iu_metric_resource {
    IU_METRIC_SERVICE_DOCUMENT,
    IU_METRIC_METADATA,
    IU_METRIC_OPENAPI,
    IU_METRIC_BATCH,
    IU_METRIC_COLLECTION,
    IU_METRIC_COUNT,
    IU_METRIC_ITEM,
    IU_METRIC_RESOURCE,
    IU_METRIC_OTHER_RESOURCE, /* none of this service, or not known */
    IU_METRIC_RESOURCES
} iu_metric_resource;

/* How many statuses are counted on their own; all others are "other". */
#define IU_METRIC_STATUSES 29

typedef enum iu_metric_change {
    IU_METRIC_CREATE,
    IU_METRIC_UPDATE,
    IU_METRIC_REMOVE,
    IU_METRIC_CHANGE_KINDS
} iu_metric_change;

/* How many buckets the histograms of records and of times have. */
#define IU_METRIC_SIZES 10
#define IU_METRIC_TIMES 14

typedef enum iu_metric_class {
    IU_COUNTER,
    IU_GAUGE,
    IU_MOMENT,           /* a gauge: Unix time in microseconds; 0: none */
    IU_HISTOGRAM,        /* a cell for each bucket, and one for the sum */
    IU_HISTOGRAM_OF_TIME /* the same, in microseconds */
} iu_metric_class;

/* A label, and its values in the order of their indices. */
typedef struct iu_metric_label {
    const char *name; /* NULL: ends the labels of a metric */
    const char *const *values;
    int count;
} iu_metric_label;

/* What metric_list.h has for a metric. */
typedef struct iu_metric_properties {
    iu_metric_class class;
    const iu_metric_label *labels; /* the first varies slowest */
    int cells;
    int first_cell;
    const char *name;
    const char *help;
} iu_metric_properties;

extern const iu_metric_properties iu_metric_list[IU_METRICS];

/* The upper bounds of a histogram's buckets: in records or microseconds, and as
 * the text of the label "le", in records or seconds. The last one is +Inf. */
typedef struct iu_metric_bound {
    apr_int64_t most;
    const char *text;
} iu_metric_bound;

const iu_metric_bound *iu_metric_bounds(iu_metric metric);

/*** The shared memory of a database ***/

typedef struct iu_metrics iu_metrics;

/* Bytes of memory for so many children at a time. */
apr_size_t iu_metrics_size(int children);

/* Makes metrics of memory that is zero. number: of the database, for its
 * label. */
iu_metrics *iu_metrics_make(void *memory, int children, int number);

/* The metrics that iu_metrics_make made of memory, perhaps in another version
 * of the module before a graceful restart: then only iu_metrics_fits,
 * iu_metrics_number and iu_metrics_leave may be used. */
iu_metrics *iu_metrics_at(void *memory);

/* Whether the layout is that of this version, and the number of children the
 * same. size: bytes of the memory. */
int iu_metrics_fits(const iu_metrics *metrics, apr_size_t size, int children);

/* The number that iu_metrics_make was given. */
int iu_metrics_number(const iu_metrics *metrics);

/* When a write was last made durable, and when one was last refused because the
 * database could not take it: of iu_clock_now, 0: never. */
typedef struct iu_write_state {
    _Atomic apr_time_t durable_at;
    _Atomic apr_time_t refused_at;
} iu_write_state;

/* That of all children. */
iu_write_state *iu_metrics_writes(iu_metrics *metrics);

/*** Counting, in a child ***/

/* A child's slot. NULL in all functions below: nothing is counted. */
typedef struct iu_metrics_slot iu_metrics_slot;

/* Takes a slot for the child. If all are taken, it shares one whose gauges are
 * not exposed. Never NULL. */
iu_metrics_slot *iu_metrics_join(iu_metrics *metrics, pid_t child);

/* Frees the slot of a child that has ended, if it has one here, and sets its
 * gauges to 0. Does nothing to metrics of another version. Call it in the
 * parent, which learns of each child's end. */
void iu_metrics_leave(iu_metrics *metrics, pid_t child);

/* Adds 1 to a counter. index: of the label's value; 0 without labels. */
void iu_metrics_count(iu_metrics_slot *slot, iu_metric metric, int index);

/* Counts a request with this HTTP status. */
void iu_metrics_count_request(iu_metrics_slot *slot, iu_metric_method method,
                              iu_metric_resource resource, int status);

/* Adds to a gauge. */
void iu_metrics_add(iu_metrics_slot *slot, iu_metric metric, int difference);

/* Sets an IU_MOMENT. */
void iu_metrics_set(iu_metrics_slot *slot, iu_metric metric, apr_time_t value);

/* Counts a value in a histogram: records, or microseconds. */
void iu_metrics_observe(iu_metrics_slot *slot, iu_metric metric,
                        apr_int64_t value);

/*** Reading, in any process ***/

/* The sum of a cell over all children; of a gauge over those that live; of an
 * IU_MOMENT the earliest, 0: none. */
apr_int64_t iu_metrics_sum(const iu_metrics *metrics, iu_metric metric,
                           int index);

#endif
