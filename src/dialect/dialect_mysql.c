/* SPDX-License-Identifier: Apache-2.0 */
/* What is particular to MariaDB (10.6 and later), alone or as Galera cluster.
 * It is not for MySQL, which has no such collation. */
#include "dialect.h"

#include <string.h>

#include <apr_strings.h>

/*
 * The settings that the statements depend on; an operator may have any other,
 * for the server or by init_connect. docs/operations.md has this table with
 * those that are left alone. The isolation has other names in newer versions,
 * thus a statement of its own.
 */
static const iu_setup setup[] = {
    {"SET"
     /* The bytes of texts, and how they are compared. */
     " NAMES utf8mb4 COLLATE utf8mb4_nopad_bin,"
     /* An instant that is null is '', which ORACLE takes for null; without
      * STRICT_ALL_TABLES what is too long is cut and stored. */
     " SESSION sql_mode = 'STRICT_ALL_TABLES',"
     /* Ends lists early. */
     " SESSION sql_select_limit = 18446744073709551615,"
     /* How much of a key of ORDER BY counts: all of it, 255 characters. */
     " SESSION max_sort_length = 1024,"
     /* A list of 8 keys needs some 256 KiB; a server's default is this. */
     " SESSION sort_buffer_size = GREATEST(@@sort_buffer_size, 2097152),"
     /* max_join_size is for those who forget a WHERE. */
     " SESSION sql_big_selects = 1,"
     " SESSION autocommit = 1,"
     /* A key is there once, and what an operator asks of records holds. */
     " SESSION unique_checks = 1,"
     " SESSION foreign_key_checks = 1,"
     " SESSION check_constraint_checks = 1,"
     /* What must not be logged is found by the English text around it. */
     " SESSION lc_messages = 'en_US',"
     /* The times are the operator's where his are shorter. */
     " SESSION innodb_lock_wait_timeout ="
     " LEAST(@@innodb_lock_wait_timeout, 4),"
     " SESSION lock_wait_timeout = LEAST(@@lock_wait_timeout, 4),"
     " @insights_used_time = @@max_statement_time,"
     /* A read waits for what any node of a cluster has committed before, and
      * is refused by a node that has lost its cluster. */
     " SESSION wsrep_sync_wait = @@wsrep_sync_wait | 1,"
     " SESSION wsrep_dirty_reads = 0",
     NULL},
    /* A weaker one finds records that are not committed; a stronger one locks
     * what it reads. */
    {"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", NULL},
    /* A commit is durable when the log is synced with it (1, or 3: more syncs);
     * with a binary log the commit is that log's. */
    {"SELECT CASE"
     " WHEN @@innodb_flush_log_at_trx_commit NOT IN (1, 3)"
     " THEN CONCAT('innodb_flush_log_at_trx_commit is ',"
     " @@innodb_flush_log_at_trx_commit, ' instead of 1')"
     " WHEN @@log_bin AND @@sync_binlog <> 1"
     " THEN CONCAT('sync_binlog is ', @@sync_binlog, ' instead of 1')"
     /* Who is behind this server does not get what is written here. */
     " WHEN @@wsrep_provider <> 'none' AND NOT @@wsrep_on"
     " THEN 'wsrep_on is OFF'"
     " WHEN NOT @@sql_log_bin THEN 'sql_log_bin is OFF'"
     " WHEN @@skip_replication THEN 'skip_replication is ON'"
     /* The statements would become a part of it, and nobody commits it. */
     " WHEN @@in_transaction OR NOT @@autocommit"
     " THEN 'init_connect leaves a transaction open'"
     /* A connection prepares up to 64 of them. */
     " WHEN @@max_prepared_stmt_count < 64"
     " THEN CONCAT('max_prepared_stmt_count is ',"
     " @@max_prepared_stmt_count, ', which is too small')"
     " ELSE '' END",
     ""},
    {NULL, NULL},
};

static const char stop_reads[] =
    "SET SESSION max_statement_time = IF(@insights_used_time > 0"
    " AND @insights_used_time < %d / 1000, @insights_used_time, %d / 1000)";

/* Room for what the protocol adds. */
static const char limit[] = "SELECT @@max_allowed_packet - 4096";

static const char table[] = "SELECT 1 FROM information_schema.tables"
                            " WHERE table_schema = DATABASE()"
                            " AND table_name = 'used_insight'"
                            " AND engine = 'InnoDB'";

