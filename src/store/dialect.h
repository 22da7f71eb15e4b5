/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between databases, one constant table a database (one file
 * each: dialect_sqlite3.c): the texts of the statements, and how faults of the
 * driver are told apart. apr_dbd gives no SQLSTATE, so that is by their text.
 */
#ifndef IU_STORE_DIALECT_H
#define IU_STORE_DIALECT_H

#include <apr_pools.h>

#include "failure.h"

/* Which file a path leads to. */
typedef struct iu_place {
    int exists;
    apr_uint64_t device;
    apr_uint64_t inode;
} iu_place;

/* A statement that sets a new connection up. */
typedef struct iu_setup {
    const char *sql;
    const char *expected; /* the first column of its first row must be this;
                           * NULL: whatever */
} iu_setup;

typedef struct iu_dialect {
    const char *driver;  /* apr_dbd's name */
    const char *package; /* Debian's package of the driver */

    const iu_setup *setup; /* in this order; ends with a NULL sql */
    const char *table;     /* has a row where the table is there; NULL: not
                            * asked, the operator makes the table */
    const char *schema;    /* makes the table unless it is there */

    /* Stores records but for those whose key is there: the head, then for each
     * record the row, whose %s are invitation_id, id, version, last_accessed,
     * last_modified and document, with commas between, then the tail. The rows
     * are the versions of those stored, in any order. */
    const char *insert_head;
    const char *insert_row;
    const char *insert_tail;
    /* version, last_accessed, last_modified, document of (invitation, id) */
    const char *find;

    /* Whether params may be configured: NULL, or a sentence on what is wrong.
     * Touches no file. */
    const char *(*check_params)(apr_pool_t *pool, const char *params);
    /* Whether the place may be trusted, looked at before each opening: NULL,
     * or a sentence in pool. NULL where there is no such thing. */
    const char *(*check_place)(apr_pool_t *pool, const char *params);
    /* Which file params name at the moment. NULL where there is no such
     * thing: with servers, a connection cannot outlive its database. */
    void (*find_place)(const char *params, iu_place *place);
    /* What a driver's error text means. */
    iu_failure_kind (*classify)(const char *text);
} iu_dialect;

extern const iu_dialect iu_dialect_sqlite3;

/* The dialect for an apr_dbd driver; NULL: not supported. */
const iu_dialect *iu_dialect_of(const char *driver);

/* The drivers there are, with ", " between. */
const char *iu_dialect_names(apr_pool_t *pool);

#endif
