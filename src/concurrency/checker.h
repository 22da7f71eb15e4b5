/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A check that may never return, for callers that must. It runs in a thread of
 * its own, of which there is at most one, and callers wait for its result until
 * their deadline. So a database server that is frozen holds one thread, and no
 * caller.
 */
#ifndef IU_CONCURRENCY_CHECKER_H
#define IU_CONCURRENCY_CHECKER_H

#include <apr_pools.h>
#include <apr_time.h>

/* How long a result is given to callers before the check runs again. */
#define IU_CHECKER_AGE apr_time_from_sec(1)

/* iu_checker_ask: there was no result before the deadline. */
#define IU_CHECKER_LATE (-1)

/* Returns a result that is not negative. pool lasts until it returns. */
typedef int iu_check(void *baton, apr_pool_t *pool);

typedef struct iu_checker iu_checker;

/* Creates a checker in pool; starts no thread. Clearing pool waits for a check
 * that runs, before anything else in pool ends. */
apr_status_t iu_checker_create(iu_checker **checker, iu_check *check,
                               void *baton, apr_pool_t *pool);

/* Returns a result that is no older than IU_CHECKER_AGE, or IU_CHECKER_LATE.
 * deadline: of iu_clock_now. Thread-safe. */
int iu_checker_ask(iu_checker *checker, apr_time_t deadline);

#endif
