/* SPDX-License-Identifier: Apache-2.0 */
/* The service: what is done with each method of each resource (CONTRACT section
 * 1). Knows no server: a test or a batch calls it as httpd's handler does. */
#ifndef IU_SERVICE_SERVICE_H
#define IU_SERVICE_SERVICE_H

#include "answer.h"
#include "operation.h"

/* The methods that a kind of resource has: one bit (1u << method) for each. */
unsigned iu_service_methods(iu_route_kind kind);

/* Does what operation asks; access is the caller's to check before. NULL, and
 * *answer is the answer, all of it zero before but for headers; or a problem:
 * IU_METHOD_NOT_ALLOWED, that of the route, or one of the action. What the
 * answer refers to lives as long as operation->pool. */
iu_problem *iu_service_run(const iu_operation *operation, iu_answer *answer);

#endif
