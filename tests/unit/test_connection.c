/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of one connection. */
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
       "one that cannot: %s", sentence ? sentence : "NULL");
}

/* The first column of the first row of a statement that must succeed. */
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
    if (!ok(!failure, "opened")) {
        return;
    }
    is_text(select_text(connection, "PRAGMA journal_mode", NULL), "wal", "WAL");
    is_text(select_text(connection, "PRAGMA synchronous", NULL), "2", "FULL");
    is_text(select_text(connection, "PRAGMA busy_timeout", NULL), "50",
            "short");
    is_text(select_text(connection, "PRAGMA journal_size_limit", NULL),
            "67108864", "64 MiB");
    failure = iu_connection_select(
        connection, "SELECT 'a', NULL, '' UNION ALL SELECT 'b', 1, 2.5", NULL,
        0, test_pool, &rows);
    ok(!failure && rows->nelts == 2, "two rows");
    is_text(APR_ARRAY_IDX(rows, 0, const char *const *)[1], NULL, "null");
    is_text(APR_ARRAY_IDX(rows, 0, const char *const *)[2], "", "empty");
    is_text(APR_ARRAY_IDX(rows, 1, const char *const *)[2], "2.5", "a number");
    /* The text may be gone when the statement is run again. */
    apr_cpystrn(sql, "SELECT %s || '1'", sizeof sql);
    is_text(select_text(connection, sql, "x"), "x1", "prepared");
    memset(sql, 'z', sizeof sql - 1);
    is_text(select_text(connection, "SELECT %s || '1'", "y"), "y1", "again");
    failure = iu_connection_select(connection, "SELECT * FROM missing", NULL, 0,
                                   test_pool, &rows);
    ok(failure && failure->kind == IU_FAILURE_STALE, "a failure has its kind");
    is_text(failure ? failure->text : NULL, "no such table: missing",
            "and the driver's text");
    is_text(select_text(connection, "SELECT 1", NULL), "1", "all goes on");
    ok(!iu_connection_check_file(connection, test_pool), "at its place");
    rename(path, apr_pstrcat(test_pool, path, "-moved", NULL));
    failure = iu_connection_check_file(connection, test_pool);
    ok(failure && failure->kind == IU_FAILURE_REPLACED, "gone from its place");
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    failure = iu_connection_check_file(connection, test_pool);
    ok(failure && failure->kind == IU_FAILURE_REPLACED, "another is there");
    iu_connection_drop(connection);
}

/* What a reader gets is what the others get, without apr_dbd in between. */
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
    if (!ok(!failure, "opened")) {
        return;
    }
    for (i = 0; i < 2; i++) { /* prepared, and again */
        failure =
            iu_connection_read(connection, sql, arguments, 2, test_pool, &rows);
        if (!ok(!failure && rows->nelts == 1, "one row")) {
            return;
        }
    }
    row = APR_ARRAY_IDX(rows, 0, const char *const *);
    is_text(row[0], "\xF0\x9F\x98\x80%s", "a parameter and a percent sign");
    is_text(row[1], NULL, "null");
    is_text(row[2], "", "empty");
    is_text(row[3], "2.5", "a number");
    is_text(row[4], "a", "a blob");
    arguments[1] = "none";
    failure =
        iu_connection_read(connection, sql, arguments, 2, test_pool, &rows);
    ok(!failure && rows->nelts == 0, "no row");
    failure = iu_connection_read(
        connection, "SELECT a FROM json_each('[1,2') WHERE %s <> ''", arguments,
        1, test_pool, &rows);
    is_text(failure ? failure->text : NULL, "no such column: a",
            "what cannot be prepared");
    failure = iu_connection_read(
        connection, "SELECT value FROM json_each('[1,2') WHERE %s <> ''",
        arguments, 1, test_pool, &rows);
    is_text(failure ? failure->text : NULL, "malformed JSON",
            "what cannot be run");
    ok(failure && failure->kind == IU_FAILURE_CONTENT, "has its kind");
    failure = iu_connection_read(connection, "SELECT 1 WHERE %s <> ''",
                                 arguments, 1, test_pool, &rows);
    ok(!failure && rows->nelts == 1, "all goes on");
    iu_connection_drop(connection);
}

