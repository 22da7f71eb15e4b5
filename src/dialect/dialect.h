/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The differences between databases: their SQL, and the classification of their
 * errors. Each database has one constant table in a file of its own
 * (dialect_sqlite3.c). apr_dbd reports no SQLSTATE, so errors are classified by
 * their text, or by their number if the driver passes the database's own.
 */
#ifndef IU_DIALECT_DIALECT_H
#define IU_DIALECT_DIALECT_H

#include <apr_pools.h>
#include <apr_user.h>

#include "failure.h"
#include "native.h"

/* The version of the SQLite library that is loaded. */
const char *iu_sqlite3_library_version(void);

/* The file that a path names. */
typedef struct iu_file_identity {
    int exists;
    apr_uint64_t device;
    apr_uint64_t inode;
} iu_file_identity;

/* A statement that sets up or checks a new connection. */
typedef struct iu_setup {
    const char *sql;
    /* Required value of the first column of the first row; NULL: any. If it is
     * "", any other value is the reason why the database is refused. */
    const char *expected;
} iu_setup;

/*
 * The version of the table's schema that this module makes and needs.
 * docs/design.md, "The version of the schema", has its rules: a later one works
 * too, up to the end of the hundred.
 */
#define IU_SCHEMA_VERSION 103
#define IU_SCHEMA_HUNDRED(version) ((version) / 100)

/* A statement that makes the schema of the version after "from". It may be a
 * template: %ld is the time in seconds since 1970. */
typedef struct iu_schema_step {
    int from;
    const char *sql;
} iu_schema_step;

/*
 * The statements that all databases share.
 *
 * Insert: head, then one insert_row per record separated by commas, then the
 * dialect's insert_tail. A row's parameters are invitation_id, id, version,
 * last_accessed, last_modified, document, digest. A dialect may have its own
 * first row, insert_first.
 *
 * Find: returns version, last_accessed, last_modified, document, digest; its
 * parameters are invitation_id, id. The dialect's find_group finds several.
 *
 * Update: its parameters are version, last_accessed, last_modified, document,
 * then invitation_id, id and the version to replace. Delete: only these three.
 * Both are followed by the dialect's change_tail.
 *
 * An insert or update also sets last_stored, to the time "now" by the
 * database's clock.
 */
#define IU_SQL_INSERT_ROW(now) "(%s,%s,%s,%s,%s,%s,%s," now ")"
#define IU_SQL_UPDATE(now)                                                     \
    "UPDATE used_insight SET version = %s, last_accessed = %s,"                \
    " last_modified = %s, document = %s, last_stored = " now                   \
    " WHERE invitation_id = %s AND id = %s AND version = %s"
extern const char iu_sql_insert_head[];
extern const char iu_sql_find[];
extern const char iu_sql_delete[];
extern const char iu_sql_begin[];
extern const char iu_sql_commit[];
extern const char iu_sql_rollback[];

/* The words of a dialect from which src/store composes queries. */
typedef struct iu_words {
    const char *same;    /* operator: equal, where null equals null */
    const char *length;  /* function: number of characters */
    const char *find;    /* function: position of the second text in the first,
                          * from 1; 0: not found */
    const char *integer; /* type of integers, in CAST */
    const char *text_parameter; /* a text that is bound */
    /* A text in the document: member_begin, name of the object,
     * member_between, name of the property, which may be in double quotes,
     * member_end. */
    const char *member_begin;
    const char *member_between;
    const char *member_end;
    const char *document_bytes; /* length of the document in bytes */
    const char *row_id; /* column by which a record of an invitation is found
                         * again fastest, within one statement */
    const char *guard;  /* added to each query's WHERE: fails in a session other
                         * than the one that was set up; "": not needed */
    const char *fence;  /* ends a subquery whose columns must be computed once,
                         * although the outer query uses them repeatedly */
    const char *lower;  /* templates that fold ASCII letters only */
    const char *upper;
    const char *concat; /* template */
    /* Around an integer: clamps it to at least 0 and to a value that substr
     * takes; null stays null. */
    const char *clamp_begin;
    const char *clamp_end;
    /* Around a text: prepends "=". */
    const char *marked_begin;
    const char *marked_end;
    /* After an ascending and a descending key of ORDER BY: sort null below all
     * values. */
    const char *nulls_first;
    const char *nulls_last;
} iu_words;

