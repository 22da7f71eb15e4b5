/* SPDX-License-Identifier: Apache-2.0 */
/* The dialect of SQLite: one file on a local disk. */
#include "dialect.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include <apr_strings.h>

/*
 * busy_timeout is short because apr_dbd's driver holds a process-wide mutex
 * while SQLite waits; the driver releases it and tries again, 16 times.
 * journal_size_limit truncates the log when a checkpoint has emptied it. A
 * commit is durable only with WAL and synchronous=FULL (2). If another program
 * created the file its encoding may differ from UTF-8, and texts would sort by
 * other bytes. No other settings can come from outside the connection.
 */
static const iu_setup setup[] = {
    {"PRAGMA busy_timeout=50", "50"},
    {"PRAGMA encoding", "UTF-8"},
    {"PRAGMA journal_size_limit=67108864", "67108864"},
    {"PRAGMA synchronous=FULL", NULL},
    {"PRAGMA synchronous", "2"},
    {NULL, NULL},
};

static const char table_query[] =
    "SELECT CASE WHEN user_version > 100 THEN user_version ELSE 101 +"
    " (SELECT count(*) FROM pragma_table_info('used_insight')"
    " WHERE name IN ('digest', 'last_stored')) END"
    " FROM sqlite_schema, pragma_journal_mode, pragma_user_version"
    " WHERE type = 'table' AND name = 'used_insight'"
    " AND journal_mode = 'wal'";

/* The journal mode is stored in the file. Two processes that set it at the same
 * time may lock each other out. */
static const iu_setup schema_setup[] = {
    {"PRAGMA journal_mode=WAL", "wal"},
    {NULL, NULL},
};

/* The same as conf/schema/sqlite3.sql. */
#define NOW "unixepoch()"
#define MAKE_INDEX                                                             \
    "CREATE INDEX IF NOT EXISTS used_insight_last_stored"                      \
    " ON used_insight (last_stored)"

static const char *const schema[] = {
    "CREATE TABLE IF NOT EXISTS used_insight ("
    " invitation_id TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " last_accessed TEXT NOT NULL,"
    " last_modified TEXT NOT NULL,"
    " document TEXT NOT NULL,"
    " digest TEXT NOT NULL DEFAULT '',"
    " last_stored INTEGER NOT NULL DEFAULT (" NOW "),"
    " PRIMARY KEY (invitation_id, id)"
    ") STRICT",
    MAKE_INDEX,
    NULL,
};

/* SQLite adds a column only with a constant default: the old records get the
 * time of the upgrade, without being rewritten. */
static const iu_schema_step schema_steps[] = {
    {101, "ALTER TABLE used_insight"
          " ADD COLUMN digest TEXT NOT NULL DEFAULT ''"},
    {102, "ALTER TABLE used_insight"
          " ADD COLUMN last_stored INTEGER NOT NULL DEFAULT %ld"},
    {102, MAKE_INDEX},
    {0, NULL},
};

/* Parts of SQLite's error texts (sqlite3_errmsg). The first entry that the text
 * contains decides. A trigger's RAISE may have any text, hence
 * IU_FAILURE_UNCLASSIFIED. */
static const struct {
    const char *part;
    iu_failure_kind kind;
} texts[] = {
    {"database disk image is malformed", IU_FAILURE_REFUSED},
    {"malformed database schema", IU_FAILURE_REFUSED},
    {"file is not a database", IU_FAILURE_REFUSED},
    {"unsupported file format", IU_FAILURE_REFUSED},
    {"database schema has changed", IU_FAILURE_STALE},
    {"not an error", IU_FAILURE_STALE},
    {"no such table", IU_FAILURE_STALE},
    {"no such column", IU_FAILURE_STALE},
    {"has no column named", IU_FAILURE_STALE},
    {"duplicate column name", IU_FAILURE_STALE}, /* another has added it */
    {"constraint failed", IU_FAILURE_CONTENT},
    {"cannot store", IU_FAILURE_CONTENT},
    {"too big", IU_FAILURE_CONTENT},
    {"datatype mismatch", IU_FAILURE_CONTENT},
    {"malformed JSON", IU_FAILURE_CONTENT},
    {"database or disk is full", IU_FAILURE_FULL},
    {"attempt to write a readonly database", IU_FAILURE_READ_ONLY},
    {"database is locked", IU_FAILURE_BUSY},
    {"database table is locked", IU_FAILURE_BUSY},
    {"locking protocol", IU_FAILURE_BUSY},
    {"unable to open database file", IU_FAILURE_LOST},
    {"disk I/O error", IU_FAILURE_LOST},
    {"out of memory", IU_FAILURE_LOST},
};

static iu_failure_kind classify(int number, const char *text)
{
    apr_size_t i;

    (void)number; /* apr_dbd returns SQLITE_ERROR for every error */
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strstr(text, texts[i].part)) {
            return texts[i].kind;
        }
    }
    return IU_FAILURE_UNCLASSIFIED;
}

static int is_stopped(int number, const char *text)
{
    (void)text;
    return number == SQLITE_INTERRUPT;
}

static const char *check_params(apr_pool_t *pool, const char *params)
{
    apr_size_t length = strlen(params);

    if (length < 2 || params[0] != '/' || params[length - 1] == '/') {
        return apr_psprintf(
            pool,
            "'%s' is not the absolute path of a file: sqlite3 takes one, as "
            "/var/lib/insights-used/used_insight.db, and neither a relative "
            "path nor \":memory:\" nor a \"file:\" URI",
            params);
    }
    return NULL;
}

