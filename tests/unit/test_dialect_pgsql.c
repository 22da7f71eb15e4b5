/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/dialect/dialect_pgsql.c. */
#include <apr_general.h>

#include "support/dialect_cases.h"

static apr_pool_t *test_pool;

/* 7 is PGRES_FATAL_ERROR: the number of any statement that failed. */
static const dialect_error errors[] = {
    {"ERROR:  relation \"used_insight\" does not exist\nLINE 1: INSERT",
     IU_FAILURE_STALE, 7},
    {"ERROR:  column \"document\" of relation \"used_insight\" does not "
     "exist",
     IU_FAILURE_STALE, 7},
    {"ERROR:  function jsonb_array_elements(jsonb) does not exist",
     IU_FAILURE_STALE, 7},
    {"ERROR:  permission denied for table used_insight", IU_FAILURE_STALE, 7},
    {"ERROR:  syntax error at or near \"SELEC\"", IU_FAILURE_STALE, 7},
    {"ERROR:  the invitation does not exist", IU_FAILURE_CONTENT, 7},
    {"ERROR:  new row for relation \"used_insight\" violates check "
     "constraint \"c\"\nDETAIL:  Failing row contains (deadlock detected)",
     IU_FAILURE_CONTENT, 7},
    {"ERROR:  new row violates check constraint \"c\"\n"
     "DETAIL:  Failing row contains (No space left on device)",
     IU_FAILURE_CONTENT, 7},
    {"ERROR:  value too long for type character varying(4)", IU_FAILURE_CONTENT,
     7},
    {"ERROR:  the text of a trigger", IU_FAILURE_CONTENT, 7},
    {"ERROR:  deadlock detected\nDETAIL:  Process 1 waits", IU_FAILURE_CONFLICT,
     7},
    {"ERROR:  could not serialize access due to read/write dependencies "
     "among transactions",
     IU_FAILURE_CONFLICT, 7},
    {"ERROR:  canceling statement due to conflict with recovery",
     IU_FAILURE_CONFLICT, 7},
    {"ERROR:  canceling statement due to statement timeout", IU_FAILURE_BUSY,
     7},
    {"ERROR:  canceling statement due to lock timeout", IU_FAILURE_BUSY, 7},
    {"ERROR:  could not extend file \"base/1/2\": No space left on device",
     IU_FAILURE_FULL, 7},
    {"ERROR:  cannot execute INSERT in a read-only transaction",
     IU_FAILURE_READ_ONLY, 7},
    {"ERROR:  database is not accepting commands that assign new transaction "
     "IDs to avoid wraparound data loss in database \"insights\"",
     IU_FAILURE_READ_ONLY, 7},
    {"ERROR:  temporary file size exceeds temp_file_limit (1024kB)",
     IU_FAILURE_CONTENT, 7},
    {"ERROR:  unrecognized configuration parameter \"this session is not the "
     "one that was set up: a pooler between must have pool_mode=session\"",
     IU_FAILURE_REFUSED, 7},
    {"ERROR:  unrecognized configuration parameter \"fsync is off\"",
     IU_FAILURE_REFUSED, 7},
    {"connection to server on socket \"/x\" failed: FATAL:  no more "
     "connections allowed (max_client_conn)",
     IU_FAILURE_BUSY, 0},
    {"ERROR:  could not read block 7 in file \"base/1/2\"", IU_FAILURE_REFUSED,
     7},
    {"FATAL:  terminating connection due to administrator command\n"
     "server closed the connection unexpectedly",
     IU_FAILURE_LOST, 7},
    {"PANIC:  could not write to file: No space left on device",
     IU_FAILURE_LOST, 7},
    {"server closed the connection unexpectedly\n\tThis probably means",
     IU_FAILURE_LOST, 7},
    {"no connection to the server\n", IU_FAILURE_LOST, 7},
    {"SSL SYSCALL error: EOF detected\n", IU_FAILURE_LOST, 7},
    {"Serververbindung wurde unerwartet beendet", IU_FAILURE_LOST, 7},
    {"connection to server on socket \"/x\" failed: Connection refused",
     IU_FAILURE_LOST, 0},
    {"connection to server at \"h\", port 5432 failed: FATAL:  sorry, too "
     "many clients already",
     IU_FAILURE_BUSY, 0},
    {"connection to server at \"h\", port 5432 failed: FATAL:  remaining "
     "connection slots are reserved for non-replication superusers",
     IU_FAILURE_BUSY, 0},
    {"connection to server at \"h\", port 5432 failed: FATAL:  remaining "
     "connection slots are reserved for roles with the SUPERUSER attribute",
     IU_FAILURE_BUSY, 0},
    {"connection to server at \"h\", port 5432 failed: FATAL:  too many "
     "connections for role \"insights_used\"",
     IU_FAILURE_BUSY, 0},
    {"connection to server at \"standby\" failed: session is read-only\n"
     "connection to server at \"primary\" failed: FATAL:  sorry, too many "
     "clients already\n",
     IU_FAILURE_BUSY, 0},
    {"connection to server at \"h\", port 6432 failed: FATAL:  no more "
     "connections allowed (max_client_conn)",
     IU_FAILURE_BUSY, 0},
    {"connection to server at \"h\", port 6432 failed: FATAL:  client "
     "connections exceeded (max_user_client_connections)",
     IU_FAILURE_BUSY, 0},
    {"connection to server at \"h\", port 6432 failed: FATAL:  server login "
     "has been failing, cached error: too many connections for role \"r\" "
     "(server_login_retry)",
     IU_FAILURE_BUSY, 0},
    {"FATAL:  query_wait_timeout\nserver closed the connection unexpectedly",
     IU_FAILURE_BUSY, 7},
    {"FATAL:  pgbouncer cannot connect to server", IU_FAILURE_LOST, 7},
    {"FATAL:  server login has been failing, cached error: connect failed "
     "(server_login_retry)",
     IU_FAILURE_LOST, 7},
    {"FATAL:  query_timeout", IU_FAILURE_LOST, 7},
    {"ERROR:  a trigger waits: query_wait_timeout", IU_FAILURE_CONTENT, 7},
    {"WARNING:  canceling wait for synchronous replication due to user "
     "request\nDETAIL:  The transaction has already committed locally",
     IU_FAILURE_UNREPLICATED, 7},
    {"WARNING:  canceling the wait for synchronous replication and terminating "
     "connection due to administrator command",
     IU_FAILURE_UNREPLICATED, 7},
    {"connection to server at \"h\", port 5432 failed: FATAL:  the database "
     "system is starting up",
     IU_FAILURE_LOST, 0},
    {"", IU_FAILURE_LOST, 7},
    {NULL, 0, 0},
};

