/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every error under a service root is one JSON object, also those that httpd or
 * another module made: an output filter takes the place of the page that httpd
 * would send.
 */
#ifndef IU_HTTPD_ERROR_PAGE_H
#define IU_HTTPD_ERROR_PAGE_H

#include "module.h"

/* Registers the filter and the hook that puts it in. */
void iu_error_page_register(void);

/* Overrides the ErrorDocuments of r, so that httpd sends its own page, which
 * the filter replaces. Call it as soon as r is known to be under a service
 * root. */
void iu_error_page_override_documents(request_rec *r);

#endif
