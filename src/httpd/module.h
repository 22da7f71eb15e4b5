/* SPDX-License-Identifier: Apache-2.0 */
/* What every file of this room begins with: the module's identity, so that
 * LogLevel insights_used:… works in each of them. */
#ifndef IU_HTTPD_MODULE_H
#define IU_HTTPD_MODULE_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

extern module AP_MODULE_DECLARE_DATA insights_used_module;

APLOG_USE_MODULE(insights_used);

#endif
