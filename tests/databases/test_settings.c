/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/store with settings that an operator may have chosen, for the
 * server or for the connections of the user: statements mean the same with
 * each.
 */
#include "../unit/support/query_trial.h"

#define QUERIES_EACH 12

/* Records whose texts differ at their end only. */
#define ALIKE 6

static int pgsql;

/* Settings with their worst values, as SET has them. They include settings that
 * the module does not change, since these must make no difference. */
static const char *const worst_mysql[] = {
    "sql_mode = 'ORACLE'",
    "sql_mode = 'ANSI,HIGH_NOT_PRECEDENCE,PAD_CHAR_TO_FULL_LENGTH,"
    "NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION,EMPTY_STRING_IS_NULL,"
    "SIMULTANEOUS_ASSIGNMENT'",
    "sql_select_limit = 3",
    "max_sort_length = 64",
    "max_sort_length = 256",
    "sort_buffer_size = 1024",
    "max_join_size = 1",
    "sql_safe_updates = 1",
    "autocommit = 0",
    "unique_checks = 0",
    "foreign_key_checks = 0",
    "check_constraint_checks = 0",
    "tx_isolation = 'READ-UNCOMMITTED'",
    "tx_isolation = 'SERIALIZABLE'",
    "lc_messages = 'de_DE'",
    "character_set_client = 'latin1'",
    "character_set_results = 'latin1'",
    "collation_connection = 'utf8mb4_unicode_ci'",
    "wsrep_dirty_reads = 1",
    "completion_type = 'CHAIN'",
    "old_mode = 'UTF8_IS_UTF8MB3,ZERO_DATE_TIME_CAST'",
    "sql_auto_is_null = 1",
    "group_concat_max_len = 4",
    "time_zone = '+13:00'",
    "lc_time_names = 'de_DE'",
    "div_precision_increment = 0",
    "standard_compliant_cte = 0",
    "in_predicate_conversion_threshold = 2",
    "join_cache_level = 8",
    "tmp_memory_table_size = 1024",
    "optimizer_switch = 'derived_merge=off,mrr=on,mrr_sort_keys=on,"
    "materialization=off'",
    NULL,
};

static const char *const worst_pgsql[] = {
    "client_encoding = 'LATIN1'",
    "search_path = evil, public, pg_catalog",
    "standard_conforming_strings = off",
    "default_transaction_isolation = 'serializable'",
    "gin_fuzzy_search_limit = 1",
    "synchronous_commit = off",
    "statement_timeout = 0",
    "lock_timeout = 0",
    "default_transaction_deferrable = on",
    "transform_null_equals = on",
    "array_nulls = off",
    "backslash_quote = on",
    "quote_all_identifiers = on",
    "bytea_output = 'escape'",
    "\"DateStyle\" = 'German'",
    "\"TimeZone\" = 'Pacific/Auckland'",
    "extra_float_digits = -15",
    "xmloption = 'document'",
    "enable_indexscan = off",
    "enable_seqscan = off",
    "plan_cache_mode = 'force_generic_plan'",
    "work_mem = '64kB'",
    "jit_above_cost = 0",
    "row_security = off",
    NULL,
};

/* Functions with the names that statements use, in a schema that may precede
 * the server's own. */
static const char evil[] =
    "CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO insights_used;"
    " CREATE FUNCTION evil.strpos(text, text) RETURNS integer"
    " LANGUAGE sql AS 'SELECT 1';"
    " CREATE FUNCTION evil.substr(text, integer, integer) RETURNS text"
    " LANGUAGE sql AS 'SELECT $1';"
    " CREATE FUNCTION evil.char_length(text) RETURNS integer"
    " LANGUAGE sql AS 'SELECT 1';"
    " CREATE FUNCTION evil.octet_length(text) RETURNS integer"
    " LANGUAGE sql AS 'SELECT 1000000000'";

/* Constraints that an operator may add; the server reports some as 1062 with
 * the text of a value. */
static const char *const constraints[] = {
    "CREATE TABLE known (id varchar(255) COLLATE utf8mb4_nopad_bin PRIMARY "
    "KEY)",
    "INSERT INTO known VALUES ('i'), ('I'), ('alike'), ('other')",
    "ALTER TABLE used_insight ADD CHECK (id <> 'never'),"
    " ADD FOREIGN KEY (invitation_id) REFERENCES known (id)",
    "CREATE TABLE once (id varchar(255) PRIMARY KEY)",
    "CREATE TRIGGER twice BEFORE INSERT ON used_insight FOR EACH ROW"
    " IF new.id = 'personal' THEN"
    " INSERT INTO once VALUES (new.id), (new.id); END IF",
    NULL,
};

