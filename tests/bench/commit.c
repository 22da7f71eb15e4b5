/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a database takes for one durable commit of one record, by the same
 * driver and settings as the module's, but with nothing around it. Prints the
 * mean in microseconds.
 *
 *   commit DRIVER PARAMETERS SECONDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/concurrency/clock.h"
#include "../../src/database/connection.h"
#include "../../src/text/random.h"
#include "../../src/text/uuid.h"

/* The length of the document for the example in Graph's documentation. */
#define DOCUMENT_LENGTH 826

static int fail(const char *text)
{
    fprintf(stderr, "commit: %s\n", text);
    return EXIT_FAILURE;
}

/* The database for the arguments of main; NULL: there is no such driver. */
static iu_database *make_database(apr_pool_t *pool, const char *driver,
                                  const char *params)
{
    iu_database *database = apr_pcalloc(pool, sizeof *database);

    database->dialect = iu_dialect_of(driver);
    if (!database->dialect) {
        return NULL;
    }
    database->params = database->dialect->complete_params
                           ? database->dialect->complete_params(pool, params)
                           : params;
    database->pool = pool;
    return database;
}

static iu_failure *commit_once(iu_connection *connection, const char *sql,
                               iu_random *random, apr_pool_t *pool)
{
    char document[DOCUMENT_LENGTH + 1];
    char id[IU_UUID_SIZE];
    const char *arguments[] = {"commit", id, "0123456789abcdef", "", "",
                               document, ""};
    apr_array_header_t *rows;

    memset(document, 'd', DOCUMENT_LENGTH);
    document[DOCUMENT_LENGTH] = '\0';
    iu_uuid_ordered(random, id, apr_time_now());
    return iu_connection_select(connection, sql, arguments, 7, pool, &rows);
}

int main(int argc, char **argv)
{
    iu_random random = {0};
    iu_connection *connection;
    iu_database *database;
    iu_failure *failure;
    apr_time_t begin, end;
    apr_pool_t *pool, *once;
    const char *sql;
    int commits = 0;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    apr_pool_create(&once, pool);
    database = argc == 4 ? make_database(pool, argv[1], argv[2]) : NULL;
    if (!database) {
        return fail("usage: commit DRIVER PARAMETERS SECONDS");
    }
    failure = iu_connection_open(&connection, database, 1, NULL, pool);
    if (failure) {
        return fail(failure->text);
    }
    sql = apr_pstrcat(pool, iu_sql_insert_head,
                      database->dialect->insert_first
                          ? database->dialect->insert_first
                          : database->dialect->insert_row,
                      database->dialect->insert_tail, NULL);
    begin = iu_clock_now();
    end = begin + apr_time_from_sec(atoi(argv[3]));
    while (iu_clock_now() < end) {
        failure = commit_once(connection, sql, &random, once);
        if (failure) {
            return fail(failure->text);
        }
        apr_pool_clear(once);
        commits++;
    }
    printf("%.1f\n", (double)(iu_clock_now() - begin) / commits);
    iu_connection_drop(connection);
    apr_terminate();
    return EXIT_SUCCESS;
}
