/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what is particular to SQLite. */
#include "../../src/dialect/dialect.h"

#include "support/store_fixture.h"

static apr_pool_t *test_pool;

static void test_classify(void)
{
    static const struct {
        const char *text;
        iu_failure_kind kind;
    } cases[] = {
        {"database schema has changed", IU_FAILURE_STALE},
        {"not an error", IU_FAILURE_STALE},
        {"no such table: used_insight", IU_FAILURE_STALE},
        {"table used_insight has no column named id", IU_FAILURE_STALE},
        {"UNIQUE constraint failed: t.a", IU_FAILURE_CONTENT},
        {"cannot store TEXT value in INTEGER column t.a", IU_FAILURE_CONTENT},
        {"string or blob too big", IU_FAILURE_CONTENT},
        {"malformed JSON", IU_FAILURE_CONTENT},
        {"database or disk is full", IU_FAILURE_FULL},
        {"attempt to write a readonly database", IU_FAILURE_READ_ONLY},
        {"database is locked", IU_FAILURE_BUSY},
        {"disk I/O error", IU_FAILURE_LOST},
        {"unable to open database file", IU_FAILURE_LOST},
        {"database disk image is malformed", IU_FAILURE_REFUSED},
        {"malformed database schema (t)", IU_FAILURE_REFUSED},
        {"file is not a database", IU_FAILURE_REFUSED},
        {"the text of a trigger", IU_FAILURE_UNFAMILIAR},
        {"near \"x\": syntax error", IU_FAILURE_UNFAMILIAR},
        {"", IU_FAILURE_UNFAMILIAR},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_number(iu_dialect_sqlite3.classify(1, cases[i].text), cases[i].kind,
                  "%s", cases[i].text);
    }
}

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

/* The numbers of users and modes that an operator has to know. */
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
            "a server has no directory");
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    chmod(path, 0444);
    is_text(check(path), NULL, "a file to read");
    if (geteuid() == 0) {
        give(directory, other);
        is_text(iu_store_check_file(test_pool, "sqlite3", path, other),
                apr_psprintf(test_pool,
                             "%s belongs to user 0, with mode 0444: it must "
                             "belong to the server's user (%u), with mode 0600",
                             path, (unsigned)other),
                "a file of root's");
        give(path, other);
        ok(iu_dialect_sqlite3.check_file(test_pool, path, other, 1) != NULL,
           "not to be written");
        is_text(iu_dialect_sqlite3.check_file(test_pool, path, other, 0), NULL,
                "but to be read");
        chmod(path, 0600);
        is_text(iu_store_check_file(test_pool, "sqlite3", path, other), NULL,
                "a file and a directory of the user");
        chmod(directory, 0500);
        ok(iu_store_check_file(test_pool, "sqlite3", path, other) != NULL,
           "a directory that its owner cannot write");
        chmod(directory, 0700);
    }
    else {
        printf("# only root can give files away: not tried\n");
    }
}

static void test_check_place(void)
{
    const char *path = fixture_path(test_pool);
    const char *directory =
        apr_pstrmemdup(test_pool, path, strrchr(path, '/') - path);
    const char *sentence;

    is_text(check(path), NULL, "no file in a directory of our own");
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    is_text(check(path), NULL, "a file of our own");
    mkdir(apr_pstrcat(test_pool, directory, "/sub", NULL), 0700);
    sentence = check(apr_pstrcat(test_pool, directory, "/sub", NULL));
    ok(sentence && strstr(sentence, "is not a regular file"), "a directory");
    rmdir(apr_pstrcat(test_pool, directory, "/sub", NULL));
    sentence = check(apr_pstrcat(test_pool, path, "/x", NULL));
    ok(sentence && strstr(sentence, "is not a directory"), "a file as folder");
    sentence = check("/no such directory/used_insight.db");
    ok(sentence && strstr(sentence, "No such file"), "no directory");
    chmod(directory, 0720);
    ok(check(path) != NULL, "the group may write");
    chmod(directory, 0702);
    ok(check(path) != NULL, "others may write");
    chmod(directory, 0755);
    is_text(check(path), NULL, "others may read");
}

static void test_find_place(void)
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
       "the same file");
    rename(path, apr_pstrcat(test_pool, path, "-old", NULL));
    foreign_sql(test_pool, path, "CREATE TABLE t (a)");
    iu_dialect_sqlite3.identify_file(path, &second);
    ok(second.exists && first.inode != second.inode, "another file");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_classify();
    test_check_place();
    test_check_user();
    test_find_place();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
