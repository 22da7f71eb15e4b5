/* SPDX-License-Identifier: Apache-2.0 */
/*
 * $skiptoken: where the next page begins, in a link that this service made. It
 * is opaque, yet it comes back from outside: it is read as strictly as anything
 * else.
 */
#ifndef IU_QUERY_SKIP_TOKEN_H
#define IU_QUERY_SKIP_TOKEN_H

#include "query.h"

/* A token in pool, of characters that a URL takes as they are (RFC 4648 section
 * 5), for the order and fingerprint of query and values as in iu_query_next. */
const char *iu_skip_token_write(apr_pool_t *pool, const iu_query *query,
                                const char *const *values);

/* Reads the decoded value of $skiptoken into query->after, whose order and
 * fingerprint stand there already. NULL, or IU_SKIP_TOKEN_INVALID: no token, or
 * that of a query with another order or filter. */
iu_problem *iu_skip_token_read(apr_pool_t *pool, const char *text,
                               iu_query *query);

#endif
