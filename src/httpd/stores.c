/* SPDX-License-Identifier: Apache-2.0 */
#include "stores.h"

#include <unistd.h>

#include <http_core.h>
#include <http_main.h>
#include <unixd.h>
#include <util_mutex.h>

#include <apr_strings.h>

#include "../concurrency/checker.h"
#include "../concurrency/clock.h"
#include "../concurrency/tally.h"
#include "config.h"
#include "counters.h"
#include "retained.h"

#define MUTEX "insights-used"
#define LOCKS "mod_insights_used locks"

/* Problems that persist for a while and then affect all requests. */
static const iu_problem_kind lasting[] = {
    IU_DATABASE_DOWN,      IU_DATABASE_REFUSED, IU_DATABASE_FULL,
    IU_DATABASE_READ_ONLY, IU_DATABASE_BUSY,    IU_QUEUE_FULL,
    IU_COMMIT_TIMEOUT,     IU_READ_TIMEOUT,
};

/* How long a check of the database may take, and how long a request waits for
 * its result: longer, to learn what took the time. */
#define CHECK_TIME apr_time_from_sec(1)
#define CHECK_WAIT apr_time_from_msec(1500)

/* The result of a check: that requests are served, or otherwise the kind of
 * their problem. */
#define READY IU_PROBLEM_KINDS

#define LASTING_COUNT (sizeof(lasting) / sizeof(lasting[0]))

typedef struct iu_shared_store {
    iu_store_options options;
    iu_metrics *metrics;             /* of all children */
    server_rec *server;              /* the first that uses it, for log lines */
    iu_store *store;                 /* this child's */
    iu_checker *checker;             /* likewise */
    atomic_int readiness;            /* the last result that was logged */
    iu_tally refused[LASTING_COUNT]; /* requests of this child */
} iu_shared_store;

int iu_stores_pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    /* The default mechanism has time-outs, and a killed child does not keep the
     * lock. */
#if APR_HAS_PROC_PTHREAD_SERIALIZE
    return ap_mutex_register(pconf, MUTEX, NULL, APR_LOCK_PROC_PTHREAD, 0);
#else
    return ap_mutex_register(pconf, MUTEX, NULL, APR_LOCK_DEFAULT, 0);
#endif
}

/* Whether the kernel or APR releases a lock of this mechanism when its holder
 * is killed. */
static int is_released_on_kill(const char *mechanism)
{
    return strcmp(mechanism, "posixsem") != 0;
}

int iu_stores_check_config(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *server)
{
    apr_global_mutex_t *lock;
    const char *mechanism;

    (void)pconf;
    (void)plog;
    /* Created only to learn its mechanism: httpd has no call that returns what
     * the Mutex directives select. */
    if (ap_global_mutex_create(&lock, NULL, MUTEX, "check", server, ptemp, 0) !=
        APR_SUCCESS) {
        return OK; /* post_config will fail in the same way */
    }
    mechanism = apr_global_mutex_name(lock);
    apr_global_mutex_destroy(lock);
    if (is_released_on_kill(mechanism)) {
        return OK;
    }
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server,
                 "IU0145: Mutex %s " MUTEX " is not allowed: if a child is "
                 "killed while it holds the lock, no child can write any more. "
                 "Allowed are pthread, sysvsem, fcntl and flock",
                 mechanism);
    return HTTP_INTERNAL_SERVER_ERROR;
}

/* An iu_log. */
static void log_message(void *baton, iu_log_level level, const char *origin,
                        const char *message)
{
    static const int levels[] = {APLOG_ERR, APLOG_WARNING, APLOG_NOTICE,
                                 APLOG_INFO, APLOG_DEBUG};
    iu_shared_store *shared = baton;

    ap_log_error(APLOG_MARK, levels[level], 0, shared->server, "%s%s%s%s",
                 message, origin ? " (" : "", origin ? origin : "",
                 origin ? ")" : "");
}

/* The settings of a server before this one with the same database; NULL:
 * none. */
static const iu_server_config *find_other(server_rec *first,
                                          const server_rec *server,
                                          const iu_server_config *config)
{
    for (; first != server; first = first->next) {
        const iu_server_config *other = iu_server_config_of(first);

        if (other->driver && !strcmp(other->driver, config->driver) &&
            !strcmp(other->params, config->params)) {
            return other;
        }
    }
    return NULL;
}

/* Warns if the children will not be able to write to the database. If root
 * starts the server they run as the user of the User directive. */
