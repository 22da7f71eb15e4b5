/* SPDX-License-Identifier: Apache-2.0 */
/* The dialect of MariaDB (10.6 and later), a single server or a Galera cluster.
 * MySQL does not have its collation utf8mb4_nopad_bin and cannot be used. */
#include "dialect.h"

#include <string.h>

#include <apr_strings.h>

#include "prefix.h"

/*
 * The settings that our statements depend on, whatever the operator has set for
 * the server or in init_connect. docs/databases.md lists them, and those that
 * we leave alone. The isolation level is set by a statement of its own because
 * newer versions have renamed its variable.
 */
static const iu_setup setup[] = {
    {"SET"
     /* Encoding and collation of texts. */
     " NAMES utf8mb4 COLLATE utf8mb4_nopad_bin,"
     /* Mode ORACLE would read '', our null instant, as NULL. Without
      * STRICT_ALL_TABLES values that are too long are truncated. */
     " SESSION sql_mode = 'STRICT_ALL_TABLES',"
     /* A smaller one would truncate lists. */
     " SESSION sql_select_limit = 18446744073709551615,"
     /* Bytes of an ORDER BY key that are compared: all, for 255 characters. */
     " SESSION max_sort_length = 1024,"
     /* A list with 8 keys needs about 256 KiB; 2 MiB is the default. */
     " SESSION sort_buffer_size = GREATEST(@@sort_buffer_size, 2097152),"
     /* Otherwise max_join_size applies, a guard against a missing WHERE. */
     " SESSION sql_big_selects = 1,"
     " SESSION autocommit = 1,"
     /* Keys stay unique, and the operator's own constraints are checked. */
     " SESSION unique_checks = 1,"
     " SESSION foreign_key_checks = 1,"
     " SESSION check_constraint_checks = 1,"
     /* loggable() recognizes values in English error texts only. */
     " SESSION lc_messages = 'en_US',"
     /* The operator's time-outs win if they are shorter. */
     " SESSION innodb_lock_wait_timeout ="
     " LEAST(@@innodb_lock_wait_timeout, 4),"
     " SESSION lock_wait_timeout = LEAST(@@lock_wait_timeout, 4),"
     " @insights_used_time = @@max_statement_time,"
     /* A read waits until this node has applied what any node committed
      * before, and fails on a node that has lost its cluster. */
     " SESSION wsrep_sync_wait = @@wsrep_sync_wait | 1,"
     " SESSION wsrep_dirty_reads = 0",
     NULL},
    /* A weaker level may read uncommitted records; a stronger one locks what it
     * reads. */
    {"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", NULL},
    /* A commit is durable if it syncs the redo log (1, or 3: more syncs). With
     * a binary log, syncing that log is what makes it durable. */
    {"SELECT CASE"
     " WHEN @@innodb_flush_log_at_trx_commit NOT IN (1, 3)"
     " THEN CONCAT('innodb_flush_log_at_trx_commit is ',"
     " @@innodb_flush_log_at_trx_commit, ' instead of 1')"
     " WHEN @@log_bin AND @@sync_binlog <> 1"
     " THEN CONCAT('sync_binlog is ', @@sync_binlog, ' instead of 1')"
     /* With these, the nodes or replicas do not get our changes. */
     " WHEN @@wsrep_provider <> 'none' AND NOT @@wsrep_on"
     " THEN 'wsrep_on is OFF'"
     " WHEN NOT @@sql_log_bin THEN 'sql_log_bin is OFF'"
     " WHEN @@skip_replication THEN 'skip_replication is ON'"
     /* Our statements would join a transaction that nobody commits. */
     " WHEN @@in_transaction OR NOT @@autocommit"
     " THEN 'init_connect leaves a transaction open'"
     /* A connection keeps up to 64 (IU_PREPARED_MAX). */
     " WHEN @@max_prepared_stmt_count < 64"
     " THEN CONCAT('max_prepared_stmt_count is ',"
     " @@max_prepared_stmt_count, ', which is too small')"
     " ELSE '' END",
     ""},
    {NULL, NULL},
};

