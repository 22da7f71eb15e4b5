/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a record that is there: PATCH and DELETE of …/used/{id} (OData
 * 4.01 Protocol 11.4.3 to 11.4.5). A change goes out from the version that was
 * read, and is written only while that is the one stored; else it begins anew
 * from reading, until the call's deadline. So none is lost, with If-Match or
 * without.
 */
#ifndef IU_HTTPD_CHANGE_H
#define IU_HTTPD_CHANGE_H

#include "private.h"

#include "../graph/json_text.h"
#include "../graph/negotiation.h"
#include "../graph/precondition.h"
#include "../store/store.h"

/* Lays body over the record that the route of r names, or creates it where
 * there is none and r asks for that by If-None-Match: * or Prefer:
 * create-if-missing; and answers r. call is begun; conditions are valid. NULL;
 * or IU_NOT_FOUND, the problems of conditions, body and store. */
iu_problem *iu_change_update(request_rec *r, const iu_store_call *call,
                             const iu_preconditions *conditions,
                             const iu_json *body, iu_metadata metadata);

/* Deletes the record that the route of r names, and answers r. As above. */
iu_problem *iu_change_delete(request_rec *r, const iu_store_call *call,
                             const iu_preconditions *conditions);

#endif
