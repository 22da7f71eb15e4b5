/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a request of httpd into an operation of src/service. */
#ifndef IU_HTTPD_REQUEST_OPERATION_H
#define IU_HTTPD_REQUEST_OPERATION_H

#include "module.h"

#include "../service/operation.h"

/* The method of r; IU_METHOD_GET also for HEAD. */
iu_method iu_request_method(const request_rec *r);

/* Sets *operation from r, which is mapped (mapping.h). It points to data of
 * r. */
void iu_request_operation_make(request_rec *r, iu_operation *operation);

#endif