/*** Checks with each setting ***/

/* A text as long as the part that is compared, with its own last character. */
static const char *alike_text(apr_pool_t *pool, int number)
{
    char *text = apr_palloc(pool, 4 * IU_ORDER_CHARACTERS + 1);
    int i;

    for (i = 0; i < IU_ORDER_CHARACTERS - 1; i++) {
        memcpy(text + 4 * i, "\xf0\x9f\x98\x80", 4);
    }
    text[4 * i] = (char)('a' + number);
    text[4 * i + 1] = '\0';
    return text;
}

static void fill_alike(trial *in)
{
    static const char *const names[] = {
        "title",         "type",
        "mediaType",     "previewImageUrl",
        "previewText",   "containerWebUrl",
        "containerType", "containerDisplayName"};
    int i;
    int n;

    for (i = 0; i < ALIKE; i++) {
        const char *text = alike_text(in->pool, (i * 5 + 1) % ALIKE);
        const char *document = "{\"resourceVisualization\":{";
        iu_store_call call = fixture_call(in->pool);
        iu_record record;

        for (n = 0; n < 8; n++) {
            document = apr_pstrcat(in->pool, document, n ? ",\"" : "\"",
                                   names[n], "\":\"", text, "\"", NULL);
        }
        record = fixture_record(
            "alike", apr_psprintf(in->pool, "%c", 'a' + (i * 5 + 1) % ALIKE),
            apr_pstrcat(in->pool, document, "}}", NULL));
        if (insert_record(in->store, &call, &record)) {
            give_up("a record cannot be stored");
        }
    }
}

/* The ids of all pages, concatenated. */
static const char *pages_of(trial *in, const char *text, int top)
{
    const char *ids = "";
    apr_array_header_t *page;
    iu_query query;
    int i;

    if (iu_query_read(in->pool, IU_QUERY_COLLECTION, text, NULL, &query)) {
        give_up("no query");
    }
    query.top = top;
    do {
        iu_store_call call = fixture_call(in->pool);
        iu_problem *problem =
            iu_store_list(in->store, &call, "alike", &query, &page);

        if (problem) {
            return apr_pstrcat(in->pool, ids, problem->number, " ",
                               problem->log_detail, NULL);
        }
        for (i = 0; i < page->nelts && i < query.top; i++) {
            const iu_listed *row = &APR_ARRAY_IDX(page, i, iu_listed);

            ids = apr_pstrcat(in->pool, ids, row->record->id, NULL);
            query.after = row->values;
        }
    } while (page->nelts > query.top);
    return ids;
}

static void expect_text(trial *in, const char *got, const char *expected,
                        const char *what)
{
    if (!got || strcmp(got, expected) != 0) {
        in->faults++;
        printf("# %s: %s instead of %s\n", what, got ? got : "NULL", expected);
    }
}

static void check_alike(trial *in)
{
    expect_text(in,
                pages_of(in, "$orderby=resourceVisualization/title%20desc", 2),
                "fedcba", "pages of alike titles");
    expect_text(
        in,
        pages_of(in,
                 "$orderby=resourceVisualization/type,"
                 "resourceVisualization/title,resourceVisualization/mediaType,"
                 "resourceVisualization/previewText,"
                 "resourceVisualization/previewImageUrl,"
                 "resourceVisualization/containerWebUrl,"
                 "resourceVisualization/containerType",
                 100),
        "abcdef", "a page by many keys");
}

static const char *change(trial *in, const char *id, const char *expected,
                          const char *version)
{
    iu_store_call call = fixture_call(in->pool);
    iu_record record = fixture_record("other", id, "{}");
    iu_problem *problem;

    apr_cpystrn(record.version, version, sizeof record.version);
    problem =
        *version
            ? (*expected ? update_record(in->store, &call, &record, expected)
                         : insert_record(in->store, &call, &record))
            : delete_record(in->store, &call, "other", id, expected);
    return problem ? problem->number : "done";
}

/* Checks that a record is refused and not logged. */
static void check_refused(trial *in, const char *set_id, const char *id)
{
    iu_store_call call = fixture_call(in->pool);
    iu_record record = fixture_record(set_id, id, "{}");
    iu_problem *problem = insert_record(in->store, &call, &record);

    expect_text(in, problem ? problem->number : NULL,
                iu_problem_number(IU_STATEMENT_FAILED), id);
    if (problem && problem->log_detail &&
        strstr(problem->log_detail, "personal")) {
        expect_text(in, problem->log_detail, "nothing", "the log line");
    }
}

