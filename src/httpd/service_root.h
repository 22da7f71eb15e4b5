/* SPDX-License-Identifier: Apache-2.0 */
/* The absolute URL of a service root, for Location and context URLs. */
#ifndef IU_HTTPD_SERVICE_ROOT_H
#define IU_HTTPD_SERVICE_ROOT_H

#include "module.h"

/* InsightsUsedBaseURL if set; otherwise the server's canonical name and port,
 * whatever UseCanonicalName says: with the name of the Host header a client
 * could choose where others are sent. In r->pool, without a trailing slash. */
const char *iu_service_root(request_rec *r);

#endif
