/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs statements directly on the handle that an apr_dbd driver has opened,
 * where apr_dbd cannot do what is needed (sqlite3_native.c and pgsql_native.c
 * say what). Used by one thread at a time.
 */
#ifndef IU_DIALECT_NATIVE_H
#define IU_DIALECT_NATIVE_H

#include <apr_tables.h>

#include "bound.h"
#include "prepared.h"

typedef struct iu_native {
    int reads; /* the readers' statements are run by it */
    /* What a new connection needs that no statement sets, until it is closed;
     * pool is the connection's. Returns what the functions below take as
     * native; NULL: the driver's library is none that this works with. */
    void *(*set_up)(void *handle, apr_pool_t *pool);
    /* Prepares a select, in which %s stands for a text and %% for a percent
     * sign, as apr_dbd has it. pool is the statement's. Returns 0 or the
     * database's number of an error. */
    int (*prepare)(void *native, const char *sql, apr_pool_t *pool,
                   void **statement);
    /* Frees a statement; before the handle is closed. NULL: its pool does. */
    void (*finalize)(void *statement);
    /* Runs it with one text for each %s, and stops it at its bound. *rows as of
     * iu_connection_select, in pool. Returns 0 or the number of an error. */
    int (*select)(void *native, void *statement, const char *const *arguments,
                  int count, const iu_bound *bound, apr_pool_t *pool,
                  apr_array_header_t **rows);
    /* The text of the last error; until the next call. */
    const char *(*error)(void *native);
    /* The text of a warning that makes a failure of the writer's statement
     * before, whoever ran it; NULL: there was none. NULL: there never is. */
    const char *(*warning)(void *native);
} iu_native;

extern const iu_native iu_native_sqlite3;
extern const iu_native iu_native_pgsql;

/* What a connection runs such statements with. All zero: it runs none. */
typedef struct iu_natively {
    const iu_native *calls; /* NULL: not begun */
    void *on;               /* of set_up */
    iu_prepared_set prepared;
} iu_natively;

/* Begins on a new connection's handle; pool is the connection's. Returns 0
 * where the driver's library is none that this works with. */
int iu_natively_begin(iu_natively *begun, const iu_native *calls, void *handle,
                      apr_pool_t *pool);

/* Forgets the statements; before the handle is closed. */
void iu_natively_end(iu_natively *ended);

/* Runs sql, prepared at its first use: see select above. */
int iu_natively_select(iu_natively *on, const char *sql,
                       const char *const *arguments, int count,
                       const iu_bound *bound, apr_pool_t *pool,
                       apr_array_header_t **rows);

#endif