typedef struct iu_dialect {
    const char *driver;  /* apr_dbd's name */
    const char *package; /* Debian's package of the driver */
    int readers;         /* read-only connections of a child */
    /* How many of them lists and counts may use at once, since each of these
     * may run until its request's deadline: half, the others stay free for
     * lookups by key. */
    int list_readers;
    int one_writer;     /* one process writes at a time: it takes the writer's
                         * turn */
    int keeps_prepared; /* the driver keeps pointers to prepared statements
                         * until the connection is closed */
    int random_access;  /* the argument of apr_dbd's selects with which rows can
                         * be read in order and errors are not lost */

    const iu_setup *setup; /* run in this order; ends with a NULL sql */
    /* Template of the statement that sets a reader's statement time-out to %d
     * milliseconds (it has %d twice) but keeps a shorter one of the operator's.
     * NULL: native readers stop by themselves. */
    const char *read_timeout;
    /* Returns how many bytes one statement may send with all its arguments.
     * NULL: no limit that a statement could reach. */
    const char *size_limit_query;
    /* Returns a row if the table exists and is durable: the version of its
     * schema. A table without one has 101 and the number of its columns that
     * were added since: digest, last_stored. */
    const char *table_query;
    /* Run before schema and schema_steps, which are set if it is. NULL: the
     * table is the operator's to make. */
    const iu_setup *schema_setup;
    const char *const *schema; /* statements that make the table; ends with
                                * NULL */
    /* Bring the table of an earlier version to IU_SCHEMA_VERSION; in order,
     * ends with a NULL sql. */
    const iu_schema_step *schema_steps;
    const char *schema_version; /* template: notes %d as the version */

    const char *insert_row;
    const char *insert_first; /* insert_row for the first record; NULL: the
                               * same */
    /* Ends an insert: an existing key keeps its row. The statement returns the
     * versions of the stored records in any order, perhaps with versions of
     * existing rows. It returns no rows if changes_query or affected_rows is
     * set. */
    const char *insert_tail;
    const char *update;
    /* Ends an update or delete, which returns the versions of the rows that it
     * changed; no rows if affected_rows is set. */
    const char *change_tail;
    /* Returns how many records the preceding insert stored. NULL: the insert
     * itself tells. */
    const char *changes_query;
    int affected_rows; /* inserts, updates and deletes return no rows; the
                        * driver reports how many rows they changed */
    /* Waits until all commits that this session has seen are replicated as the
     * server requires (synchronous standbys). Changes nothing. NULL: commits
     * that can be seen are replicated. */
    const char *replication_barrier;
    /* Template of the FROM and WHERE of a statement that finds several records,
     * each by its primary key, even if the server knows nothing of the table or
     * its plan is from when the table was empty. %s: pairs of invitation_id and
     * id, each "(%s,%s)", separated by commas. NULL: finding them one by one
     * costs less. */
    const char *find_group;
    const iu_words *words;
    const iu_native_driver *native; /* runs the readers' statements; NULL:
                                     * apr_dbd runs all statements */
    /* Asked of a new connection: returns a row if the native driver must also
     * run the writer's statements that return rows. NULL: apr_dbd always runs
     * them. */
    const char *native_writes_query;

    /* Checks the parameters of InsightsUsedDBD; touches no file. Returns NULL,
     * or a sentence that says what is wrong. */
    const char *(*check_params)(apr_pool_t *pool, const char *params);
    /* Returns params with the defaults that they need, in pool. NULL: they need
     * none. */
    const char *(*complete_params)(apr_pool_t *pool, const char *params);
    /* Checks that user can use the file and its directory, and that no other
     * user can write there; called before each opening. must_write: user must
     * be able to write to the file, too. Returns NULL, or a sentence in pool.
     * The pointer is NULL if the database is not a file. */
    const char *(*check_file)(apr_pool_t *pool, const char *params,
                              apr_uid_t user, int must_write);
    /* Identifies the file that params name now. The pointer is NULL if the
     * database is not a file: a connection cannot outlive a server's
     * database. */
    void (*identify_file)(const char *params, iu_file_identity *file);
    /* Measures the file and its log, in bytes; -1: there is none. The pointer
     * is NULL if the database is not a file. */
    void (*measure_file)(apr_pool_t *pool, const char *params,
                         apr_int64_t *file, apr_int64_t *log);
    /* Classifies a driver's error by its number (0 if a connection could not be
     * opened) and text. */
    iu_failure_kind (*classify)(int number, const char *text);
    /* Whether the error says that the statement was stopped at its bound. */
    int (*is_stopped)(int number, const char *text);
    /* How many bytes of an error text may be logged; values of records or
     * parameters may follow. NULL: the first line. */
    apr_size_t (*loggable)(const char *text);
} iu_dialect;

extern const iu_dialect iu_dialect_sqlite3;
extern const iu_dialect iu_dialect_pgsql;
extern const iu_dialect iu_dialect_mysql;

/* The dialect for an apr_dbd driver; NULL: not supported. */
const iu_dialect *iu_dialect_of(const char *driver);

/* The names of all supported drivers, separated by ", ", in pool. */
const char *iu_dialect_names(apr_pool_t *pool);

#endif
