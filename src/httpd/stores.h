/* SPDX-License-Identifier: Apache-2.0 */
/* The stores of a server: one per database and child. Virtual hosts with the
 * same InsightsUsedDBD share one. */
#ifndef IU_HTTPD_STORES_H
#define IU_HTTPD_STORES_H

#include "module.h"

#include "../metrics/exposition.h"
#include "../problem/problem.h"
#include "../store/store.h"

/* A pre_config hook: registers the lock for the Mutex directive, as
 * insights-used. */
int iu_stores_pre_config(apr_pool_t *pconf, apr_pool_t *plog,
                         apr_pool_t *ptemp);

/* A check_config hook: refuses a mechanism of the Mutex directive that keeps
 * the lock when its holder is killed. */
int iu_stores_check_config(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *server);

/* A test_config hook: warns of database files that the children cannot use. */
void iu_stores_test_config(apr_pool_t *pconf, server_rec *server);

/* A post_config hook: gives each virtual host its shared store, warns as above,
 * and creates the locks. */
int iu_stores_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *server);

/* A child_init hook: creates the stores; opens no connection. */
void iu_stores_child_init(apr_pool_t *pchild, server_rec *server);

/* The store of r's virtual host; NULL: this child could not create it and has
 * logged why. */
iu_store *iu_stores_of_request(const request_rec *r);

/* This child's metrics of the database of a virtual host; NULL: it has none. */
iu_metrics_slot *iu_stores_metrics(server_rec *server);

/* What is to be shown of each database of the server: an array of iu_exposed in
 * pool. */
apr_array_header_t *iu_stores_expose(apr_pool_t *pool);

/* Finds out whether the database of r's virtual host can be read and written.
 * Each child asks it at most once a second. Returns NULL or a problem in
 * r->pool, of which only the kind and its number matter, within 1.5 seconds.
 * Logs when the answer changes. */
iu_problem *iu_stores_check(const request_rec *r);

/* Counts r, which is refused with a problem of the server. Returns the level of
 * its log line: only the first of many requests with one problem is logged as
 * an error, the others by summary lines at intervals. */
int iu_stores_note_refused(const request_rec *r, const iu_problem *problem);

/* Call it when r has been served: logs which problems are over. */
void iu_stores_note_served(const request_rec *r);

#endif
