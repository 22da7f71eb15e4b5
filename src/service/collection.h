/* SPDX-License-Identifier: Apache-2.0 */
/* GET of the collection of an invitation's used insights. */
#ifndef IU_SERVICE_COLLECTION_H
#define IU_SERVICE_COLLECTION_H

#include "work.h"

/* 200 with one page of the collection (OData 4.01 Protocol 11.2.6). The
 * answer's next fetches documents in batches, so that memory does not grow with
 * the page. Returns NULL or a problem. */
iu_problem *iu_collection_list(iu_work *work);

/* 200 with the number of records as plain text (OData 4.01 Protocol 11.2.10).
 * Returns NULL or a problem. */
iu_problem *iu_collection_count(iu_work *work);

#endif
