/* SPDX-License-Identifier: Apache-2.0 */
/* What is particular to PostgreSQL (12 and later). */
#include "dialect.h"

#include <string.h>

#include <apr_strings.h>

/* Of parameters, those of a connection whose network or machine has gone: libpq
 * itself waits for ever. What the operator gives comes later and wins. */
static const char defaults[] = "connect_timeout=3 keepalives_idle=5"
                               " keepalives_interval=2 keepalives_count=3"
                               " tcp_user_timeout=10000"
                               " fallback_application_name=mod_insights_used";
static const char uri_defaults[] =
    "connect_timeout=3&keepalives_idle=5&keepalives_interval=2"
    "&keepalives_count=3&tcp_user_timeout=10000"
    "&fallback_application_name=mod_insights_used";

#define NOT_SET_UP                                                             \
    "this session is not the one that was set up: a pooler between must have " \
    "pool_mode=session"

/* A value in the session that was set up, in any other an error that has the
 * text: a pooler that gives each transaction another session takes all settings
 * away, at any time. */
#define IN_SESSION(value)                                                      \
    "CASE WHEN current_setting('insights_used.session', true) = 'set up'"      \
    " THEN " value " ELSE current_setting('" NOT_SET_UP "') END"

/*
 * A condition that is true, and makes the commit of its own statement durable,
 * for this one transaction: it waits for the disk with any synchronous_commit
 * but off; less than on would not wait for synchronous standbys, where there
 * are. fsync may be changed while the server runs.
 */
#define DURABLE                                                                \
    IN_SESSION("CASE current_setting('fsync') WHEN 'on' THEN"                  \
               " set_config('synchronous_commit',"                             \
               " CASE current_setting('synchronous_commit')"                   \
               " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)" \
               " ELSE current_setting('fsync is off') END")                    \
    " <> ''"

/*
 * The settings that the statements depend on; an operator, a role or a database
 * may have any other. docs/operations.md has this table with those that are
 * left alone.
 */
static const iu_setup setup[] = {
    {"DO $$ BEGIN PERFORM"
     /* The bytes of texts. */
     " pg_catalog.set_config('client_encoding', 'UTF8', false),"
     /* The functions and operators are the server's own, whatever schemas the
      * operator names, and the table is no temporary one. */
     " pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ',"
     " 'pg_catalog', NULLIF(pg_catalog.current_setting('search_path'), ''),"
     " 'pg_temp'), false),"
     /* That a commit did not wait to its end for a standby is a warning. */
     " pg_catalog.set_config('client_min_messages', 'warning', false),"
     /* How the texts in an operator's query are read. */
     " pg_catalog.set_config('standard_conforming_strings', 'on', false),"
     /* A stricter one undoes inserts of one key by several. */
     " pg_catalog.set_config('default_transaction_isolation',"
     " 'read committed', false),"
     /* Leaves out rows that a GIN index finds, which an operator may add. */
     " pg_catalog.set_config('gin_fuzzy_search_limit', '0', false),"
     /* The times are the operator's where he set them. */
     " pg_catalog.set_config('statement_timeout',"
     " CASE pg_catalog.current_setting('statement_timeout') WHEN '0' THEN '5s'"
     " ELSE pg_catalog.current_setting('statement_timeout') END, false),"
     " pg_catalog.set_config('lock_timeout',"
     " CASE pg_catalog.current_setting('lock_timeout') WHEN '0' THEN '4s'"
     " ELSE pg_catalog.current_setting('lock_timeout') END, false),"
     /* That all of this was done in this session: see IN_SESSION. */
     " pg_catalog.set_config('insights_used.session', 'set up', false);"
     /* The meaning of an error is told by its English text. Few users may set
      * this. */
     " BEGIN PERFORM pg_catalog.set_config('lc_messages', 'C', false);"
     " EXCEPTION WHEN insufficient_privilege THEN NULL; END; END $$",
     NULL},
    {"SELECT CASE"
     " WHEN current_setting('lc_messages') !~ '^((C|POSIX|en)([_.].*)?)?$'"
     " THEN 'lc_messages is ' || current_setting('lc_messages') ||"
     " ', and the module knows errors by their English texts'"
     " WHEN current_setting('server_encoding') <> 'UTF8'"
     " THEN 'server_encoding is ' || current_setting('server_encoding') ||"
     " ' instead of UTF8'"
     /* Without it nothing is durable. */
     " WHEN current_setting('fsync') <> 'on' THEN 'fsync is off'"
     /* Makes empty pages of damaged ones: records would not be found. */
     " WHEN current_setting('zero_damaged_pages') <> 'off'"
     " THEN 'zero_damaged_pages is on'"
     " WHEN current_setting('insights_used.session', true)"
     " IS DISTINCT FROM 'set up' THEN '" NOT_SET_UP "'"
     " ELSE '' END",
     ""},
    {NULL, NULL},
};

