/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store/store.c while the database works. */
#include "support/store_fixture.h"

static apr_pool_t *test_pool;

static void test_check(void)
{
    static const char *const unfit[] = {
        "",        "/",         ":memory:",  "file:/x.db?mode=ro",
        "used.db", "./used.db", "/var/lib/",
    };
    apr_size_t i;

    is_text(iu_store_check(test_pool, "sqlite3", "/var/lib/x.db"), NULL,
            "an absolute path is usable");
    for (i = 0; i < sizeof unfit / sizeof unfit[0]; i++) {
        const char *sentence = iu_store_check(test_pool, "sqlite3", unfit[i]);

        ok(sentence && strstr(sentence, "absolute path"), "'%s' is not",
           unfit[i]);
    }
    is_text(iu_store_check(test_pool, "oracle", "x"),
            "'oracle' is no driver for this; allowed: sqlite3, pgsql, mysql",
            "an unknown driver is refused");
}

static void test_check_query(void)
{
    static const char *const unfit[] = {
        "",
        "SELECT 1",
        "SELECT u FROM t WHERE a = %s AND b = %s",
        "SELECT u FROM t WHERE a = %d",
        "SELECT u FROM t WHERE a = %s AND b LIKE 'a%b'",
        "SELECT u FROM t WHERE a = %s AND b LIKE '%",
        "SELECT u FROM t WHERE a = %%s",
        "SELECT 1 FROM t WHERE a = %s",
        " select\n1 FROM t WHERE a = %s",
        "SELECT 'x' FROM t WHERE a = %s",
        "SELECT'x' FROM t WHERE a = %s",
        "SELECT true FROM t WHERE a = %s",
        "SELECT TRUE, u FROM t WHERE a = %s",
    };
    static const char *const fit[] = {
        "SELECT u FROM t WHERE a = %s",
        "SELECT u FROM t WHERE a = %s AND b LIKE 'a%%'",
        "SELECT NULL FROM t WHERE a = %s",
        "SELECT true_id FROM t WHERE a = %s",
        "SELECT trueuser FROM t WHERE a = %s",
        "SELECT 'guest-' || u FROM t WHERE a = %s",
        "SELECT 1000 + u FROM t WHERE a = %s",
        "WITH x AS (SELECT 1) SELECT u FROM t WHERE a = %s",
    };
    apr_size_t i;

    for (i = 0; i < sizeof fit / sizeof fit[0]; i++) {
        is_text(iu_store_check_query(test_pool, fit[i]), NULL, "accepted: %s",
                fit[i]);
    }
    for (i = 0; i < sizeof unfit / sizeof unfit[0]; i++) {
        ok(iu_store_check_query(test_pool, unfit[i]) != NULL, "refused: %s",
           unfit[i]);
    }
}

/* Replaces a document, reads it again and deletes it. */
static void change(iu_store *store, const char *id, const char *document,
                   const char *name)
{
    iu_store_call call = fixture_call(test_pool);
    iu_record before = fixture_record("changed", id, "{}");
    iu_record after = fixture_record("changed", id, document);
    iu_record *found = NULL;

    after.last_accessed = "";
    after.last_modified = before.last_accessed;
    ok(!insert_record(store, &call, &before) &&
           !update_record(store, &call, &after, before.version),
       "%s: updated", name);
    ok(!iu_store_find(store, &call, "changed", id, &found) &&
           strcmp(found->document, document) == 0 &&
           strcmp(found->version, after.version) == 0 &&
           *found->last_accessed == '\0' &&
           strcmp(found->last_modified, after.last_modified) == 0,
       "%s: all of it", name);
    ok(!delete_record(store, &call, "changed", id, after.version),
       "%s: deleted", name);
    is_text(fixture_find(store, test_pool, "changed", id),
            iu_problem_number(IU_NOT_FOUND), "%s: gone", name);
}

/* Stores a document and reads it again. */
static void same_again(iu_store *store, const char *id, const char *document,
                       const char *name)
{
    iu_store_call call = fixture_call(test_pool);
    iu_record record = fixture_record("in\"v\\\xc3\xa4", id, document);
    iu_record *found = NULL;

    ok(!insert_record(store, &call, &record), "%s: stored", name);
    ok(!iu_store_find(store, &call, record.set_id, id, &found), "%s: found",
       name);
    if (!found) {
        return;
    }
    ok(strcmp(found->document, document) == 0 &&
           found->document_length == strlen(document),
       "%s: the same document", name);
    is_text(found->version, record.version, "%s: its version", name);
    is_text(found->last_accessed, record.last_accessed, "%s: accessed", name);
    is_text(found->last_modified, "", "%s: modified", name);
    is_text(found->id, id, "%s: id", name);
    is_text(found->set_id, record.set_id, "%s: invitation", name);
    change(store, id, document, name);
}

