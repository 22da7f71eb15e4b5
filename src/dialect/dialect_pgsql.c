/* SPDX-License-Identifier: Apache-2.0 */
/* The dialect of PostgreSQL (12 and later). */
#include "dialect.h"

#include <string.h>

#include <apr_strings.h>

#include "prefix.h"

/* Default parameters. They end connections whose network or server machine has
 * gone; libpq itself waits for ever. The operator's parameters follow and
 * win. */
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

/* The value, if this is the session that we set up; otherwise an error whose
 * text is NOT_SET_UP. A pooler that gives each transaction another session may
 * take our settings away at any time. */
#define IN_SESSION(value)                                                      \
    "CASE WHEN current_setting('insights_used.session', true) = 'set up'"      \
    " THEN " value " ELSE current_setting('" NOT_SET_UP "') END"

/*
 * A condition that is always true and has an effect: it sets synchronous_commit
 * for its own transaction, so that the commit is durable. "off" would not wait
 * for the disk, and anything less than "on" not for synchronous standbys. Fails
 * if fsync is off, which can be changed while the server runs.
 */
#define DURABLE                                                                \
    IN_SESSION("CASE current_setting('fsync') WHEN 'on' THEN"                  \
               " set_config('synchronous_commit',"                             \
               " CASE current_setting('synchronous_commit')"                   \
               " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)" \
               " ELSE current_setting('fsync is off') END")                    \
    " <> ''"

/*
 * The settings that our statements depend on, whatever the operator has set for
 * the server, the role or the database. docs/databases.md lists them, and
 * those that we leave alone.
 */
static const iu_setup setup[] = {
    {"DO $$ BEGIN PERFORM"
     /* Encoding of texts. */
     " pg_catalog.set_config('client_encoding', 'UTF8', false),"
     /* Functions and operators are the server's own, whatever schemas the
      * operator names; a temporary table cannot hide ours. */
     " pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ',"
     " 'pg_catalog', NULLIF(pg_catalog.current_setting('search_path'), ''),"
     " 'pg_temp'), false),"
     /* An interrupted wait for a standby is reported as a warning. */
     " pg_catalog.set_config('client_min_messages', 'warning', false),"
     /* Backslashes in the operator's query are literal. */
     " pg_catalog.set_config('standard_conforming_strings', 'on', false),"
     /* A stricter level rolls back concurrent inserts of one key. */
     " pg_catalog.set_config('default_transaction_isolation',"
     " 'read committed', false),"
     /* A limit would drop rows that the operator's GIN index finds. */
     " pg_catalog.set_config('gin_fuzzy_search_limit', '0', false),"
     /* The operator's time-outs win if set. */
     " pg_catalog.set_config('statement_timeout',"
     " CASE pg_catalog.current_setting('statement_timeout') WHEN '0' THEN '5s'"
     " ELSE pg_catalog.current_setting('statement_timeout') END, false),"
     " pg_catalog.set_config('lock_timeout',"
     " CASE pg_catalog.current_setting('lock_timeout') WHEN '0' THEN '4s'"
     " ELSE pg_catalog.current_setting('lock_timeout') END, false),"
     /* Marks this session as set up: see IN_SESSION. */
     " pg_catalog.set_config('insights_used.session', 'set up', false);"
     /* Errors are classified by their English text. Few users may set this. */
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
     /* Otherwise nothing is durable. */
     " WHEN current_setting('fsync') <> 'on' THEN 'fsync is off'"
     /* Otherwise damaged pages read as empty, and records are missing. */
     " WHEN current_setting('zero_damaged_pages') <> 'off'"
     " THEN 'zero_damaged_pages is on'"
     " WHEN current_setting('insights_used.session', true)"
     " IS DISTINCT FROM 'set up' THEN '" NOT_SET_UP "'"
     " ELSE '' END",
     ""},
    {NULL, NULL},
};

