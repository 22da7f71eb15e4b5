/* SPDX-License-Identifier: Apache-2.0 */
/* Database failures, classified by what the caller must do next. */
#ifndef IU_DIALECT_FAILURE_H
#define IU_DIALECT_FAILURE_H

typedef enum iu_failure_kind {
    /* The statement does not match the schema or the user's rights: prepare it
     * again. */
    IU_FAILURE_STALE,
    /* The dialect does not know the error text. */
    IU_FAILURE_UNCLASSIFIED,
    /* The database refused the statement's values. */
    IU_FAILURE_CONTENT,
    /* No space left. */
    IU_FAILURE_FULL,
    /* The database accepts no changes. */
    IU_FAILURE_READ_ONLY,
    /* A lock, a connection or another resource was not available in time. */
    IU_FAILURE_BUSY,
    /* A read was stopped at its bound; the connection can be used. */
    IU_FAILURE_STOPPED,
    /* Rolled back in favour of another transaction: run it again. */
    IU_FAILURE_CONFLICT,
    /* Connected, but the server accepts no statements at present. */
    IU_FAILURE_DOWN,
    /* Cannot connect, or the connection broke. */
    IU_FAILURE_LOST,
    /* Committed, but maybe not on the synchronous standbys. */
    IU_FAILURE_UNREPLICATED,
    /* Not a database, damaged, or configured unsafely. */
    IU_FAILURE_REFUSED,
    /* The configured path no longer names the file that is open. */
    IU_FAILURE_REPLACED
} iu_failure_kind;

typedef struct iu_failure {
    iu_failure_kind kind;
    const char *text; /* one line, for the log only */
} iu_failure;

#endif
