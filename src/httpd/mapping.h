/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which requests are the module's. A request is claimed when httpd translates
 * its path, and answered only while that claim holds: other modules run between
 * any two of these hooks, and may lead the request to another place. Each
 * function but the last is a hook; mod_insights_used.c says what runs before
 * and after it.
 */
#ifndef IU_HTTPD_CLAIM_H
#define IU_HTTPD_CLAIM_H

#include "module.h"

#include "request.h"

/* translate_name, after mod_rewrite and mod_proxy: what they lead elsewhere
 * never comes here. Reads the route and notes the claim. Declines in any case,
 * so that mod_alias' redirects come next. */
int iu_mapping_translate(request_rec *r);

/* translate_name, after mod_alias: nobody need look for a file. */
int iu_mapping_end_translation(request_rec *r);

/* map_to_storage: makes the claim known by r->handler, sets the notes and the
 * environment variables of the keys, and keeps httpd from the file system. */
int iu_mapping_map_to_storage(request_rec *r);

/* post_perdir_config, before access is checked: sees that httpd checks it anew
 * after an internal redirect, or for a subrequest, within one configuration.
 * Its rules may ask for the keys, and those are others now. */
int iu_mapping_recheck_access(request_rec *r);

/* type_checker: a key that ends in ".gz" or ".cgi" is not what mod_mime would
 * make of it, and mod_negotiation has nothing to negotiate. */
int iu_mapping_set_type(request_rec *r);

/* For the handler: what is known of r, where r->handler is the module's, the
 * claim holds, and the configuration that r has now is that of the service root
 * which the route was read for. Else NULL, and the handler must decline. */
iu_request *iu_mapping_find(request_rec *r);

#endif
