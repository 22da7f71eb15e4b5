/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers insights-used-ready and insights-used-live, for balancers and
 * orchestrators. */
#ifndef IU_HTTPD_PROBES_H
#define IU_HTTPD_PROBES_H

#include "module.h"

/* A handler hook: 200 if the database of the virtual host can be read and
 * written, otherwise 503. Answers within 1.5 seconds, whatever the database
 * does. */
int iu_probes_ready(request_rec *r);

/* A handler hook: 200. Asks nothing but httpd itself. */
int iu_probes_live(request_rec *r);

#endif
