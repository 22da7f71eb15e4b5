/* SPDX-License-Identifier: Apache-2.0 */
/* Shortens client text that an error message quotes. */
#ifndef IU_TEXT_EXCERPT_H
#define IU_TEXT_EXCERPT_H

#include <apr_pools.h>

/* Bytes, without the ellipsis. */
#define IU_EXCERPT_MAX 64

/* Copies at most IU_EXCERPT_MAX bytes of text to pool, whole characters only,
 * and appends "…" if that is not all of it. Bytes that are not UTF-8 become
 * '?'. */
const char *iu_excerpt(apr_pool_t *pool, const char *text, apr_size_t length);

#endif
