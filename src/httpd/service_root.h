/* SPDX-License-Identifier: Apache-2.0 */
/* The absolute URL of a service root, for Location and context URLs. */
#ifndef IU_HTTPD_SERVICE_ROOT_H
#define IU_HTTPD_SERVICE_ROOT_H

#include "module.h"

/* InsightsUsedBaseURL where it is set; else the server's canonical name and
 * port, whatever UseCanonicalName says: a name taken from the Host header would
 * let a client choose where others are sent. In r->pool, no slash at its end.*/
const char *iu_service_root(request_rec *r);

#endif