static const char read_timeout[] =
    "SET SESSION max_statement_time = IF(@insights_used_time > 0"
    " AND @insights_used_time < %d / 1000, @insights_used_time, %d / 1000)";

/* 4096: room for the protocol's overhead. */
static const char size_limit_query[] = "SELECT @@max_allowed_packet - 4096";

/* The operator's own words may be around those in the comment. */
static const char table_query[] =
    "SELECT COALESCE(NULLIF(REGEXP_SUBSTR(table_comment,"
    " '(?<=schema version )[0-9]{3,6}'), ''), 101 + (SELECT count(*)"
    " FROM information_schema.columns"
    " WHERE table_schema = DATABASE()"
    " AND table_name = 'used_insight'"
    " AND column_name IN ('digest', 'last_stored')))"
    " FROM information_schema.tables"
    " WHERE table_schema = DATABASE()"
    " AND table_name = 'used_insight'"
    " AND engine = 'InnoDB'";

/* MariaDB's error numbers (mysqld_error.h, errmsg.h). */
static const struct {
    int number;
    iu_failure_kind kind;
} numbers[] = {
    {1213, IU_FAILURE_CONFLICT},  /* deadlock, or refused by the cluster */
    {1020, IU_FAILURE_CONFLICT},  /* record changed since last read */
    {1047, IU_FAILURE_DOWN},      /* a node without its cluster */
    {1040, IU_FAILURE_BUSY},      /* too many connections */
    {1203, IU_FAILURE_BUSY},      /* too many connections of this user */
    {1226, IU_FAILURE_BUSY},      /* another limit of this user */
    {1205, IU_FAILURE_BUSY},      /* lock wait timeout */
    {1206, IU_FAILURE_BUSY},      /* lock table full */
    {1689, IU_FAILURE_BUSY},      /* lock wait aborted by a schema change */
    {1637, IU_FAILURE_BUSY},      /* too many transactions */
    {1037, IU_FAILURE_BUSY},      /* out of memory */
    {1041, IU_FAILURE_BUSY},      /* out of resources */
    {3015, IU_FAILURE_BUSY},      /* out of memory in the storage engine */
    {1461, IU_FAILURE_BUSY},      /* too many prepared statements */
    {1792, IU_FAILURE_READ_ONLY}, /* a read-only transaction */
    {1836, IU_FAILURE_READ_ONLY}, /* running in read-only mode */
    {1036, IU_FAILURE_READ_ONLY}, /* a read-only table */
    {1874, IU_FAILURE_READ_ONLY}, /* innodb_read_only */
    {1021, IU_FAILURE_FULL},      /* disk full */
    {1114, IU_FAILURE_FULL},      /* the table is full */
    {1034, IU_FAILURE_REFUSED},   /* an index is damaged */
    {1712, IU_FAILURE_REFUSED},   /* likewise */
    {1817, IU_FAILURE_REFUSED},   /* likewise */
    {1194, IU_FAILURE_REFUSED},   /* a table is damaged */
    {1195, IU_FAILURE_REFUSED},   /* likewise */
    {1877, IU_FAILURE_REFUSED},   /* likewise */
    {1812, IU_FAILURE_REFUSED},   /* a table's file is missing */
    {1814, IU_FAILURE_REFUSED},   /* likewise */
    {1932, IU_FAILURE_REFUSED},   /* the storage engine has no such table */
    {1146, IU_FAILURE_STALE},     /* no such table */
    {1054, IU_FAILURE_STALE},     /* no such column */
    {1136, IU_FAILURE_STALE},     /* column count does not match */
    {1243, IU_FAILURE_STALE},     /* no such prepared statement */
    {1615, IU_FAILURE_STALE},     /* prepared statement outdated */
    {2030, IU_FAILURE_STALE},     /* statement not prepared */
    {1044, IU_FAILURE_STALE},     /* access to the database denied */
    {1045, IU_FAILURE_STALE},     /* access denied */
    {1046, IU_FAILURE_STALE},     /* no database selected */
    {1049, IU_FAILURE_STALE},     /* no such database */
    {1064, IU_FAILURE_STALE},     /* syntax: an older server, or another */
    {1142, IU_FAILURE_STALE},     /* command denied */
    {1143, IU_FAILURE_STALE},     /* column denied */
    {1193, IU_FAILURE_STALE},     /* no such variable: likewise */
    {1053, IU_FAILURE_LOST},      /* shutdown in progress */
    {1158, IU_FAILURE_LOST},      /* server: error reading from the client */
    {1159, IU_FAILURE_LOST},      /* server: time-out reading */
    {1160, IU_FAILURE_LOST},      /* server: error writing to the client */
    {1161, IU_FAILURE_LOST},      /* server: time-out writing */
    {1105, IU_FAILURE_LOST},      /* unknown error */
    {1180, IU_FAILURE_LOST},      /* error during COMMIT */
    {1317, IU_FAILURE_LOST},      /* interrupted, maybe in its COMMIT */
    {1927, IU_FAILURE_LOST},      /* connection killed */
    {1969, IU_FAILURE_LOST},      /* max_statement_time, of a change: as 1317 */
};

