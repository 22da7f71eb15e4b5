/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers for monitoring share. An operator gives each a Location
 * (SetHandler), below a service root or elsewhere, and decides by Require who
 * may ask it. */
#ifndef IU_HTTPD_MONITOR_H
#define IU_HTTPD_MONITOR_H

#include "module.h"

#include "../text/buffer.h"

/* Returns OK if r is a GET or HEAD for this handler. Otherwise what the handler
 * must return: DECLINED, or HTTP_METHOD_NOT_ALLOWED with Allow set. */
int iu_monitor_begin(request_rec *r, const char *handler);

/* Sends the answer. */
void iu_monitor_send(request_rec *r, int status, const char *content_type,
                     const iu_buffer *content);

#endif