/* A schema that another program changes makes no statement stale. */
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
    if (!ok(!failure, "opened")) {
        return;
    }
    failure =
        iu_connection_read(connection, sql, arguments, 1, test_pool, &rows);
    ok(!failure, "read");
    foreign_sql(test_pool, path,
                "CREATE INDEX foreign_one ON used_insight"
                " (last_accessed)");
    failure =
        iu_connection_read(connection, sql, arguments, 1, test_pool, &rows);
    ok(!failure, "again after another program's index");
    foreign_sql(test_pool, path, "DROP TABLE used_insight");
    failure =
        iu_connection_read(connection, sql, arguments, 1, test_pool, &rows);
    ok(failure && failure->kind == IU_FAILURE_STALE, "a table that has gone");
    iu_connection_drop(connection);
}

static void test_open_failure(void)
{
    iu_database *database =
        fixture_database(test_pool, "/no such directory/x.db", NULL);
    iu_connection *connection = NULL;
    iu_failure *failure =
        iu_connection_open(&connection, database, 1, NULL, test_pool);

    ok(failure && failure->kind == IU_FAILURE_REFUSED, "no directory");
    ok(!connection, "no connection");
}

/* A setting that the database does not take must not be passed over. */
static void test_setting_refused(void)
{
    static const iu_setup setup[] = {{"PRAGMA synchronous=NORMAL", NULL},
                                     {"PRAGMA synchronous", "2"},
                                     {NULL, NULL}};
    iu_database *database =
        fixture_database(test_pool, fixture_path(test_pool), NULL);
    iu_dialect dialect = *database->dialect;
    iu_connection *connection = NULL;
    iu_failure *failure;

    dialect.setup = setup;
    database->dialect = &dialect;
    failure = iu_connection_open(&connection, database, 1, NULL, test_pool);
    ok(failure && failure->kind == IU_FAILURE_REFUSED && !connection,
       "less than durable is refused");
    is_text(failure ? failure->text : NULL,
            "PRAGMA synchronous: it is 1 instead of 2", "and told");
}

/* A setting may be told by a sentence. */
static void test_setting_told(void)
{
    static const iu_setup setup[] = {{"SELECT 'it is unfit'", ""},
                                     {NULL, NULL}};
    iu_database *database =
        fixture_database(test_pool, fixture_path(test_pool), NULL);
    iu_dialect dialect = *database->dialect;
    iu_connection *connection = NULL;
    iu_failure *failure;

    dialect.setup = setup;
    database->dialect = &dialect;
    failure = iu_connection_open(&connection, database, 1, NULL, test_pool);
    ok(failure && failure->kind == IU_FAILURE_REFUSED && !connection,
       "a statement that says what is wrong");
    is_text(failure ? failure->text : NULL, "it is unfit", "is taken at it");
}

/* Texts of UTF-16 would be put in order by its bytes. */
static void test_encoding(void)
{
    const char *path = fixture_path(test_pool);
    iu_database *database = fixture_database(test_pool, path, NULL);
    iu_connection *connection = NULL;
    iu_failure *failure;

    foreign_sql(test_pool, path,
                "PRAGMA encoding = 'UTF-16le'; CREATE TABLE other (a)");
    failure = iu_connection_open(&connection, database, 1, NULL, test_pool);
    ok(failure && failure->kind == IU_FAILURE_REFUSED && !connection,
       "another encoding is refused");
    is_text(failure ? failure->text : NULL,
            "PRAGMA encoding: it is UTF-16le instead of UTF-8", "and told");
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
    test_setting_refused();
    test_setting_told();
    test_encoding();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