/* More than the mysql driver reads by default. */
#define LARGE 3000000

static void test_documents(iu_store *store)
{
    char *large = apr_palloc(test_pool, LARGE + 1);
    char bytes[128];
    int i;

    for (i = 1; i < 128; i++) {
        bytes[i - 1] = (char)i;
    }
    bytes[127] = '\0';
    for (i = 0; i < LARGE; i++) {
        large[i] = i % 9 == 0 ? '"' : i % 11 == 0 ? '\\' : 'x';
    }
    large[LARGE] = '\0';
    same_again(store, "plain", "{\"lastUsed\":{\"a\":\"b\\n\\u0001\"}}",
               "plain");
    same_again(store, "1", "\xf0\x9f\x98\x80 \xe2\x80\xa8 \xc3\xbc %s %d ''",
               "not ASCII");
    same_again(store, "'; DROP TABLE used_insight; --", bytes, "every ASCII");
    same_again(store, "large", large, "large");
    same_again(store, "empty", "", "empty");
}

static void test_keys(iu_store *store)
{
    iu_store_call call = fixture_call(test_pool);
    iu_record first = fixture_record("a", "x", "first");
    iu_record second = fixture_record("a", "x", "second");
    iu_record *found;
    iu_problem *problem;

    is_text(fixture_find(store, test_pool, "a", "x"),
            iu_problem_number(IU_NOT_FOUND), "find: no record yet");
    ok(!insert_record(store, &call, &first), "stored");
    problem = insert_record(store, &call, &second);
    is_number(problem ? problem->kind : 0, IU_ALREADY_EXISTS,
              "insert: the key exists");
    is_text(problem ? problem->message : NULL,
            "A usedInsight with the id 'x' already exists.",
            "the message has the id");
    ok(!iu_store_find(store, &call, "a", "x", &found), "found");
    is_text(found->document, "first", "the first record is unchanged");
    is_text(fixture_insert(store, test_pool, "A", "x"), NULL,
            "keys are case-sensitive");
    is_text(fixture_insert(store, test_pool, "b", "x"), NULL,
            "the same id in another invitation is another key");
    is_text(fixture_insert(store, test_pool, "b", "5"), NULL,
            "a key of digits");
    is_text(fixture_insert(store, test_pool, "b", "05"), NULL,
            "is a text, not a number");
}

/* All of them differ, but some are equal in other collations. */
static void test_odd_keys(iu_store *store)
{
    static const char *const odd[] = {
        "k",
        "K",
        "k ",
        "k  ",
        " k",
        "k/",
        "k\\",
        "k'",
        "k\"",
        "k%s",
        "k\xc3\xa4",
        "ka\xcc\x88",
        "k.",
        "k\xc2\xa0",
        "ss",
        "\xc3\x9f",
        "\xf0\x9f\x98\x80",
        "\xf0\x9f\x98\x81",
        "\xe1\xba\x9e",
    };
    iu_store_call call = fixture_call(test_pool);
    int wrong = 0;
    apr_size_t i;

    for (i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        iu_record as_id = fixture_record("odd", odd[i], odd[i]);
        iu_record as_invitation = fixture_record(odd[i], "odd", odd[i]);

        wrong += insert_record(store, &call, &as_id) != NULL;
        wrong += insert_record(store, &call, &as_invitation) != NULL;
    }
    is_number(wrong, 0, "unusual keys all differ");
    for (i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        iu_record *found;

        wrong += iu_store_find(store, &call, "odd", odd[i], &found) ||
                 strcmp(found->document, odd[i]) != 0;
        wrong += iu_store_find(store, &call, odd[i], "odd", &found) ||
                 strcmp(found->document, odd[i]) != 0;
    }
    is_number(wrong, 0, "and each is found by its own key only");
}

