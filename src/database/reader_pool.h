/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool of read-only connections, each used by one thread at a time. Lists and
 * counts, which may take long, get only some of them; the others are kept for
 * lookups by key.
 */
#ifndef IU_DATABASE_READER_POOL_H
#define IU_DATABASE_READER_POOL_H

#include "session.h"

/* How much there is to read. */
typedef enum iu_reading { IU_READ_KEYS, IU_READ_LIST, IU_READINGS } iu_reading;

typedef struct iu_reader_pool iu_reader_pool;

/* Makes a pool of readers of a database, as many as its dialect has, in pool;
 * opens no connection. */
apr_status_t iu_reader_pool_create(iu_reader_pool **readers,
                                   iu_database *database, apr_pool_t *pool);

/* Hands out a reader, the one that was used last; waits for one until the
 * bound's deadline, or until soon after its client has gone. NULL: none became
 * free. */
iu_session *iu_reader_pool_take(iu_reader_pool *readers, iu_reading reading,
                                const iu_bound *bound);

/* Takes back a reader that was handed out for this reading. */
void iu_reader_pool_give_back(iu_reader_pool *readers, iu_reading reading,
                              iu_session *reader);

/* Closes all connections, those that are handed out when they come back, and
 * hands none out until then. */
void iu_reader_pool_renew(iu_reader_pool *readers);

#endif
