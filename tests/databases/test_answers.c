/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store while its server runs but refuses statements. */
#include "trial.h"

/*** The table and the settings ***/

static void test_missing_table(void)
{
    apr_pool_t *pool;
    trial in;

    apr_pool_create(&pool, test_pool);
    in = begin_with(fixture_empty(pool), pool);
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED), "no table");
    is_text(find(&in, "a"), NUMBER(IU_DATABASE_DOWN), "nor for a reader");
    is_number(told_times(in.log, "IU0101"), 1, "told once");
    ok(strstr(in.log->text, pgsql ? "conf/schema/pgsql.sql"
                                  : "conf/schema/mysql.sql") != NULL,
       "with what makes it");
    fixture_apply_schema(pool, in.params);
    wait_for_probe();
    is_text(insert(&in, "a"), NULL, "it heals when it is made");
    is_number(told_times(in.log, "IU0102"), 1, "which is told");
    is_text(find(&in, "a"), NULL, "for readers, too");
    sql(&in, "DROP TABLE used_insight", "DROP TABLE used_insight");
    is_text(insert(&in, "b"), NUMBER(IU_DATABASE_REFUSED), "dropped");
    fixture_apply_schema(pool, in.params);
    wait_for_probe();
    is_text(insert(&in, "b"), NULL, "and made again");
    is_text(find(&in, "a"), NUMBER(IU_NOT_FOUND), "empty");
    end(&in);
}

static void test_rights(void)
{
    trial in = begin();

    insert(&in, "a");
    foreign_sql(in.pool, in.params,
                "REVOKE INSERT ON used_insight FROM insights_used");
    is_text(insert(&in, "b"), NUMBER(IU_DATABASE_REFUSED),
            "without the right to insert");
    is_text(find(&in, "a"), NULL, "one can read");
    foreign_sql(in.pool, in.params,
                "GRANT INSERT ON used_insight TO insights_used");
    is_text(insert(&in, "b"), NULL, "it heals");
    end(&in);
}

/* Updates a record from a version that it has. */
static iu_problem *update(trial *in, const char *id, const char *expected,
                          const char *version)
{
    iu_store_call call = fixture_call(in->pool);
    iu_record record = fixture_record("i", id, "{}");

    apr_cpystrn(record.version, version, sizeof record.version);
    return update_record(in->store, &call, &record, expected);
}

/* A role with the rights of an older version, which could only create
 * records. */
static void test_rights_to_change(void)
{
    trial in = begin();
    iu_store_call call = fixture_call(in.pool);
    iu_problem *problem;

    insert(&in, "a");
    foreign_sql(in.pool, in.params, "UPDATE used_insight SET version = '1111'");
    foreign_sql(in.pool, in.params,
                "REVOKE UPDATE, DELETE ON used_insight FROM insights_used");
    problem = update(&in, "a", "1111", "2222");
    is_text(problem ? problem->number : NULL, NUMBER(IU_DATABASE_REFUSED),
            "without the right to update");
    ok(problem && strstr(problem->log_detail,
                         "SELECT, INSERT, UPDATE and DELETE are needed, see "
                         "conf/schema/pgsql.sql"),
       "the log says which rights are: %s", problem ? problem->log_detail : "");
    problem = delete_record(in.store, &call, "i", "a", "1111");
    is_text(problem ? problem->number : NULL, NUMBER(IU_DATABASE_REFUSED),
            "without the right to delete");
    is_text(insert(&in, "b"), NULL, "one can create");
    is_text(find(&in, "a"), NULL, "and read");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    foreign_sql(in.pool, in.params,
                "GRANT UPDATE, DELETE ON used_insight TO insights_used");
    ok(!update(&in, "a", "1111", "2222"), "it heals");
    ok(!delete_record(in.store, &call, "i", "a", "2222"), "for both");
    end(&in);
}

static void test_unlogged(void)
{
    trial in = begin();

    sql(&in, "ALTER TABLE used_insight SET UNLOGGED",
        "ALTER TABLE used_insight ENGINE = Aria");
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED),
            "a table that is not durable is not used");
    end(&in);
}

/* A fault of the table is not reported as a fault of a record. */
static void test_damaged(void)
{
    trial in = begin();

    insert(&in, "first");
    foreign_sql(in.pool, in.params,
                "ALTER TABLE used_insight DISCARD TABLESPACE");
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED),
            "a table whose file is missing");
    is_number(told_times(in.log, "IU0101"), 1, "which is told");
    end(&in);
}

