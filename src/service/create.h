/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of POST …/used that no other action has (OData 4.01 Protocol
 * 11.4.2). If the request has a key (http/repeatability.h) and its body no id,
 * the record's id is made from the key, and the record has a digest of what was
 * created. So a repeat finds the record, and is told from another request with
 * the same key, without a table of keys.
 */
#ifndef IU_SERVICE_CREATE_H
#define IU_SERVICE_CREATE_H

#include "work.h"

/* Sets work->keys. Returns NULL or a problem of iu_repeatability_read. */
iu_problem *iu_create_read_keys(iu_work *work);

/* Makes a record of work->body and frees the body. Returns NULL or a problem of
 * iu_used_insight_read. */
iu_problem *iu_create_read(iu_work *work);

/* Sets the keys of the record; work->set_id is known. Returns NULL. */
iu_problem *iu_create_name(iu_work *work);

/* Sets work->write. Returns NULL. */
iu_problem *iu_create_prepare(iu_work *work);

/* Makes the answer after work->write has its outcome: of the new record, or if
 * this is a repeat, of the record as it is now. Returns NULL, the problem of
 * the write, IU_REPEAT_DIFFERS, or a problem of iu_store_find.
 * IU_VERSION_CONFLICT: the record was there and has been deleted, so the create
 * must be prepared again. */
iu_problem *iu_create_finish(iu_work *work);

/* Prepares, writes and finishes, again and again after conflicts. Returns as
 * iu_create_finish. */
iu_problem *iu_create_run(iu_work *work);

#endif
