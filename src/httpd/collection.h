/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of reading an invitation's used insights as a collection. */
#ifndef IU_HTTPD_COLLECTION_H
#define IU_HTTPD_COLLECTION_H

#include "private.h"

#include "../graph/negotiation.h"
#include "../graph/query.h"
#include "../store/store.h"

/* 200 with one page of the collection (OData 4.01 Protocol 11.2.6). Documents
 * are fetched and sent a few at a time, so memory does not grow with the page.
 * NULL: answered; or a problem, and nothing was sent. A database that fails
 * when the first part is out already ends the connection, without the end of
 * the message: the client knows that it has not all. */
iu_problem *iu_collection_send(request_rec *r, const iu_store_call *call,
                               const iu_query *query, iu_metadata metadata);

/* 200 with the number of the collection's records as plain text (OData 4.01
 * Protocol 11.2.10), or a problem. */
iu_problem *iu_collection_count(request_rec *r, const iu_store_call *call,
                                const iu_query *query);

#endif
