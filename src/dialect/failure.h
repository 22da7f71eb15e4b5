/* SPDX-License-Identifier: Apache-2.0 */
/* Failures of a database, classified by what has to be done next. */
#ifndef IU_DIALECT_FAILURE_H
#define IU_DIALECT_FAILURE_H

typedef enum iu_failure_kind {
    IU_FAILURE_STALE, /* statement and schema, or rights, do not fit: prepare
                            * again */
    IU_FAILURE_UNFAMILIAR, /* a text that nobody foresaw */
    IU_FAILURE_CONTENT,    /* what the statement was given was refused */
    IU_FAILURE_FULL,       /* no room left */
    IU_FAILURE_READ_ONLY,  /* no changes are taken */
    IU_FAILURE_BUSY,       /* others hold what is needed, or it took too long */
    IU_FAILURE_STOPPED,    /* a reader's statement was, at its bound; all else
                            * is well */
    IU_FAILURE_CONFLICT,   /* undone in favour of another: run it again */
    IU_FAILURE_DOWN,       /* reached, but it serves nobody at present */
    IU_FAILURE_LOST,       /* not to be reached, or lost on the way */
    IU_FAILURE_UNREPLICATED, /* committed, but maybe not where the server's
                              * commits must be before they count */
    IU_FAILURE_REFUSED,      /* not a database, damaged, or set up unfit */
    IU_FAILURE_REPLACED      /* reached, but no longer the one at its place */
} iu_failure_kind;

typedef struct iu_failure {
    iu_failure_kind kind;
    const char *text; /* one line, for the log only */
} iu_failure;

#endif
