/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps requests to the module. A request is mapped when httpd translates its
 * path, and answered only while that mapping holds: between any two of these
 * hooks other modules may lead the request elsewhere. All functions but the
 * last are hooks; mod_insights_used.c says what runs before and after them.
 */
#ifndef IU_HTTPD_MAPPING_H
#define IU_HTTPD_MAPPING_H

#include "module.h"

#include "request.h"

/* translate_name, after mod_rewrite and mod_proxy: requests that they lead
 * elsewhere do not get here. Reads the route and notes the mapping. Always
 * declines, so that mod_alias' redirects come next. */
int iu_mapping_translate(request_rec *r);

/* translate_name, after mod_alias: ends the hook for mapped requests, so that
 * no module maps them to a file. */
int iu_mapping_end_translation(request_rec *r);

/* map_to_storage: sets r->handler, and the notes and environment variables of
 * the keys. Keeps httpd from walking the file system. */
int iu_mapping_map_to_storage(request_rec *r);

/* post_perdir_config, before access is checked: makes httpd check access again
 * after an internal redirect or for a subrequest, even if the configuration is
 * the same. Its rules may depend on the keys, which differ. */
int iu_mapping_recheck_access(request_rec *r);

/* auth_checker, after authentication and before Require: sets the user's id of
 * a path with "me", its note and environment variable. Always declines. If
 * access is granted without authentication, httpd does not get here: the path
 * then has no user. */
int iu_mapping_note_caller(request_rec *r);

/* type_checker: ends the hook for mapped requests. mod_mime would take a key
 * that ends in ".gz" or ".cgi" for a file of that type, and mod_negotiation
 * would look for variants. */
int iu_mapping_end_type_check(request_rec *r);

/* For the handler: the iu_request of r if r->handler is the module's, the
 * mapping holds, and r still has the configuration of the service root for
 * which the route was read. Otherwise NULL: the handler must decline. */
iu_request *iu_mapping_find(request_rec *r);

#endif
