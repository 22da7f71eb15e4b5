/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request, in one piece. */
#ifndef IU_HTTPD_REQUEST_BODY_H
#define IU_HTTPD_REQUEST_BODY_H

#include "module.h"

#include "../problem/problem.h"
#include "../text/buffer.h"

/* Reads the body of r to its end, at most limit bytes after all transfer and
 * content codings are off. *body is in r->pool. Otherwise a problem:
 * IU_BODY_TOO_LARGE (before anything is read, where Content-Length tells),
 * IU_BODY_TIMEOUT, IU_BODY_BROKEN, IU_TRANSFER_ENCODING, IU_CONTENT_ENCODING;
 * or IU_BODY_REFUSED with the status AP_FILTER_ERROR, which says that httpd has
 * answered already and must be returned as it is. */
iu_problem *iu_request_body_read(request_rec *r, apr_int64_t limit,
                                 iu_buffer *body);

#endif
