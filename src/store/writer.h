/* SPDX-License-Identifier: Apache-2.0 */
/* Commits a group: its inserts by one multi-row statement, then its updates and
 * deletes. */
#ifndef IU_STORE_WRITER_H
#define IU_STORE_WRITER_H

#include "../database/session.h"
#include "commit_group.h"

/* Number of prepared inserts, which differ in their row count. */
#define IU_WRITER_SIZES 20

typedef struct iu_writer {
    iu_session session;
    const char *inserts[IU_WRITER_SIZES]; /* SQL; NULL: not needed yet */
} iu_writer;

/* An iu_commit_begin; data is the iu_writer. Takes the writer's turn. */
iu_failure *iu_writer_begin(void *data, apr_time_t deadline, apr_pool_t *pool);

/* An iu_commit; data is the iu_writer. Ends the turn. Answers each entry with
 * NULL, IU_ALREADY_EXISTS, IU_VERSION_CONFLICT, IU_STATEMENT_FAILED,
 * IU_COMMIT_TIMEOUT, the result of iu_commit_unknown, or one of the
 * IU_DATABASE_…. */
void iu_writer_commit(void *data, iu_commit_group *group);

#endif
