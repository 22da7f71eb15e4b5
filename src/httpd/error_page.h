/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends every error under a service root as one JSON object, also the errors of
 * httpd and other modules: an output filter replaces the page that httpd would
 * send.
 */
#ifndef IU_HTTPD_ERROR_PAGE_H
#define IU_HTTPD_ERROR_PAGE_H

#include "module.h"

/* Registers the filter and the hooks that add it to a response. */
void iu_error_page_register(void);

/* Overrides the ErrorDocuments configured for r, so that httpd sends its own
 * page, which the filter replaces. Call it as soon as r is known to be under a
 * service root. */
void iu_error_page_override_documents(request_rec *r);

#endif