static void check_file(apr_pool_t *ptemp, server_rec *server,
                       const iu_server_config *config)
{
    uid_t user = geteuid() == 0 ? ap_unixd_config.user_id : geteuid();
    const char *sentence =
        iu_store_check_file(ptemp, config->driver, config->params, user);

    if (sentence) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "IU0150: the database of InsightsUsed cannot be used: %s",
                     sentence);
    }
}

void iu_stores_test_config(apr_pool_t *pconf, server_rec *server)
{
    server_rec *at;

    for (at = server; at; at = at->next) {
        const iu_server_config *config = iu_server_config_of(at);

        if (config->driver && !find_other(server, at, config)) {
            check_file(pconf, at, config);
        }
    }
}

/* The lock of a database. It exists as long as the server runs, not only the
 * configuration: during a graceful restart the children of both configurations
 * write to the database, and APR would destroy a lock in pconf while a child
 * that is about to start needs it. The number in its name keeps the lock files
 * of several databases apart. NULL: it cannot be created, httpd has logged
 * why. */
static apr_global_mutex_t *get_lock(server_rec *server, const char *key)
{
    apr_pool_t *pool = server->process->pool;
    apr_hash_t *locks = iu_retained_hash(server, LOCKS);
    apr_global_mutex_t *lock = apr_hash_get(locks, key, APR_HASH_KEY_STRING);

    if (!lock &&
        ap_global_mutex_create(&lock, NULL, MUTEX,
                               apr_itoa(pool, (int)apr_hash_count(locks)),
                               server, pool, 0) == APR_SUCCESS) {
        apr_hash_set(locks, apr_pstrdup(pool, key), APR_HASH_KEY_STRING, lock);
    }
    return lock;
}

static iu_shared_store *make_shared(apr_pool_t *pconf, server_rec *server,
                                    const iu_server_config *config)
{
    const char *key =
        apr_pstrcat(pconf, config->driver, " ", config->params, NULL);
    iu_shared_store *shared = apr_pcalloc(pconf, sizeof(*shared));

    shared->server = server;
    atomic_init(&shared->readiness, READY);
    shared->options.driver = config->driver;
    shared->options.params = config->params;
    shared->options.log = log_message;
    shared->options.log_baton = shared;
    shared->options.writer_turn = get_lock(server, key);
    shared->metrics = iu_counters_get(server, key);
    return shared->options.writer_turn && shared->metrics ? shared : NULL;
}

int iu_stores_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *server)
{
    server_rec *at;

    (void)plog;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    for (at = server; at; at = at->next) {
        iu_server_config *config = iu_server_config_of(at);
        const iu_server_config *other;

        if (!config->driver) {
            continue;
        }
        other = find_other(server, at, config);
        if (other) {
            config->shared_store = other->shared_store;
            continue;
        }
        check_file(ptemp, at, config);
        config->shared_store = make_shared(pconf, at, config);
        if (!config->shared_store) {
            return HTTP_INTERNAL_SERVER_ERROR; /* logged */
        }
    }
    return OK;
}

/* Logs a result if it differs from the last one. */
static void note_readiness(iu_shared_store *shared, int result,
                           const char *cause)
{
    if (atomic_exchange(&shared->readiness, result) == result) {
        return;
    }
    if (result == READY) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, shared->server,
                     "IU0149: this child is ready again");
    }
    else {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, shared->server,
                     "IU0148: this child is not ready: %s: %s",
                     iu_problem_number(result), cause);
    }
}

/* An iu_check. */
static int check_store(void *baton, apr_pool_t *pool)
{
    iu_shared_store *shared = baton;
    const iu_store_call call = {.pool = pool,
                                .deadline = iu_clock_now() + CHECK_TIME,
                                .queue_limit = APR_UINT32_MAX};
    const iu_problem *problem = iu_store_check_health(shared->store, &call);
    int result = problem ? (int)problem->kind : READY;

    note_readiness(shared, result,
                   problem && problem->log_detail ? problem->log_detail
                   : problem                      ? problem->message
                                                  : NULL);
    return result;
}