static const char *system_error(apr_pool_t *pool)
{
    char text[200];

    return apr_pstrdup(
        pool, apr_strerror(APR_FROM_OS_ERROR(errno), text, sizeof text));
}

/* Whoever can write to the directory could replace the database, and SQLite
 * creates two more files in it. */
static const char *check_directory(apr_pool_t *pool, const char *path,
                                   apr_uid_t user)
{
    const char *slash = strrchr(path, '/');
    const char *directory =
        slash == path ? "/" : apr_pstrmemdup(pool, path, slash - path);
    struct stat found;

    if (stat(directory, &found) != 0) {
        return apr_psprintf(pool, "the directory %s: %s", directory,
                            system_error(pool));
    }
    if (!S_ISDIR(found.st_mode)) {
        return apr_psprintf(pool, "%s is not a directory", directory);
    }
    if (found.st_mode & (S_IWGRP | S_IWOTH)) {
        return apr_psprintf(
            pool, "the directory %s may be written by others than its owner",
            directory);
    }
    if (found.st_uid != user ||
        (user != 0 && (found.st_mode & S_IRWXU) != S_IRWXU)) {
        return apr_psprintf(pool,
                            "the directory %s belongs to user %u, with mode "
                            "%04o: it must belong to the server's user (%u), "
                            "with mode 0700",
                            directory, (unsigned)found.st_uid,
                            (unsigned)(found.st_mode & 07777), (unsigned)user);
    }
    return NULL;
}

static const char *check_file(apr_pool_t *pool, const char *path,
                              apr_uid_t user, int must_write)
{
    const char *sentence = check_directory(pool, path, user);
    struct stat found;

    if (sentence) {
        return sentence;
    }
    if (lstat(path, &found) != 0) {
        return errno == ENOENT
                   ? NULL
                   : apr_psprintf(pool, "%s: %s", path, system_error(pool));
    }
    if (!S_ISREG(found.st_mode)) {
        return apr_psprintf(pool, "%s is not a regular file", path);
    }
    if (found.st_uid != user ||
        (must_write && user != 0 && !(found.st_mode & S_IWUSR))) {
        return apr_psprintf(pool,
                            "%s belongs to user %u, with mode %04o: it must "
                            "belong to the server's user (%u), with mode 0600",
                            path, (unsigned)found.st_uid,
                            (unsigned)(found.st_mode & 07777), (unsigned)user);
    }
    return NULL;
}

/* Does not open the file: close(2) would drop the POSIX locks that SQLite holds
 * on it in this process. */
static void identify_file(const char *path, iu_file_identity *file)
{
    struct stat found;

    file->exists = stat(path, &found) == 0;
    file->device = file->exists ? (apr_uint64_t)found.st_dev : 0;
    file->inode = file->exists ? (apr_uint64_t)found.st_ino : 0;
}

static apr_int64_t size_of(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 ? (apr_int64_t)found.st_size : -1;
}

static void measure_file(apr_pool_t *pool, const char *path, apr_int64_t *file,
                         apr_int64_t *log)
{
    *file = size_of(path);
    *log = size_of(apr_pstrcat(pool, path, "-wal", NULL));
}

static const iu_words words = {
    .same = "IS",
    .length = "length",
    .find = "instr",
    .integer = "INTEGER",
    .text_parameter = "%s",
    .member_begin = "json_extract(document, '$.",
    .member_between = ".",
    .member_end = "')",
    /* length of a text would count its characters one by one. */
    .document_bytes = "length(CAST(document AS BLOB))",
    .row_id = "rowid",
    .guard = "",
    .fence = "",
    .lower = "lower($1)",
    .upper = "upper($1)",
    .concat = "($1 || $2)",
    .clamp_begin = "min(max(",
    .clamp_end = ", 0), 1000000000)",
    .marked_begin = "'=' || ",
    .marked_end = "",
    .nulls_first = "",
    .nulls_last = "",
};

const char *iu_sqlite3_library_version(void)
{
    return sqlite3_libversion();
}

const iu_dialect iu_dialect_sqlite3 = {
    .driver = "sqlite3",
    .package = "libaprutil1-dbd-sqlite3",
    /* More than with a server: a connection costs less here than threads that
     * wait for one. */
    .readers = 8,
    .list_readers = 4,
    .one_writer = 1,
    .keeps_prepared = 1,
    .random_access = 1,
    .setup = setup,
    .table_query = table_query,
    .schema_setup = schema_setup,
    .schema = schema,
    .schema_steps = schema_steps,
    .schema_version = "PRAGMA user_version=%d",
    .insert_row = IU_SQL_INSERT_ROW(NOW),
    .update = IU_SQL_UPDATE(NOW),
    /* Without RETURNING: its rows would double the time of a group, so
     * changes_query returns their number instead. */
    .insert_tail = " ON CONFLICT DO NOTHING",
    .change_tail = " RETURNING version",
    .changes_query = "SELECT changes()",
    .words = &words,
    .native = &iu_native_sqlite3,
    .check_params = check_params,
    .check_file = check_file,
    .identify_file = identify_file,
    .measure_file = measure_file,
    .classify = classify,
    .is_stopped = is_stopped,
};