static void test_schema_changes(void)
{
    trial in = begin();

    insert(&in, "first");
    find(&in, "first");
    sql(&in, "CREATE INDEX accessed ON used_insight (last_accessed)",
        "CREATE INDEX accessed ON used_insight (last_accessed)");
    sql(&in, "ALTER TABLE used_insight ADD note text",
        "ALTER TABLE used_insight ADD note text");
    is_text(insert(&in, "a"), NULL, "stored after the table was altered");
    is_text(find(&in, "a"), NULL, "found after it");
    sql(&in, "VACUUM FULL used_insight", "OPTIMIZE TABLE used_insight");
    is_text(insert(&in, "b"), NULL, "stored after it was rewritten");
    is_text(find(&in, "b"), NULL, "found after it");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    end(&in);
}

static void test_partitions(void)
{
    apr_pool_t *pool;
    const char *schema;
    char *at;
    trial in;
    int i;

    apr_pool_create(&pool, test_pool);
    in = begin_with(fixture_empty(pool), pool);
    schema = fixture_file(pool, pgsql ? "conf/schema/pgsql.sql"
                                      : "conf/schema/mysql.sql");
    at = strstr(strstr(schema, "CREATE TABLE IF"), ";\n");
    *at = '\0';
    foreign_sql(pool, in.params,
                apr_pstrcat(pool, schema,
                            pgsql ? " PARTITION BY HASH (invitation_id)"
                                  : " PARTITION BY KEY (invitation_id)"
                                    " PARTITIONS 16",
                            NULL));
    for (i = 0; pgsql && i < 4; i++) {
        foreign_sql(
            pool, in.params,
            apr_psprintf(pool,
                         "CREATE TABLE part_%d PARTITION OF used_insight"
                         " FOR VALUES WITH (MODULUS 4, REMAINDER %d)",
                         i, i));
    }
    if (pgsql) {
        foreign_sql(pool, in.params,
                    "GRANT SELECT, INSERT ON used_insight TO insights_used");
    }
    for (i = 0; i < 20; i++) {
        const char *invitation = apr_itoa(pool, i);

        fixture_insert(in.store, pool, invitation, "a");
        ok(!fixture_find(in.store, pool, invitation, "a"),
           "stored in a partition");
    }
    is_text(fixture_insert(in.store, pool, "7", "a"), NUMBER(IU_ALREADY_EXISTS),
            "there already");
    end(&in);
}

static void test_read_only(void)
{
    trial in = begin();
    const char *name = strstr(in.params, "dbname=") + strlen("dbname=");

    insert(&in, "first");
    if (pgsql) {
        foreign_sql(in.pool, in.params,
                    apr_pstrcat(in.pool, "ALTER DATABASE ", name,
                                " SET default_transaction_read_only = on",
                                NULL));
        foreign_sever(in.pool, in.params);
        is_text(insert(&in, "0"), NUMBER(IU_COMMIT_UNKNOWN),
                "a lost connection, then none that takes changes");
    }
    else {
        foreign_sql(in.pool, in.params, "SET GLOBAL read_only = 1");
    }
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_READ_ONLY), "read-only");
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_READ_ONLY),
            "does not open the breaker");
    is_text(find(&in, "first"), NULL, "and can be read");
    if (pgsql) {
        foreign_sql(
            in.pool, in.params,
            apr_pstrcat(in.pool, "BEGIN READ WRITE; ALTER DATABASE ", name,
                        " RESET default_transaction_read_only; COMMIT", NULL));
    }
    else {
        foreign_sql(in.pool, in.params, "SET GLOBAL read_only = 0");
    }
    is_text(insert(&in, "a"), NULL, "it heals");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    end(&in);
}

/* A server that is not durable is refused, and accepted again after the
 * correction. */
