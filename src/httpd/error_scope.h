/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which errors are under a service root. */
#ifndef IU_HTTPD_ERROR_SCOPE_H
#define IU_HTTPD_ERROR_SCOPE_H

#include "module.h"

/* Whether r is under a service root. r has failed, perhaps before httpd had
 * parsed its request line or knew its virtual host or Location. */
int iu_error_scope_contains(request_rec *r);

/* The request target of r, as far as it is known; "" if it is not. In r->pool
 * or r. */
const char *iu_error_scope_target(const request_rec *r);

#endif
