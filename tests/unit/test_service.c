/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/service/service.c and the operations that it runs, without
 * httpd. */
#include "support/store_fixture.h"

#include "../../src/graph/used_insight.h"
#include "../../src/service/service.h"

#define SET "invitations/inv/invitedUser/insights/used"
#define OTHER_SET "invitations/other/invitedUser/insights/used"
#define ROOT "https://graph.example/beta"
#define CREATE                                                                 \
    "{\"id\":\"one\",\"lastUsed\":{},\"resourceVisualization\":{},"            \
    "\"resourceReference\":{}}"

static apr_pool_t *test_pool;
static iu_store *store;
static iu_random randomness;

/* An iu_read_body that returns a text; if that is NULL it must not be
 * called. */
static iu_problem *read_body(const iu_operation *operation, iu_buffer *body)
{
    const char *text = operation->source;

    if (!text) {
        give_up("a body was read where there is none");
    }
    iu_buffer_init(body, operation->pool, strlen(text));
    iu_buffer_puts(body, text);
    return NULL;
}

static iu_operation operation_of(iu_method method, const char *path,
                                 const char *body)
{
    iu_operation operation = {
        .pool = test_pool,
        .method = method,
        .headers = apr_table_make(test_pool, 4),
        .read_body = read_body,
        .source = (void *)body,
        .settings = {.service_root = ROOT,
                     .required = IU_MEMBERS_REQUIRED,
                     .max_body = 1024,
                     .timeout = apr_time_from_sec(5),
                     .queue_limit = 16,
                     .repeat_window = apr_time_from_sec(60),
                     .max_target = 8000},
        .store = store,
        .random = &randomness,
        .origin = "request-id test",
    };
    const char *query = strchr(path, '?');

    operation.route_problem = iu_route_read(
        test_pool, "/beta", apr_pstrcat(test_pool, "/beta/", path, NULL),
        &operation.route);
    operation.query = query ? query + 1 : NULL;
    if (body) {
        apr_table_setn((apr_table_t *)operation.headers, "Content-Type",
                       "application/json");
    }
    return operation;
}

static void set_body(iu_operation *operation, const char *body)
{
    operation->source = (void *)body;
}

static void set_header(iu_operation *operation, const char *name,
                       const char *value)
{
    apr_table_setn((apr_table_t *)operation->headers, name, value);
}

/* Runs an operation and returns all parts of the content, or NULL if there is
 * none or a problem. */
static const char *run(const iu_operation *operation, iu_answer *answer,
                       iu_problem **problem)
{
    iu_buffer content;
    int i;

    memset(answer, 0, sizeof *answer);
    answer->headers = apr_table_make(test_pool, 4);
    *problem = iu_service_run(operation, answer);
    if (*problem || !answer->content_type) {
        return NULL;
    }
    iu_buffer_init(&content, test_pool, 1024);
    for (;;) {
        for (i = 0; i < answer->parts->nelts; i++) {
            const iu_span *part = &APR_ARRAY_IDX(answer->parts, i, iu_span);

            iu_buffer_append(&content, part->text, part->length);
        }
        apr_array_clear(answer->parts);
        if (!answer->next) {
            return content.data;
        }
        *problem = answer->next(answer);
        if (*problem) {
            return NULL;
        }
    }
}

static const char *header(const iu_answer *answer, const char *name)
{
    return apr_table_get(answer->headers, name);
}

static void is_refused(const iu_operation *operation, iu_problem_kind kind,
                       const char *name)
{
    iu_answer answer;
    iu_problem *problem;

    run(operation, &answer, &problem);
    is_text(problem ? problem->number : NULL, iu_problem_number(kind), "%s",
            name);
}