static void test_not_durable(void)
{
    trial in = begin();

    if (pgsql) {
        foreign_sql(in.pool, in.params, "ALTER SYSTEM SET fsync = off");
        foreign_sql(in.pool, in.params, "SELECT pg_reload_conf()");
        apr_sleep(200000);
    }
    else {
        foreign_sql(in.pool, in.params,
                    "SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    }
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED), "not durable");
    ok(strstr(in.log->text,
              pgsql ? "fsync" : "innodb_flush_log_at_trx_commit") != NULL,
       "told by the setting's name");
    if (pgsql) {
        foreign_sql(in.pool, in.params, "ALTER SYSTEM RESET fsync");
        foreign_sql(in.pool, in.params, "SELECT pg_reload_conf()");
        apr_sleep(200000);
    }
    else {
        foreign_sql(in.pool, in.params,
                    "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    }
    wait_for_probe();
    is_text(insert(&in, "a"), NULL, "it heals");
    end(&in);
}

/*** Errors of records ***/

#define MEMBERS 8

/* A lock holds the first up, so that the others form one group. */
static void insert_group(trial *in, const char *prefix,
                         const char *numbers[MEMBERS])
{
    foreign other = lock_table(in);
    single members[MEMBERS];
    int i;

    for (i = 0; i < MEMBERS; i++) {
        start_single(&members[i], in,
                     apr_psprintf(in->pool, "%s%d", prefix, i));
        apr_sleep(i == 0 ? 100000 : 2000);
    }
    apr_sleep(50000);
    unlock_table(other);
    for (i = 0; i < MEMBERS; i++) {
        numbers[i] = end_single(&members[i]);
    }
}

static void test_content(void)
{
    trial in = begin();
    const char *numbers[MEMBERS];
    int i;

    insert(&in, "first");
    sql(&in,
        "ALTER TABLE used_insight ADD CONSTRAINT picky"
        " CHECK (id NOT LIKE '%5')",
        "ALTER TABLE used_insight ADD CONSTRAINT picky"
        " CHECK (id NOT LIKE '%5')");
    insert_group(&in, "a", numbers);
    for (i = 0; i < MEMBERS; i++) {
        is_text(numbers[i], i == 5 ? NUMBER(IU_STATEMENT_FAILED) : NULL,
                "record %d of a group with one that is refused", i);
    }
    is_number(told_times(in.log, "IU0106"), 1, "the search is told once");
    is_number(foreign_count(in.pool, in.params), MEMBERS,
              "the others are there");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    is_number(told_times(in.log, "IU0104"), 0,
              "nor is the connection made anew");
    ok(!strstr(in.log->text, "a5") && !strstr(in.log->text, "DETAIL"),
       "no record is logged");
    end(&in);
}

/* A trigger that raises an error of the server. event: INSERT or UPDATE; times:
 * how often. */
static void fail_as(trial *in, const char *event, const char *state, int number,
                    const char *message, int times)
{
    if (pgsql) {
        foreign_sql(
            in->pool, in->params,
            apr_psprintf(in->pool,
                         "DROP SEQUENCE IF EXISTS runs; CREATE SEQUENCE runs;"
                         " GRANT ALL ON runs TO insights_used;"
                         " CREATE OR REPLACE FUNCTION fail() RETURNS trigger"
                         " LANGUAGE plpgsql AS $$ BEGIN"
                         " IF nextval('runs') <= %d THEN"
                         " RAISE EXCEPTION '%s' USING ERRCODE = '%s'; END IF;"
                         " RETURN new; END $$;"
                         " CREATE TRIGGER fail BEFORE %s ON used_insight"
                         " FOR EACH ROW EXECUTE FUNCTION fail()",
                         times, message, state, event));
        return;
    }
    foreign_sql(in->pool, in->params,
                "CREATE OR REPLACE TABLE runs (n int) ENGINE = MyISAM");
    foreign_sql(in->pool, in->params, "INSERT INTO runs VALUES (0)");
    foreign_sql(
        in->pool, in->params,
        apr_psprintf(in->pool,
                     "CREATE TRIGGER fail BEFORE %s ON used_insight"
                     " FOR EACH ROW BEGIN UPDATE runs SET n = n + 1;"
                     " IF (SELECT n FROM runs) <= %d THEN SIGNAL SQLSTATE '%s'"
                     " SET MYSQL_ERRNO = %d, MESSAGE_TEXT = '%s'; END IF; END",
                     event, times, state, number, message));
}

static void fail_no_more(trial *in)
{
    sql(in, "DROP TRIGGER fail ON used_insight", "DROP TRIGGER fail");
}

/* A change is repeated if it was rolled back, or if its connection was lost. */
static void test_changes(void)
{
    trial in = begin();
    iu_problem *problem;

    insert(&in, "a");
    foreign_sql(in.pool, in.params, "UPDATE used_insight SET version = '1111'");
    fail_as(&in, "UPDATE", pgsql ? "40P01" : "40001", 1213,
            pgsql ? "deadlock detected" : "Deadlock found", 3);
    ok(!update(&in, "a", "1111", "2222"), "an update after three deadlocks");
    is_number(told_times(in.log, "IU0107"), 3, "which are told");
    fail_no_more(&in);
    foreign_sever(in.pool, in.params);
    ok(!update(&in, "a", "2222", "3333"),
       "an update by a connection that was lost is done by the next");
    foreign_sever(in.pool, in.params);
    problem = update(&in, "a", "2222", "4444");
    is_text(problem ? problem->number : NULL, NUMBER(IU_CHANGE_UNKNOWN),
            "where another version is there nobody knows");
    is_number(problem ? problem->retry_after : 0, 1, "and may look again");
    end(&in);
}

static void test_played(void)
{
    trial in = begin();

    insert(&in, "first");
    fail_as(&in, "INSERT", pgsql ? "53100" : "HY000", 1114,
            pgsql
                ? "could not extend file \"base/1/2\": No space left on device"
                : "The table used_insight is full",
            1000);
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_FULL), "a full disk");
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_FULL),
            "does not open the breaker");
    is_text(find(&in, "first"), NULL, "and can be read");
    fail_no_more(&in);
    is_text(insert(&in, "a"), NULL, "it heals");
    fail_as(&in, "INSERT", pgsql ? "40P01" : "40001", 1213,
            pgsql ? "deadlock detected" : "Deadlock found", 3);
    is_text(insert(&in, "b"), NULL, "stored after three deadlocks");
    is_number(told_times(in.log, "IU0107"), 3, "which are told");
    fail_no_more(&in);
    fail_as(&in, "INSERT", pgsql ? "40001" : "40001", 1213,
            pgsql ? "could not serialize access due to concurrent update"
                  : "Deadlock found",
            1000);
    is_text(insert(&in, "c"), NUMBER(IU_DATABASE_BUSY),
            "conflicts without end have one");
    fail_no_more(&in);
    is_text(insert(&in, "c"), NULL, "and no effect");
    if (!pgsql) {
        fail_as(&in, "INSERT", "08S01", 1047, "WSREP has not yet prepared node",
                1);
        is_text(insert(&in, "d"), NUMBER(IU_DATABASE_DOWN),
                "a node without its cluster");
        is_number(told_times(in.log, "IU0101"), 1, "opens the breaker");
        is_text(insert(&in, "d"), NUMBER(IU_DATABASE_DOWN), "at once");
        wait_for_probe();
        is_text(insert(&in, "d"), NULL, "it heals");
        fail_no_more(&in);
        fail_as(&in, "INSERT", "HY000", 1180, "Got error 6 during COMMIT", 1);
        is_text(insert(&in, "e"), NULL,
                "an unknown outcome is looked for, then stored");
        fail_no_more(&in);
        fail_as(&in, "INSERT", "23000", 1062,
                "Duplicate entry ''personal'' for key", 1);
        is_text(insert(&in, "f"), NUMBER(IU_STATEMENT_FAILED), "a duplicate");
        ok(!strstr(in.log->text, "personal"), "is not quoted");
    }
    end(&in);
}