static iu_failure_kind classify(int number, const char *text)
{
    apr_size_t i;

    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].number == number) {
            return numbers[i].kind;
        }
    }
    if (strstr(text, "No space left on device")) {
        return IU_FAILURE_FULL;
    }
    /* A refused connection has no number. */
    if (number == 0) {
        return iu_has_prefix(text, "Too many connections") ||
                       strstr(text, "'max_user_connections'") ||
                       strstr(text, " has exceeded the '")
                   ? IU_FAILURE_BUSY
                   : IU_FAILURE_LOST;
    }
    if (number == 1290) { /* forbidden by an option of the server */
        return strstr(text, "read-only") || strstr(text, "read_only")
                   ? IU_FAILURE_READ_ONLY
                   : IU_FAILURE_CONTENT;
    }
    if (number == 1026 || number == 1030) { /* storage engine error */
        return IU_FAILURE_REFUSED;
    }
    /* Below 1000: errno. From 2000 on: errors of the client library. */
    return number < 1000 || (number >= 2000 && number < 3000)
               ? IU_FAILURE_LOST
               : IU_FAILURE_CONTENT;
}

static int is_stopped(int number, const char *text)
{
    (void)text;
    return number == 1969;
}

/* Some texts quote values: "Duplicate entry 'a-b' for key", "Incorrect string
 * value: '\xF0...' for column". */
static apr_size_t loggable(const char *text)
{
    static const char *const before[] = {"Duplicate entry '", "value: '",
                                         "Truncated incorrect "};
    apr_size_t length = strcspn(text, "\r\n");
    apr_size_t i;

    for (i = 0; i < sizeof before / sizeof before[0]; i++) {
        const char *found = strstr(text, before[i]);

        if (found && found < text + length) {
            length = found + strcspn(found, "'") - text;
        }
    }
    return length;
}

/* Separates the driver's parameters; values cannot contain these. */
static const char separators[] = " \r\n\t;|,";

/* Returns a sentence on what is wrong with one parameter, or NULL. Sets
 * *name_length. */
static const char *check_param(const char *param, apr_size_t length,
                               apr_size_t *name_length)
{
    /* Not flags: CLIENT_FOUND_ROWS would count existing rows as stored. */
    static const char *const names[] = {"host",   "user",  "pass",
                                        "dbname", "port",  "sock",
                                        "fldsz",  "group", "reconnect"};
    const char *equals = memchr(param, '=', length);
    apr_size_t i;

    if (!equals) {
        return "after a ' ', ',', ';' or '|' a name=value must follow: these "
               "separate parameters, no value or password can hold one. Put "
               "such a password into a section of my.cnf, named by group=";
    }
    *name_length = equals - param;
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == *name_length &&
            memcmp(names[i], param, *name_length) == 0) {
            return NULL;
        }
    }
    return "there is a name that mysql does not know; it knows host, user, "
           "pass, dbname, port, sock, group (each followed by '=' "
           "without blanks)";
}

