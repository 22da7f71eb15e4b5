/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what is particular to PostgreSQL, without a server. */
#include "../../src/dialect/dialect.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "support/tap.h"

static apr_pool_t *test_pool;

static const struct {
    const char *text;
    iu_failure_kind kind;
} cases[] = {
    {"ERROR:  relation \"used_insight\" does not exist\nLINE 1: INSERT",
     IU_FAILURE_STALE},
    {"ERROR:  column \"document\" of relation \"used_insight\" does not "
     "exist",
     IU_FAILURE_STALE},
    {"ERROR:  function jsonb_array_elements(jsonb) does not exist",
     IU_FAILURE_STALE},
    {"ERROR:  permission denied for table used_insight", IU_FAILURE_STALE},
    {"ERROR:  syntax error at or near \"SELEC\"", IU_FAILURE_STALE},
    {"ERROR:  the invitation does not exist", IU_FAILURE_CONTENT},
    {"ERROR:  new row for relation \"used_insight\" violates check "
     "constraint \"c\"\nDETAIL:  Failing row contains (deadlock detected)",
     IU_FAILURE_CONTENT},
    {"ERROR:  new row violates check constraint \"c\"\n"
     "DETAIL:  Failing row contains (No space left on device)",
     IU_FAILURE_CONTENT},
    {"ERROR:  value too long for type character varying(4)",
     IU_FAILURE_CONTENT},
    {"ERROR:  the text of a trigger", IU_FAILURE_CONTENT},
    {"ERROR:  deadlock detected\nDETAIL:  Process 1 waits",
     IU_FAILURE_CONFLICT},
    {"ERROR:  could not serialize access due to read/write dependencies "
     "among transactions",
     IU_FAILURE_CONFLICT},
    {"ERROR:  canceling statement due to conflict with recovery",
     IU_FAILURE_CONFLICT},
    {"ERROR:  canceling statement due to statement timeout", IU_FAILURE_BUSY},
    {"ERROR:  canceling statement due to lock timeout", IU_FAILURE_BUSY},
    {"ERROR:  could not extend file \"base/1/2\": No space left on device",
     IU_FAILURE_FULL},
    {"ERROR:  cannot execute INSERT in a read-only transaction",
     IU_FAILURE_READ_ONLY},
    {"ERROR:  database is not accepting commands that assign new transaction "
     "IDs to avoid wraparound data loss in database \"insights\"",
     IU_FAILURE_READ_ONLY},
    {"ERROR:  temporary file size exceeds temp_file_limit (1024kB)",
     IU_FAILURE_CONTENT},
    {"ERROR:  unrecognized configuration parameter \"this session is not the "
     "one that was set up: a pooler between must have pool_mode=session\"",
     IU_FAILURE_REFUSED},
    {"ERROR:  unrecognized configuration parameter \"fsync is off\"",
     IU_FAILURE_REFUSED},
    {"connection to server on socket \"/x\" failed: FATAL:  no more "
     "connections allowed (max_client_conn)",
     IU_FAILURE_BUSY},
    {"ERROR:  could not read block 7 in file \"base/1/2\"", IU_FAILURE_REFUSED},
    {"FATAL:  terminating connection due to administrator command\n"
     "server closed the connection unexpectedly",
     IU_FAILURE_LOST},
    {"PANIC:  could not write to file: No space left on device",
     IU_FAILURE_LOST},
    {"server closed the connection unexpectedly\n\tThis probably means",
     IU_FAILURE_LOST},
    {"no connection to the server\n", IU_FAILURE_LOST},
    {"SSL SYSCALL error: EOF detected\n", IU_FAILURE_LOST},
    {"Serververbindung wurde unerwartet beendet", IU_FAILURE_LOST},
    {"connection to server on socket \"/x\" failed: Connection refused",
     IU_FAILURE_LOST},
    {"connection to server at \"h\", port 5432 failed: FATAL:  sorry, too "
     "many clients already",
     IU_FAILURE_BUSY},
    {"connection to server at \"h\", port 5432 failed: FATAL:  remaining "
     "connection slots are reserved for non-replication superusers",
     IU_FAILURE_BUSY},
    {"connection to server at \"h\", port 5432 failed: FATAL:  remaining "
     "connection slots are reserved for roles with the SUPERUSER attribute",
     IU_FAILURE_BUSY},
    {"connection to server at \"h\", port 5432 failed: FATAL:  too many "
     "connections for role \"insights_used\"",
     IU_FAILURE_BUSY},
    {"connection to server at \"standby\" failed: session is read-only\n"
     "connection to server at \"primary\" failed: FATAL:  sorry, too many "
     "clients already\n",
     IU_FAILURE_BUSY},
    {"connection to server at \"h\", port 6432 failed: FATAL:  no more "
     "connections allowed (max_client_conn)",
     IU_FAILURE_BUSY},
    {"connection to server at \"h\", port 6432 failed: FATAL:  client "
     "connections exceeded (max_user_client_connections)",
     IU_FAILURE_BUSY},
    {"connection to server at \"h\", port 6432 failed: FATAL:  server login "
     "has been failing, cached error: too many connections for role \"r\" "
     "(server_login_retry)",
     IU_FAILURE_BUSY},
    {"FATAL:  query_wait_timeout\nserver closed the connection unexpectedly",
     IU_FAILURE_BUSY},
    {"FATAL:  pgbouncer cannot connect to server", IU_FAILURE_LOST},
    {"FATAL:  server login has been failing, cached error: connect failed "
     "(server_login_retry)",
     IU_FAILURE_LOST},
    {"FATAL:  query_timeout", IU_FAILURE_LOST},
    {"ERROR:  a trigger waits: query_wait_timeout", IU_FAILURE_CONTENT},
    {"WARNING:  canceling wait for synchronous replication due to user "
     "request\nDETAIL:  The transaction has already committed locally",
     IU_FAILURE_UNREPLICATED},
    {"WARNING:  canceling the wait for synchronous replication and terminating "
     "connection due to administrator command",
     IU_FAILURE_UNREPLICATED},
    {"connection to server at \"h\", port 5432 failed: FATAL:  the "
     "database "
     "system is starting up",
     IU_FAILURE_LOST},
    {"", IU_FAILURE_LOST},
};

