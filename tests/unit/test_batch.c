/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/batch/batch.c, with a host in place of httpd. */
#include "support/store_fixture.h"

#include "../../src/batch/batch.h"
#include "../../src/graph/used_insight.h"
#include "../../src/service/service.h"

#define ROOT "https://graph.example/beta"
#define RECORD                                                                 \
    "\"lastUsed\":{},\"resourceVisualization\":{},\"resourceReference\":{}"

static apr_pool_t *test_pool;
static iu_store *store;
static iu_random randomness;
static const char *set; /* of the current test */

/*** Batches ***/

static const char *item(const char *id, const char *method, const char *path,
                        const char *more)
{
    return apr_psprintf(test_pool,
                        "{\"id\":\"%s\",\"method\":\"%s\",\"url\":\"%s%s\"%s},",
                        id, method, set, path, more);
}

static const char *create(const char *id, const char *record, const char *more)
{
    return item(id, "POST", "",
                apr_pstrcat(test_pool, ",\"body\":{\"id\":\"", record,
                            "\"," RECORD "}", more, NULL));
}

static const char *change(const char *id, const char *record, const char *title,
                          const char *more)
{
    return item(id, "PATCH", apr_pstrcat(test_pool, "/", record, NULL),
                apr_pstrcat(test_pool,
                            ",\"body\":{\"resourceVisualization\":{\"title\":"
                            "\"",
                            title, "\"}}", more, NULL));
}

#define GROUP ",\"atomicityGroup\":\"g\""

/*** The host ***/

typedef struct host {
    const char *opened; /* ids of requests, in the order in which they began */
    const char *logged; /* the same, with status, as they ended */
    int rivals;         /* how often "rival" may change the record before it */
} host;

static void set_operation(iu_operation *operation, const char *target)
{
    operation->settings = (iu_settings){.service_root = ROOT,
                                        .required = IU_MEMBERS_REQUIRED,
                                        .max_body = 100000,
                                        .timeout = apr_time_from_sec(5),
                                        .queue_limit = 1024,
                                        .repeat_window = apr_time_from_sec(60),
                                        .max_target = 8000};
    operation->store = store;
    operation->random = &randomness;
    operation->origin = "request-id test";
    operation->route_problem =
        iu_route_read(test_pool, "/beta", target, &operation->route);
}

static void identify(void *baton, const iu_batch_item *item, apr_pool_t *pool,
                     iu_batch_entry *entry)
{
    (void)baton;
    (void)item;
    memset(entry, 0, sizeof *entry);
    entry->headers = apr_table_make(pool, 2);
}

/* An iu_read_body. */
static iu_problem *read_change(const iu_operation *operation, iu_buffer *body)
{
    iu_buffer_init(body, operation->pool, 64);
    iu_buffer_puts(body, "{\"resourceReference\":{\"id\":\"rival\"}}");
    return NULL;
}

/* Changes the record "one" as another client would. */
static void change_as_rival(apr_pool_t *pool)
{
    iu_operation operation = {.pool = pool,
                              .method = IU_METHOD_PATCH,
                              .headers = apr_table_make(pool, 1),
                              .read_body = read_change};
    iu_answer answer = {.headers = apr_table_make(pool, 4)};

    set_operation(&operation, apr_pstrcat(pool, "/beta", set, "/one", NULL));
    apr_table_setn((apr_table_t *)operation.headers, "Content-Type",
                   "application/json");
    if (iu_service_run(&operation, &answer)) {
        give_up("the rival cannot change the record");
    }
}

/* The first letters of the id say what becomes of the request. */
static iu_problem *open_item(void *baton, const iu_batch_item *item,
                             apr_pool_t *pool, iu_operation *operation,
                             iu_batch_entry *entry)
{
    host *this = baton;

    (void)entry;
    this->opened = apr_pstrcat(test_pool, this->opened, item->id, " ", NULL);
    if (!strncmp(item->id, "denied", 6)) {
        return iu_problem_make(pool, IU_HTTP_FORBIDDEN);
    }
    if (!strncmp(item->id, "rival", 5) && this->rivals-- > 0) {
        change_as_rival(pool);
    }
    memset(operation, 0, sizeof *operation);
    set_operation(operation, item->target);
    operation->query = strchr(item->target, '?');
    if (operation->query) {
        operation->query++;
    }
    if (!strncmp(item->id, "down", 4)) {
        operation->store = NULL;
    }
    return NULL;
}

static void log_item(void *baton, const iu_batch_item *item,
                     const iu_batch_entry *entry, int status,
                     const iu_problem *problem)
{
    host *this = baton;

    (void)entry;
    (void)problem;
    this->logged =
        apr_psprintf(test_pool, "%s%s:%d ", this->logged, item->id, status);
}

/*** Runs ***/

static host ran;   /* the host of the last batch */
static int failed; /* of the same */