static void check_changes(trial *in)
{
    expect_text(in, change(in, "a", "", "1"), "done", "insert");
    expect_text(in, change(in, "a", "", "2"),
                iu_problem_number(IU_ALREADY_EXISTS), "insert again");
    expect_text(in, change(in, "a", "1", "3"), "done", "update");
    expect_text(in, change(in, "a", "1", "4"),
                iu_problem_number(IU_VERSION_CONFLICT), "update again");
    expect_text(in,
                foreign_read(in->other, in->pool,
                             "SELECT version FROM used_insight"
                             " WHERE invitation_id = 'other'"),
                "3", "what others see");
    expect_text(in, change(in, "a", "3", ""), "done", "delete");
    if (!pgsql) {
        check_refused(in, "other", "never");
        check_refused(in, "other", "personal");
        check_refused(in, "unknown", "a");
        check_refused(
            in, "other",
            apr_pstrcat(in->pool, alike_text(in->pool, 0), "x", NULL));
    }
}

/* An operator's query shows the reader's session: how it converts a text, and
 * settings whose effect cannot be seen here. */
static void check_session(trial *in)
{
    iu_store_call call = fixture_call(in->pool);
    const char *user_id;
    iu_problem *problem = iu_store_check_invitation(
        in->store, &call,
        pgsql ? "SELECT 1 WHERE %s <> '' AND length('a\\b') = 3"
                " AND current_setting('default_transaction_isolation') ="
                " 'read committed'"
                " AND current_setting('gin_fuzzy_search_limit') = '0'"
                " AND current_setting('statement_timeout') <> '0'"
                " AND current_setting('lock_timeout') <> '0'"
              : "SELECT 1 FROM DUAL WHERE %s <> '' AND length('a\\b') = 2"
                " AND @@unique_checks AND NOT @@wsrep_dirty_reads"
                " AND @@wsrep_sync_wait & 1 AND @@tx_isolation ="
                " 'REPEATABLE-READ' AND @@lock_wait_timeout <= 4"
                " AND @@innodb_lock_wait_timeout <= 4",
        "i", &user_id);

    expect_text(in, problem ? problem->number : "found", "found",
                "the session's settings");
}

static void check_all(trial *in, const char *params, const char *how,
                      const char *what)
{
    apr_pool_t *pool;
    told *log;
    int i;

    apr_pool_create(&pool, test_pool);
    log = told_make(pool);
    in->store = fixture_store(pool, params, log);
    in->faults = 0;
    check_changes(in);
    check_alike(in);
    check_session(in);
    for (i = 0; i < QUERIES_EACH; i++) {
        iu_query query = {.top = 1 + iu_generate_number(&in->generator, 90)};

        in->generator.pool = in->pool;
        query.filter = iu_generate_filter(
            &in->generator, 1 + iu_generate_number(&in->generator, 5));
        iu_generate_order(&in->generator, 3, &query);
        check_query(in, &query);
    }
    is_number(in->faults, 0, "%s: %.60s", how, what);
    if (in->faults > 0) {
        printf("# %s", log->text);
    }
    apr_pool_clear(in->pool);
    apr_pool_destroy(pool);
}

/*** Ways to set it ***/

static void run(trial *in, const char *format, const char *part)
{
    foreign_run(in->other, apr_psprintf(in->pool, format, part));
}

/* The name of a setting. */
static const char *name_of(trial *in, const char *setting)
{
    return apr_pstrmemdup(in->pool, setting, strcspn(setting, " "));
}

static void test_mysql(trial *in, const char *params, const char *setting)
{
    const char *name = name_of(in, setting);
    const char *before = foreign_read(
        in->other, test_pool,
        apr_psprintf(in->pool,
                     "SELECT IF('%s' IN ('max_join_size'), 'DEFAULT',"
                     " QUOTE(CAST(@@global.%s AS CHAR)))",
                     name, name));
    int number = before[strspn(before, "'0123456789")] == '\0';
    const char *reset = apr_psprintf(
        test_pool, "SET GLOBAL %s = %s", name,
        number ? apr_pstrmemdup(test_pool, before + 1, strlen(before) - 2)
               : before);

    run(in, "SET GLOBAL %s", setting);
    check_all(in, params, "for the server", setting);
    foreign_run(in->other, reset);
    foreign_run(in->other,
                apr_psprintf(in->pool, "SET GLOBAL init_connect = \"SET %s\"",
                             setting));
    check_all(in, params, "by init_connect", setting);
    foreign_run(in->other, "SET GLOBAL init_connect = ''");
}

