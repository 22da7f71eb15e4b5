/* SPDX-License-Identifier: Apache-2.0 */
/* Commits a group: its inserts by one multi-row statement, then its updates and
 * deletes. */
#ifndef IU_STORE_WRITER_H
#define IU_STORE_WRITER_H

#include "../database/session.h"
#include "commit_group.h"

/* The numbers of rows for which there are statements: see writer.c. */
#define IU_WRITER_SIZES 16

typedef struct iu_writer {
    iu_session session;
    const char *inserts[IU_WRITER_SIZES]; /* their SQL; NULL: not needed yet */
} iu_writer;

/* The iu_commit_begin of a queue whose baton is the iu_writer: takes the turn
 * to change the database. */
iu_failure *iu_writer_begin(void *data, apr_time_t deadline, apr_pool_t *pool);

/* The iu_commit of that queue; ends the turn. Each entry is answered NULL,
 * IU_ALREADY_EXISTS, IU_VERSION_CONFLICT, IU_STATEMENT_FAILED,
 * IU_COMMIT_TIMEOUT, what iu_commit_unknown makes, or one of the
 * IU_DATABASE_…. */
void iu_writer_commit(void *data, iu_commit_group *group);

#endif
