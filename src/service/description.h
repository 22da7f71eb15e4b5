/* SPDX-License-Identifier: Apache-2.0 */
/* GET of the resources that describe the service. They depend on the settings
 * only, not on the database. */
#ifndef IU_SERVICE_DESCRIPTION_H
#define IU_SERVICE_DESCRIPTION_H

#include "work.h"

/* GET of the service root: the service document (OData JSON Format 4.01 section
 * 5). It lists the singleton me, as it must; the entity sets are left out, as
 * they cannot be read themselves. */
iu_problem *iu_description_service(iu_work *work);

/* GET $metadata, as XML or JSON (OData 4.01 Protocol section 11.1.2).
 * IU_NOT_ACCEPTABLE if the request rules out both. */
iu_problem *iu_description_metadata(iu_work *work);

/* GET openapi.json: the OpenAPI document. IU_NOT_ACCEPTABLE if the request
 * rules out JSON. */
iu_problem *iu_description_openapi(iu_work *work);

#endif
