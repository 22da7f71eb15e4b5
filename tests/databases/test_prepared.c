/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the statements that a server keeps prepared for the readers, and of
 * what a lookup does besides. */
#include <sys/resource.h>

#include "../../src/dialect/prepared.h"
#include "../../src/query/filter.h"
#include "trial.h"

#define FILTERS (IU_PREPARED_MAX + 16)

/* Queries of an operator that tell about the reader's own session: how many
 * statements it has, and how often it has run iu_sql_find by name. */
static const char names[] =
    "SELECT CAST(count(*) AS text) FROM pg_prepared_statements WHERE %s = 'i'";
static const char finds[] =
    "SELECT CAST(sum(generic_plans + custom_plans) AS text)"
    " FROM pg_prepared_statements"
    " WHERE statement LIKE 'SELECT version,%%AND id = $2' AND %s = 'i'";

/* What the operator's query returns. */
static const char *ask(trial *in, const char *sql, const char *id)
{
    iu_store_call call = fixture_call(in->pool);
    const char *value = NULL;
    iu_problem *problem =
        iu_store_check_invitation(in->store, &call, sql, id, &value);

    return problem ? problem->number : value;
}

/* Lists by a filter with that many values: a statement of its own. */
static iu_problem *list(trial *in, int values)
{
    const char *text = "id in ('a'";
    iu_store_call call = fixture_call(in->pool);
    iu_query query = {.top = 10};
    apr_array_header_t *rows;

    while (values-- > 1) {
        text = apr_pstrcat(in->pool, text, ",'b'", NULL);
    }
    text = apr_pstrcat(in->pool, text, ")", NULL);
    if (iu_filter_read(in->pool, text, &query.filter)) {
        give_up(text);
    }
    return iu_store_list(in->store, &call, "i", &query, &rows);
}

/* However many statements clients compose. */
static void test_bounded(void)
{
    trial in = begin();
    int listed = 0;
    int i;

    insert(&in, "a");
    for (i = 0; i < 10; i++) {
        find(&in, "a");
    }
    is_text(ask(&in, finds, "i"), "10", "each lookup ran by name");
    is_text(ask(&in, names, "i"), "3", "one name for each statement");
    for (i = 0; i < FILTERS; i++) {
        listed += !list(&in, i + 1);
    }
    is_number(listed, FILTERS, "as many filters as evict each statement");
    is_text(find(&in, "a"), NULL, "found after them");
    is_text(ask(&in, finds, "i"), "11", "by its name");
    is_text(ask(&in, names, "i"), "3", "there are no more names");
    is_text(in.log->text, "", "nothing was logged");
    end(&in);
}

/* Names that the session has lost. */
static void test_lost(void)
{
    static const char forget[] = "SELECT forget() WHERE %s = 'i'";
    trial in = begin();
    int found = 0;
    int i;

    foreign_sql(in.pool, in.params,
                "CREATE FUNCTION forget() RETURNS text LANGUAGE plpgsql AS"
                " $$ BEGIN DEALLOCATE ALL; RETURN NULL; END $$");
    insert(&in, "a");
    find(&in, "a");
    ask(&in, forget, "i");
    is_text(find(&in, "a"), NULL, "found without its name");
    is_text(find(&in, "a"), NULL, "found again");
    is_text(ask(&in, finds, "i"), "1", "by its new name");
    for (i = 0; i < 20; i++) {
        ask(&in, forget, "i");
        found += !find(&in, "a");
    }
    is_number(found, 20, "found whenever names are lost");
    is_text(ask(&in, names, "i"), "0", "in the end there are no more names");
    is_text(in.log->text, "", "nothing was logged");
    end(&in);
}

/* Tables whose columns change their types. */
static void test_types(void)
{
    static const char guest[] = "SELECT guest FROM guests WHERE id = %s";
    trial in = begin();

    insert(&in, "a");
    find(&in, "a");
    foreign_sql(in.pool, in.params,
                "ALTER TABLE used_insight ALTER digest TYPE varchar(40)");
    is_text(find(&in, "a"), NULL, "a column has changed");
    is_text(find(&in, "a"), NULL, "found again");
    is_text(ask(&in, finds, "i"), "1", "by its new name");

    foreign_sql(in.pool, in.params,
                "CREATE TABLE guests (id smallint, guest text);"
                " INSERT INTO guests VALUES (7, 'u7');"
                " GRANT SELECT ON guests TO insights_used");
    is_text(ask(&in, guest, "7"), "u7", "the operator's query");
    is_text(ask(&in, guest, "x"), NUMBER(IU_READ_FAILED), "of no number");
    foreign_sql(in.pool, in.params,
                "ALTER TABLE guests ALTER id TYPE bigint;"
                " INSERT INTO guests VALUES (7000000000, 'u8')");
    is_text(ask(&in, guest, "7000000000"), "u8", "of a larger number");
    foreign_sql(in.pool, in.params, "ALTER TABLE guests ALTER id TYPE text");
    is_text(ask(&in, guest, "7"), "u7", "of a text");
    is_number(told_times(in.log, "IU0104"), 0, "the connection was kept");
    end(&in);
}

static int status(trial *in, const char *counter)
{
    return atoi(foreign_text(in->pool, in->params,
                             apr_psprintf(in->pool,
                                          "SELECT variable_value FROM"
                                          " information_schema.global_status"
                                          " WHERE variable_name = '%s'",
                                          counter)));
}

/* MariaDB's are prepared by apr_dbd, all of them. */
static void test_mysql(void)
{
    trial in = begin();
    int prepared;
    int run;
    int i;

    insert(&in, "a");
    find(&in, "a");
    prepared = status(&in, "COM_STMT_PREPARE");
    run = status(&in, "COM_STMT_EXECUTE");
    for (i = 0; i < 10; i++) {
        find(&in, "a");
    }
    is_number(status(&in, "COM_STMT_EXECUTE") - run, 10, "lookups run");
    is_number(status(&in, "COM_STMT_PREPARE") - prepared, 0,
              "what was prepared before");
    for (i = 0; i < FILTERS; i++) {
        list(&in, i + 1);
    }
    is_number(status(&in, "PREPARED_STMT_COUNT"), IU_PREPARED_MAX + 1,
              "the server has the reader's last ones, and the writer's one");
    end(&in);
}

#ifndef __SANITIZE_ADDRESS__
static long page_faults(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* The driver allocates 17 MiB for each select. With pools that give memory back
 * as httpd's do, lookups do not map this again and again. */
static void test_memory(void)
{
    trial in = begin();
    apr_allocator_t *allocator;
    apr_pool_t *pool;
    long faults = 0;
    int i;

    apr_allocator_create(&allocator);
    apr_allocator_max_free_set(allocator, 2048 * 1024);
    apr_pool_create_ex(&pool, NULL, NULL, allocator);
    apr_allocator_owner_set(allocator, pool);
    insert(&in, "a");
    for (i = 0; i < 200; i++) {
        if (i == 100) {
            faults = page_faults();
        }
        fixture_find(in.store, pool, "i", "a");
        apr_pool_clear(pool);
    }
    faults = page_faults() - faults;
    ok(faults < 100, "page faults of 100 lookups: %ld", faults);
    apr_pool_destroy(pool);
    end(&in);
}
#endif

int main(void)
{
    trial_begin();
    if (pgsql) {
        test_bounded();
        test_lost();
        test_types();
    }
    else {
        test_mysql();
#ifndef __SANITIZE_ADDRESS__ /* it does not use freed memory again at once */
        test_memory();
#endif
    }
    return trial_end();
}