static void read_requests(const char *items, iu_batch_request *request)
{
    const iu_batch_limits limits = {.max_items = 1000,
                                    .max_target = 8000,
                                    .root = "/beta",
                                    .service_root = ROOT};
    char *text = apr_pstrcat(test_pool, "{\"requests\":[", items, NULL);
    iu_problem *problem;

    /* Each item ends with a comma. */
    text[strlen(text) - 1] = ']';
    text = apr_pstrcat(test_pool, text, "}", NULL);
    problem =
        iu_batch_request_read(test_pool, text, strlen(text), &limits, request);
    if (problem) {
        give_up(problem->message);
    }
}

/* The statuses of a response, as "a:200 b:404 ". */
static const char *statuses_of(const iu_batch_response *response)
{
    const char *statuses = "";
    int i;

    for (i = 0; i < response->count; i++) {
        const char *text = response->items[i].text;
        const char *id = text + strlen(",{\"id\":\"");

        statuses = apr_psprintf(
            test_pool, "%s%.*s:%.3s ", statuses, (int)strcspn(id, "\""), id,
            strstr(text, "\"status\":") + strlen("\"status\":"));
    }
    return statuses;
}

/* Runs a batch whose answer has at most so many bytes. Returns the problem of
 * the whole. */
static iu_problem *run(const char *items, apr_size_t max_size, int rivals,
                       const char **statuses)
{
    const iu_batch_host functions = {identify, open_item, log_item, &ran};
    iu_batch_request request;
    iu_batch_response response;
    iu_problem *problem;

    ran = (host){"", "", rivals};
    failed = 0;
    *statuses = "";
    read_requests(items, &request);
    iu_batch_response_begin(&response, test_pool, request.items->nelts,
                            max_size);
    problem = iu_batch_run(test_pool, &request, &functions,
                           iu_clock_now() + apr_time_from_sec(10), &response,
                           &failed);
    if (!problem) {
        *statuses = statuses_of(&response);
    }
    return problem;
}

static void gives(const char *name, const char *items, const char *expected)
{
    const char *statuses;
    iu_problem *problem = run(items, 1000000, 0, &statuses);

    is_problem(problem, NO_PROBLEM, name);
    is_text(statuses, expected, "%s: the statuses", name);
}

/* Begins a test with a set that has a record, "one". */
static void begin(void)
{
    static int number;

    set = apr_psprintf(test_pool, "/users/%d/insights/used", ++number);
    gives("the record of before", create("a", "one", ""), "a:201 ");
}

/* The ids of a list of requests, which are joined by apr_pstrcat. */
#define ITEMS(...) apr_pstrcat(test_pool, __VA_ARGS__, NULL)
#define AFTER(id) ",\"dependsOn\":[\"" id "\"]"

/*** Tests ***/

static void test_order(void)
{
    begin();
    gives("waves",
          ITEMS(create("a", "a", ""), item("b", "GET", "", ""),
                create("c", "c", AFTER("a")), create("d", "d", ""),
                item("e", "GET", "/c", AFTER("c"))),
          "a:201 b:200 c:201 d:201 e:200 ");
    is_text(ran.opened, "a d b c e ",
            "a wave has its writes first, and then its reads");
    is_text(ran.logged, "a:201 d:201 b:200 c:201 e:200 ", "logged once each");
    is_number(failed, 0, "none failed");
    gives("needs",
          ITEMS(create("a", "one", ""), create("b", "b", AFTER("a")),
                item("c", "GET", "/b", AFTER("b")), item("d", "GET", "", ""),
                item("e", "DELETE", "/one", AFTER("d")),
                create("denied", "x", ""),
                item("f", "GET", "", AFTER("denied"))),
          "a:409 b:424 c:424 d:200 e:204 denied:403 f:424 ");
    is_number(failed, 5, "failures are counted");
    is_text(ran.opened, "a denied d e ",
            "what depends on a failure is not even authorized");
}

static void test_group(void)
{
    begin();
    gives("a group",
          ITEMS(create("a", "a", GROUP), create("x", "x", ""),
                change("b", "one", "t", GROUP),
                item("c", "GET", "/a", AFTER("g"))),
          "a:201 x:201 b:200 c:200 ");
    gives("a failure of the last",
          ITEMS(create("a", "a2", GROUP), change("b", "none", "t", GROUP),
                item("c", "GET", "/a2", "")),
          "a:424 b:404 c:404 ");
    gives("a failure that the commit finds",
          ITEMS(create("a", "a2", GROUP), create("b", "one", GROUP),
                item("c", "GET", "/a2", ""), item("d", "GET", "", AFTER("g"))),
          "a:424 b:409 c:404 d:424 ");
    gives("two writes of one record",
          ITEMS(change("a", "one", "1", GROUP), change("b", "one", "2", GROUP)),
          "a:424 b:400 ");
}