static void test_longest_keys(iu_store *store)
{
    char longest[2][IU_KEY_MAX + 1];
    const char *user_set;

    memset(longest, 'l', sizeof longest);
    longest[0][IU_KEY_MAX] = longest[1][IU_KEY_MAX] = '\0';
    longest[1][IU_KEY_MAX - 1] = 'L';
    is_text(fixture_insert(store, test_pool, longest[0], longest[0]), NULL,
            "the longest keys");
    is_text(fixture_insert(store, test_pool, longest[0], longest[1]), NULL,
            "and others that differ in the last byte");
    is_text(fixture_find(store, test_pool, longest[0], longest[1]), NULL,
            "all of them are found");
    user_set = iu_key_of_user_set(test_pool, longest[0]);
    is_text(fixture_find(store, test_pool, user_set, longest[0]), "IU0051",
            "none of them is in the user's set of that name");
    is_text(fixture_insert(store, test_pool, user_set, longest[0]), NULL,
            "the longest keys of a user");
    is_text(fixture_find(store, test_pool, user_set, longest[0]), NULL,
            "are found");
}

/* The number of the problem, or the user that the query finds. */
static const char *invited(iu_store *store, const char *sql, const char *id)
{
    iu_store_call call = fixture_call(test_pool);
    const char *user_id;
    iu_problem *problem =
        iu_store_check_invitation(store, &call, sql, id, &user_id);

    return problem ? problem->number : user_id ? user_id : "null";
}

static void make_invitations(const char *path)
{
    foreign_sql(test_pool, path,
                "CREATE TABLE invitation (id VARCHAR(99) PRIMARY KEY,"
                " user_id VARCHAR(300))");
    foreign_sql(test_pool, path,
                "INSERT INTO invitation VALUES ('a', NULL), ('it''s', NULL),"
                " ('known', 'it''s u'), ('empty', ''), ('tab', '\tu')");
    foreign_sql(test_pool, path,
                apr_psprintf(test_pool,
                             "INSERT INTO invitation VALUES ('long', '%0256d')",
                             0));
    if (fixture_has_server()) {
        foreign_sql(test_pool, path,
                    strcmp(fixture_driver(), "pgsql") == 0
                        ? "GRANT SELECT ON invitation TO insights_used"
                        : "GRANT SELECT ON invitation TO "
                          "insights_used@localhost");
    }
}

static void test_invitations(iu_store *store, const char *path, told *log)
{
    static const char sql[] = "SELECT user_id FROM invitation WHERE id = %s";
    static const char *const no_users[] = {"empty", "tab", "long"};
    iu_store_call call = fixture_call(test_pool);
    const char *user_id;
    iu_problem *problem =
        iu_store_check_invitation(store, &call, sql, "a", &user_id);
    size_t i;

    is_number(problem ? problem->kind : 0, IU_READ_FAILED,
              "a query that does not fit the schema");
    ok(problem &&
           strstr(problem->log_detail, "InsightsUsedInvitationQuery: ") &&
           strstr(problem->log_detail + 30, "invitation"),
       "is logged with its directive (%s)", problem ? problem->log_detail : "");
    problem =
        iu_store_check_invitation(store, &call, "SELEC %s", "a", &user_id);
    is_number(problem ? problem->kind : 0, IU_READ_FAILED,
              "a query that is not SQL");
    ok(problem && strstr(problem->log_detail, "syntax"), "is logged, too");
    is_number(told_times(log, "IU0101"), 0, "neither opens the breaker");
    make_invitations(path);
    is_text(invited(store, sql, "a"), "null", "found, once the table is there");
    is_text(invited(store, sql, "it's"), "null", "quoted");
    is_text(invited(store, sql, "b"), "IU0051", "not found");
    is_text(invited(store, sql, "known"), "it's u", "with its user");
    is_text(
        invited(store, "SELECT NULL FROM invitation WHERE id = %s", "known"),
        "null", "a query that knows no users");
    is_text(invited(store,
                    "SELECT NULL FROM invitation WHERE id = %s AND 7 %% 4 = 3",
                    "a"),
            "null", "a percent sign");
    for (i = 0; i < sizeof no_users / sizeof no_users[0]; i++) {
        problem =
            iu_store_check_invitation(store, &call, sql, no_users[i], &user_id);
        is_number(problem ? problem->kind : 0, IU_READ_FAILED,
                  "no user's id: %s", no_users[i]);
        ok(problem &&
               strstr(problem->log_detail, "InsightsUsedInvitationQuery: ") &&
               strstr(problem->log_detail, no_users[i]),
           "is logged (%s)", problem ? problem->log_detail : "");
    }
}