/* The role's time, or that of options=, is what RESET would bring back. */
static const char stop_reads[] =
    "SELECT set_config('statement_timeout', CASE WHEN CAST(reset_val AS bigint)"
    " BETWEEN 1 AND %d THEN reset_val ELSE '%d' END, false)"
    " FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'";

/* An unlogged table is emptied by a crash. */
static const char table[] = "SELECT 1 FROM pg_catalog.pg_class"
                            " WHERE oid = to_regclass('used_insight')"
                            " AND relpersistence = 'p'";

/* A message in the log assigns a transaction id and is written to the log: with
 * less a commit does not wait. Its effect is that alone. */
static const char settle[] =
    "SELECT pg_logical_emit_message(true, 'insights_used', '')"
    " WHERE current_setting('synchronous_standby_names') <> '' AND " DURABLE;

/* Of a server, or of a PgBouncer before it, that takes no further connection.
 * The latter takes some that it has no server's for, and says so at their first
 * statement, which reached nobody. */
static const char *const crowded[] = {
    "too many clients",
    "remaining connection slots",
    "too many connections for",
    "no more connections allowed",
    "client connections exceeded",
    "query_wait_timeout",
};

/* Of statements; the first that is found in the text decides. */
static const struct {
    const char *part;
    iu_failure_kind kind;
} texts[] = {
    {"configuration parameter \"" NOT_SET_UP, IU_FAILURE_REFUSED},
    {"configuration parameter \"fsync is off", IU_FAILURE_REFUSED},
    {"deadlock detected", IU_FAILURE_CONFLICT},
    {"could not serialize access", IU_FAILURE_CONFLICT},
    {"due to conflict with recovery", IU_FAILURE_CONFLICT},
    {"canceling statement due to", IU_FAILURE_BUSY},
    {"out of memory", IU_FAILURE_BUSY},
    {"out of shared memory", IU_FAILURE_BUSY},
    {"No space left on device", IU_FAILURE_FULL},
    {"could not extend file", IU_FAILURE_FULL},
    {"Disk quota exceeded", IU_FAILURE_FULL},
    {"in a read-only transaction", IU_FAILURE_READ_ONLY},
    {"during recovery", IU_FAILURE_READ_ONLY},
    {"database is not accepting commands", IU_FAILURE_READ_ONLY},
    {"permission denied", IU_FAILURE_STALE},
    {"syntax error", IU_FAILURE_STALE},
    {"no partition of relation", IU_FAILURE_REFUSED},
    {"invalid page", IU_FAILURE_REFUSED},
    {"could not ", IU_FAILURE_REFUSED},
};

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Whether the first line has it: beyond that there may be a record. */
static int has(const char *text, const char *part)
{
    const char *found = strstr(text, part);

    return found && found < text + strcspn(text, "\r\n");
}

/* Whether nothing but a place is missing. Of several hosts, to which a
 * connection could not be opened (number 0), each has a line. */
static int is_crowded(int number, const char *text)
{
    apr_size_t i;

    for (i = 0; i < sizeof crowded / sizeof crowded[0]; i++) {
        if (number == 0 ? strstr(text, crowded[i]) != NULL
                        : has(text, crowded[i])) {
            return 1;
        }
    }
    return 0;
}

