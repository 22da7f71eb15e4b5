/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A claim of an access token, as an authentication module passes it in an
 * environment variable. An array is JSON text from mod_oauth2 (["X", "Y"]) and
 * X,Y from mod_auth_openidc; both pass a string unchanged. The scopes of scp
 * are one string, separated by spaces (RFC 8693 section 4.2).
 */
#ifndef IU_HTTP_CLAIM_LIST_H
#define IU_HTTP_CLAIM_LIST_H

#include <apr_pools.h>
#include <apr_tables.h>

/* The members of a claim, as an array of const char * in pool, for claims whose
 * values contain neither white space nor commas (scopes, roles). claim NULL:
 * empty. */
apr_array_header_t *iu_claim_names(apr_pool_t *pool, const char *claim);

/* Whether a claim (audience) is value, or an array that contains it. value must
 * not contain a comma. claim NULL: no. */
int iu_claim_has(apr_pool_t *pool, const char *claim, const char *value);

/* The claim if it is one text. NULL if claim is NULL or begins like a JSON
 * array. (What mod_auth_openidc makes of an array cannot be told from a
 * text.) */
const char *iu_claim_text(const char *claim);

#endif