/* Another client changes a record between the preparation and the commit. */
static void test_conflict(void)
{
    const char *items;
    const char *statuses;

    begin();
    items =
        ITEMS(change("a", "one", "mine", GROUP), create("rival", "r", GROUP),
              item("c", "GET", "/r", AFTER("g")));
    is_problem(run(items, 1000000, 1, &statuses), NO_PROBLEM, "a conflict");
    is_text(statuses, "a:200 rival:201 c:200 ", "the group is run again");
    gives("what is stored", item("c", "GET", "/one?$select=id", ""), "c:200 ");

    begin();
    items =
        ITEMS(change("a", "one", "mine", ",\"headers\":{\"If-Match\":\"*\"}"),
              create("rival", "r", ""));
    is_problem(run(items, 1000000, 1, &statuses), NO_PROBLEM,
               "a conflict outside of groups");
    is_text(statuses, "a:200 rival:201 ", "the request is run again");
}

static void test_repeat(void)
{
    const char *key = ",\"headers\":{\"Idempotency-Key\":\"k1\"}";
    const char *other = ",\"headers\":{\"Idempotency-Key\":\"k2\"}";
    const char *body = ",\"body\":{" RECORD "}" GROUP;
    const char *items;

    begin();
    items =
        ITEMS(item("a", "POST", "", apr_pstrcat(test_pool, body, key, NULL)),
              item("b", "POST", "", apr_pstrcat(test_pool, body, other, NULL)));
    gives("a group with keys", items, "a:201 b:201 ");
    gives("its repeat", items, "a:201 b:201 ");
    gives("a repeat with something new", ITEMS(items, create("c", "c", GROUP)),
          "a:201 b:201 c:201 ");
    gives("a repeat with a failure", ITEMS(items, create("c", "one", GROUP)),
          "a:424 b:424 c:409 ");
}

/* The database cannot be used: the store is absent. */
static void test_untried(void)
{
    const char *statuses;

    begin();
    is_problem(run(ITEMS(create("down1", "a", ""), item("down2", "GET", "", ""),
                         item("c", "GET", "", AFTER("down1"))),
                   1000000, 0, &statuses),
               IU_DATABASE_REFUSED, "nothing could be tried");
    is_problem(
        run(ITEMS(create("a", "a", GROUP), change("down", "one", "t", GROUP)),
            1000000, 0, &statuses),
        IU_DATABASE_REFUSED, "nor the rest of a group");
    gives("one could be tried",
          ITEMS(create("down", "a", ""), item("b", "GET", "", "")),
          "down:503 b:200 ");
    gives("one was refused",
          ITEMS(create("down", "a", ""), create("denied", "b", "")),
          "down:503 denied:403 ");
    gives("the group has a failure of its own",
          ITEMS(create("down", "a", GROUP), change("b", "none", "t", GROUP)),
          "down:503 b:404 ");
}

/* A write is done only if its answer has room. */
static void test_room(void)
{
    const apr_size_t one = 20000 + 2 * IU_BATCH_ITEM_ROOM;
    const char *statuses;

    begin();
    is_problem(run(ITEMS(create("a", "a", ""), create("b", "b", "")), one, 0,
                   &statuses),
               NO_PROBLEM, "room for one write");
    is_text(statuses, "a:201 b:413 ", "the second is refused");
    gives("it was not done",
          ITEMS(item("a", "GET", "/a", ""), item("b", "GET", "/b", "")),
          "a:200 b:404 ");
    is_problem(run(ITEMS(create("a", "c", GROUP), create("b", "d", GROUP)), one,
                   0, &statuses),
               NO_PROBLEM, "room for one of a group");
    is_text(statuses, "a:424 b:413 ", "the group is refused");
    gives("none was done",
          ITEMS(item("a", "GET", "/c", ""), item("b", "GET", "/d", "")),
          "a:404 b:404 ");
    is_problem(run(ITEMS(create("a", "e", ""), create("b", "f", AFTER("a"))),
                   one + 2000, 0, &statuses),
               NO_PROBLEM, "room that an answer did not need");
    is_text(statuses, "a:201 b:201 ", "is there for the next wave");
}

static void test_many(void)
{
    const char *items = "";
    const char *statuses;
    iu_problem *problem;
    int i;

    begin();
    for (i = 0; i < 600; i++) {
        const char *id = apr_psprintf(test_pool, "i%d", i);

        items = apr_pstrcat(test_pool, items, create(id, id, ""), NULL);
    }
    problem = run(items, 16000000, 0, &statuses);
    is_problem(problem, NO_PROBLEM, "600 writes in one wave");
    is_number(failed, 0, "all are done");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    store = fixture_store(test_pool, fixture_path(test_pool), NULL);
    test_order();
    test_group();
    test_conflict();
    test_repeat();
    test_untried();
    test_room();
    test_many();
    apr_terminate();
    return done();
}
