/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection's cache of prepared statements, keyed by their SQL. Clients may
 * send any number of different queries, so the least recently used statement is
 * evicted. Used by one thread at a time.
 */
#ifndef IU_DIALECT_PREPARED_H
#define IU_DIALECT_PREPARED_H

#include <apr_pools.h>

/* Capacity of the cache; more than the number of a writer's statements. */
#define IU_PREPARED_MAX 64

/* Prepares sql for iu_prepared_get. pool is the statement's own, destroyed when
 * the statement is evicted, or at once on failure. Returns 0 and *statement, or
 * the database's error number. */
typedef int iu_prepare(void *baton, const char *sql, apr_pool_t *pool,
                       void **statement);

/* Set pool and finalize, the rest to zero. */
typedef struct iu_prepared_set {
    apr_pool_t *pool;                  /* the connection's */
    void (*finalize)(void *statement); /* NULL: clearing its pool is enough */
    struct iu_prepared *statements[IU_PREPARED_MAX]; /* last used first */
    int count;
} iu_prepared_set;

/* Sets *statement to the prepared statement of sql, which prepare(baton, …)
 * makes if the cache does not have it. It is valid until the next call. sql is
 * copied. Returns 0, or what prepare returned. */
int iu_prepared_get(iu_prepared_set *set, const char *sql, iu_prepare *prepare,
                    void *baton, void **statement);

/* Frees all statements. */
void iu_prepared_free_all(iu_prepared_set *set);

#endif
