/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/dialect/dialect_sqlite3.c. */
#include "support/dialect_cases.h"
#include "support/store_fixture.h"

static apr_pool_t *test_pool;

static const dialect_error errors[] = {
    {"database schema has changed", IU_FAILURE_STALE, 1},
    {"not an error", IU_FAILURE_STALE, 1},
    {"no such table: used_insight", IU_FAILURE_STALE, 1},
    {"table used_insight has no column named id", IU_FAILURE_STALE, 1},
    {"duplicate column name: digest", IU_FAILURE_STALE, 1},
    {"UNIQUE constraint failed: t.a", IU_FAILURE_CONTENT, 1},
    {"cannot store TEXT value in INTEGER column t.a", IU_FAILURE_CONTENT, 1},
    {"string or blob too big", IU_FAILURE_CONTENT, 1},
    {"malformed JSON", IU_FAILURE_CONTENT, 1},
    {"database or disk is full", IU_FAILURE_FULL, 1},
    {"attempt to write a readonly database", IU_FAILURE_READ_ONLY, 1},
    {"database is locked", IU_FAILURE_BUSY, 1},
    {"disk I/O error", IU_FAILURE_LOST, 1},
    {"unable to open database file", IU_FAILURE_LOST, 1},
    {"database disk image is malformed", IU_FAILURE_REFUSED, 1},
    {"malformed database schema (t)", IU_FAILURE_REFUSED, 1},
    {"file is not a database", IU_FAILURE_REFUSED, 1},
    {"the text of a trigger", IU_FAILURE_UNCLASSIFIED, 1},
    {"near \"x\": syntax error", IU_FAILURE_UNCLASSIFIED, 1},
    {"", IU_FAILURE_UNCLASSIFIED, 1},
    {NULL, 0, 0},
};

static const char *check(const char *path)
{
    return iu_dialect_sqlite3.check_file(test_pool, path, geteuid(), 0);
}

static void give(const char *path, apr_uid_t user)
{
    if (chown(path, user, -1) != 0) {
        give_up("chown");
    }
}

/* The sentences name the users and modes that an operator has to know. */
static void test_check_user(void)
{
    const char *path = fixture_path(test_pool);
    const char *directory =
        apr_pstrmemdup(test_pool, path, strrchr(path, '/') - path);
    apr_uid_t other = geteuid() + 1;

    is_text(iu_store_check_file(test_pool, "sqlite3", path, other),
            apr_psprintf(test_pool,
                         "the directory %s belongs to user %u, with mode 0700: "
                         "it must belong to the server's user (%u), with mode "
                         "0700",
                         directory, (unsigned)geteuid(), (unsigned)other),
            "a directory of another user");
    is_text(iu_store_check_file(test_pool, "pgsql", path, other), NULL,
            "a database server has no directory");
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    chmod(path, 0444);
    is_text(check(path), NULL, "a file that may only be read");
    if (geteuid() == 0) {
        give(directory, other);
        is_text(iu_store_check_file(test_pool, "sqlite3", path, other),
                apr_psprintf(test_pool,
                             "%s belongs to user 0, with mode 0444: it must "
                             "belong to the server's user (%u), with mode 0600",
                             path, (unsigned)other),
                "a file that belongs to root");
        give(path, other);
        ok(iu_dialect_sqlite3.check_file(test_pool, path, other, 1) != NULL,
           "a file that its owner cannot write is refused to a writer");
        is_text(iu_dialect_sqlite3.check_file(test_pool, path, other, 0), NULL,
                "but not to a reader");
        chmod(path, 0600);
        is_text(iu_store_check_file(test_pool, "sqlite3", path, other), NULL,
                "a file and a directory that belong to the user");
        chmod(directory, 0500);
        ok(iu_store_check_file(test_pool, "sqlite3", path, other) != NULL,
           "a directory that its owner cannot write");
        chmod(directory, 0700);
    }
    else {
        printf("# skipped: only root can change the owner of a file\n");
    }
}

static void test_check_place(void)
{
    const char *path = fixture_path(test_pool);
    const char *directory =
        apr_pstrmemdup(test_pool, path, strrchr(path, '/') - path);
    const char *sentence;

    is_text(check(path), NULL, "a directory of our own without a file");
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    is_text(check(path), NULL, "a file of our own");
    mkdir(apr_pstrcat(test_pool, directory, "/sub", NULL), 0700);
    sentence = check(apr_pstrcat(test_pool, directory, "/sub", NULL));
    ok(sentence && strstr(sentence, "is not a regular file"),
       "a directory instead of a file");
    rmdir(apr_pstrcat(test_pool, directory, "/sub", NULL));
    sentence = check(apr_pstrcat(test_pool, path, "/x", NULL));
    ok(sentence && strstr(sentence, "is not a directory"),
       "a file instead of a directory");
    sentence = check("/no such directory/used_insight.db");
    ok(sentence && strstr(sentence, "No such file"), "no directory");
    chmod(directory, 0720);
    ok(check(path) != NULL, "a directory that the group can write");
    chmod(directory, 0702);
    ok(check(path) != NULL, "a directory that others can write");
    chmod(directory, 0755);
    is_text(check(path), NULL, "a directory that others can read");
}

static void test_identify_file(void)
{
    const char *path = fixture_path(test_pool);
    iu_file_identity first;
    iu_file_identity second;

    iu_dialect_sqlite3.identify_file(path, &first);
    is_number(first.exists, 0, "no file");
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    iu_dialect_sqlite3.identify_file(path, &first);
    iu_dialect_sqlite3.identify_file(path, &second);
    ok(first.exists && first.device == second.device &&
           first.inode == second.inode,
       "the same file has the same identity");
    rename(path, apr_pstrcat(test_pool, path, "-old", NULL));
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    iu_dialect_sqlite3.identify_file(path, &second);
    ok(second.exists && first.inode != second.inode,
       "another file has another identity");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_classify(&iu_dialect_sqlite3, errors);
    test_check_place();
    test_check_user();
    test_identify_file();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
