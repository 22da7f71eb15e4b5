/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes percent-encoding (RFC 3986 section 2.1). To encode, use
 * iu_buffer_percent_encoded: apr_pescape_path_segment does not escape reserved
 * characters such as '&' and '+'. */
#ifndef IU_TEXT_PERCENT_H
#define IU_TEXT_PERCENT_H

#include <apr_pools.h>

/* Decodes length bytes into pool and appends a NUL. *decoded is the length of
 * the result, which may contain any byte, NUL included. plus: decode '+' as a
 * space. Returns NULL if a '%' is not followed by two hex digits. */
char *iu_percent_decode(apr_pool_t *pool, const char *text, apr_size_t length,
                        int plus, apr_size_t *decoded);

#endif