static void reload(trial *in)
{
    foreign_read(in->other, in->pool, "SELECT pg_reload_conf()");
    apr_sleep(100000); /* until the postmaster has read it */
}

static void test_pgsql(trial *in, const char *params, const char *setting)
{
    const char *name = apr_pstrdup(test_pool, name_of(in, setting));

    run(in, "ALTER SYSTEM SET %s", setting);
    reload(in);
    check_all(in, params, "for the server", setting);
    run(in, "ALTER SYSTEM RESET %s", name);
    reload(in);
    run(in, "ALTER ROLE insights_used SET %s", setting);
    check_all(in, params, "for the role", setting);
    run(in, "ALTER ROLE insights_used RESET %s", name);
}

/* A setting that cannot be corrected is refused with a sentence. */
static void refused(trial *in, const char *params, const char *set,
                    const char *reset, const char *sentence)
{
    apr_pool_t *pool;
    told *log;

    apr_pool_create(&pool, test_pool);
    log = told_make(pool);
    foreign_run(in->other, set);
    if (pgsql) {
        reload(in);
    }
    in->store = fixture_store(pool, params, log);
    is_text(fixture_insert(in->store, pool, "i", "refused"),
            iu_problem_number(IU_DATABASE_REFUSED), "refused: %s", set);
    ok(strstr(log->text, sentence) != NULL, "\"%s\" is told: %s", sentence,
       log->text);
    foreign_run(in->other, reset);
    if (pgsql) {
        reload(in);
    }
    apr_pool_destroy(pool);
}

/* Settings that change while a connection is open. */
static void test_later(trial *in, const char *params)
{
    apr_pool_t *pool;

    apr_pool_create(&pool, test_pool);
    in->store = fixture_store(pool, params, NULL);
    is_text(fixture_insert(in->store, pool, "other", "first"), NULL,
            "stored with fsync");
    foreign_run(in->other, "ALTER SYSTEM SET fsync = off");
    reload(in);
    apr_sleep(200000);
    is_text(fixture_insert(in->store, pool, "other", "later"),
            iu_problem_number(IU_DATABASE_REFUSED),
            "not without, by a connection that was open before");
    foreign_run(in->other, "ALTER SYSTEM RESET fsync");
    reload(in);
    apr_pool_destroy(pool);
}

int main(void)
{
    trial in;
    const char *params;
    int i;

    pgsql = strcmp(fixture_driver(), "pgsql") == 0;
    in = trial_begin();
    params = in.params;
    fill_alike(&in);
    for (i = 0; !pgsql && constraints[i]; i++) {
        foreign_run(in.other, constraints[i]);
    }
    if (pgsql) {
        foreign_run(in.other, evil);
        for (i = 0; worst_pgsql[i]; i++) {
            test_pgsql(&in, params, worst_pgsql[i]);
        }
        refused(&in, params, "ALTER SYSTEM SET zero_damaged_pages = on",
                "ALTER SYSTEM RESET zero_damaged_pages",
                "zero_damaged_pages is on");
        test_later(&in, params);
    }
    else {
        check_all(&in, params, "as it is", "");
        for (i = 0; worst_mysql[i]; i++) {
            test_mysql(&in, params, worst_mysql[i]);
        }
        refused(&in, params, "SET GLOBAL init_connect = 'START TRANSACTION'",
                "SET GLOBAL init_connect = ''",
                "init_connect leaves a transaction open");
        refused(&in, params, "SET GLOBAL max_prepared_stmt_count = 10",
                "SET GLOBAL max_prepared_stmt_count = 16382",
                "max_prepared_stmt_count is 10");
        foreign_run(in.other,
                    "GRANT BINLOG ADMIN ON *.* TO insights_used@localhost");
        refused(&in, params, "SET GLOBAL init_connect = 'SET sql_log_bin = 0'",
                "SET GLOBAL init_connect = ''", "sql_log_bin is OFF");
        refused(&in, params,
                "SET GLOBAL init_connect = 'SET skip_replication = 1'",
                "SET GLOBAL init_connect = ''", "skip_replication is ON");
    }
    return trial_end(&in);
}
