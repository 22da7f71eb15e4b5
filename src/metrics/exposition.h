/* SPDX-License-Identifier: Apache-2.0 */
/* Writes metrics in the text formats that Prometheus reads. */
#ifndef IU_METRICS_EXPOSITION_H
#define IU_METRICS_EXPOSITION_H

#include "../text/buffer.h"
#include "metrics.h"

typedef enum iu_exposition_format {
    IU_EXPOSITION_OPENMETRICS, /* OpenMetrics 1.0 */
    IU_EXPOSITION_TEXT         /* Prometheus' text format 0.0.4 */
} iu_exposition_format;

/* A database to write about. */
typedef struct iu_exposed {
    const iu_metrics *metrics;
    const char *driver;     /* a constant; with iu_metrics_number the value of
                             * the label "database" */
    apr_int64_t file_bytes; /* size of SQLite's file; -1: there is none */
    apr_int64_t log_bytes;  /* of its write-ahead log; -1: there is none */
} iu_exposed;

/* Appends all metrics of count databases. Of a metric with several labels only
 * the counters that are not 0. version: of the module. */
void iu_exposition_write(iu_buffer *out, iu_exposition_format format,
                         const char *version, const iu_exposed *databases,
                         int count);

#endif