/* reset_val is the operator's time-out, from the role or options=. */
static const char read_timeout[] =
    "SELECT set_config('statement_timeout', CASE WHEN CAST(reset_val AS bigint)"
    " BETWEEN 1 AND %d THEN reset_val ELSE '%d' END, false)"
    " FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'";

/* 'p': permanent. A crash empties an unlogged table. The operator's own words
 * may be around those in the comment. */
static const char table_query[] =
    "SELECT COALESCE(substring(obj_description(oid, 'pg_class')"
    " from 'schema version ([0-9]{3,6})'), CAST(101 + (SELECT count(*)"
    " FROM pg_catalog.pg_attribute"
    " WHERE attrelid = pg_class.oid"
    " AND attname IN ('digest', 'last_stored')"
    " AND NOT attisdropped) AS text))"
    " FROM pg_catalog.pg_class"
    " WHERE oid = to_regclass('used_insight')"
    " AND relpersistence = 'p'";

#define NOW "CAST(floor(extract(epoch FROM now())) AS bigint)"

/* A commit waits for standbys only if its transaction has an id and has written
 * to the WAL. Emitting a message does both and nothing else. */
static const char replication_barrier[] =
    "SELECT pg_logical_emit_message(true, 'insights_used', '')"
    " WHERE current_setting('synchronous_standby_names') <> '' AND " DURABLE;

/* Errors of a server, or of a PgBouncer before it, that has no connection left.
 * PgBouncer may accept a connection without having one to the server: then the
 * first statement, which no server has seen, gets the error. */
static const char *const too_many_connections[] = {
    "too many clients",
    "remaining connection slots",
    "too many connections for",
    "no more connections allowed",
    "client connections exceeded",
    "query_wait_timeout",
};

/* Errors of statements. The first entry that the text contains decides. */
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

/* Whether the first line contains part; later lines may quote a record. */
static int contains(const char *text, const char *part)
{
    const char *found = strstr(text, part);

    return found && found < text + strcspn(text, "\r\n");
}

/* Whether the server has no connection left. If no connection could be opened
 * (number 0) the text has a line for each host. */
static int is_too_many_connections(int number, const char *text)
{
    apr_size_t i;

    for (i = 0;
         i < sizeof too_many_connections / sizeof too_many_connections[0];
         i++) {
        if (number == 0 ? strstr(text, too_many_connections[i]) != NULL
                        : contains(text, too_many_connections[i])) {
            return 1;
        }
    }
    return 0;
}

/* Whether an object that the statement names does not exist. */
static int is_missing_object(const char *message)
{
    static const char *const things[] = {"relation ", "column ", "function ",
                                         "schema "};
    apr_size_t i;

    for (i = 0; i < sizeof things / sizeof things[0]; i++) {
        if (iu_has_prefix(message, things[i])) {
            return contains(message, " does not exist");
        }
    }
    return 0;
}

/*
 * "ERROR:" means that the server has rolled the statement back and the
 * connection is usable. With anything else (FATAL, PANIC, libpq's own errors)
 * the connection is lost or could not be opened.
 */
static iu_failure_kind classify(int number, const char *text)
{
    static const char error[] = "ERROR:  ";
    apr_size_t i;

    if (contains(text, "wait for synchronous replication")) {
        return IU_FAILURE_UNREPLICATED;
    }
    if (!iu_has_prefix(text, error)) {
        return is_too_many_connections(number, text) ? IU_FAILURE_BUSY
                                                     : IU_FAILURE_LOST;
    }
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (contains(text, texts[i].part)) {
            return texts[i].kind;
        }
    }
    return is_missing_object(text + strlen(error)) ? IU_FAILURE_STALE
                                                   : IU_FAILURE_CONTENT;
}

static int is_stopped(int number, const char *text)
{
    (void)number; /* FATAL_ERROR for every error */
    return contains(text, "canceling statement due to statement timeout") ||
           contains(text, "canceling statement due to user request");
}

