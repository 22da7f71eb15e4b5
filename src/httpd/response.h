/* SPDX-License-Identifier: Apache-2.0 */
/* Sends the answers of src/service as responses of httpd. */
#ifndef IU_HTTPD_RESPONSE_H
#define IU_HTTPD_RESPONSE_H

#include "module.h"

#include "../service/answer.h"

/* Sends an answer, whose headers are in r->headers_out already. If the rest of
 * the answer fails, it ends the connection without ending the message, so that
 * the client notices. */
void iu_response_send(request_rec *r, iu_answer *answer);

/* Sends 204 with Allow (RFC 9110 section 9.3.7). methods: the resource's, from
 * iu_service_methods. */
void iu_response_send_options(request_rec *r, unsigned methods);

/* Sets the methods that httpd sends in the Allow header of a 405 or 501. */
void iu_response_allow(request_rec *r, unsigned methods);

#endif
