/* SPDX-License-Identifier: Apache-2.0 */
/* Makes calls of apr_dbd, and for reading SQLite of SQLite, fail as planned.
 * The linker has renamed them: see WRAPPED in tests/tests.mk. */
#ifndef IU_TESTS_UNIT_FAILING_CALLS_H
#define IU_TESTS_UNIT_FAILING_CALLS_H

#include <sqlite3.h>

#include "store_fixture.h"

/* What a driver reports. */
typedef struct error {
    int number;
    const char *text;
    int of_done; /* also of a commit that has been done; the others are said by
                  * what has looked before it did anything, or has undone it */
} error;

/* How calls fail: the first and so many after it. */
typedef struct fault {
    const error *first;
    int executed; /* the first has its effect before it reports failure */
    int length;
    const error *after; /* of the later ones */
    int pause;          /* calls between the first and those, which succeed */
} fault;

#define FOR_EVER 1000000

static struct {
    const fault *fault; /* NULL: nothing fails */
    int at;             /* number of the first call that fails */
    int calls;          /* so far */
    const error *told;  /* what the driver's error function reports; NULL: the
                         * real error */
    apr_time_t passed;  /* added to the real time, for the breaker */
} plot;

/* Whether this call reports failure; *executed: whether it has its effect. */
static int fails(int *executed)
{
    int number = ++plot.calls;
    int after = number - plot.at;

    plot.told = NULL;
    *executed = 1;
    if (plot.fault && after > 0) {
        after = after > plot.fault->pause ? after - plot.fault->pause : -1;
    }
    if (!plot.fault || after < 0 || after >= plot.fault->length) {
        return 0;
    }
    *executed = plot.fault->executed && after == 0;
    plot.told = after == 0 ? plot.fault->first : plot.fault->after;
    return 1;
}

apr_time_t __real_iu_clock_now(void);
apr_time_t __wrap_iu_clock_now(void);
apr_time_t __wrap_iu_clock_now(void)
{
    return __real_iu_clock_now() + plot.passed;
}

/* Does not sleep, to save time. */
void __wrap_apr_sleep(apr_interval_time_t time);
void __wrap_apr_sleep(apr_interval_time_t time)
{
    plot.passed += time;
}

const char *__real_apr_dbd_error(const apr_dbd_driver_t *driver, apr_dbd_t *db,
                                 int number);
const char *__wrap_apr_dbd_error(const apr_dbd_driver_t *driver, apr_dbd_t *db,
                                 int number);
const char *__wrap_apr_dbd_error(const apr_dbd_driver_t *driver, apr_dbd_t *db,
                                 int number)
{
    return plot.told ? plot.told->text
                     : __real_apr_dbd_error(driver, db, number);
}

apr_status_t __real_apr_dbd_open_ex(const apr_dbd_driver_t *driver,
                                    apr_pool_t *pool, const char *params,
                                    apr_dbd_t **db, const char **text);
apr_status_t __wrap_apr_dbd_open_ex(const apr_dbd_driver_t *driver,
                                    apr_pool_t *pool, const char *params,
                                    apr_dbd_t **db, const char **text);
apr_status_t __wrap_apr_dbd_open_ex(const apr_dbd_driver_t *driver,
                                    apr_pool_t *pool, const char *params,
                                    apr_dbd_t **db, const char **text)
{
    int executed;

    /* An open that fails has no effect. */
    if (fails(&executed)) {
        *text = plot.told->text;
        return APR_EGENERAL;
    }
    return __real_apr_dbd_open_ex(driver, pool, params, db, text);
}

/* The other calls pass their arguments on, or return the error's number. */
#define WRAP(name, types, names)                                               \
    int __real_##name types;                                                   \
    int __wrap_##name types;                                                   \
    int __wrap_##name types                                                    \
    {                                                                          \
        int executed;                                                          \
        int failed = fails(&executed);                                         \
        int result = executed ? __real_##name names : 0;                       \
                                                                               \
        return failed ? plot.told->number : result;                            \
    }

WRAP(apr_dbd_select,
     (const apr_dbd_driver_t *driver, apr_pool_t *pool, apr_dbd_t *db,
      apr_dbd_results_t **results, const char *sql, int random),
     (driver, pool, db, results, sql, random))
WRAP(apr_dbd_query,
     (const apr_dbd_driver_t *driver, apr_dbd_t *db, int *rows,
      const char *sql),
     (driver, db, rows, sql))
WRAP(apr_dbd_prepare,
     (const apr_dbd_driver_t *driver, apr_pool_t *pool, apr_dbd_t *db,
      const char *sql, const char *label, apr_dbd_prepared_t **statement),
     (driver, pool, db, sql, label, statement))
WRAP(apr_dbd_pselect,
     (const apr_dbd_driver_t *driver, apr_pool_t *pool, apr_dbd_t *db,
      apr_dbd_results_t **results, apr_dbd_prepared_t *statement, int random,
      int count, const char **arguments),
     (driver, pool, db, results, statement, random, count, arguments))
WRAP(apr_dbd_pquery,
     (const apr_dbd_driver_t *driver, apr_pool_t *pool, apr_dbd_t *db,
      int *rows, apr_dbd_prepared_t *statement, int count,
      const char **arguments),
     (driver, pool, db, rows, statement, count, arguments))

int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int length,
                              unsigned flags, sqlite3_stmt **statement,
                              const char **rest);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int length,
                              unsigned flags, sqlite3_stmt **statement,
                              const char **rest);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int length,
                              unsigned flags, sqlite3_stmt **statement,
                              const char **rest)
{
    int executed;

    /* A prepare that fails has no effect. */
    return fails(&executed) ? plot.told->number
                            : __real_sqlite3_prepare_v3(db, sql, length, flags,
                                                        statement, rest);
}
WRAP(sqlite3_step, (sqlite3_stmt * statement), (statement))

const char *__real_sqlite3_errmsg(sqlite3 *db);
const char *__wrap_sqlite3_errmsg(sqlite3 *db);
const char *__wrap_sqlite3_errmsg(sqlite3 *db)
{
    return plot.told ? plot.told->text : __real_sqlite3_errmsg(db);
}

#endif
