/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/dialect/dialect_mysql.c. */
#include <apr_general.h>

#include "support/dialect_cases.h"

static const dialect_error errors[] = {
    {"Table 'd.used_insight' doesn't exist", IU_FAILURE_STALE, 1146},
    {"Unknown column 'document'", IU_FAILURE_STALE, 1054},
    {"INSERT command denied to user", IU_FAILURE_STALE, 1142},
    {"You have an error in your SQL syntax", IU_FAILURE_STALE, 1064},
    {"", IU_FAILURE_STALE, 2030},
    {"Duplicate entry 'a' for key 'k'", IU_FAILURE_CONTENT, 1062},
    {"Incorrect string value", IU_FAILURE_CONTENT, 1366},
    {"Data too long for column 'id' at row 1", IU_FAILURE_CONTENT, 1406},
    {"the text of a trigger", IU_FAILURE_CONTENT, 1644},
    {"CONSTRAINT `c` failed", IU_FAILURE_CONTENT, 4025},
    {"Deadlock found", IU_FAILURE_CONFLICT, 1213},
    {"WSREP has not yet prepared node", IU_FAILURE_DOWN, 1047},
    {"Lock wait timeout exceeded", IU_FAILURE_BUSY, 1205},
    {"The MariaDB server is running with the --read-only option",
     IU_FAILURE_READ_ONLY, 1290},
    {"The MariaDB server is running with the --max-session-mem-used="
     "8192 option so it cannot execute this statement",
     IU_FAILURE_CONTENT, 1290},
    {"InnoDB is in read only mode", IU_FAILURE_READ_ONLY, 1874},
    {"Out of sort memory, consider increasing server sort buffer "
     "size",
     IU_FAILURE_CONTENT, 1038},
    {"Out of memory.", IU_FAILURE_BUSY, 1041},
    {"User 'u' has exceeded the 'max_updates_per_hour' resource",
     IU_FAILURE_BUSY, 1226},
    {"Index PRIMARY is corrupted", IU_FAILURE_REFUSED, 1712},
    {"Got timeout reading communication packets", IU_FAILURE_LOST, 1159},
    {"User 'u' has exceeded the 'max_connections_per_hour' resource "
     "(current value: 1)",
     IU_FAILURE_BUSY, 0},
    {"Running in read-only mode", IU_FAILURE_READ_ONLY, 1836},
    {"The table 'used_insight' is full", IU_FAILURE_FULL, 1114},
    {"Disk full", IU_FAILURE_FULL, 1021},
    {"Error writing file (Errcode: 28 \"No space left on device\")",
     IU_FAILURE_FULL, 3},
    {"Error writing file (Errcode: 5 \"Input/output error\")", IU_FAILURE_LOST,
     3},
    {"Got error 5 from storage engine InnoDB", IU_FAILURE_REFUSED, 1030},
    {"Got error 6 during COMMIT", IU_FAILURE_LOST, 1180},
    {"Query execution was interrupted", IU_FAILURE_LOST, 1317},
    {"Connection was killed", IU_FAILURE_LOST, 1927},
    {"MySQL server has gone away", IU_FAILURE_LOST, 2006},
    {"Lost connection to server during query", IU_FAILURE_LOST, 2013},
    {"Commands out of sync", IU_FAILURE_LOST, 2014},
    {"Too many connections", IU_FAILURE_BUSY, 0},
    {"User 'u' already has more than 'max_user_connections' active "
     "connections",
     IU_FAILURE_BUSY, 0},
    {"Can't connect to server on 'h' (111)", IU_FAILURE_LOST, 0},
    {"", IU_FAILURE_LOST, 0},
    {NULL, 0, 0},
};

static const char *const loggable[][2] = {
    {"Duplicate entry 'personal-x' for key 'PRIMARY'", "Duplicate entry "},
    {"Incorrect string value: '\\xF0personal' for column `d`.`t`.`c`",
     "Incorrect string value: "},
    {"Truncated incorrect DOUBLE value: 'personal'",
     "Truncated incorrect DOUBLE value: "},
    {"Table 'd.used_insight' doesn't exist",
     "Table 'd.used_insight' doesn't exist"},
    {"one\ntwo", "one"},
    {NULL, NULL},
};

static const char *const usable[] = {
    "host=h,user=u,pass=p=w'\"%,dbname=d",
    "sock=/run/mysqld/mysqld.sock;user=u;dbname=d",
    "host=h user=u pass= dbname=d port=3307 reconnect=0",
    "group=insights",
    NULL,
};

static const char *const unusable[] = {
    "",
    "host=h,user=u",
    "d",
    "host=h,dbname=d,pass=my secret",
    "host=h,dbname=d,pass=my,secret=x",
    "host=h,dbname=d,password=secret",
    "host=h,dbname=d,reconnect=1",
    "host=h,dbname=d,reconnect=",
    "host=h,dbname=d,reconnect=01",
    "host = h,dbname = d",
    NULL,
};

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_classify(&iu_dialect_mysql, errors);
    test_loggable(pool, &iu_dialect_mysql, loggable);
    test_usable(pool, &iu_dialect_mysql, usable);
    test_unusable(pool, &iu_dialect_mysql, unusable);
    is_text(iu_dialect_mysql.complete_params(pool, "dbname=d,fldsz=9"),
            "dbname=d,fldsz=9,fldsz=17825792,reconnect=0",
            "the module's own parameters come last");
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
