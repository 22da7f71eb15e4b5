/* SPDX-License-Identifier: Apache-2.0 */
/* The answers that describe the service. None of them needs the database: they
 * depend on the configuration alone. Each sends its document and returns NULL,
 * or a problem of the request's header fields or query. */
#ifndef IU_HTTPD_DESCRIPTION_H
#define IU_HTTPD_DESCRIPTION_H

#include "private.h"

#include "../graph/problem.h"

/* GET of the service root: the service document (OData JSON Format 4.01
 * section 5). It is empty: the one entity set, invitations, is only the way to
 * what it contains. */
iu_problem *iu_description_service(request_rec *r);

/* GET $metadata, as XML or JSON (OData 4.01 Protocol section 11.1.2). */
iu_problem *iu_description_metadata(request_rec *r);

/* GET openapi.json: the same as an OpenAPI document. */
iu_problem *iu_description_openapi(request_rec *r);

#endif
