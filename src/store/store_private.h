/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of iu_store, for the files that implement store.h. */
#ifndef IU_STORE_STORE_PRIVATE_H
#define IU_STORE_STORE_PRIVATE_H

#include "../database/reader_pool.h"
#include "commit_group.h"
#include "record_queue.h"
#include "writer.h"

struct iu_store {
    iu_database database;
    iu_writer writer;
    iu_commit_queue *queue;
    iu_reader_pool *readers;
    iu_record_queue *record_queue; /* of requests that met a conflict */
};

/* Runs a statement on one of the readers. The caller sets sql, arguments and
 * count of execution. directive: the directive that the statement is from;
 * NULL: it is our own. Returns NULL, or a problem in call->pool. */
iu_problem *iu_store_read(iu_store *store, const iu_store_call *call,
                          iu_read_kind kind, iu_execution *execution,
                          const char *directive, apr_array_header_t **rows);

/* Makes a record, in pool, that points to its keys and to the columns of a row:
 * version, last_accessed, last_modified, document. */
iu_record *iu_store_make_record(apr_pool_t *pool, const char *set_id,
                                const char *id, const char *const *row);

#endif