/* A record that is too large for the server is refused before it is sent. */
static void test_too_large(void)
{
    trial in = begin();
    char *large = apr_palloc(in.pool, 3000001);
    iu_store_call call = fixture_call(in.pool);
    iu_record record;
    iu_problem *problem;

    memset(large, 'x', 3000000);
    large[3000000] = '\0';
    record = fixture_record("i", "large", large);
    foreign_sql(in.pool, in.params, "SET GLOBAL max_allowed_packet = 2097152");
    problem = insert_record(in.store, &call, &record);
    is_number(problem ? problem->kind : 0, IU_STATEMENT_FAILED,
              "larger than max_allowed_packet");
    ok(problem && strstr(problem->log_detail, "2093056"), "told: %s",
       problem ? problem->log_detail : "");
    is_text(insert(&in, "small"), NULL, "a small one is stored");
    foreign_sql(in.pool, in.params, "SET GLOBAL max_allowed_packet = 16777216");
    foreign_sever(in.pool, in.params);
    is_text(insert(&in, "again"), NULL, "another connection");
    ok(!insert_record(in.store, &call, &record), "takes it");
    end(&in);
}

/* The padding of a group does not make its statement too large. */
static void test_padding(void)
{
    trial in = begin();
    char *large = apr_palloc(in.pool, 1200001);
    single members[MEMBERS];
    foreign other;
    int wrong = 0;
    int i;

    memset(large, 'x', 1200000);
    large[1200000] = '\0';
    foreign_sql(in.pool, in.params, "SET GLOBAL max_allowed_packet = 2097152");
    insert(&in, "first");
    other = lock_table(&in);
    for (i = 0; i < MEMBERS; i++) {
        const char *id = apr_psprintf(in.pool, "p%d", i);

        start_document(&members[i], &in, id, i == MEMBERS - 1 ? large : "{}");
        apr_sleep(i == 0 ? 100000 : 2000);
    }
    apr_sleep(50000);
    unlock_table(other);
    for (i = 0; i < MEMBERS; i++) {
        wrong += end_single(&members[i]) != NULL;
    }
    is_number(wrong, 0, "a group with a large record is stored");
    is_number(told_times(in.log, "IU0106"), 0, "as it is");
    foreign_sql(in.pool, in.params, "SET GLOBAL max_allowed_packet = 16777216");
    end(&in);
}

int main(void)
{
    trial_begin();
    test_missing_table();
    if (pgsql) { /* MariaDB has the right for the whole database */
        test_rights();
        test_rights_to_change();
    }
    test_unlogged();
    if (!pgsql) {
        test_damaged();
    }
    test_schema_changes();
    test_partitions();
    test_read_only();
    test_not_durable();
    test_content();
    test_played();
    test_changes();
    if (!pgsql) {
        test_too_large();
        test_padding();
    }
    return trial_end();
}
