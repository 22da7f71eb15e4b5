/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading on the handle that a driver of apr_dbd works with, without apr_dbd
 * in between, where that is worth it (sqlite3_native.c says when). Such a
 * connection is used by one thread at a time.
 */
#ifndef IU_STORE_NATIVE_H
#define IU_STORE_NATIVE_H

#include <apr_tables.h>

#include "bound.h"

typedef struct iu_native {
    /* What a new connection needs that no statement sets, until it is closed;
     * pool is the connection's. */
    void (*set_up)(void *handle, apr_pool_t *pool);
    /* Prepares a select, in which %s stands for a text and %% for a percent
     * sign, as apr_dbd has it. pool is for what the call itself needs. Returns
     * 0 or the database's number of an error. */
    int (*prepare)(void *handle, const char *sql, apr_pool_t *pool,
                   void **statement);
    /* Frees a statement; before the handle is closed. */
    void (*finalize)(void *statement);
    /* Runs it with one text for each %s, and stops it at its bound. *rows as of
     * iu_connection_select, in pool. Returns 0 or the number of an error. */
    int (*select)(void *handle, void *statement, const char *const *arguments,
                  int count, const iu_bound *bound, apr_pool_t *pool,
                  apr_array_header_t **rows);
    /* The text of the last error; until the next call. */
    const char *(*error)(void *handle);
} iu_native;

extern const iu_native iu_native_sqlite3;

#endif
