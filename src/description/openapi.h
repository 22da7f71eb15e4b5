/* SPDX-License-Identifier: Apache-2.0 */
/* The service as an OpenAPI document (OpenAPI Specification 3.0.3). Its schemas
 * come from the type table, as $metadata does (csdl.h). */
#ifndef IU_DESCRIPTION_OPENAPI_H
#define IU_DESCRIPTION_OPENAPI_H

#include "../text/buffer.h"

/* Appends the document. service_root is the absolute URL of the service root
 * without a slash at its end, required the set of IU_MEMBER_… without which a
 * create is refused. needs_if_match: a used insight can only be changed or
 * deleted with If-Match. */
void iu_openapi_write(iu_buffer *out, const char *service_root,
                      unsigned required, int needs_if_match);

#endif