iu_problem *iu_stores_check(const request_rec *r)
{
    iu_shared_store *shared = iu_server_config_of(r->server)->shared_store;
    int result;

    if (!shared) {
        iu_problem *problem = iu_problem_make(r->pool, IU_NO_DATABASE);

        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "%s: no InsightsUsedDBD in this virtual host or the "
                      "server: there is nothing to be ready",
                      problem->number);
        return problem;
    }
    if (!shared->store) {
        return iu_problem_make(r->pool, IU_DATABASE_REFUSED);
    }
    result = iu_checker_ask(shared->checker, iu_clock_now() + CHECK_WAIT);
    if (result == IU_CHECKER_LATE) {
        result = IU_CHECK_LATE;
        note_readiness(shared, result, "the database does not answer");
    }
    return result == READY ? NULL : iu_problem_make(r->pool, result, "");
}

static void init_shared(apr_pool_t *pchild, iu_shared_store *shared)
{
    iu_store_options *options = &shared->options;
    apr_status_t status = apr_global_mutex_child_init(
        &options->writer_turn, apr_global_mutex_lockfile(options->writer_turn),
        pchild);

    options->metrics = iu_metrics_join(shared->metrics, getpid());
    options->writes = iu_metrics_writes(shared->metrics);
    if (status == APR_SUCCESS) {
        status = iu_store_create(&shared->store, options, pchild);
    }
    if (status == APR_SUCCESS) {
        status =
            iu_checker_create(&shared->checker, check_store, shared, pchild);
    }
    if (status != APR_SUCCESS) {
        shared->store = NULL;
        ap_log_error(APLOG_MARK, APLOG_CRIT, status, shared->server,
                     "IU0141: this child cannot serve InsightsUsed: cannot "
                     "create its lock or its store");
    }
}

void iu_stores_child_init(apr_pool_t *pchild, server_rec *server)
{
    for (; server; server = server->next) {
        iu_shared_store *shared = iu_server_config_of(server)->shared_store;

        if (shared && !shared->store) {
            init_shared(pchild, shared);
        }
    }
}

iu_store *iu_stores_of_request(const request_rec *r)
{
    const iu_shared_store *shared =
        iu_server_config_of(r->server)->shared_store;

    return shared ? shared->store : NULL;
}

iu_metrics_slot *iu_stores_metrics(server_rec *server)
{
    const iu_shared_store *shared = iu_server_config_of(server)->shared_store;

    return shared ? shared->options.metrics : NULL;
}

apr_array_header_t *iu_stores_expose(apr_pool_t *pool)
{
    apr_array_header_t *exposed = apr_array_make(pool, 2, sizeof(iu_exposed));
    server_rec *server;

    for (server = ap_server_conf; server; server = server->next) {
        const iu_shared_store *shared =
            iu_server_config_of(server)->shared_store;
        iu_exposed *added;

        if (!shared || shared->server != server) {
            continue; /* none, or that of a server before */
        }
        added = apr_array_push(exposed);
        added->metrics = shared->metrics;
        added->driver = shared->options.driver;
        iu_store_measure_file(pool, added->driver, shared->options.params,
                              &added->file_bytes, &added->log_bytes);
    }
    return exposed;
}

int iu_stores_note_refused(const request_rec *r, const iu_problem *problem)
{
    iu_shared_store *shared = iu_server_config_of(r->server)->shared_store;
    apr_uint32_t count;
    size_t i = 0;

    while (i < LASTING_COUNT && lasting[i] != problem->kind) {
        i++;
    }
    if (i == LASTING_COUNT || !shared) {
        return APLOG_ERR;
    }
    switch (iu_tally_add(&shared->refused[i], iu_clock_now(), &count)) {
    case IU_TALLY_FIRST:
        return APLOG_ERR;
    case IU_TALLY_MORE:
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, shared->server,
                     "IU0151: %u more requests were refused with %s; the "
                     "last: %s",
                     count, problem->number,
                     problem->log_detail ? problem->log_detail
                                         : problem->message);
        break;
    case IU_TALLY_NOTHING:
        break;
    }
    return APLOG_INFO;
}

void iu_stores_note_served(const request_rec *r)
{
    iu_shared_store *shared = iu_server_config_of(r->server)->shared_store;
    apr_uint32_t count;
    size_t i;

    for (i = 0; shared && i < LASTING_COUNT; i++) {
        /* Do not read the clock if there is nothing to report. */
        if (shared->refused[i].logged_at &&
            iu_tally_is_over(&shared->refused[i], iu_clock_now(), &count)) {
            ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, shared->server,
                         "IU0152: requests are no longer refused with %s; %u "
                         "were since the last line",
                         iu_problem_number(lasting[i]), count);
        }
    }
}
