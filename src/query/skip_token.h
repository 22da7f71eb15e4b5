/* SPDX-License-Identifier: Apache-2.0 */
/*
 * $skiptoken: the start of the next page, in a link that this service makes. It
 * is opaque to clients, but they can change it: it is checked like any other
 * input.
 */
#ifndef IU_QUERY_SKIP_TOKEN_H
#define IU_QUERY_SKIP_TOKEN_H

#include "query.h"

/* Makes a token in pool from query->order, query->fingerprint and the values of
 * iu_query_next. It is base64url (RFC 4648 section 5), so that it needs no
 * percent-encoding. */
const char *iu_skip_token_write(apr_pool_t *pool, const iu_query *query,
                                const char *const *values);

/* Parses the decoded value of $skiptoken into query->after; query must have its
 * order and fingerprint. Returns NULL, or IU_SKIP_TOKEN_INVALID if the token is
 * malformed or from a query with another order or filter. */
iu_problem *iu_skip_token_read(apr_pool_t *pool, const char *text,
                               iu_query *query);

#endif
