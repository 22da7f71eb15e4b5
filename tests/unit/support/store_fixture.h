/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the tests of databases: a new database, records, the log of the
 * store, and a foreign connection, as another program has it. The database is
 * SQLite, or a server if a script of tests/databases has set the environment.
 */
#ifndef IU_TESTS_UNIT_STORE_FIXTURE_H
#define IU_TESTS_UNIT_STORE_FIXTURE_H

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "../../../src/concurrency/clock.h"
#include "../../../src/database/database.h"
#include "../../../src/store/store.h"

#include "tap.h"

/* The table, for an INSERT by others. */
#define FOREIGN_TABLE                                                          \
    "used_insight (invitation_id, id, version, last_accessed, last_modified,"  \
    " document, digest)"

/* Ends the program: the test cannot continue. */
__attribute__((noreturn)) static inline void give_up(const char *why)
{
    printf("Bail out! %s\n", why);
    fflush(stdout);
    _exit(EXIT_FAILURE);
}

static inline apr_status_t fixture_remove(void *data)
{
    const char *directory = data;
    apr_pool_t *pool;
    apr_finfo_t found;
    apr_dir_t *files;

    apr_pool_create(&pool, NULL);
    if (apr_dir_open(&files, directory, pool) == APR_SUCCESS) {
        while (apr_dir_read(&found, APR_FINFO_NAME, files) == APR_SUCCESS) {
            unlink(apr_pstrcat(pool, directory, "/", found.name, NULL));
        }
        apr_dir_close(files);
    }
    rmdir(directory);
    apr_pool_destroy(pool);
    return APR_SUCCESS;
}

/* apr_dbd's name of the database that is tested. */
static inline const char *fixture_driver(void)
{
    const char *driver = getenv("INSIGHTS_TEST_DRIVER");

    return driver ? driver : "sqlite3";
}

static inline int fixture_has_server(void)
{
    return strcmp(fixture_driver(), "sqlite3") != 0;
}

/* A variable that a script of tests/databases sets. */
static inline const char *fixture_environment(const char *name)
{
    const char *value = getenv(name);

    if (!value) {
        give_up("run this by a program of tests/databases");
    }
    return value;
}

/* Starts, stops, kills, freezes or thaws the server. */
static inline void fixture_server(apr_pool_t *pool, const char *action)
{
    const char *command = apr_pstrcat(
        pool, fixture_environment("INSIGHTS_TEST_SERVER"), " ", action, NULL);

    fflush(stdout);
    if (system(command) != 0) {
        give_up(command);
    }
}

/* A new private directory; removed with pool. */
static inline const char *fixture_directory(apr_pool_t *pool)
{
    const char *base = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    char *name = apr_pstrcat(pool, base, "/insights_used.XXXXXX", NULL);

    if (!mkdtemp(name)) {
        give_up("no temporary directory can be made");
    }
    apr_pool_cleanup_register(pool, name, fixture_remove,
                              apr_pool_cleanup_null);
    return name;
}

static inline char *fixture_file(apr_pool_t *pool, const char *path)
{
    apr_finfo_t found;
    apr_file_t *file;
    char *text;

    if (apr_file_open(&file, path, APR_READ, 0, pool) != APR_SUCCESS ||
        apr_file_info_get(&found, APR_FINFO_SIZE, file) != APR_SUCCESS) {
        give_up("a file cannot be read; run this in the project's folder");
    }
    text = apr_pcalloc(pool, found.size + 1);
    apr_file_read_full(file, text, found.size, NULL);
    apr_file_close(file);
    return text;
}

static inline void foreign_sql(apr_pool_t *pool, const char *params,
                               const char *sql);

/* The same parameters for the server's administrator. */
static inline const char *fixture_admin(apr_pool_t *pool, const char *params)
{
    return apr_pstrcat(pool, fixture_environment("INSIGHTS_TEST_ADMIN"),
                       strstr(params, " dbname=") ? strstr(params, " dbname=")
                                                  : strstr(params, ",dbname="),
                       NULL);
}

/* The parameters of a new database on the server, without a table, for the
 * ordinary user. */
