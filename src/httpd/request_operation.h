/* SPDX-License-Identifier: Apache-2.0 */
/* A request of httpd as an operation of the service. */
#ifndef IU_HTTPD_REQUEST_OPERATION_H
#define IU_HTTPD_REQUEST_OPERATION_H

#include "module.h"

#include "../service/operation.h"

/* The method of r. */
iu_method iu_request_method(const request_rec *r);

/* What r, which is claimed (claim.h), asks of the service. *operation refers to
 * r. */
void iu_request_operation_make(request_rec *r, iu_operation *operation);

#endif
