/* SPDX-License-Identifier: Apache-2.0 */
/* The module's part of mod_status' page. */
#ifndef IU_HTTPD_STATUS_H
#define IU_HTTPD_STATUS_H

#include "module.h"

/* Adds the part, if mod_status is loaded. Call it to register hooks. */
void iu_status_register(void);

#endif
