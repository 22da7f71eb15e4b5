/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a record that is there: PATCH and DELETE of …/used/{id} (OData
 * 4.01 Protocol 11.4.3 to 11.4.5). A change goes out from the version that was
 * read, and is written only while that is the one stored; else it begins anew
 * from reading, until the call's deadline. So none is lost, with If-Match or
 * without.
 */
#ifndef IU_SERVICE_CHANGE_H
#define IU_SERVICE_CHANGE_H

#include "work.h"

/* Lays the body over the record that the route names, or creates it where there
 * is none and the request asks for that by If-None-Match: * or Prefer:
 * create-if-missing. NULL; or IU_NOT_FOUND, the problems of conditions, body
 * and store. */
iu_problem *iu_change_update(iu_work *work);

/* Deletes the record that the route names. As above. */
iu_problem *iu_change_delete(iu_work *work);

#endif