static void test_schema_file(const char *made_path)
{
    static const char shape[] =
        "SELECT (SELECT group_concat(name || ' ' || type || ' ' || \"notnull\""
        " || ' ' || pk || ' ' || ifnull(dflt_value, '-') || ' ' || hidden)"
        " FROM pragma_table_xinfo('used_insight'))"
        " || '; ' || (SELECT strict || wr || ncol FROM pragma_table_list"
        " WHERE name = 'used_insight')"
        " || '; ' || (SELECT group_concat(name || \"unique\" || origin)"
        " FROM pragma_index_list('used_insight'))"
        " || '; ' || (SELECT user_version FROM pragma_user_version)";
    const char *path = fixture_path(test_pool);
    const char *sql = fixture_file(test_pool, "conf/schema/sqlite3.sql");
    const char *made;

    /* The driver fails at a blank after the last statement. */
    foreign_sql(test_pool, path,
                apr_pstrmemdup(test_pool, sql, strrchr(sql, ';') - sql));
    made = foreign_text(test_pool, made_path, shape);
    ok(made && strstr(made, "invitation_id TEXT 1 1") && strstr(made, "; 108;"),
       "the table that the module makes (%s)", made ? made : "NULL");
    is_text(foreign_text(test_pool, path, shape), made,
            "conf/schema/sqlite3.sql makes the same");
}

static void test_settings(const char *path)
{
    struct stat found;

    is_text(foreign_text(test_pool, path, "PRAGMA journal_mode"), "wal",
            "the database is in WAL mode");
    is_text(foreign_text(test_pool, path, "PRAGMA integrity_check"), "ok",
            "and whole");
    ok(stat(path, &found) == 0 && S_ISREG(found.st_mode), "a file");
}

/* Destroying the pool closes the connections, which removes SQLite's two extra
 * files. */
static void test_end(apr_pool_t *store_pool, const char *path)
{
    struct stat found;

    apr_pool_destroy(store_pool);
    ok(stat(apr_pstrcat(test_pool, path, "-wal", NULL), &found) != 0,
       "with its pool the store closes its connections");
}

/* An older build stored years of five digits: such a database is refused. */
static void test_older_instants(void)
{
    const char *path = fixture_path(test_pool);
    iu_store_call call = fixture_call(test_pool);
    iu_record record = fixture_record("i", "a", "{}");
    iu_store *store;
    iu_problem *problem;

    store = fixture_store(test_pool, path, NULL);
    ok(!insert_record(store, &call, &record), "a record is stored");
    if (strcmp(fixture_driver(), "mysql") == 0) {
        foreign_sql(test_pool, path,
                    "ALTER TABLE used_insight"
                    " MODIFY last_modified varchar(33) NOT NULL");
    }
    foreign_sql(test_pool, path,
                "INSERT INTO " FOREIGN_TABLE " VALUES ('i', 'b', 'v', '',"
                " '02026-01-02T03:04:05.000000000000', '{}', '')");
    store = fixture_store(test_pool, path, NULL);
    record = fixture_record("i", "c", "{}");
    problem = insert_record(store, &call, &record);
    ok(problem && problem->kind == IU_DATABASE_REFUSED,
       "instants of an older build are refused");
    ok(problem && strstr(problem->log_detail, "CHANGES"),
       "the log names the remedy");
    foreign_sql(test_pool, path,
                "UPDATE used_insight SET"
                " last_accessed = substr(last_accessed, 2),"
                " last_modified = substr(last_modified, 2)");
    apr_sleep(IU_BREAKER_INTERVAL);
    ok(!insert_record(store, &call, &record),
       "after the correction the database is accepted");
}

int main(void)
{
    apr_pool_t *store_pool;
    const char *path;
    iu_store *store;
    told *log;

    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    apr_pool_create(&store_pool, test_pool);
    path = fixture_path(test_pool);
    log = told_make(test_pool);
    store = fixture_store(store_pool, path, log);
    test_check();
    test_check_query();
    test_documents(store);
    test_keys(store);
    test_odd_keys(store);
    test_longest_keys(store);
    is_text(log->text,
            fixture_has_server()
                ? ""
                : "IU0103: created the table used_insight in the sqlite3 "
                  "database\n",
            "nothing else is told than that the table was made");
    test_invitations(store, path, log);
    test_older_instants();
    if (!fixture_has_server()) {
        test_schema_file(path);
        test_settings(path);
        test_end(store_pool, path);
    }
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
