/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs statements directly on the handle that an apr_dbd driver has opened, for
 * what apr_dbd cannot do: sqlite3_native.c and pgsql_native.c give the reasons.
 * Used by one thread at a time.
 */
#ifndef IU_DIALECT_NATIVE_H
#define IU_DIALECT_NATIVE_H

#include <apr_tables.h>

#include "../concurrency/bound.h"
#include "prepared.h"

typedef struct iu_native_driver {
    /* Sets up a new connection; its effects last until the handle is closed.
     * pool is the connection's. Returns the state that is passed to the
     * functions below as native, or NULL if the client library that apr_dbd has
     * loaded lacks a function. */
    void *(*set_up)(void *handle, apr_pool_t *pool);
    /* Prepares a statement, in which %s is a text parameter and %% a percent
     * sign, as in apr_dbd. */
    iu_prepare *prepare;
    /* Frees a statement; call it before the handle is closed. NULL: clearing
     * the statement's pool does. */
    void (*finalize)(void *statement);
    /* Lets the server keep a statement prepared until the connection is closed,
     * perhaps with one plan for all arguments; does nothing if the server does
     * already. Reports no failure: the statement is run without, then. pool is
     * for the call. NULL: prepare has done so. */
    void (*keep)(void *native, void *statement, const iu_bound *bound,
                 apr_pool_t *pool);
    /* Runs a statement with count arguments, one text per %s, and stops it at
     * bound. *rows: as of iu_connection_select, in pool. Returns 0 or the
     * database's error number. */
    int (*select)(void *native, void *statement, const char *const *arguments,
                  int count, const iu_bound *bound, apr_pool_t *pool,
                  apr_array_header_t **rows);
    /* The text of the last error, valid until the next call. */
    const char *(*error)(void *native);
    /* Returns the text of a warning that turns the writer's last statement into
     * a failure, whether apr_dbd or this driver ran it; NULL: no such warning.
     * The pointer is NULL if the database has none. */
    const char *(*warning)(void *native);
} iu_native_driver;

extern const iu_native_driver iu_native_sqlite3;
extern const iu_native_driver iu_native_pgsql;

/* The native part of a connection. All zero: not attached. */
typedef struct iu_native_connection {
    const iu_native_driver *driver; /* NULL: not attached */
    void *state;                    /* returned by set_up */
    iu_prepared_set statements;
} iu_native_connection;

/* Attaches to the handle of a new connection. pool is the connection's. Returns
 * 0 if the client library lacks a function. */
int iu_native_attach(iu_native_connection *native,
                     const iu_native_driver *driver, void *handle,
                     apr_pool_t *pool);

/* Frees the statements. Call it before the handle is closed. */
void iu_native_detach(iu_native_connection *native);

/* Runs sql, which is prepared at its first use. is_fixed: the server may keep
 * it. Arguments and result as for select above. */
int iu_native_select(iu_native_connection *native, const char *sql,
                     int is_fixed, const char *const *arguments, int count,
                     const iu_bound *bound, apr_pool_t *pool,
                     apr_array_header_t **rows);

#endif
