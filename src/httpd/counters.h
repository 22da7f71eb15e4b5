/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics of each database, and what is counted of httpd's requests. */
#ifndef IU_HTTPD_COUNTERS_H
#define IU_HTTPD_COUNTERS_H

#include "module.h"

#include <ap_mpm.h>
#include <scoreboard.h>

#include "../graph/route.h"
#include "../metrics/metrics.h"

/* The metrics of the database that key identifies; call it in post_config. They
 * last as long as the server runs, not only the configuration: after a graceful
 * restart the counts go on. Returns NULL if there is no memory for them, which
 * it has logged. */
iu_metrics *iu_counters_get(server_rec *server, const char *key);

/* A child_status hook: frees the slots of children that have ended. */
void iu_counters_end_child(server_rec *server, pid_t child,
                           ap_generation_t generation, int slot,
                           mpm_child_status state);

/* A log_transaction hook: counts r if it was below a service root. */
int iu_counters_count_request(request_rec *r);

/* Counts a request of the batch r. */
void iu_counters_count_item(const request_rec *r, const char *method,
                            iu_route_kind kind, int status);

#endif