static void test_methods(void)
{
    static const struct {
        iu_route_kind kind;
        unsigned methods;
    } rows[] = {
        {IU_ROUTE_NONE, 0},
        {IU_ROUTE_SERVICE_DOCUMENT, 1u << IU_METHOD_GET},
        {IU_ROUTE_METADATA, 1u << IU_METHOD_GET},
        {IU_ROUTE_COLLECTION, 1u << IU_METHOD_GET | 1u << IU_METHOD_POST},
        {IU_ROUTE_ITEM,
         1u << IU_METHOD_GET | 1u << IU_METHOD_PATCH | 1u << IU_METHOD_DELETE},
        {IU_ROUTE_COUNT, 1u << IU_METHOD_GET},
    };
    iu_operation other = operation_of(IU_METHOD_UNKNOWN, SET, NULL);
    iu_operation wrong = operation_of(IU_METHOD_POST, SET "/one", CREATE);
    apr_size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        is_number(iu_service_methods(rows[i].kind), rows[i].methods,
                  "the methods of kind %d", (int)rows[i].kind);
    }
    is_refused(&other, IU_METHOD_NOT_ALLOWED, "a method that nothing has");
    is_refused(&wrong, IU_METHOD_NOT_ALLOWED, "one that others have");
}

static void test_create(void)
{
    iu_operation create = operation_of(IU_METHOD_POST, SET, CREATE);
    iu_operation find = operation_of(IU_METHOD_GET, SET "/one", NULL);
    iu_answer answer;
    iu_problem *problem;
    const char *created = run(&create, &answer, &problem);
    const char *etag;

    ok(!problem && answer.status == 201, "create: 201");
    is_text(header(&answer, "Location"), ROOT "/" SET "/one", "Location");
    etag = header(&answer, "ETag");
    ok(etag != NULL, "ETag");
    is_text(run(&find, &answer, &problem), created, "find: the same record");
    is_number(answer.status, 200, "200");
    is_text(header(&answer, "ETag"), etag, "find: its ETag");
    set_header(&find, "If-None-Match", etag);
    ok(!run(&find, &answer, &problem) && answer.status == 304,
       "find: not modified");

    run(&create, &answer, &problem);
    is_text(problem ? problem->location : NULL, ROOT "/" SET "/one",
            "create again: refused, with the first record's Location");
    set_header(&create, "Prefer", "return=minimal");
    set_body(&create, "{\"lastUsed\":{},\"resourceVisualization\":{},"
                      "\"resourceReference\":{}}");
    ok(!run(&create, &answer, &problem) && !problem && answer.status == 204 &&
           !answer.content_type,
       "return=minimal: no content");
    is_text(header(&answer, "OData-EntityId"), header(&answer, "Location"),
            "but a Location");
}

/* A create without an id. */
#define BODY(title)                                                            \
    "{\"lastUsed\":{},\"resourceVisualization\":{\"title\":\"" title "\"},"    \
    "\"resourceReference\":{}}"

/* A create with a key is done once. */
static void test_repeat(void)
{
    iu_operation create = operation_of(IU_METHOD_POST, OTHER_SET, BODY("a"));
    const char *location;
    const char *created;
    iu_answer answer;
    iu_problem *problem;

    set_header(&create, "Idempotency-Key", "key");
    created = run(&create, &answer, &problem);
    location = header(&answer, "Location");
    ok(!problem && answer.status == 201, "a key: created");
    is_text(header(&answer, "Repeatability-Result"), NULL,
            "which has no result");
    set_header(&create, "Idempotency-Key", "\"key\"");
    set_body(&create, "{ \"resourceReference\": {}, \"lastUsed\": {},"
                      "\"resourceVisualization\": {\"title\": \"\\u0061\"}}");
    is_text(run(&create, &answer, &problem), created,
            "the same again, written in another way: the same answer");
    ok(!problem && answer.status == 201, "201");
    is_text(header(&answer, "Location"), location, "and Location");
    set_body(&create, BODY("b"));
    is_refused(&create, IU_REPEAT_DIFFERS, "another body");
    set_body(&create, CREATE);
    run(&create, &answer, &problem);
    is_text(header(&answer, "Location"), ROOT "/" OTHER_SET "/one",
            "an id of its own counts");
    is_refused(&create, IU_ALREADY_EXISTS, "and is refused as ever");
    set_header(&create, "Idempotency-Key", "");
    is_refused(&create, IU_REPEAT_INVALID, "but the key is checked");
}