static const char *const loggable[][2] = {
    {"ERROR:  duplicate key\nDETAIL:  Key (id)=(personal)",
     "ERROR:  duplicate key"},
    {"connection to server at \"h\" failed: FATAL:  password "
     "authentication failed for user \"u\"\n",
     "connection to server at \"h\" failed: FATAL:  password "
     "authentication failed for user \"u\""},
    {"ERROR:  invalid input syntax for type uuid: \"personal\"",
     "ERROR:  invalid input syntax for type uuid: "},
    {"ERROR:  value \"personal\" is out of range for type integer",
     "ERROR:  value "},
    {"ERROR:  relation \"used_insight\" does not exist\nLINE 1: x: \"y\"",
     "ERROR:  relation \"used_insight\" does not exist"},
    {"missing \"=\" after \"secret\" in connection info string\n", "missing "},
    {"invalid connection option \"secret\"\n", "invalid connection option "},
    {"invalid integer value \"secret\" for connection option \"port\"\n",
     "invalid integer value "},
    {"invalid percent-encoded token: \"sec%ret\"\n",
     "invalid percent-encoded token: "},
    {"invalid sslmode value: \"secret\"\n", "invalid sslmode value: "},
    {"invalid URI query parameter: \"secret\"\n",
     "invalid URI query parameter: "},
    {NULL, NULL},
};

static const char *const usable[] = {
    "host=h",
    "  host = h  user='a b\\'c' password = a\\ b ",
    "dbname=''",
    "postgresql://",
    "postgres://u:p%40@h:1,g:2/db?connect_timeout=7&options=-c%20a%3Db@x",
    "postgresql://h/db?application_name=a@b@c",
    NULL,
};

static const char *const unusable[] = {
    "",
    "  ",
    "used_insight",
    "host=h password=my secret",
    "=h",
    "password='never ended",
    "postgresql://u:p@secret@h/db",
    NULL,
};

static const char *complete(const char *params)
{
    return iu_dialect_pgsql.complete_params(test_pool, params);
}

/* Of two parameters with the same name libpq uses the last. */
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
    test_classify(&iu_dialect_pgsql, errors);
    test_loggable(test_pool, &iu_dialect_pgsql, loggable);
    test_usable(test_pool, &iu_dialect_pgsql, usable);
    test_unusable(test_pool, &iu_dialect_pgsql, unusable);
    test_complete_params();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