/* Whether it is of something that the statement names and is not there. */
static int is_missing(const char *message)
{
    static const char *const things[] = {"relation ", "column ", "function ",
                                         "schema "};
    apr_size_t i;

    for (i = 0; i < sizeof things / sizeof things[0]; i++) {
        if (begins(message, things[i])) {
            return has(message, " does not exist");
        }
    }
    return 0;
}

/*
 * "ERROR:" stands before what the server says of a statement that it has undone
 * and a connection that goes on; everything else, FATAL, PANIC and what libpq
 * says by itself, is of a connection that is lost, or was not to be had.
 */
static iu_failure_kind classify(int number, const char *text)
{
    static const char error[] = "ERROR:  ";
    apr_size_t i;

    if (has(text, "wait for synchronous replication")) {
        return IU_FAILURE_UNREPLICATED;
    }
    if (!begins(text, error)) {
        return is_crowded(number, text) ? IU_FAILURE_BUSY : IU_FAILURE_LOST;
    }
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (has(text, texts[i].part)) {
            return texts[i].kind;
        }
    }
    return is_missing(text + strlen(error)) ? IU_FAILURE_STALE
                                            : IU_FAILURE_CONTENT;
}

static int is_stopped(int number, const char *text)
{
    (void)number; /* the same for all */
    return has(text, "canceling statement due to statement timeout") ||
           has(text, "canceling statement due to user request");
}

/* The server quotes a value that does not fit ("invalid input syntax for type
 * uuid: "..."), libpq a parameter that it does not understand, which may be a
 * part of a password. Names are quoted, too, and are told. */
static apr_size_t loggable(const char *text)
{
    static const char *const server[] = {": \"", "value \"", NULL};
    static const char *const client[] = {"connection info string",
                                         "connection option",
                                         "query parameter",
                                         "percent-encoded",
                                         " URI",
                                         " value: \"",
                                         NULL};
    const char *const *sign = begins(text, "ERROR:") ? server : client;
    apr_size_t line = strcspn(text, "\r\n");

    for (; *sign; sign++) {
        if (has(text, *sign)) {
            const char *from = *sign[0] == ':' ? strstr(text, *sign) : text;
            apr_size_t quote = from - text + strcspn(from, "\"");

            return quote < line ? quote : line;
        }
    }
    return line;
}

/* What follows the scheme of a URI; NULL: the other form, name=value. */
static const char *after_scheme(const char *params)
{
    static const char *const schemes[] = {"postgresql://", "postgres://"};
    int i;

    for (i = 0; i < 2; i++) {
        if (begins(params, schemes[i])) {
            return params + strlen(schemes[i]);
        }
    }
    return NULL;
}

/* libpq's grammar of name = value, with blanks anywhere around "=", quotes
 * around a value and backslashes in it. Returns what follows the pair, NULL
 * where there is none. */
static const char *skip_pair(const char *c)
{
    apr_size_t name = strcspn(c, "= \t\r\n\f\v");

    c += name;
    c += strspn(c, " \t\r\n\f\v");
    if (name == 0 || *c != '=') {
        return NULL;
    }
    c++;
    c += strspn(c, " \t\r\n\f\v");
    if (*c != '\'') {
        while (*c && !strchr(" \t\r\n\f\v", *c)) {
            c += c[0] == '\\' && c[1] ? 2 : 1;
        }
        return c;
    }
    for (c++; *c && *c != '\''; c++) {
        c += c[0] == '\\' && c[1];
    }
    return *c ? c + 1 : NULL;
}

/* In what is before the path of a URI: libpq would take the rest of a password
 * for the host's name, and say so when it does not find that. */
static int has_two_ats(const char *authority)
{
    const char *end = authority + strcspn(authority, "/");
    const char *at = memchr(authority, '@', end - authority);

    if (at) {
        end = at + strcspn(at, "/?");
        at = memchr(at + 1, '@', end - at - 1);
    }
    return at != NULL;
}

