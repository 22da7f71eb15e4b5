/* SPDX-License-Identifier: Apache-2.0 */
/* The directives: reads and checks them, and merges sections.
 * conf/insights_used.conf is their reference. */
#ifndef IU_HTTPD_CONFIG_H
#define IU_HTTPD_CONFIG_H

#include "module.h"

#include <apr_tables.h>

/* The value of a number that no directive has set. */
#define IU_NOT_SET (-1)

/* The settings of a Location. A member that is not set inherits its value; if
 * no section sets it the getters below return the default. */
typedef struct iu_config {
    int enabled;                      /* InsightsUsed, or IU_NOT_SET */
    const char *root;                 /* path of the Location that enabled it,
                                       * without a trailing slash; NULL: none */
    const char *base_url;             /* without a trailing slash; NULL: not
                                       * set */
    int required;                     /* bits IU_MEMBER_…, or IU_NOT_SET */
    int if_match_required;            /* InsightsUsedIfMatch, or IU_NOT_SET */
    const char *invitation_query;     /* NULL: not set; "": none */
    apr_array_header_t *read_scopes;  /* of const char *; NULL: not set */
    apr_array_header_t *write_scopes; /* likewise */
    apr_array_header_t *audiences;    /* likewise */
    const char *claim_prefix;         /* NULL: not set */
    const char *user_claim;           /* NULL: not set */
    int anonymous;                    /* InsightsUsedAnonymous, or IU_NOT_SET */
    apr_int64_t max_body;             /* bytes, or IU_NOT_SET */
    int batch;                        /* requests, 0: no $batch; or
                                       * IU_NOT_SET */
    apr_int64_t batch_body;           /* bytes, or IU_NOT_SET */
    int commit_timeout;               /* seconds, or IU_NOT_SET */
    int queue;                        /* requests, or IU_NOT_SET */
    int repeat_window;                /* seconds, or IU_NOT_SET */
} iu_config;

/* The database of a virtual host. */
typedef struct iu_server_config {
    const char *driver;        /* NULL: not set */
    const char *params;        /* set with driver */
    apr_array_header_t *roots; /* of const char *: all service roots, the main
                                * server's included */
    /* The store for driver and params, set by iu_stores_post_config. */
    struct iu_shared_store *shared_store;
} iu_server_config;

/* The directives, and the functions with which httpd creates and merges the
 * settings of sections and servers, in pool. */
extern const command_rec iu_config_commands[];
void *iu_config_create(apr_pool_t *pool, char *path);
void *iu_config_merge(apr_pool_t *pool, void *base, void *add);
void *iu_server_config_create(apr_pool_t *pool, server_rec *server);
void *iu_server_config_merge(apr_pool_t *pool, void *base, void *add);

/* A check_config hook: checks that each server with a service root has a
 * database. */
int iu_config_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                    server_rec *server);

/* The settings that apply to r or server; never NULL. */
const iu_config *iu_config_of(const request_rec *r);
iu_server_config *iu_server_config_of(server_rec *server);

/* Settings with their defaults. */
unsigned iu_config_required(const iu_config *config);
const char *iu_config_claim_prefix(const iu_config *config);
apr_int64_t iu_config_max_body(const iu_config *config);
int iu_config_batch(const iu_config *config);
apr_int64_t iu_config_batch_body(const iu_config *config);
apr_interval_time_t iu_config_commit_timeout(const iu_config *config);
apr_uint32_t iu_config_queue(const iu_config *config);
apr_interval_time_t iu_config_repeat_window(const iu_config *config);

/* NULL: no query is set. */
const char *iu_config_invitation_query(const iu_config *config);

#endif
