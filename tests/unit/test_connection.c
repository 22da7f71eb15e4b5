/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/database/connection.c and connection_setup.c. */
#include "../../src/database/connection.h"

#include "support/store_fixture.h"

static apr_pool_t *test_pool;

static void test_driver(void)
{
    const char *sentence =
        iu_connection_check_driver(test_pool, "nosuch", "libnosuch");

    is_text(iu_connection_check_driver(test_pool, "sqlite3", "p"), NULL,
            "a driver that can be loaded");
    ok(sentence && strstr(sentence, "nosuch") && strstr(sentence, "libnosuch"),
       "a driver that cannot be loaded: %s", sentence ? sentence : "NULL");
}

/* The first column of the first row; the failure's text if there is one. */
static const char *select_text(iu_connection *connection, const char *sql,
                               const char *argument)
{
    apr_array_header_t *rows = NULL;
    iu_failure *failure = iu_connection_select(
        connection, sql, &argument, argument != NULL, test_pool, &rows);

    if (failure) {
        return failure->text;
    }
    return rows->nelts ? APR_ARRAY_IDX(rows, 0, const char *const *)[0]
                       : "no row";
}

static void test_select(void)
{
    const char *path = fixture_path(test_pool);
    iu_database *database = fixture_database(test_pool, path, NULL);
    iu_connection *connection;
    apr_array_header_t *rows;
    iu_failure *failure;
    char sql[40];

    failure = iu_connection_open(&connection, database, 1, NULL, test_pool);
    if (!ok(!failure, "a connection is opened")) {
        return;
    }
    is_text(select_text(connection, "PRAGMA journal_mode", NULL), "wal",
            "the journal mode is WAL");
    is_text(select_text(connection, "PRAGMA synchronous", NULL), "2",
            "synchronous is FULL");
    is_text(select_text(connection, "PRAGMA busy_timeout", NULL), "50",
            "the busy timeout is short");
    is_text(select_text(connection, "PRAGMA journal_size_limit", NULL),
            "67108864", "the journal is limited to 64 MiB");
    failure = iu_connection_select(
        connection, "SELECT 'a', NULL, '' UNION ALL SELECT 'b', 1, 2.5", NULL,
        0, test_pool, &rows);
    ok(!failure && rows->nelts == 2, "select: two rows");
    is_text(APR_ARRAY_IDX(rows, 0, const char *const *)[1], NULL, "null");
    is_text(APR_ARRAY_IDX(rows, 0, const char *const *)[2], "", "empty");
    is_text(APR_ARRAY_IDX(rows, 1, const char *const *)[2], "2.5", "a number");
    /* The connection keeps no pointer to the text of the statement. */
    apr_cpystrn(sql, "SELECT %s || '1'", sizeof sql);
    is_text(select_text(connection, sql, "x"), "x1", "a statement is prepared");
    memset(sql, 'z', sizeof sql - 1);
    is_text(select_text(connection, "SELECT %s || '1'", "y"), "y1",
            "and found again by its text");
    failure = iu_connection_select(connection, "SELECT * FROM missing", NULL, 0,
                                   test_pool, &rows);
    is_failure(failure, IU_FAILURE_STALE,
               "a missing table makes the statement stale");
    is_text(failure ? failure->text : NULL, "no such table: missing",
            "the failure has the driver's text");
    is_text(select_text(connection, "SELECT 1", NULL), "1",
            "the connection works after a failure");
    ok(!iu_connection_check_file(connection, test_pool),
       "the file is at its path");
    rename(path, apr_pstrcat(test_pool, path, "-moved", NULL));
    failure = iu_connection_check_file(connection, test_pool);
    is_failure(failure, IU_FAILURE_REPLACED, "the file is gone from its path");
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    failure = iu_connection_check_file(connection, test_pool);
    is_failure(failure, IU_FAILURE_REPLACED, "another file is at its path");
    iu_connection_drop(connection);
}

