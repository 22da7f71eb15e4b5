/* SPDX-License-Identifier: Apache-2.0 */
/* The "url" of a request in a batch. */
#ifndef IU_BATCH_BATCH_TARGET_H
#define IU_BATCH_BATCH_TARGET_H

#include "batch_request.h"

/* Makes a request target in origin form, in pool, of a URL in UTF-8: absolute
 * below limits->service_root, "/x" with or without limits->root, or "x", which
 * both are relative to the root (as in Graph; in OData "/x" is relative to the
 * host). Encodes spaces and characters beyond ASCII: some clients do not. The
 * target begins with root, has no dot segments, and is not that of a batch.
 * Returns NULL if there is no such target, and sets *reason to a sentence, in
 * pool. */
const char *iu_batch_target_read(apr_pool_t *pool,
                                 const iu_batch_limits *limits, const char *url,
                                 const char **reason);

#endif