static void test_repeat_pair(void)
{
    iu_operation create = operation_of(IU_METHOD_POST, OTHER_SET, BODY("a"));
    char *date = apr_palloc(test_pool, APR_RFC822_DATE_LEN);
    iu_answer answer;
    iu_problem *problem;
    const char *created;

    apr_rfc822_date(date, apr_time_now());
    set_header(&create, "Repeatability-Request-ID", "key");
    set_header(&create, "Repeatability-First-Sent", date);
    created = run(&create, &answer, &problem);
    is_text(header(&answer, "Repeatability-Result"), "accepted",
            "a pair: accepted");
    is_text(run(&create, &answer, &problem), created, "the same again");
    is_text(header(&answer, "Repeatability-Result"), "accepted", "accepted");
    set_body(&create, BODY("b"));
    run(&create, &answer, &problem);
    is_text(problem ? problem->repeatability_result : NULL, "rejected",
            "another body: rejected");
    set_body(&create, "{\"id\":\"two\",\"lastUsed\":{},"
                      "\"resourceVisualization\":{},"
                      "\"resourceReference\":{}}");
    run(&create, &answer, &problem);
    ok(!problem && answer.status == 201, "an id of its own: 201");
    is_text(header(&answer, "Repeatability-Result"), NULL,
            "and no promise, since the same again is refused");
    apr_rfc822_date(date, apr_time_now() - apr_time_from_sec(62));
    is_refused(&create, IU_REPEAT_OUTSIDE, "too old");
}

static void test_steps(void)
{
    iu_operation operation = operation_of(IU_METHOD_POST, SET, CREATE);

    /* Each fault is reported before the later ones. */
    operation.store = NULL;
    set_body(&operation, "{");
    is_refused(&operation, IU_BODY_NOT_JSON, "a body that is no JSON");
    set_header(&operation, "Content-Type", "text/plain");
    is_refused(&operation, IU_CONTENT_TYPE, "another type: it is not read");
    set_header(&operation, "Accept", "text/html");
    is_refused(&operation, IU_NOT_ACCEPTABLE, "no JSON is accepted");
    operation.query = "$top=1";
    is_refused(&operation, IU_OPTION_UNSUPPORTED, "an option of lists");
    set_header(&operation, "OData-MaxVersion", "3.0");
    is_refused(&operation, IU_ODATA_MAX_VERSION, "OData-MaxVersion");
    operation = operation_of(IU_METHOD_GET, SET "('')", NULL);
    is_refused(&operation, IU_KEY_INVALID, "a key that is none");
    operation = operation_of(IU_METHOD_GET, SET "/one", NULL);
    operation.store = NULL;
    is_refused(&operation, IU_DATABASE_REFUSED, "no store");
    set_header(&operation, "If-Match", "x");
    is_refused(&operation, IU_PRECONDITION_INVALID, "no entity tag");
}

static void test_change(void)
{
    iu_operation update =
        operation_of(IU_METHOD_PATCH, SET "/one",
                     "{\"resourceVisualization\":{\"title\":\"t\"}}");
    iu_operation remove = operation_of(IU_METHOD_DELETE, SET "/one", NULL);
    iu_answer answer;
    iu_problem *problem;
    const char *content = run(&update, &answer, &problem);

    ok(content && strstr(content, "\"title\":\"t\"") && answer.status == 200,
       "update: 200 with the new record");
    update.settings.if_match_required = 1;
    is_refused(&update, IU_PRECONDITION_REQUIRED, "If-Match can be required");
    set_header(&update, "If-Match", "\"x\"");
    is_refused(&update, IU_PRECONDITION_FAILED, "and must hold");
    set_header(&remove, "If-Match", header(&answer, "ETag"));
    run(&remove, &answer, &problem);
    ok(!problem && answer.status == 204, "delete: 204");
    is_refused(&update, IU_PRECONDITION_FAILED, "then it is gone");
}