/* iu_connection_read does without apr_dbd; its rows are the same. */
static void test_read(void)
{
    static const char sql[] = "SELECT %s || '%%s', NULL, '', 2.5, x'61'"
                              " WHERE %s <> 'none'";
    const char *arguments[] = {"\xF0\x9F\x98\x80", "some"};
    const char *path = fixture_path(test_pool);
    iu_database *database = fixture_database(test_pool, path, NULL);
    iu_connection *connection;
    apr_array_header_t *rows;
    const char *const *row;
    iu_failure *failure;
    int i;

    failure = iu_connection_open(&connection, database, 1, NULL, test_pool);
    if (!ok(!failure, "a connection is opened")) {
        return;
    }
    for (i = 0; i < 2; i++) { /* the second time, it is prepared already */
        failure =
            iu_connection_read(connection, sql, arguments, 2, test_pool, &rows);
        if (!ok(!failure && rows->nelts == 1, "read: one row")) {
            return;
        }
    }
    row = APR_ARRAY_IDX(rows, 0, const char *const *);
    is_text(row[0], "\xF0\x9F\x98\x80%s",
            "read: a parameter and a percent sign");
    is_text(row[1], NULL, "null");
    is_text(row[2], "", "empty");
    is_text(row[3], "2.5", "a number");
    is_text(row[4], "a", "a blob");
    arguments[1] = "none";
    failure =
        iu_connection_read(connection, sql, arguments, 2, test_pool, &rows);
    ok(!failure && rows->nelts == 0, "read: no row");
    failure = iu_connection_read(
        connection, "SELECT a FROM json_each('[1,2') WHERE %s <> ''", arguments,
        1, test_pool, &rows);
    is_text(failure ? failure->text : NULL, "no such column: a",
            "read: a statement that cannot be prepared");
    failure = iu_connection_read(
        connection, "SELECT value FROM json_each('[1,2') WHERE %s <> ''",
        arguments, 1, test_pool, &rows);
    is_text(failure ? failure->text : NULL, "malformed JSON",
            "read: a statement that cannot be run");
    is_failure(failure, IU_FAILURE_CONTENT, "is a failure of its content");
    failure = iu_connection_read(connection, "SELECT 1 WHERE %s <> ''",
                                 arguments, 1, test_pool, &rows);
    ok(!failure && rows->nelts == 1, "reading works after a failure");
    iu_connection_drop(connection);
}

/* A statement survives a change of the schema by another program. */
static void test_read_after_change(void)
{
    static const char sql[] = "SELECT count(*) FROM used_insight"
                              " WHERE invitation_id = %s";
    const char *const arguments[] = {"i"};
    const char *path = fixture_path(test_pool);
    iu_database *database = fixture_database(test_pool, path, NULL);
    iu_connection *connection;
    apr_array_header_t *rows;
    iu_failure *failure;

    failure = iu_connection_open(&connection, database, 1, NULL, test_pool);
    if (!ok(!failure, "a connection is opened")) {
        return;
    }
    failure =
        iu_connection_read(connection, sql, arguments, 1, test_pool, &rows);
    ok(!failure, "a statement is read");
    foreign_sql(test_pool, path,
                "CREATE INDEX foreign_one ON used_insight"
                " (last_accessed)");
    failure =
        iu_connection_read(connection, sql, arguments, 1, test_pool, &rows);
    ok(!failure, "and again after another program has added an index");
    foreign_sql(test_pool, path, "DROP TABLE used_insight");
    failure =
        iu_connection_read(connection, sql, arguments, 1, test_pool, &rows);
    is_failure(failure, IU_FAILURE_STALE,
               "a table that is gone makes it stale");
    iu_connection_drop(connection);
}

static void test_open_failure(void)
{
    iu_database *database =
        fixture_database(test_pool, "/no such directory/x.db", NULL);
    iu_connection *connection = NULL;
    iu_failure *failure =
        iu_connection_open(&connection, database, 1, NULL, test_pool);

    is_failure(failure, IU_FAILURE_REFUSED, "a directory that does not exist");
    ok(!connection, "and no connection");
}

static void is_refused(iu_database *database, const char *text,
                       const char *name)
{
    iu_connection *connection = NULL;
    const iu_failure *failure =
        iu_connection_open(&connection, database, 1, NULL, test_pool);

    is_failure(failure, IU_FAILURE_REFUSED, name);
    ok(!connection, "%s: no connection", name);
    is_text(failure ? failure->text : NULL, text, "%s: the text", name);
}

static void test_setup(void)
{
    static const iu_setup less_durable[] = {
        {"PRAGMA synchronous=NORMAL", NULL},
        {"PRAGMA synchronous", "2"},
        {NULL, NULL},
    };
    static const iu_setup sentence[] = {
        {"SELECT 'it is unfit'", ""},
        {NULL, NULL},
    };
    iu_database *database =
        fixture_database(test_pool, fixture_path(test_pool), NULL);
    iu_dialect dialect = *database->dialect;

    database->dialect = &dialect;
    dialect.setup = less_durable;
    is_refused(database, "PRAGMA synchronous: it is 1 instead of 2",
               "a setting that the database did not accept");
    dialect.setup = sentence;
    is_refused(database, "it is unfit", "a statement that says what is wrong");
}

/* In UTF-16, texts would be sorted by other bytes. */
static void test_encoding(void)
{
    const char *path = fixture_path(test_pool);

    foreign_sql(test_pool, path,
                "PRAGMA encoding = 'UTF-16le'; CREATE TABLE other (a)");
    is_refused(fixture_database(test_pool, path, NULL),
               "PRAGMA encoding: it is UTF-16le instead of UTF-8",
               "another encoding");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_driver();
    test_select();
    test_read();
    test_read_after_change();
    test_open_failure();
    test_setup();
    test_encoding();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
