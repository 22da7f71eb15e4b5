/* SPDX-License-Identifier: Apache-2.0 */
/* Every file of src/httpd includes this first: it makes LogLevel
 * insights_used:… work for the file's log lines. */
#ifndef IU_HTTPD_MODULE_H
#define IU_HTTPD_MODULE_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

extern module AP_MODULE_DECLARE_DATA insights_used_module;

APLOG_USE_MODULE(insights_used);

#endif