/* The server quotes invalid values (invalid input syntax for type uuid: "..."),
 * libpq quotes parameters that it does not understand, which may be part of a
 * password. Both also quote names, which may be logged. */
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
    const char *const *sign = iu_has_prefix(text, "ERROR:") ? server : client;
    apr_size_t line = strcspn(text, "\r\n");

    for (; *sign; sign++) {
        if (contains(text, *sign)) {
            const char *from = *sign[0] == ':' ? strstr(text, *sign) : text;
            apr_size_t quote = from - text + strcspn(from, "\"");

            return quote < line ? quote : line;
        }
    }
    return line;
}

/* The part of a URI after its scheme; NULL: params are of the form
 * name=value. */
static const char *after_scheme(const char *params)
{
    static const char *const schemes[] = {"postgresql://", "postgres://"};
    int i;

    for (i = 0; i < 2; i++) {
        if (iu_has_prefix(params, schemes[i])) {
            return params + strlen(schemes[i]);
        }
    }
    return NULL;
}

/* Skips name = value by libpq's grammar: blanks around "=", quotes around the
 * value, backslashes in it. Returns the rest, or NULL if there is no valid
 * pair. */
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

/* Whether the URI's part before its path has two '@', as when a password
 * contains one. libpq would take the rest of the password for the host's name,
 * and quote it in its error. */
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

/* The sentences quote nothing: it might be part of a password. */
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
    /* User name and password end at "@" and may contain "?". */
    user = strcspn(rest, "@/");
    query = strchr(rest[user] == '@' ? rest + user : rest, '?');
    if (!query) {
        return apr_pstrcat(pool, params, "?", uri_defaults, NULL);
    }
    return apr_pstrcat(pool, apr_pstrmemdup(pool, params, query + 1 - params),
                       uri_defaults, query[1] ? "&" : "", query + 1, NULL);
}

/* clamp: GREATEST and LEAST ignore nulls, hence CASE. The inner SELECT with its
 * OFFSET keeps the planner from substituting the operand for each of the three
 * n: nested clamps would grow 3, 9, 27 … times. */
static const iu_words words = {
    .same = "IS NOT DISTINCT FROM",
    .length = "char_length",
    .find = "strpos",
    .integer = "bigint",
    .text_parameter = "(CAST(%s AS text) COLLATE \"C\")",
    .member_begin = "((document::json #>> '{",
    .member_between = ",",
    .member_end = "}') COLLATE \"C\")",
    .document_bytes = "octet_length(document)",
    .row_id = "id",
    /* A subquery runs once; a plain condition would run for each row. */
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

/* A plain join may scan the table. This is planned as iu_sql_find is: LIMIT
 * keeps the planner from turning it into a join. A later version of the table
 * may have any other columns: hence "wanted." before each of its names. */
static const char find_group[] =
    "(VALUES %s) AS wanted (set_id, key), LATERAL (SELECT * FROM used_insight"
    " WHERE invitation_id = wanted.set_id AND id = wanted.key LIMIT 1) AS "
    "found";

const iu_dialect iu_dialect_pgsql = {
    .driver = "pgsql",
    .package = "libaprutil1-dbd-pgsql",
    .readers = 4,
    .list_readers = 2,
    .random_access = 1,
    .setup = setup,
    .read_timeout = read_timeout,
    .table_query = table_query,
    .insert_row = IU_SQL_INSERT_ROW(NOW),
    /* DURABLE runs once per statement, before the first row is stored. */
    .insert_first =
        "(%s,%s,CASE WHEN " DURABLE " THEN %s END,%s,%s,%s,%s," NOW ")",
    .update = IU_SQL_UPDATE(NOW),
    .insert_tail = " ON CONFLICT DO NOTHING RETURNING version",
    .change_tail = " AND " DURABLE " RETURNING version",
    .replication_barrier = replication_barrier,
    .find_group = find_group,
    .words = &words,
    .native = &iu_native_pgsql,
    .native_writes_query =
        "SELECT 1 WHERE current_setting('synchronous_standby_names') <> ''",
    .check_params = check_params,
    .complete_params = complete_params,
    .classify = classify,
    .is_stopped = is_stopped,
    .loggable = loggable,
};
