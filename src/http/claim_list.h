/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value of a token's claim as an authentication module hands it on in an
 * environment variable. mod_oauth2 gives a claim that is an array as JSON text
 * (["X", "Y"]), mod_auth_openidc as X,Y; both give a string as it is, and the
 * scopes of scp are one string with spaces between (RFC 8693 section 4.2).
 */
#ifndef IU_HTTP_CLAIM_LIST_H
#define IU_HTTP_CLAIM_LIST_H

#include <apr_pools.h>
#include <apr_tables.h>

/* The members of a claim whose values hold no white space and no comma
 * (scopes, roles), as an array of const char * in pool. claim NULL: empty. */
apr_array_header_t *iu_claim_names(apr_pool_t *pool, const char *claim);

/* Whether a claim (audience) is value or has it as a member of its array. A
 * value may hold anything but a comma. claim NULL: no. */
int iu_claim_has(apr_pool_t *pool, const char *claim, const char *value);

#endif
