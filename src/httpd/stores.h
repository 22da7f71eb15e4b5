/* SPDX-License-Identifier: Apache-2.0 */
/* The databases of a server: one store for each in every child, however many
 * virtual hosts share it. */
#ifndef IU_HTTPD_STORES_H
#define IU_HTTPD_STORES_H

#include "module.h"

#include "../problem/problem.h"
#include "../store/store.h"

/* A pre_config hook: makes the lock known to the Mutex directive as
 * insights-used. */
int iu_stores_pre_config(apr_pool_t *pconf, apr_pool_t *plog,
                         apr_pool_t *ptemp);

/* A check_config hook: refuses a mechanism of the Mutex directive whose lock is
 * not given up when its holder is killed. */
int iu_stores_check_config(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *server);

/* A test_config hook: warns of databases whose file cannot be used. */
void iu_stores_test_config(apr_pool_t *pconf, server_rec *server);

/* A post_config hook: finds the databases, warns likewise, and makes their
 * locks. */
int iu_stores_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *server);

/* A child_init hook: makes the stores. Nothing is opened yet. */
void iu_stores_child_init(apr_pool_t *pchild, server_rec *server);

/* The store of the virtual host of r; NULL where the child could not make it
 * (that was logged). */
iu_store *iu_stores_of_request(const request_rec *r);

/* Counts a request of r's virtual host that is refused with a problem of the
 * server's. Returns the level of the request's own line: what is wrong with the
 * database is told once and then now and then, by a line of its own. */
int iu_stores_note_refused(const request_rec *r, const iu_problem *problem);

/* To be called when a request was served: tells what is over. */
void iu_stores_note_served(const request_rec *r);

#endif
