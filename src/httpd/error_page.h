/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every error under a service root is one JSON object (CONTRACT section 4),
 * also those that httpd or another module made: an output filter takes the
 * place of the page that httpd would send.
 */
#ifndef IU_HTTPD_ERROR_PAGE_H
#define IU_HTTPD_ERROR_PAGE_H

#include "private.h"

/* Registers the filter and the hook that puts it in. */
void iu_error_page_register(void);

/* Sees to it that an ErrorDocument does not answer in our place; to be called
 * as soon as it is known that r is under a service root. */
void iu_error_page_claim(request_rec *r);

#endif