/* The sentences quote nothing: it might be part of a password. */
static const char *check_params(apr_pool_t *pool, const char *params)
{
    const char *param = params + strspn(params, separators);
    int names_database = 0;

    (void)pool;
    while (*param) {
        apr_size_t length = strcspn(param, separators);
        apr_size_t name;
        const char *sentence = check_param(param, length, &name);

        if (sentence) {
            return sentence;
        }
        names_database |=
            iu_has_prefix(param, "dbname=") || iu_has_prefix(param, "group=");
        if (iu_has_prefix(param, "reconnect=") &&
            (length != name + 2 || param[name + 1] != '0')) {
            return "reconnect must be 0: a connection that the driver opens "
                   "again by itself has lost its settings and statements";
        }
        param += length;
        param += strspn(param, separators);
    }
    return names_database
               ? NULL
               : "there is no dbname: mysql takes \"host=...,user=...,"
                 "pass=...,dbname=...\"";
}

/*
 * Of two parameters with the same name the last one wins. The driver reconnects
 * by default. fldsz is the longest value that it reads, it silently truncates
 * longer ones: a body of 16 MiB and what we add.
 */
static const char *complete_params(apr_pool_t *pool, const char *params)
{
    return apr_pstrcat(pool, params, ",fldsz=17825792,reconnect=0", NULL);
}

/* LOWER and UPPER fold more than ASCII with any collation of utf8mb4. They get
 * the bytes as "hebrew", a single-byte character set in which only ASCII
 * letters have case. */
#define FOLDED(function)                                                       \
    "(CONVERT(CAST(" function "(CONVERT(CAST($1 AS BINARY) USING hebrew))"     \
    " AS BINARY) USING utf8mb4) COLLATE utf8mb4_nopad_bin)"

static const iu_words words = {
    .same = "<=>",
    .length = "char_length",
    .find = "instr",
    .integer = "SIGNED",
    .text_parameter = "(CONVERT(%s USING utf8mb4) COLLATE utf8mb4_nopad_bin)",
    .member_begin = "(JSON_VALUE(document, '$.",
    .member_between = ".",
    .member_end = "') COLLATE utf8mb4_nopad_bin)",
    .document_bytes = "octet_length(document)",
    .row_id = "id",
    .guard = "",
    .fence = "",
    .lower = FOLDED("LOWER"),
    .upper = FOLDED("UPPER"),
    .concat = "concat($1, $2)",
    .clamp_begin = "LEAST(GREATEST(",
    .clamp_end = ", 0), 1000000000)",
    .marked_begin = "concat('=', ",
    .marked_end = ")",
    .nulls_first = "",
    .nulls_last = "",
};

/* Without the hint it scans a table that seems small. A UNION ALL of single
 * lookups takes twice the time. */
static const char find_group[] = "used_insight FORCE INDEX (PRIMARY)"
                                 " WHERE (invitation_id, id) IN (%s)";

const iu_dialect iu_dialect_mysql = {
    .driver = "mysql",
    .package = "libaprutil1-dbd-mysql",
    .readers = 4,
    .list_readers = 2,
    .setup = setup,
    .read_timeout = read_timeout,
    .size_limit_query = size_limit_query,
    .table_query = table_query,
    .insert_row = IU_SQL_INSERT_ROW("UNIX_TIMESTAMP()"),
    .update = IU_SQL_UPDATE("UNIX_TIMESTAMP()"),
    /* An existing key keeps its row, which does not count as affected. IGNORE
     * would truncate values that are too long. RETURNING is not safe in a
     * cluster: if a node rolls a statement back in its commit and replays it
     * (wsrep_local_replays), it ends the rows with an invalid packet, and the
     * client library waits for the end of the rows for ever. */
    .insert_tail = " ON DUPLICATE KEY UPDATE version = used_insight.version",
    .change_tail = "",
    .affected_rows = 1,
    .find_group = find_group,
    .words = &words,
    .check_params = check_params,
    .complete_params = complete_params,
    .classify = classify,
    .is_stopped = is_stopped,
    .loggable = loggable,
};
