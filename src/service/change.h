/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PATCH and DELETE of …/used/{id} (OData 4.01 Protocol 11.4.3 to 11.4.5). A
 * change reads the record and writes only if the stored version is still the
 * one that it read; otherwise it starts again, until the deadline of the call.
 * So no update is lost, with or without If-Match. A PATCH with If-None-Match: *
 * or Prefer: create-if-missing creates a record that does not exist.
 */
#ifndef IU_SERVICE_CHANGE_H
#define IU_SERVICE_CHANGE_H

#include "work.h"

/* Reads the record of the route and sets work->write. Returns NULL,
 * IU_NOT_FOUND, or a problem of the conditions, the body or the store. */
iu_problem *iu_change_prepare(iu_work *work);

/* Makes the answer after work->write has its outcome. Returns NULL, or that
 * problem; IU_VERSION_CONFLICT: prepare the change again. */
iu_problem *iu_change_finish(iu_work *work);

/* Prepares, writes and finishes, again and again after conflicts. Returns as
 * the two. */
iu_problem *iu_change_run(iu_work *work);

#endif