static void test_list(void)
{
    iu_operation list =
        operation_of(IU_METHOD_GET, SET "?$top=20&$count=true", NULL);
    iu_operation count = operation_of(IU_METHOD_GET, SET "/$count", NULL);
    char *document = apr_palloc(test_pool, 100001);
    iu_answer answer;
    iu_problem *problem;
    const char *content;
    const char *link;
    int i;

    memset(document, 'x', 100000);
    document[100000] = '\0';
    for (i = 0; i < 30; i++) {
        iu_operation create = operation_of(
            IU_METHOD_POST, SET,
            apr_psprintf(test_pool,
                         "{\"id\":\"k%02d\",\"lastUsed\":{},"
                         "\"resourceVisualization\":{\"title\":\"%s\"},"
                         "\"resourceReference\":{}}",
                         i, document));

        create.settings.max_body = 200000;
        run(&create, &answer, &problem);
        if (problem) {
            give_up(problem->message);
        }
    }
    content = run(&list, &answer, &problem);
    ok(content && strstr(content, "\"@odata.count\":31"), "a list: its count");
    ok(content && strlen(content) > 20 * 90000,
       "a list in batches is complete");
    link = content ? strstr(content, "\"@odata.nextLink\":\"") : NULL;
    ok(link && strstr(link, "$skiptoken="),
       "a list has a link to the next page");
    list.settings.max_target = 20;
    is_refused(&list, IU_LINK_TOO_LONG, "one that the server would refuse");
    list.is_head = 1;
    list.settings.max_target = 8000;
    content = run(&list, &answer, &problem);
    ok(content && !*content, "HEAD: no content");
    list.is_head = 0;
    set_header(&list, "Accept", "application/json;IEEE754Compatible=true");
    content = run(&list, &answer, &problem);
    ok(content && strstr(content, "\"@odata.count\":\"31\""),
       "IEEE754Compatible: the count is a string");
    is_text(run(&count, &answer, &problem), "31",
            "count: the number of records");
}

/* Creates a record by one path. Returns its Location, without the root. */
static const char *created_at(const iu_operation *create)
{
    iu_answer answer;
    iu_problem *problem;
    const char *location;

    run(create, &answer, &problem);
    if (problem) {
        return problem->number;
    }
    location = header(&answer, "Location");
    return location + strlen(ROOT "/");
}

/* The context of the record that is read. */
static const char *context_at(const iu_operation *find)
{
    iu_answer answer;
    iu_problem *problem;
    const char *content = run(find, &answer, &problem);
    const char *context = content ? strstr(content, "$metadata#") : NULL;

    return problem ? problem->number
                   : apr_pstrmemdup(test_pool, context, strcspn(context, "\""));
}

static void test_users(void)
{
    iu_operation user =
        operation_of(IU_METHOD_POST, "users/u/insights/used", CREATE);
    iu_operation me = operation_of(IU_METHOD_GET, "me/insights/used/one", NULL);
    iu_operation list =
        operation_of(IU_METHOD_GET, "me/insights/used?$select=id", NULL);
    iu_operation other =
        operation_of(IU_METHOD_GET, "users/v/insights/used/one", NULL);
    iu_operation invitation = operation_of(
        IU_METHOD_GET, "invitations/u/invitedUser/insights/used/one", NULL);

    is_text(created_at(&user), "users/u/insights/used/one", "create by user");
    is_text(created_at(&user), "IU0050", "it is there");
    me.route.owner.id = list.route.owner.id = "u";
    is_text(context_at(&me), "$metadata#me/insights/used/$entity",
            "the same user finds it as me");
    is_text(context_at(&list), "$metadata#me/insights/used(id)",
            "and in lists");
    is_refused(&other, IU_NOT_FOUND, "another user does not");
    is_refused(&invitation, IU_NOT_FOUND, "nor the invitation of that id");
    invitation.settings.invitation_query = "SELECT NULL WHERE %s = 'u'";
    is_refused(&invitation, IU_NOT_FOUND, "nor one with an unknown user");
    other.settings.invitation_query = "SELECT no SQL %s";
    is_refused(&other, IU_NOT_FOUND, "the query is not for users");
    invitation.settings.invitation_query = "SELECT 'u' WHERE %s = 'u'";
    is_text(context_at(&invitation),
            "$metadata#invitations('u')/invitedUser/insights/used/$entity",
            "but one that the query knows to be this user");
    invitation.settings.invitation_query = "SELECT '' WHERE %s = 'u'";
    is_refused(&invitation, IU_READ_FAILED, "no user has an empty id");
}

