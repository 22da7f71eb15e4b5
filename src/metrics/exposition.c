/* SPDX-License-Identifier: Apache-2.0 */
/* No text is escaped: help texts and the values of labels are constants without
 * '\', '"' and line ends, which test_exposition.c checks. */
#include "exposition.h"

#include <stdarg.h>

#include <apr_strings.h>

#define LINE_MAX_BYTES 256

typedef struct exposition {
    iu_buffer *out;
    iu_exposition_format format;
    const iu_exposed *databases;
    int count;
} exposition;

static void print(const exposition *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void print(const exposition *self, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list arguments;

    va_start(arguments, format);
    apr_vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    iu_buffer_puts(self->out, line);
}

/* suffix: of the metric's name in the text format, of which OpenMetrics has it
 * only in samples. */
static void print_head(const exposition *self, const char *name,
                       const char *suffix, const char *type, const char *help)
{
    if (self->format == IU_EXPOSITION_OPENMETRICS) {
        suffix = "";
    }
    print(self, "# HELP %s%s %s\n", name, suffix, help);
    print(self, "# TYPE %s%s %s\n", name, suffix, type);
}

/* The name of a sample, and the label of its database; the caller adds further
 * labels and the brace. */
static void print_name(const exposition *self, const char *name,
                       const char *suffix, const iu_exposed *database)
{
    print(self, "%s%s{database=\"%s-%d\"", name, suffix, database->driver,
          iu_metrics_number(database->metrics));
}

/* Ends a sample with a number of microseconds, in seconds. */
static void print_seconds(const exposition *self, apr_int64_t value)
{
    print(self, "} %" APR_INT64_T_FMT ".%06d\n", value / APR_USEC_PER_SEC,
          (int)(value % APR_USEC_PER_SEC));
}

static void print_integer(const exposition *self, apr_int64_t value)
{
    print(self, "} %" APR_INT64_T_FMT "\n", value);
}

/* Appends the labels of a cell. */
static void print_labels(const exposition *self,
                         const iu_metric_properties *properties, int index)
{
    const iu_metric_label *label = properties->labels;
    int rest = properties->cells;

    for (; label->name; label++) {
        rest /= label->count;
        print(self, ",%s=\"%s\"", label->name, label->values[index / rest]);
        index %= rest;
    }
}

static void print_counter(const exposition *self, iu_metric metric,
                          const iu_exposed *database)
{
    const iu_metric_properties *properties = &iu_metric_list[metric];
    int has_many = properties->labels->name && properties->labels[1].name;
    int i;

    for (i = 0; i < properties->cells; i++) {
        apr_int64_t value = iu_metrics_sum(database->metrics, metric, i);

        if (value != 0 || !has_many) {
            print_name(self, properties->name, "_total", database);
            print_labels(self, properties, i);
            print_integer(self, value);
        }
    }
}

static void print_histogram(const exposition *self, iu_metric metric,
                            const iu_exposed *database)
{
    const iu_metric_properties *properties = &iu_metric_list[metric];
    const iu_metric_bound *bounds = iu_metric_bounds(metric);
    int last = properties->cells - 1;
    apr_int64_t count = 0;
    int i;

    for (i = 0; i < last; i++) {
        count += iu_metrics_sum(database->metrics, metric, i);
        print_name(self, properties->name, "_bucket", database);
        print(self, ",le=\"%s\"", bounds[i].text);
        print_integer(self, count);
    }
    print_name(self, properties->name, "_count", database);
    print_integer(self, count);
    print_name(self, properties->name, "_sum", database);
    (properties->class == IU_HISTOGRAM ? print_integer : print_seconds)(
        self, iu_metrics_sum(database->metrics, metric, last));
}

static void print_gauge(const exposition *self, iu_metric metric,
                        const iu_exposed *database)
{
    print_name(self, iu_metric_list[metric].name, "", database);
    print_integer(self, iu_metrics_sum(database->metrics, metric, 0));
}

static void print_moment(const exposition *self, iu_metric metric,
                         const iu_exposed *database)
{
    apr_int64_t value = iu_metrics_sum(database->metrics, metric, 0);

    if (value != 0) {
        print_name(self, iu_metric_list[metric].name, "", database);
        print_seconds(self, value);
    }
}

static void print_metric(const exposition *self, iu_metric metric)
{
    static const struct {
        const char *type;
        const char *suffix;
        void (*print)(const exposition *self, iu_metric metric,
                      const iu_exposed *database);
    } classes[] = {
        [IU_COUNTER] = {"counter", "_total", print_counter},
        [IU_GAUGE] = {"gauge", "", print_gauge},
        [IU_MOMENT] = {"gauge", "", print_moment},
        [IU_HISTOGRAM] = {"histogram", "", print_histogram},
        [IU_HISTOGRAM_OF_TIME] = {"histogram", "", print_histogram},
    };
    const iu_metric_properties *properties = &iu_metric_list[metric];
    int i;

    print_head(self, properties->name, classes[properties->class].suffix,
               classes[properties->class].type, properties->help);
    for (i = 0; i < self->count; i++) {
        classes[properties->class].print(self, metric, &self->databases[i]);
    }
}

/* The sizes of SQLite's files, which are not counted but measured. */
static void print_sizes(const exposition *self)
{
    static const char file[] = "insights_used_sqlite_file_bytes";
    static const char log[] = "insights_used_sqlite_log_bytes";
    int i;

    print_head(self, file, "", "gauge", "Size of SQLite's database file.");
    for (i = 0; i < self->count; i++) {
        if (self->databases[i].file_bytes >= 0) {
            print_name(self, file, "", &self->databases[i]);
            print_integer(self, self->databases[i].file_bytes);
        }
    }
    print_head(self, log, "", "gauge",
               "Size of SQLite's write-ahead log, the file -wal.");
    for (i = 0; i < self->count; i++) {
        if (self->databases[i].log_bytes >= 0) {
            print_name(self, log, "", &self->databases[i]);
            print_integer(self, self->databases[i].log_bytes);
        }
    }
}

void iu_exposition_write(iu_buffer *out, iu_exposition_format format,
                         const char *version, const iu_exposed *databases,
                         int count)
{
    const exposition self = {out, format, databases, count};
    int metric;

    print_head(&self, "insights_used_build_info", "", "gauge",
               "The version of mod_insights_used; always 1.");
    print(&self, "insights_used_build_info{version=\"%s\"} 1\n", version);
    for (metric = 0; metric < IU_METRICS; metric++) {
        print_metric(&self, metric);
    }
    print_sizes(&self);
    if (format == IU_EXPOSITION_OPENMETRICS) {
        iu_buffer_puts(out, "# EOF\n");
    }
}
