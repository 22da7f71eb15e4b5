/* SPDX-License-Identifier: Apache-2.0 */
/* What a message quotes of a client's text. */
#ifndef IU_TEXT_EXCERPT_H
#define IU_TEXT_EXCERPT_H

#include <apr_pools.h>

/* The longest quotation in bytes. */
#define IU_EXCERPT_MAX 64

/* At most IU_EXCERPT_MAX bytes of a text, cut between characters, with "…"
 * where it was cut; bytes that are not UTF-8 become '?'. In pool. */
const char *iu_excerpt(apr_pool_t *pool, const char *text, apr_size_t length);

#endif
