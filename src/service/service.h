/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the methods of the resources that docs/api.md describes. Independent of
 * httpd, so that tests can call it as httpd's handler does. */
#ifndef IU_SERVICE_SERVICE_H
#define IU_SERVICE_SERVICE_H

#include "answer.h"
#include "operation.h"

/* The methods of a kind of resource: one bit (1u << method) for each. */
unsigned iu_service_methods(iu_route_kind kind);

/* Runs operation; the caller must have checked access. *answer must be zero
 * except for headers; what it refers to lives as long as operation->pool.
 * Returns NULL, IU_METHOD_NOT_ALLOWED, operation->route_problem or a problem of
 * the action. */
iu_problem *iu_service_run(const iu_operation *operation, iu_answer *answer);

#endif
