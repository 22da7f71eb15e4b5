/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PATCH and DELETE of …/used/{id} (OData 4.01 Protocol 11.4.3 to 11.4.5). A
 * change reads the record and writes only if the stored version is still the
 * one that it read; otherwise it starts again, until the deadline of the call.
 * So no update is lost, with or without If-Match.
 */
#ifndef IU_SERVICE_CHANGE_H
#define IU_SERVICE_CHANGE_H

#include "work.h"

/* Merges the body into the record of the route. If there is none, creates it,
 * provided that the request has If-None-Match: * or Prefer: create-if-missing.
 * Returns NULL, IU_NOT_FOUND, or a problem of the conditions, the body or the
 * store. */
iu_problem *iu_change_update(iu_work *work);

/* Deletes the record of the route. Returns as above. */
iu_problem *iu_change_delete(iu_work *work);

#endif
