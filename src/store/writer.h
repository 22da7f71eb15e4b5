/* SPDX-License-Identifier: Apache-2.0 */
/* The one who writes: makes a commit group durable by one statement. */
#ifndef IU_STORE_WRITER_H
#define IU_STORE_WRITER_H

#include "commit_group.h"
#include "session.h"

/* The form of a record in the statement's parameter, a JSON array, appended to
 * element: what iu_commit_join takes. */
void iu_writer_element(const iu_record *record, iu_buffer *element);

/* The iu_commit of a queue whose baton is the iu_session to write by. Each
 * entry is answered NULL, IU_ALREADY_EXISTS, IU_STATEMENT_FAILED,
 * IU_COMMIT_UNKNOWN or one of the IU_DATABASE_…. */
void iu_writer_commit(void *data, iu_commit_group *group);

#endif
