/* SPDX-License-Identifier: Apache-2.0 */
/* The handler insights-used-metrics: the metrics of all databases of the
 * server, for Prometheus. */
#ifndef IU_HTTPD_METRICS_PAGE_H
#define IU_HTTPD_METRICS_PAGE_H

#include "module.h"

/* A handler hook. */
int iu_metrics_page_handle(request_rec *r);

#endif
