/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between databases: the SQL, and how errors are classified. Each
 * database has one constant table, in a file of its own (dialect_sqlite3.c).
 * apr_dbd reports no SQLSTATE, so errors are classified by their text, or by
 * their number where the driver gives each error its own.
 */
#ifndef IU_DIALECT_DIALECT_H
#define IU_DIALECT_DIALECT_H

#include <apr_pools.h>
#include <apr_user.h>

#include "failure.h"
#include "native.h"

/* Which file a path leads to. */
typedef struct iu_file_identity {
    int exists;
    apr_uint64_t device;
    apr_uint64_t inode;
} iu_file_identity;

/* A statement that sets a new connection up, or looks whether it is fit. */
typedef struct iu_setup {
    const char *sql;
    const char *expected; /* the first column of its first row must be this;
                           * "": else it says what is wrong; NULL: whatever */
} iu_setup;

/* What is the same for all. To insert: the head, then for each record the row,
 * whose %s are invitation_id, id, version, last_accessed, last_modified and
 * document, with commas between, then the dialect's insert_tail; the first row
 * is the dialect's, where it has one. To find: version, last_accessed,
 * last_modified, document of (invitation_id, id). To update: version,
 * last_accessed, last_modified, document, where there are invitation_id, id and
 * the version before; to delete, these three; both end with the dialect's
 * change_tail. */
extern const char iu_sql_insert_head[];
extern const char iu_sql_insert_row[];
extern const char iu_sql_find[];
extern const char iu_sql_update[];
extern const char iu_sql_delete[];

/* What queries are written with: see query_sql.c. */
typedef struct iu_words {
    const char *same;   /* compares two values, null being one */
    const char *length; /* the function that counts characters */
    const char *find;   /* that finds a text in another, from 1; 0: not there */
    const char *integer; /* the type of integers */
    const char *text;    /* a text that is bound */
    /* Before, between and after the names of a property's object and of the
     * property: its text in the document. */
    const char *member_begin;
    const char *member_between;
    const char *member_end;
    const char *document_bytes; /* how many bytes a document has */
    const char *row;   /* by which an invitation's record is found again soonest
                      * within one statement */
    const char *guard; /* among the conditions of each query: fails in another
                        * session than the one that was set up */
    const char *fence; /* ends a query whose columns are to be read once, though
                        * the one around it names them more often */
    const char *lower; /* templates of what folds ASCII letters only */
    const char *upper;
    const char *concat;
    /* Around an integer: not below 0, and small enough for substr; null stays
     * null. */
    const char *clamp_begin;
    const char *clamp_end;
    /* Around a text: with "=" in front of it. */
    const char *marked_begin;
    const char *marked_end;
    /* After a key of ORDER BY, ascending and descending: null is the least. */
    const char *nulls_first;
    const char *nulls_last;
} iu_words;

typedef struct iu_dialect {
    const char *driver;  /* apr_dbd's name */
    const char *package; /* Debian's package of the driver */
    int readers;         /* connections of a child to read by */
    int list_readers;    /* so many of them, at most, for lists and counts, each
                          * of which may take all of its request's time: half,
                          * so that as many are left */
    int one_writer;      /* a writer holds the writer's turn */
    int keeps_prepared;  /* the driver refers to what it has prepared until the
                          * connection is closed */
    int random_access;   /* what apr_dbd's selects are told, so that rows can
                          * be read in order and errors are not lost */

    const iu_setup *setup; /* in this order; ends with a NULL sql */
    /* Template of the statement by which the server stops what a reader's
     * connection runs for more than %d milliseconds (in both places). An
     * operator's shorter limit is kept. NULL: native readers stop by
     * themselves. */
    const char *stop_reads;
    const char *limit; /* a row with how many bytes may be sent with a statement
                        * together; NULL: no limit that could be met */
    const char *table; /* has a row where the table is there and durable */
    const iu_setup *making; /* steps to take before it is made; with schema */
    const char *schema;     /* makes the table; NULL: the operator does */

    const char *insert_first; /* iu_sql_insert_row for the first record; NULL:
                               * the same */
    /* What ends an insert, so that a key that is there keeps its row. The
     * statement's rows are versions, in any order: of the records stored, and
     * maybe of rows that were there. Where changes or counted is set it has no
     * rows. */
    const char *insert_tail;
    /* What ends an update or a delete, whose rows are the versions of what it
     * updated or deleted. Where counted is set it has none. */
    const char *change_tail;
    /* Has a row with how many records the insert before it stored. NULL: the
     * insert itself tells. */
    const char *changes;
    int counted; /* the driver tells how many records a statement stored,
                  * updated or deleted; it has no rows */
    /* Commits nothing that could be seen, and returns when that and whatever
     * was seen before is where the server's commits must be before they count,
     * as on a synchronous standby. NULL: seeing is enough. */
    const char *settle;
    const iu_words *words;
    const iu_native *native; /* what is not run by apr_dbd; NULL: all is */
    /* Asked of a new connection: has a row where the writer's statements that
     * have rows are not run by apr_dbd, either. NULL: they always are. */
    const char *native_writes;

    /* Whether params may be configured: NULL, or a sentence on what is wrong.
     * Touches no file. */
    const char *(*check_params)(apr_pool_t *pool, const char *params);
    /* params with what they must have besides, in pool. NULL: as they are. */
    const char *(*complete_params)(apr_pool_t *pool, const char *params);
    /* Whether user may trust the place and use it, looked at before each
     * opening; to_change: also, whether that user may change the database.
     * NULL, or a sentence in pool. NULL where there is no such thing. */
    const char *(*check_file)(apr_pool_t *pool, const char *params,
                              apr_uid_t user, int to_change);
    /* Which file params name at the moment. NULL where there is no such
     * thing: with servers, a connection cannot outlive its database. */
    void (*identify_file)(const char *params, iu_file_identity *file);
    /* What an error of the driver's means: its number (0 where a connection
     * could not be opened), and its text. */
    iu_failure_kind (*classify)(int number, const char *text);
    /* Whether the error is that of a statement that was stopped. */
    int (*is_stopped)(int number, const char *text);
    /* How many bytes of a driver's text may be logged: what follows has values
     * of records or parameters. NULL: the first line. */
    apr_size_t (*loggable)(const char *text);
} iu_dialect;

extern const iu_dialect iu_dialect_sqlite3;
extern const iu_dialect iu_dialect_pgsql;
extern const iu_dialect iu_dialect_mysql;

/* The dialect for an apr_dbd driver; NULL: not supported. */
const iu_dialect *iu_dialect_of(const char *driver);

/* The drivers there are, with ", " between. */
const char *iu_dialect_names(apr_pool_t *pool);

#endif
