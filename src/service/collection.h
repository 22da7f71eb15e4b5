/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an invitation's used insights as a collection. */
#ifndef IU_SERVICE_COLLECTION_H
#define IU_SERVICE_COLLECTION_H

#include "work.h"

/* 200 with one page of the collection (OData 4.01 Protocol 11.2.6). Documents
 * are fetched a few at a time, by the answer's next, so that memory does not
 * grow with the page. NULL or a problem. */
iu_problem *iu_collection_list(iu_work *work);

/* 200 with the number of the collection's records as plain text (OData 4.01
 * Protocol 11.2.10), or a problem. */
iu_problem *iu_collection_count(iu_work *work);

#endif
