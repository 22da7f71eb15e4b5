/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the client still waits for its response. */
#ifndef IU_HTTPD_CLIENT_H
#define IU_HTTPD_CLIENT_H

#include "module.h"

/* An iu_is_gone whose argument is a request_rec. One system call, which does
 * not wait. */
int iu_client_is_gone(void *request);

#endif