static inline const char *fixture_empty(apr_pool_t *pool)
{
    static int number;
    int pgsql = strcmp(fixture_driver(), "pgsql") == 0;
    const char *name =
        apr_psprintf(pool, "insights_%d_%d", (int)getpid(), number++);

    foreign_sql(pool, pgsql ? " dbname=postgres" : ",dbname=mysql",
                apr_pstrcat(pool, "CREATE DATABASE ", name, NULL));
    if (!pgsql) {
        foreign_sql(pool, ",dbname=mysql",
                    apr_pstrcat(pool,
                                "GRANT SELECT, INSERT, UPDATE, DELETE ON ",
                                name, ".* TO insights_used@localhost", NULL));
    }
    return apr_pstrcat(pool, fixture_environment("INSIGHTS_TEST_USER"),
                       pgsql ? " " : ",", "dbname=", name, NULL);
}

/* Gives the ordinary user the rights that conf/schema lists. */
static inline void fixture_grant(apr_pool_t *pool, const char *params)
{
    if (strcmp(fixture_driver(), "pgsql") == 0) {
        foreign_sql(pool, params,
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON used_insight TO "
                    "insights_used");
    }
}

/* Makes or upgrades the table as an operator does. The mysql driver takes one
 * statement at a time; lines that begin with a comment have examples. */
static inline void fixture_apply_schema(apr_pool_t *pool, const char *params)
{
    int pgsql = strcmp(fixture_driver(), "pgsql") == 0;
    const char *sql = pgsql ? "SET client_min_messages = warning;" : "";
    char *lines =
        fixture_file(pool, apr_pstrcat(pool, "conf/schema/", fixture_driver(),
                                       ".sql", NULL));
    char *rest;
    char *line;

    for (line = apr_strtok(lines, "\n", &rest); line;
         line = apr_strtok(NULL, "\n", &rest)) {
        if (strncmp(line, "--", 2) == 0) {
            continue;
        }
        sql = apr_pstrcat(pool, sql, line, "\n", NULL);
        if (line[strlen(line) - 1] == ';') {
            foreign_sql(pool, params, sql);
            sql = "";
        }
    }
    fixture_grant(pool, params);
}

/* The parameters of a new database; for SQLite a path in a new directory. */
static inline const char *fixture_path(apr_pool_t *pool)
{
    if (fixture_has_server()) {
        const char *params = fixture_empty(pool);

        fixture_apply_schema(pool, params);
        return params;
    }
    return apr_pstrcat(pool, fixture_directory(pool), "/used_insight.db", NULL);
}

/* Removes an SQLite database with its -wal and -shm files. */
static inline void fixture_unlink(apr_pool_t *pool, const char *path)
{
    unlink(path);
    unlink(apr_pstrcat(pool, path, "-wal", NULL));
    unlink(apr_pstrcat(pool, path, "-shm", NULL));
}

/* A foreign connection. */
typedef struct foreign {
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
} foreign;

static inline foreign foreign_open(apr_pool_t *pool, const char *path)
{
    foreign other;

    apr_dbd_init(pool);
    if (fixture_has_server()) {
        path = fixture_admin(pool, path);
    }
    if (apr_dbd_get_driver(pool, fixture_driver(), &other.driver) !=
            APR_SUCCESS ||
        apr_dbd_open(other.driver, pool, path, &other.handle) != APR_SUCCESS) {
        give_up("a foreign connection cannot be opened");
    }
    return other;
}

static inline void foreign_close(foreign other)
{
    apr_dbd_close(other.driver, other.handle);
}

/* Runs SQL on a foreign connection. */
static inline void foreign_run(foreign other, const char *sql)
{
    int changed;

    if (apr_dbd_query(other.driver, other.handle, &changed, sql) != 0) {
        printf("# %s: %s\n", sql, apr_dbd_error(other.driver, other.handle, 1));
        give_up("a foreign statement failed");
    }
}

/* Runs SQL on a new foreign connection. */
static inline void foreign_sql(apr_pool_t *pool, const char *path,
                               const char *sql)
{
    foreign other = foreign_open(pool, path);

    foreign_run(other, sql);
    foreign_close(other);
}

