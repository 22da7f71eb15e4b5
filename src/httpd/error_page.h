/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends every error under a service root as one JSON object, also the errors of
 * httpd and other modules: an output filter replaces the page that httpd would
 * send.
 */
#ifndef IU_HTTPD_ERROR_PAGE_H
#define IU_HTTPD_ERROR_PAGE_H

#include "module.h"

#include "../problem/problem.h"

/* Registers the filter and the hooks that add it to a response. */
void iu_error_page_register(void);

/* The problem of the status that httpd or another module has set in r, with a
 * hint for the log. In r->pool. */
iu_problem *iu_error_page_problem(request_rec *r);

/* Sets the header fields that the status of r asks for, WWW-Authenticate or
 * Retry-After, unless another module has. */
void iu_error_page_set_defaults(request_rec *r);

/* Overrides the ErrorDocuments configured for r, so that httpd sends its own
 * page, which the filter replaces. Call it as soon as r is known to be under a
 * service root. */
void iu_error_page_override_documents(request_rec *r);

#endif
