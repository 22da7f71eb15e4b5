/* SPDX-License-Identifier: Apache-2.0 */
/* The answers that describe the service. None of them needs the database: they
 * depend on the settings alone. */
#ifndef IU_SERVICE_DESCRIPTION_H
#define IU_SERVICE_DESCRIPTION_H

#include "work.h"

/* GET of the service root: the service document (OData JSON Format 4.01
 * section 5). It is empty: the one entity set, invitations, is only the way to
 * what it contains. */
iu_problem *iu_description_service(iu_work *work);

/* GET $metadata, as XML or JSON (OData 4.01 Protocol section 11.1.2).
 * IU_NOT_ACCEPTABLE where Accept rules out both. */
iu_problem *iu_description_metadata(iu_work *work);

/* GET openapi.json: the same as an OpenAPI document, likewise. */
iu_problem *iu_description_openapi(iu_work *work);

#endif