/* The first column of the first row; NULL if there is no row. */
static inline const char *foreign_read(foreign other, apr_pool_t *pool,
                                       const char *sql)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;

    if (apr_dbd_select(other.driver, pool, other.handle, &results, sql, 1) !=
        0) {
        return apr_pstrdup(pool, apr_dbd_error(other.driver, other.handle, 1));
    }
    return apr_dbd_get_row(other.driver, pool, results, &row, 1) == 0
               ? apr_pstrdup(pool, apr_dbd_get_entry(other.driver, row, 0))
               : NULL;
}

/* The same on a new foreign connection. */
static inline const char *foreign_text(apr_pool_t *pool, const char *path,
                                       const char *sql)
{
    foreign other = foreign_open(pool, path);
    const char *text = foreign_read(other, pool, sql);

    foreign_close(other);
    return text;
}

/* Ends all connections of the store. */
static inline void foreign_sever(apr_pool_t *pool, const char *params)
{
    if (strcmp(fixture_driver(), "pgsql") == 0) {
        foreign_text(pool, params,
                     "SELECT count(pg_terminate_backend(pid, 5000))"
                     " FROM pg_stat_activity WHERE usename = 'insights_used'");
    }
    else {
        foreign_sql(pool, params, "KILL CONNECTION USER insights_used");
    }
}

static inline long long foreign_count(apr_pool_t *pool, const char *path)
{
    const char *text =
        foreign_text(pool, path, "SELECT count(*) FROM used_insight");

    return text ? apr_atoi64(text) : -1;
}

/* A process that holds the writer's turn. */
typedef struct turn_holder {
    pid_t process;
    int end; /* ends the process when written to */
} turn_holder;

static inline turn_holder turn_hold(iu_database *database)
{
    turn_holder holder;
    int begun[2];
    int end[2];
    char byte = 't';

    if (pipe(begun) != 0 || pipe(end) != 0) {
        give_up("no pipe can be made");
    }
    fflush(stdout);
    holder.process = fork();
    if (holder.process == 0) {
        iu_database_take_turn(database, iu_clock_now() + 20000000,
                              database->pool);
        if (write(begun[1], &byte, 1) != 1 || read(end[0], &byte, 1) != 1) {
            _exit(EXIT_FAILURE);
        }
        if (byte == 'e') {
            iu_database_end_turn(database);
        }
        _exit(EXIT_SUCCESS);
    }
    if (holder.process < 0 || read(begun[0], &byte, 1) != 1) {
        give_up("no process can be made");
    }
    holder.end = end[1];
    return holder;
}

/* Ends the process; 'e': it ends its turn before, 'd': it does not. */
static inline void turn_release(turn_holder holder, char how)
{
    if (write(holder.end, &how, 1) != 1 ||
        waitpid(holder.process, NULL, 0) != holder.process) {
        give_up("a process cannot be ended");
    }
}

/* What the store logged. */
typedef struct told {
    pthread_mutex_t mutex;
    char text[20000]; /* all lines, up to this size */
} told;

static inline void told_line(void *baton, iu_log_level level,
                             const char *origin, const char *message)
{
    told *all = baton;
    apr_size_t used;

    (void)level;
    (void)origin;
    pthread_mutex_lock(&all->mutex);
    used = strlen(all->text);
    apr_snprintf(all->text + used, sizeof all->text - used, "%s\n", message);
    pthread_mutex_unlock(&all->mutex);
}

/* How often the log has a number. */
static inline int told_times(told *all, const char *number)
{
    const char *at = all->text;
    int times = 0;

    pthread_mutex_lock(&all->mutex);
    while ((at = strstr(at, number))) {
        times++;
        at++;
    }
    pthread_mutex_unlock(&all->mutex);
    return times;
}

static inline told *told_make(apr_pool_t *pool)
{
    told *all = apr_pcalloc(pool, sizeof *all);

    pthread_mutex_init(&all->mutex, NULL);
    return all;
}

static inline iu_store *fixture_store(apr_pool_t *pool, const char *path,
                                      told *log)
{
    iu_store_options options = {.driver = fixture_driver(),
                                .params = path,
                                .log = log ? told_line : NULL,
                                .log_baton = log};
    iu_store *store;

    if (iu_store_create(&store, &options, pool) != APR_SUCCESS) {
        give_up("no store can be made");
    }
    return store;
}

