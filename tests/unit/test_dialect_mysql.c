/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what is particular to MariaDB, without a server. */
#include "../../src/dialect/dialect.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "support/tap.h"

static apr_pool_t *test_pool;

static const struct {
    int number;
    const char *text;
    iu_failure_kind kind;
} cases[] = {
    {1146, "Table 'd.used_insight' doesn't exist", IU_FAILURE_STALE},
    {1054, "Unknown column 'document'", IU_FAILURE_STALE},
    {1142, "INSERT command denied to user", IU_FAILURE_STALE},
    {1064, "You have an error in your SQL syntax", IU_FAILURE_STALE},
    {2030, "", IU_FAILURE_STALE},
    {1062, "Duplicate entry 'a' for key 'k'", IU_FAILURE_CONTENT},
    {1366, "Incorrect string value", IU_FAILURE_CONTENT},
    {1406, "Data too long for column 'id' at row 1", IU_FAILURE_CONTENT},
    {1644, "the text of a trigger", IU_FAILURE_CONTENT},
    {4025, "CONSTRAINT `c` failed", IU_FAILURE_CONTENT},
    {1213, "Deadlock found", IU_FAILURE_CONFLICT},
    {1047, "WSREP has not yet prepared node", IU_FAILURE_DOWN},
    {1205, "Lock wait timeout exceeded", IU_FAILURE_BUSY},
    {1290, "The MariaDB server is running with the --read-only option",
     IU_FAILURE_READ_ONLY},
    {1290,
     "The MariaDB server is running with the --max-session-mem-used="
     "8192 option so it cannot execute this statement",
     IU_FAILURE_CONTENT},
    {1874, "InnoDB is in read only mode", IU_FAILURE_READ_ONLY},
    {1038,
     "Out of sort memory, consider increasing server sort buffer "
     "size",
     IU_FAILURE_CONTENT},
    {1041, "Out of memory.", IU_FAILURE_BUSY},
    {1226, "User 'u' has exceeded the 'max_updates_per_hour' resource",
     IU_FAILURE_BUSY},
    {1712, "Index PRIMARY is corrupted", IU_FAILURE_REFUSED},
    {1159, "Got timeout reading communication packets", IU_FAILURE_LOST},
    {0,
     "User 'u' has exceeded the 'max_connections_per_hour' resource "
     "(current value: 1)",
     IU_FAILURE_BUSY},
    {1836, "Running in read-only mode", IU_FAILURE_READ_ONLY},
    {1114, "The table 'used_insight' is full", IU_FAILURE_FULL},
    {1021, "Disk full", IU_FAILURE_FULL},
    {3, "Error writing file (Errcode: 28 \"No space left on device\")",
     IU_FAILURE_FULL},
    {3, "Error writing file (Errcode: 5 \"Input/output error\")",
     IU_FAILURE_LOST},
    {1030, "Got error 5 from storage engine InnoDB", IU_FAILURE_REFUSED},
    {1180, "Got error 6 during COMMIT", IU_FAILURE_LOST},
    {1317, "Query execution was interrupted", IU_FAILURE_LOST},
    {1927, "Connection was killed", IU_FAILURE_LOST},
    {2006, "MySQL server has gone away", IU_FAILURE_LOST},
    {2013, "Lost connection to server during query", IU_FAILURE_LOST},
    {2014, "Commands out of sync", IU_FAILURE_LOST},
    {0, "Too many connections", IU_FAILURE_BUSY},
    {0,
     "User 'u' already has more than 'max_user_connections' active "
     "connections",
     IU_FAILURE_BUSY},
    {0, "Can't connect to server on 'h' (111)", IU_FAILURE_LOST},
    {0, "", IU_FAILURE_LOST},
};

static void test_classify(void)
{
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_number(iu_dialect_mysql.classify(cases[i].number, cases[i].text),
                  cases[i].kind, "%d %s", cases[i].number, cases[i].text);
    }
}

static void test_loggable(void)
{
    static const char *const cases[][2] = {
        {"Duplicate entry 'personal-x' for key 'PRIMARY'", "Duplicate entry "},
        {"Incorrect string value: '\\xF0personal' for column `d`.`t`.`c`",
         "Incorrect string value: "},
        {"Truncated incorrect DOUBLE value: 'personal'",
         "Truncated incorrect DOUBLE value: "},
        {"Table 'd.used_insight' doesn't exist",
         "Table 'd.used_insight' doesn't exist"},
        {"one\ntwo", "one"},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_text(apr_pstrmemdup(test_pool, cases[i][0],
                               iu_dialect_mysql.loggable(cases[i][0])),
                cases[i][1], "what may be logged of: %s", cases[i][0]);
    }
}

static void test_check_params(void)
{
    static const char *const fit[] = {
        "host=h,user=u,pass=p=w'\"%,dbname=d",
        "sock=/run/mysqld/mysqld.sock;user=u;dbname=d",
        "host=h user=u pass= dbname=d port=3307 reconnect=0",
        "group=insights",
    };
    static const char *const unfit[] = {
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
    };
    apr_size_t i;

    for (i = 0; i < sizeof fit / sizeof fit[0]; i++) {
        is_text(iu_dialect_mysql.check_params(test_pool, fit[i]), NULL,
                "usable: %s", fit[i]);
    }
    for (i = 0; i < sizeof unfit / sizeof unfit[0]; i++) {
        const char *sentence =
            iu_dialect_mysql.check_params(test_pool, unfit[i]);

        ok(sentence && !strstr(sentence, "secret"),
           "not usable, and not quoted: %s", unfit[i]);
    }
    is_text(iu_dialect_mysql.complete_params(test_pool, "dbname=d,fldsz=9"),
            "dbname=d,fldsz=9,fldsz=17825792,reconnect=0",
            "what there must be comes last");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_classify();
    test_loggable();
    test_check_params();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