/* The numbers of MariaDB's errors (mysqld_error.h, errmsg.h). */
static const struct {
    int number;
    iu_failure_kind kind;
} numbers[] = {
    {1213, IU_FAILURE_CONFLICT},  /* deadlock, or refused by the cluster */
    {1020, IU_FAILURE_CONFLICT},  /* record changed since last read */
    {1047, IU_FAILURE_DOWN},      /* a node without its cluster */
    {1040, IU_FAILURE_BUSY},      /* too many connections */
    {1203, IU_FAILURE_BUSY},      /* of this user */
    {1226, IU_FAILURE_BUSY},      /* a limit of this user's */
    {1205, IU_FAILURE_BUSY},      /* lock wait timeout */
    {1206, IU_FAILURE_BUSY},      /* lock table full */
    {1689, IU_FAILURE_BUSY},      /* lock wait ended for a change of schema */
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
    {1136, IU_FAILURE_STALE},     /* another number of columns */
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
    {1193, IU_FAILURE_STALE},     /* no such variable: likewise another */
    {1053, IU_FAILURE_LOST},      /* shutdown in progress */
    {1158, IU_FAILURE_LOST},      /* the server cannot read from us */
    {1159, IU_FAILURE_LOST},      /* likewise, in time */
    {1160, IU_FAILURE_LOST},      /* it cannot write to us */
    {1161, IU_FAILURE_LOST},      /* likewise, in time */
    {1105, IU_FAILURE_LOST},      /* unknown error */
    {1180, IU_FAILURE_LOST},      /* error during COMMIT */
    {1317, IU_FAILURE_LOST},      /* interrupted, maybe in its COMMIT */
    {1927, IU_FAILURE_LOST},      /* connection killed */
    {1969, IU_FAILURE_LOST},      /* max_statement_time: of a change, as 1317 */
};

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

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
    /* Where a connection is refused there is no number. */
    if (number == 0) {
        return begins(text, "Too many connections") ||
                       strstr(text, "'max_user_connections'") ||
                       strstr(text, " has exceeded the '")
                   ? IU_FAILURE_BUSY
                   : IU_FAILURE_LOST;
    }
    if (number == 1290) { /* an option of the server's forbids it */
        return strstr(text, "read-only") || strstr(text, "read_only")
                   ? IU_FAILURE_READ_ONLY
                   : IU_FAILURE_CONTENT;
    }
    if (number == 1026 || number == 1030) { /* of the storage engine */
        return IU_FAILURE_REFUSED;
    }
    /* Below 1000 the operating system's, from 2000 on the client's. */
    return number < 1000 || (number >= 2000 && number < 3000)
               ? IU_FAILURE_LOST
               : IU_FAILURE_CONTENT;
}

static int is_stopped(int number, const char *text)
{
    (void)text;
    return number == 1969;
}

/* Some texts quote what they are about: "Duplicate entry 'a-b' for key",
 * "Incorrect string value: '\xF0...' for column". */
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

/* What separates the driver's parameters. A value cannot hold it. */
static const char separators[] = " \r\n\t;|,";

/* What is wrong with one parameter; NULL: nothing. *name_length gets where its
 * name ends. */
static const char *check_param(const char *param, apr_size_t length,
                               apr_size_t *name_length)
{
    /* Not flags: with CLIENT_FOUND_ROWS a row that is there counts, too. */
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

/* No sentence quotes anything: it may be a part of a password. */
static const char *check_params(apr_pool_t *pool, const char *params)
{
    const char *param = params + strspn(params, separators);
    int named = 0; /* a database is */

    (void)pool;
    while (*param) {
        apr_size_t length = strcspn(param, separators);
        apr_size_t name;
        const char *sentence = check_param(param, length, &name);

        if (sentence) {
            return sentence;
        }
        named |= begins(param, "dbname=") || begins(param, "group=");
        if (begins(param, "reconnect=") &&
            (length != name + 2 || param[name + 1] != '0')) {
            return "reconnect must be 0: a connection that the driver opens "
                   "again by itself has lost its settings and statements";
        }
        param += length;
        param += strspn(param, separators);
    }
    return named ? NULL
                 : "there is no dbname: mysql takes \"host=...,user=...,"
                   "pass=...,dbname=...\"";
}

/*
 * The last of two parameters with the same name counts. The driver's default
 * is to reconnect. fldsz is the longest value that it reads: a body of 16 MiB
 * and what we add; what is longer it cuts without a word.
 */
static const char *complete_params(apr_pool_t *pool, const char *params)
{
    return apr_pstrcat(pool, params, ",fldsz=17825792,reconnect=0", NULL);
}

/* LOWER and UPPER fold more than ASCII with any collation of utf8mb4; so they
 * are given the bytes as those of a character set that has case in ASCII only,
 * and every byte of which is a character. */
#define FOLDED(function)                                                       \
    "(CONVERT(CAST(" function "(CONVERT(CAST($1 AS BINARY) USING hebrew))"     \
    " AS BINARY) USING utf8mb4) COLLATE utf8mb4_nopad_bin)"

static const iu_words words = {
    .same = "<=>",
    .length = "char_length",
    .find = "instr",
    .integer = "SIGNED",
    .text = "(CONVERT(%s USING utf8mb4) COLLATE utf8mb4_nopad_bin)",
    .member_begin = "(JSON_VALUE(document, '$.",
    .member_between = ".",
    .member_end = "') COLLATE utf8mb4_nopad_bin)",
    .document_bytes = "octet_length(document)",
    .row = "id",
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

const iu_dialect iu_dialect_mysql = {
    .driver = "mysql",
    .package = "libaprutil1-dbd-mysql",
    .readers = 4,
    .list_readers = 2,
    .setup = setup,
    .stop_reads = stop_reads,
    .limit = limit,
    .table = table,
    /* A key that is there keeps its row, which does not count as changed.
     * IGNORE would cut what is too long and store it. There is no RETURNING:
     * where a cluster undoes a statement in its commit and then does it again
     * (wsrep_local_replays), the node ends the rows with what is no end of
     * rows, and the client library waits for one for ever. */
    .insert_tail = " ON DUPLICATE KEY UPDATE version = used_insight.version",
    .change_tail = "",
    .counted = 1,
    .words = &words,
    .check_params = check_params,
    .complete_params = complete_params,
    .classify = classify,
    .is_stopped = is_stopped,
    .loggable = loggable,
};
