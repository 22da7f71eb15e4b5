/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the client still waits for its answer. */
#ifndef IU_HTTPD_CLIENT_H
#define IU_HTTPD_CLIENT_H

#include "module.h"

/* An iu_is_gone whose client is a request_rec. Asks the system, and does not
 * wait. */
int iu_client_is_gone(void *request);

#endif
