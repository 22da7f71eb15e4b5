/* SPDX-License-Identifier: Apache-2.0 */
/* Reads or discards the body of a request. */
#ifndef IU_HTTPD_REQUEST_BODY_H
#define IU_HTTPD_REQUEST_BODY_H

#include "module.h"

#include "../problem/problem.h"
#include "../text/buffer.h"

/* Reads the body of r to its end, at most limit bytes, counted without transfer
 * and content codings. *body is in r->pool. Returns NULL, IU_BODY_TOO_LARGE (at
 * once if Content-Length says so), IU_BODY_TIMEOUT, IU_BODY_BROKEN,
 * IU_TRANSFER_ENCODING, IU_CONTENT_ENCODING, or IU_BODY_REFUSED with status
 * AP_FILTER_ERROR: httpd has already answered, the handler must return this
 * status. */
iu_problem *iu_request_body_read(request_rec *r, apr_int64_t limit,
                                 iu_buffer *body);

/* Discards what has arrived of an unread body, so that the connection can be
 * kept; does not wait. Returns 0 if the body has not ended by then. */
int iu_request_body_discard(request_rec *r);

#endif