/* No sentence quotes anything: it may be a part of a password. */
static const char *check_params(apr_pool_t *pool, const char *params)
{
    const char *rest = after_scheme(params);
    const char *c = params + strspn(params, " \t\r\n\f\v");

    (void)pool;
    if (rest) {
        return has_two_ats(rest)
                   ? "there are two '@' before the host of the URI: within a "
                     "name or password it is written %40"
                   : NULL;
    }
    if (!*c) {
        return "there are no parameters: pgsql takes libpq's, as \"host=... "
               "dbname=...\" or postgresql://...";
    }
    while (*c) {
        c = skip_pair(c);
        if (!c) {
            return "the parameters are not of the form \"name=value "
                   "name='value with blanks'\", nor a URI (postgresql://...)";
        }
        c += strspn(c, " \t\r\n\f\v");
    }
    return NULL;
}

static const char *complete_params(apr_pool_t *pool, const char *params)
{
    const char *rest = after_scheme(params);
    apr_size_t user;
    const char *query;

    if (!rest) {
        return apr_pstrcat(pool, defaults, " ", params, NULL);
    }
    /* A name and password end at "@"; what may stand in them is theirs. */
    user = strcspn(rest, "@/");
    query = strchr(rest[user] == '@' ? rest + user : rest, '?');
    if (!query) {
        return apr_pstrcat(pool, params, "?", uri_defaults, NULL);
    }
    return apr_pstrcat(pool, apr_pstrmemdup(pool, params, query + 1 - params),
                       uri_defaults, query[1] ? "&" : "", query + 1, NULL);
}

/* GREATEST and LEAST pass nulls over, thus the inner SELECT; OFFSET keeps the
 * planner from putting its text in the place of each n, which within each other
 * would be 3, 9, 27 ... times as long. */
static const iu_words words = {
    .same = "IS NOT DISTINCT FROM",
    .length = "char_length",
    .find = "strpos",
    .integer = "bigint",
    .text = "(CAST(%s AS text) COLLATE \"C\")",
    .member_begin = "((document::json #>> '{",
    .member_between = ",",
    .member_end = "}') COLLATE \"C\")",
    .document_bytes = "octet_length(document)",
    .row = "id",
    /* A query of its own is run once, a condition for each row. */
    .guard = " AND (SELECT " IN_SESSION("'yes'") ") <> ''",
    .fence = " OFFSET 0",
    .lower = "lower($1)",
    .upper = "upper($1)",
    .concat = "($1 || $2)",
    .clamp_begin = "(SELECT CAST(CASE WHEN n < 0 THEN 0 WHEN n > 1000000000"
                   " THEN 1000000000 ELSE n END AS integer) FROM (SELECT CAST(",
    .clamp_end = " AS bigint) AS n OFFSET 0) AS given)",
    .marked_begin = "'=' || ",
    .marked_end = "",
    .nulls_first = " NULLS FIRST",
    .nulls_last = " NULLS LAST",
};

const iu_dialect iu_dialect_pgsql = {
    .driver = "pgsql",
    .package = "libaprutil1-dbd-pgsql",
    .readers = 4,
    .list_readers = 2,
    .random_access = 1,
    .setup = setup,
    .stop_reads = stop_reads,
    .table = table,
    /* Once a statement, before it stores a row. */
    .insert_first = "(%s,%s,CASE WHEN " DURABLE " THEN %s END,%s,%s,%s)",
    .insert_tail = " ON CONFLICT DO NOTHING RETURNING version",
    .change_tail = " AND " DURABLE " RETURNING version",
    .settle = settle,
    .words = &words,
    .native = &iu_native_pgsql,
    .native_writes =
        "SELECT 1 WHERE current_setting('synchronous_standby_names') <> ''",
    .check_params = check_params,
    .complete_params = complete_params,
    .classify = classify,
    .is_stopped = is_stopped,
    .loggable = loggable,
};
