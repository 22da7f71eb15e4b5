/* SPDX-License-Identifier: Apache-2.0 */
/* What a store is made of, for the files of its public interface. */
#ifndef IU_STORE_STORE_PRIVATE_H
#define IU_STORE_STORE_PRIVATE_H

#include "../database/reader_pool.h"
#include "commit_group.h"
#include "line.h"
#include "writer.h"

struct iu_store {
    iu_database database;
    iu_writer writer;
    iu_commit_queue *queue;
    iu_reader_pool *readers;
    iu_line *line; /* of those who met others at their record */
};

/* Runs a statement, that of a directive or (NULL) our own, on one of the
 * readers; the call's members of select are set here. NULL, or a problem. */
iu_problem *iu_store_read(iu_store *store, const iu_store_call *call,
                          iu_reading reading, iu_execution *execution,
                          const char *directive, apr_array_header_t **rows);

/* A record, in pool, from its keys and a row of version, last_accessed,
 * last_modified, document, which are not copied. */
iu_record *iu_store_record(apr_pool_t *pool, const char *invitation_id,
                           const char *id, const char *const *row);

#endif