/* What an operation answers to a $format, and to an Accept that says
 * otherwise. */
static void test_format(const char *path, const char *format,
                        const char *content_type)
{
    iu_operation operation = operation_of(IU_METHOD_GET, path, NULL);
    iu_answer answer;
    iu_problem *problem;

    operation.query = apr_pstrcat(test_pool, "$format=", format, NULL);
    set_header(&operation, "Accept", content_type ? "image/png" : "*/*");
    run(&operation, &answer, &problem);
    is_text(problem ? NULL : answer.content_type, content_type, "%s?%s", path,
            operation.query);
    if (!content_type) {
        is_text(problem ? problem->target : NULL, "$format",
                "the $format is refused");
        is_number(problem ? problem->status : 0, 406, "by 406");
    }
}

static void test_formats(void)
{
    static const char minimal[] =
        "application/json;odata.metadata=minimal;odata.streaming=true;"
        "IEEE754Compatible=false;charset=utf-8";
    static const char full[] =
        "application/json;odata.metadata=full;odata.streaming=true;"
        "IEEE754Compatible=true;charset=utf-8";

    test_format(SET, "json", minimal);
    test_format(SET "/k00", "json", minimal);
    test_format(SET,
                "application/json;odata.metadata=full;IEEE754Compatible=true",
                full);
    test_format(SET, "atom", NULL);
    test_format(SET, "application/xml", NULL);
    test_format(SET, "", NULL);
    test_format(SET "/$count", "text/plain", "text/plain;charset=utf-8");
    test_format(SET "/$count", "json", NULL);
    test_format("", "json", minimal);
    test_format("$metadata", "xml", "application/xml;charset=utf-8");
    test_format("$metadata", "json", "application/json;charset=utf-8");
    test_format("$metadata", "application/xml",
                "application/xml;charset=utf-8");
    test_format("$metadata", "text/html", NULL);
    test_format("openapi.json", "json", "application/json");
    test_format("openapi.json", "xml", NULL);
}

static void test_description(void)
{
    iu_operation root = operation_of(IU_METHOD_GET, "", NULL);
    iu_operation metadata = operation_of(IU_METHOD_GET, "$metadata", NULL);
    iu_answer answer;
    iu_problem *problem;
    const char *content;

    root.store = metadata.store = NULL;
    is_text(run(&root, &answer, &problem),
            "{\"@odata.context\":\"" ROOT "/$metadata\",\"value\":[{"
            "\"name\":\"me\",\"kind\":\"Singleton\",\"url\":\"me\"}]}",
            "the service document needs no store");
    content = run(&metadata, &answer, &problem);
    ok(content && strstr(content, "<edmx:Edmx"), "$metadata as XML");
    is_text(answer.content_type, "application/xml;charset=utf-8",
            "its Content-Type");
    set_header(&metadata, "Accept", "application/json");
    content = run(&metadata, &answer, &problem);
    ok(content && *content == '{', "and as JSON");
    set_header(&metadata, "Accept", "text/html");
    is_refused(&metadata, IU_NOT_ACCEPTABLE, "nor as anything else");
}

int main(void)
{
    iu_store_options options = {.driver = fixture_driver()};

    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    options.params = fixture_path(test_pool);
    if (iu_store_create(&store, &options, test_pool) != APR_SUCCESS) {
        give_up("no store");
    }
    test_methods();
    test_create();
    test_repeat();
    test_repeat_pair();
    test_steps();
    test_change();
    test_list();
    test_users();
    test_formats();
    test_description();
    apr_terminate();
    return done();
}