/* The database of a store, for tests of lower layers. */
static inline iu_database *fixture_database(apr_pool_t *pool, const char *path,
                                            told *log)
{
    iu_database *database = apr_pcalloc(pool, sizeof *database);

    database->writes = apr_pcalloc(pool, sizeof *database->writes);

    database->dialect = iu_dialect_of(fixture_driver());
    database->params = path;
    if (database->dialect->complete_params) {
        database->params = database->dialect->complete_params(pool, path);
    }
    database->log = log ? told_line : NULL;
    database->log_baton = log;
    database->pool = pool;
    return database;
}

/* A check that a call failed in this way. */
static inline int is_failure(const iu_failure *failure, iu_failure_kind kind,
                             const char *name)
{
    int same = ok(failure && failure->kind == kind, "%s", name);

    if (!same) {
        printf("#      got: kind %d, %s\n# expected: kind %d\n",
               failure ? (int)failure->kind : -1,
               failure ? failure->text : "no failure", (int)kind);
    }
    return same;
}

#define NO_PROBLEM IU_PROBLEM_KINDS

/* A check of which problem was returned, or that none was: NO_PROBLEM. */
static inline int is_problem(const iu_problem *problem, iu_problem_kind kind,
                             const char *name)
{
    int same = is_text(problem ? problem->number : NULL,
                       kind == NO_PROBLEM ? NULL : iu_problem_number(kind),
                       "%s", name);

    if (!same && problem && problem->log_detail) {
        printf("# %s\n", problem->log_detail);
    }
    return same;
}

/* A call with a deadline in 20 seconds. */
/* Writes one record. Returns the outcome. */
static inline iu_problem *
write_record(iu_store *store, const iu_store_call *call, iu_write_kind kind,
             const iu_record *record, const char *expected)
{
    iu_write write = {.kind = kind, .record = *record};
    iu_write *const writes[] = {&write};

    apr_cpystrn(write.expected, expected, sizeof write.expected);
    iu_store_write(store, call, writes, 1);
    return write.problem;
}

static inline iu_problem *insert_record(iu_store *store,
                                        const iu_store_call *call,
                                        const iu_record *record)
{
    return write_record(store, call, IU_INSERT, record, "");
}

static inline iu_problem *update_record(iu_store *store,
                                        const iu_store_call *call,
                                        const iu_record *record,
                                        const char *expected)
{
    return write_record(store, call, IU_UPDATE, record, expected);
}

static inline iu_problem *delete_record(iu_store *store,
                                        const iu_store_call *call,
                                        const char *set_id, const char *id,
                                        const char *expected)
{
    const iu_record record = {.set_id = set_id,
                              .id = id,
                              .last_accessed = "",
                              .last_modified = "",
                              .document = ""};

    return write_record(store, call, IU_DELETE, &record, expected);
}

static inline iu_store_call fixture_call(apr_pool_t *pool)
{
    iu_store_call call = {.pool = pool,
                          .origin = "origin",
                          .deadline = iu_clock_now() + 20000000,
                          .queue_limit = 1024};

    return call;
}

static inline iu_record fixture_record(const char *set_id, const char *id,
                                       const char *document)
{
    iu_record record = {.set_id = set_id,
                        .id = id,
                        .last_accessed = "2020-01-02T03:04:05.000000000000",
                        .last_modified = "",
                        .document = document,
                        .document_length = strlen(document)};

    iu_random random = {0}; /* new, for this thread and process */

    iu_version_make(&random, record.version);
    return record;
}

/* Inserts a record; returns the number of the problem, or NULL. */
static inline const char *fixture_insert(iu_store *store, apr_pool_t *pool,
                                         const char *set_id, const char *id)
{
    iu_store_call call = fixture_call(pool);
    iu_record record = fixture_record(set_id, id, "{\"a\":1}");
    iu_problem *problem = insert_record(store, &call, &record);

    if (problem && problem->log_detail) {
        printf("# %s: %s\n", problem->number, problem->log_detail);
    }
    return problem ? problem->number : NULL;
}

/* Finds a record; returns the number of the problem, or NULL. */
static inline const char *fixture_find(iu_store *store, apr_pool_t *pool,
                                       const char *set_id, const char *id)
{
    iu_store_call call = fixture_call(pool);
    iu_record *found;
    iu_problem *problem = iu_store_find(store, &call, set_id, id, &found);

    return problem ? problem->number : NULL;
}

#endif