/* A number is given to errors of statements only. */
static int begins_with_connection(const char *text)
{
    return strncmp(text, "connection to server", 20) == 0;
}

static void test_classify(void)
{
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_number(
            iu_dialect_pgsql.classify(
                begins_with_connection(cases[i].text) ? 0 : 7, cases[i].text),
            cases[i].kind, "%s", cases[i].text);
    }
}

static void test_loggable(void)
{
    static const char *const cases[][2] = {
        {"ERROR:  duplicate key\nDETAIL:  Key (id)=(personal)",
         "ERROR:  duplicate key"},
        {"connection to server at \"h\" failed: FATAL:  password "
         "authentication "
         "failed for user \"u\"\n",
         "connection to server at \"h\" failed: FATAL:  password "
         "authentication "
         "failed for user \"u\""},
        {"ERROR:  invalid input syntax for type uuid: \"personal\"",
         "ERROR:  invalid input syntax for type uuid: "},
        {"ERROR:  value \"personal\" is out of range for type integer",
         "ERROR:  value "},
        {"ERROR:  relation \"used_insight\" does not exist\nLINE 1: x: \"y\"",
         "ERROR:  relation \"used_insight\" does not exist"},
        {"missing \"=\" after \"secret\" in connection info string\n",
         "missing "},
        {"invalid connection option \"secret\"\n",
         "invalid connection option "},
        {"invalid integer value \"secret\" for connection option \"port\"\n",
         "invalid integer value "},
        {"invalid percent-encoded token: \"sec%ret\"\n",
         "invalid percent-encoded token: "},
        {"invalid sslmode value: \"secret\"\n", "invalid sslmode value: "},
        {"invalid URI query parameter: \"secret\"\n",
         "invalid URI query parameter: "},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_text(apr_pstrmemdup(test_pool, cases[i][0],
                               iu_dialect_pgsql.loggable(cases[i][0])),
                cases[i][1], "what may be logged of: %s", cases[i][0]);
    }
}

static void test_check_params(void)
{
    static const char *const fit[] = {
        "host=h",
        "  host = h  user='a b\\'c' password = a\\ b ",
        "dbname=''",
        "postgresql://",
        "postgres://u:p%40@h:1,g:2/db?connect_timeout=7&options=-c%20a%3Db@x",
        "postgresql://h/db?application_name=a@b@c",
    };
    static const char *const unfit[] = {
        "",
        "  ",
        "used_insight",
        "host=h password=my secret",
        "=h",
        "password='never ended",
        "postgresql://u:p@ss@h/db",
    };
    apr_size_t i;

    for (i = 0; i < sizeof fit / sizeof fit[0]; i++) {
        is_text(iu_dialect_pgsql.check_params(test_pool, fit[i]), NULL,
                "usable: %s", fit[i]);
    }
    for (i = 0; i < sizeof unfit / sizeof unfit[0]; i++) {
        const char *sentence =
            iu_dialect_pgsql.check_params(test_pool, unfit[i]);

        ok(sentence && !strstr(sentence, "secret") && !strstr(sentence, "ss@h"),
           "not usable, and not quoted: %s", unfit[i]);
    }
}

static const char *complete(const char *params)
{
    return iu_dialect_pgsql.complete_params(test_pool, params);
}

/* The last of two with the same name counts. */
static void test_complete_params(void)
{
    const char *completed = complete("host=h connect_timeout=9");

    ok(strstr(completed, "connect_timeout=3 ") == completed &&
           strstr(completed, " host=h connect_timeout=9"),
       "what is given comes after the defaults: %s", completed);
    completed = complete("postgresql://h/db");
    ok(strstr(completed, "postgresql://h/db?connect_timeout=3&") == completed,
       "a URI: %s", completed);
    completed = complete("postgres://u:p?w@h/db?connect_timeout=9");
    ok(strstr(completed, "postgres://u:p?w@h/db?connect_timeout=3&") ==
               completed &&
           strstr(completed, "&connect_timeout=9"),
       "a URI with parameters: %s", completed);
    completed = complete("postgres:///db?");
    ok(strstr(completed, "postgres:///db?connect_timeout=3&") == completed &&
           completed[strlen(completed) - 1] != '&',
       "a URI with none: %s", completed);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_classify();
    test_loggable();
    test_check_params();
    test_complete_params();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
