/* SPDX-License-Identifier: Apache-2.0 */
/* The "body" of a request in a batch. */
#ifndef IU_BATCH_BATCH_BODY_H
#define IU_BATCH_BATCH_BODY_H

#include <apr_pools.h>

#include "../text/span.h"

/* Decodes a body that is a JSON string of base64 or base64url, as OData has it
 * for content other than JSON (OData JSON Format 4.01 section 19.1). The core
 * of Microsoft's generated clients sends JSON so, too. body is not changed.
 * Returns NULL if it is nothing like that; otherwise the content in pool, with
 * a NUL after its *length bytes. */
char *iu_batch_body_decode(apr_pool_t *pool, iu_span body, apr_size_t *length);

#endif
