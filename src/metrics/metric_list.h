/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All metrics that are counted: IU_METRIC(id, class, labels, cells, name,
 * help). Names follow Prometheus' conventions: the base unit is in the name,
 * and exposition.c adds _total to counters. labels: a table of metrics.c;
 * cells: how many values the labels have together. A name never changes its
 * meaning: dashboards and alerts depend on it. No include guard: the file is
 * included once for each table that is generated from it.
 */
/* clang-format off */

IU_METRIC(IU_METRIC_REQUESTS, IU_COUNTER, request_labels,
          IU_METRIC_METHODS * IU_METRIC_RESOURCES * IU_METRIC_STATUSES,
          "insights_used_requests",
          "Requests below a service root that were answered; those in a batch count, too.")
IU_METRIC(IU_METRIC_PROBLEMS, IU_COUNTER, problem_labels, IU_PROBLEM_KINDS,
          "insights_used_problems",
          "Errors that were logged for a request, by their number in errors.md.")
IU_METRIC(IU_METRIC_CHANGES, IU_COUNTER, change_labels, IU_METRIC_CHANGE_KINDS,
          "insights_used_changes",
          "Used insights that were created, updated or deleted durably.")
IU_METRIC(IU_METRIC_COMMIT_RECORDS, IU_HISTOGRAM, no_labels, IU_METRIC_SIZES + 1,
          "insights_used_commit_records",
          "Changes that shared one commit group.")
IU_METRIC(IU_METRIC_COMMIT_TIME, IU_HISTOGRAM_OF_TIME, no_labels, IU_METRIC_TIMES + 1,
          "insights_used_commit_duration_seconds",
          "How long the commit of a group took, without the wait for its turn.")
IU_METRIC(IU_METRIC_WRITE_WAIT, IU_HISTOGRAM_OF_TIME, no_labels, IU_METRIC_TIMES + 1,
          "insights_used_write_wait_seconds",
          "How long a request waited for the outcome of its changes, their commit included.")
IU_METRIC(IU_METRIC_WRITES_WAITING, IU_GAUGE, no_labels, 1,
          "insights_used_writes_waiting",
          "Requests that wait for the outcome of their changes now.")
IU_METRIC(IU_METRIC_READERS_BUSY, IU_GAUGE, no_labels, 1,
          "insights_used_readers_busy",
          "Connections that read for a request now.")
IU_METRIC(IU_METRIC_CHILDREN, IU_GAUGE, no_labels, 1,
          "insights_used_children",
          "Child processes of httpd that serve the database.")
IU_METRIC(IU_METRIC_BREAKER_OPEN, IU_GAUGE, no_labels, 1,
          "insights_used_breaker_open",
          "Child processes for which the database is known to be down.")
IU_METRIC(IU_METRIC_BREAKER_SINCE, IU_MOMENT, no_labels, 1,
          "insights_used_breaker_open_since_timestamp_seconds",
          "When the database became known to be down; absent while it is not.")
IU_METRIC(IU_METRIC_OUTAGES, IU_COUNTER, no_labels, 1,
          "insights_used_outages",
          "How often a child process found the database down (IU0101).")
IU_METRIC(IU_METRIC_RECONNECTS, IU_COUNTER, no_labels, 1,
          "insights_used_reconnects",
          "Connections that were opened again after an error (IU0104, IU0105).")
/* clang-format on */
