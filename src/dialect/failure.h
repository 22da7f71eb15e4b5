/* SPDX-License-Identifier: Apache-2.0 */
/* Database failures, classified by what the caller must do next. */
#ifndef IU_DIALECT_FAILURE_H
#define IU_DIALECT_FAILURE_H

typedef enum iu_failure_kind {
    IU_FAILURE_STALE,        /* the statement does not match the schema, or the
                           * user's rights: prepare it again */
    IU_FAILURE_UNCLASSIFIED, /* the dialect does not know this error text */
    IU_FAILURE_CONTENT,      /* the database refused the statement's values */
    IU_FAILURE_FULL,         /* no space left */
    IU_FAILURE_READ_ONLY,    /* the database accepts no changes */
    IU_FAILURE_BUSY,         /* a lock, connection or other resource was not
                           * available in time */
    IU_FAILURE_STOPPED,  /* a read was stopped at its bound; the connection is
                           * usable */
    IU_FAILURE_CONFLICT, /* rolled back in favour of another transaction: run
                           * it again */
    IU_FAILURE_DOWN,     /* connected, but the database serves no one now */
    IU_FAILURE_LOST,     /* cannot connect, or the connection broke */
    IU_FAILURE_UNREPLICATED, /* committed, but maybe not on the synchronous
                              * standbys */
    IU_FAILURE_REFUSED, /* not a database, damaged, or configured unsafely */
    IU_FAILURE_REPLACED /* the file at the configured path is another one than
                         * the connection has open */
} iu_failure_kind;

typedef struct iu_failure {
    iu_failure_kind kind;
    const char *text; /* one line, for the log only */
} iu_failure;

#endif
