/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI document of the service (OpenAPI Specification 3.0.3). Like
 * $metadata (csdl.h) it is generated from the type table. */
#ifndef IU_DESCRIPTION_OPENAPI_H
#define IU_DESCRIPTION_OPENAPI_H

#include "../text/buffer.h"

/* Appends the document. service_root is the absolute URL of the service root
 * without a trailing slash, required the set of IU_MEMBER_… that a create
 * requires. needs_if_match: changes and deletes of a used insight require
 * If-Match. has_batch: there is a $batch. */
void iu_openapi_write(iu_buffer *out, const char *service_root,
                      unsigned required, int needs_if_match, int has_batch);

#endif
