/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of iu_store, for the files that implement store.h. */
#ifndef IU_STORE_STORE_PRIVATE_H
#define IU_STORE_STORE_PRIVATE_H

#include "../concurrency/group_queue.h"
#include "../database/reader_pool.h"
#include "commit_group.h"
#include "record_queue.h"
#include "writer.h"

struct iu_store {
    iu_database database;
    iu_writer writer;
    iu_commit_queue *queue;
    iu_reader_pool *readers;
    iu_group_queue *find_groups;   /* NULL: each lookup runs alone */
    iu_record_queue *record_queue; /* of requests that met a conflict */
    int has_no_trial;              /* health.c: writing cannot be tried */
};

/* The outcome of a statement for one of the readers. */
typedef struct iu_reading {
    int has_run;               /* 0: no reader became free within the bound */
    const iu_failure *failure; /* NULL: none */
    apr_array_header_t *rows;  /* as of iu_connection_select */
} iu_reading;

/* Runs a statement on one of the readers. The caller sets sql, arguments,
 * count, pool, origin and bound of execution. */
iu_reading iu_store_run(iu_store *store, iu_read_kind kind,
                        iu_execution *execution);

/* Makes the problem, in call->pool, that a request gets for this outcome; NULL:
 * the statement succeeded. directive: the directive that the statement is from;
 * NULL: it is our own. */
iu_problem *iu_store_problem(iu_store *store, const iu_store_call *call,
                             const iu_reading *reading, const char *directive);

/* Runs a statement for one request. The caller sets sql, arguments and count of
 * execution. Returns NULL, or a problem in call->pool. */
iu_problem *iu_store_read(iu_store *store, const iu_store_call *call,
                          iu_read_kind kind, iu_execution *execution,
                          const char *directive, apr_array_header_t **rows);

/* Creates the queue of read groups, if the dialect has them. */
apr_status_t iu_store_create_find_groups(iu_store *store, apr_pool_t *pool);

/* Makes a record, in pool, that points to its keys and to the columns of a row:
 * version, last_accessed, last_modified, document. */
iu_record *iu_store_make_record(apr_pool_t *pool, const char *set_id,
                                const char *id, const char *const *row);

#endif
