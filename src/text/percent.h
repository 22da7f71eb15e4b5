/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding of RFC 3986 section 2.1, the way in; the way out is
 * iu_buffer_percent_encoded. */
#ifndef IU_TEXT_PERCENT_H
#define IU_TEXT_PERCENT_H

#include <apr_pools.h>

/* Decodes length bytes into pool, with a NUL behind; *decoded is how many there
 * are, which may be any, NUL too. plus: a '+' is a space. NULL where a percent
 * sign encodes nothing. */
char *iu_percent_decode(apr_pool_t *pool, const char *text, apr_size_t length,
                        int plus, apr_size_t *decoded);

#endif
