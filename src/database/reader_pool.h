/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool of read-only connections, each used by one thread at a time. Lists and
 * counts, which may take long, get only some of them; the others are kept for
 * lookups by key.
 */
#ifndef IU_DATABASE_READER_POOL_H
#define IU_DATABASE_READER_POOL_H

#include "session.h"

typedef enum iu_read_kind {
    IU_READ_KEYS, /* lookup by key */
    IU_READ_LIST, /* list or count */
    IU_READ_KINDS /* number of kinds */
} iu_read_kind;

typedef struct iu_reader_pool iu_reader_pool;

/* Creates in pool as many readers as the dialect wants; opens no connection. */
apr_status_t iu_reader_pool_create(iu_reader_pool **readers,
                                   iu_database *database, apr_pool_t *pool);

/* Takes the reader that was used last. Waits for one until bound's deadline, or
 * until soon after its client has gone. NULL: none became free. */
iu_session *iu_reader_pool_take(iu_reader_pool *readers, iu_read_kind kind,
                                const iu_bound *bound);

/* Gives back a reader that was taken for this kind. */
void iu_reader_pool_give_back(iu_reader_pool *readers, iu_read_kind kind,
                              iu_session *reader);

/* Closes all connections; those in use when they are given back. Nobody gets a
 * reader until the last of them has been closed. */
void iu_reader_pool_renew(iu_reader_pool *readers);

#endif
