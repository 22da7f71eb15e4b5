/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection's cache of prepared statements, by their SQL. Clients may write
 * any number of different queries, so the least recently used statement is
 * evicted. Used by one thread at a time.
 */
#ifndef IU_DIALECT_PREPARED_H
#define IU_DIALECT_PREPARED_H

#include <apr_pools.h>

/* How many are kept: more than a writer has. */
#define IU_PREPARED_MAX 64

typedef struct iu_prepared {
    apr_pool_t *pool; /* its own, which ends with it */
    const char *sql;
    void *statement; /* NULL: not yet prepared */
} iu_prepared;

typedef struct iu_prepared_set {
    apr_pool_t *pool;
    void (*finalize)(void *statement);  /* NULL: clearing its pool does it */
    iu_prepared *kept[IU_PREPARED_MAX]; /* the last used is the first */
    int count;
} iu_prepared_set;

/* The statement of that text, now the last used; NULL: there is none. */
iu_prepared *iu_prepared_find(iu_prepared_set *set, const char *sql);

/* A new one, to be prepared, and then kept or ended. sql is copied. */
iu_prepared *iu_prepared_make(const iu_prepared_set *set, const char *sql);
void iu_prepared_keep(iu_prepared_set *set, iu_prepared *kept);
void iu_prepared_end(const iu_prepared_set *set, iu_prepared *ended);

/* Ends all that are kept. */
void iu_prepared_end_all(iu_prepared_set *set);

#endif
