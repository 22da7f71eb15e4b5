/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of the service as responses of httpd. */
#ifndef IU_HTTPD_RESPONSE_H
#define IU_HTTPD_RESPONSE_H

#include "module.h"

#include "../service/answer.h"

/* Sends an answer whose headers are r->headers_out. An answer that cannot be
 * completed ends the connection instead of the message: the client knows that
 * it has not all. */
void iu_response_send(request_rec *r, iu_answer *answer);

/* 204 with Allow (RFC 9110 section 9.3.7). methods is what iu_service_methods
 * tells of the resource. */
void iu_response_send_options(request_rec *r, unsigned methods);

/* Makes httpd send the same methods in the Allow of a 405 or 501. */
void iu_response_allow(request_rec *r, unsigned methods);

#endif
