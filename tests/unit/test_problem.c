/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/problem/problem.c. */
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/problem/problem.h"
#include "support/tap.h"

/* 2026-01-02 03:04:05.99 UTC */
#define DATE (APR_TIME_C(1767323045) * APR_USEC_PER_SEC + 999999)

#define IDS "\"request-id\":\"11-aa\",\"client-request-id\":\"22-bb\"}}}"

static const char *rendered(apr_pool_t *pool, const iu_problem *problem)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 16);
    iu_problem_render(problem, DATE, "11-aa", "22-bb", &out);
    is_number(out.length, strlen(out.data), "a date has its length");
    return out.data;
}

static void test_make(apr_pool_t *pool)
{
    iu_problem *problem = iu_problem_make(pool, IU_TOKEN_AUDIENCE);

    is_number(problem->kind, IU_TOKEN_AUDIENCE, "kind");
    is_number(problem->status, 401, "status");
    is_text(problem->number, "IU0012", "number");
    is_text(problem->code, "InvalidAuthenticationToken", "code");
    is_text(problem->message, "Access token validation failure.", "message");
    ok(!problem->target && !problem->details && !problem->log_detail &&
           !problem->location && problem->retry_after == 0,
       "other fields are not set");

    is_text(iu_problem_make(pool, IU_SCOPE_MISSING, "A B", "100%s")->message,
            "Insufficient privileges to complete the operation. API requires "
            "one of 'A B'. Scopes on the request '100%s'.",
            "the message has the arguments unchanged");
    is_text(
        iu_problem_make(pool, IU_BODY_TOO_LARGE, (apr_off_t)1 << 40)->message,
        "The request body is larger than the limit of 1099511627776 "
        "bytes.",
        "a size of 64 bits is formatted");
    is_text(iu_problem_make(pool, IU_BODY_NOT_JSON, 3u, 14u, "why")->message,
            "Unable to read JSON request payload. Please ensure Content-Type "
            "header is set and payload is of valid JSON format. "
            "Line 3, column 14: why.",
            "numbers and a text are formatted");
}

/* Rules for the list of problems. */
static void test_list(apr_pool_t *pool)
{
    static const struct {
        iu_problem_kind kind;
        const char *number;
        int status;
        const char *code;
        const char *message;
    } lines[] = {
#define IU_PROBLEM(name, number, status, code, message)                        \
    {name, number, status, code, message},
#include "../../src/problem/problem_list.h"
#undef IU_PROBLEM
    };
    int i;

    for (i = 0; i < IU_PROBLEM_KINDS; i++) {
        const char *number = lines[i].number;

        is_number(lines[i].kind, i, "%s: line and kind agree", number);
        is_text(iu_problem_number(i), number, "%s: number of kind", number);
        ok(strlen(number) == 6 && strncmp(number, "IU0", 3) == 0 &&
               strspn(number + 4, "0123456789") == 2,
           "%s: form of number", number);
        ok(i == 0 || strcmp(lines[i - 1].number, number) < 0,
           "%s: numbers ascend and are unique", number);
        if (lines[i].kind == IU_BODY_REFUSED) {
            continue; /* another module chooses the status */
        }
        ok(lines[i].status >= 400 && lines[i].status <= 599, "%s: status",
           number);
        ok(*lines[i].code && *lines[i].message, "%s: code and message", number);
        if (!strchr(lines[i].message, '%')) {
            iu_problem *problem = iu_problem_make(pool, i);

            ok(problem->status == lines[i].status &&
                   strcmp(problem->code, lines[i].code) == 0 &&
                   strcmp(problem->number, number) == 0 &&
                   strcmp(problem->message, lines[i].message) == 0,
               "%s: a problem is made from the line", number);
        }
    }
}

static void test_log(apr_pool_t *pool)
{
    iu_problem *problem = iu_problem_make(pool, IU_DATABASE_DOWN);

    ok(iu_problem_explain(pool, problem, "%s: %d", "/var/x", 7) == problem,
       "a detail is added to the same problem");
    is_text(problem->log_detail, "/var/x: 7",
            "the problem has a detail for the log");
    ok(!strstr(rendered(pool, problem), "/var/x"), "which is not rendered");
}

static void test_render(apr_pool_t *pool)
{
    iu_problem *problem = iu_problem_make(pool, IU_METHOD_NOT_ALLOWED);

    is_text(rendered(pool, problem),
            "{\"error\":{\"code\":\"Request_BadRequest\",\"message\":"
            "\"Specified HTTP method is not allowed for the request target.\","
            "\"innerError\":{\"code\":\"IU0002\","
            "\"date\":\"2026-01-02T03:04:05Z\"," IDS,
            "a problem without target and details");

    problem->details = apr_array_make(pool, 2, sizeof(iu_fault));
    problem->target = "lastUsed";
    is_text(rendered(pool, problem),
            "{\"error\":{\"code\":\"Request_BadRequest\",\"message\":"
            "\"Specified HTTP method is not allowed for the request target.\","
            "\"target\":\"lastUsed\",\"innerError\":{\"code\":\"IU0002\","
            "\"date\":\"2026-01-02T03:04:05Z\"," IDS,
            "a problem with a target and empty details");

    APR_ARRAY_PUSH(problem->details, iu_fault) =
        (iu_fault){IU_PROPERTY_REQUIRED, "one", "lastUsed/x"};
    is_text(rendered(pool, problem),
            "{\"error\":{\"code\":\"Request_BadRequest\",\"message\":"
            "\"Specified HTTP method is not allowed for the request target.\","
            "\"target\":\"lastUsed\",\"details\":["
            "{\"code\":\"BadRequest\",\"message\":\"one\","
            "\"target\":\"lastUsed/x\"}],\"innerError\":{\"code\":\"IU0002\","
            "\"date\":\"2026-01-02T03:04:05Z\"," IDS,
            "a problem with one detail");

    problem->target = NULL;
    APR_ARRAY_PUSH(problem->details, iu_fault) =
        (iu_fault){IU_NOT_FOUND, "two", NULL};
    is_text(rendered(pool, problem),
            "{\"error\":{\"code\":\"Request_BadRequest\",\"message\":"
            "\"Specified HTTP method is not allowed for the request target.\","
            "\"details\":[{\"code\":\"BadRequest\",\"message\":\"one\","
            "\"target\":\"lastUsed/x\"},"
            "{\"code\":\"Request_ResourceNotFound\",\"message\":\"two\"}],"
            "\"innerError\":{\"code\":\"IU0002\","
            "\"date\":\"2026-01-02T03:04:05Z\"," IDS,
            "a problem with two details, one without a target");
}

static void test_render_escapes(apr_pool_t *pool)
{
    iu_problem *problem = iu_problem_make(pool, IU_NOT_FOUND, "a\"b\\c\nü");
    iu_buffer out;

    problem->target = "t\"";
    problem->details = apr_array_make(pool, 1, sizeof(iu_fault));
    APR_ARRAY_PUSH(problem->details, iu_fault) =
        (iu_fault){IU_LITERAL_INVALID, "m\x01", "d\t"};
    iu_buffer_init(&out, pool, 0);
    iu_buffer_puts(&out, "before:");
    iu_problem_render(problem, 0, "r\"", "c\\", &out);
    is_text(out.data,
            "before:{\"error\":{\"code\":\"Request_ResourceNotFound\","
            "\"message\":\"Resource 'a\\\"b\\\\c\\nü' does not exist or one of "
            "its queried reference-property objects are not present.\","
            "\"target\":\"t\\\"\",\"details\":[{\"code\":\"BadRequest\","
            "\"message\":\"m\\u0001\",\"target\":\"d\\t\"}],"
            "\"innerError\":{\"code\":\"IU0051\","
            "\"date\":\"1970-01-01T00:00:00Z\",\"request-id\":\"r\\\"\","
            "\"client-request-id\":\"c\\\\\"}}}",
            "texts are escaped, and appended to the buffer");
}

static void test_copy(apr_pool_t *pool)
{
    apr_pool_t *own;
    iu_problem *problem, *copy;
    char *code;

    apr_pool_create(&own, pool);
    code = apr_pstrdup(own, "OwnCode");
    problem = iu_problem_make(own, IU_COMMIT_UNKNOWN, "the-id");
    problem->status = 507;
    problem->code = code;
    problem->target = apr_pstrdup(own, "a/b");
    problem->location = apr_pstrdup(own, "https://h/p");
    problem->retry_after = 7;
    iu_problem_explain(own, problem, "driver %s", "text");
    problem->details = apr_array_make(own, 1, sizeof(iu_fault));
    APR_ARRAY_PUSH(problem->details, iu_fault) =
        (iu_fault){IU_NOT_FOUND, apr_pstrdup(own, "m"), apr_pstrdup(own, "t")};

    copy = iu_problem_copy(pool, problem);
    APR_ARRAY_IDX(problem->details, 0, iu_fault).kind = IU_KEY_INVALID;
    memset((char *)problem->message, '#', 10);
    memset((char *)APR_ARRAY_IDX(problem->details, 0, iu_fault).message, '#',
           1);
    memset((char *)APR_ARRAY_IDX(problem->details, 0, iu_fault).target, '#', 1);
    memset((char *)problem->target, '#', 3);
    memset((char *)problem->location, '#', 11);
    memset((char *)problem->log_detail, '#', 11);
    memset(code, '#', 7);
    memset(problem, '#', sizeof *problem);
    apr_pool_destroy(own);

    is_number(copy->kind, IU_COMMIT_UNKNOWN, "copy: kind");
    is_number(copy->status, 507, "copy: status");
    is_number(copy->retry_after, 7, "copy: retry_after");
    is_text(copy->location, "https://h/p", "copy: location");
    is_text(copy->log_detail, "driver text", "copy: log_detail");
    is_text(rendered(pool, copy),
            "{\"error\":{\"code\":\"OwnCode\",\"message\":"
            "\"It is not known whether the record was stored. It is safe to "
            "repeat the request with the id 'the-id': it will be stored once, "
            "or is found there already.\",\"target\":\"a/b\","
            "\"details\":[{\"code\":\"Request_ResourceNotFound\","
            "\"message\":\"m\",\"target\":\"t\"}],"
            "\"innerError\":{\"code\":\"IU0067\","
            "\"date\":\"2026-01-02T03:04:05Z\"," IDS,
            "copy: rendered alike");

    copy = iu_problem_copy(pool, iu_problem_make(pool, IU_QUEUE_FULL));
    ok(!copy->target && !copy->details && !copy->log_detail && !copy->location,
       "copy: absent fields remain absent");
}

static void test_headers(apr_pool_t *pool)
{
    iu_problem *problem = iu_problem_make(pool, IU_QUEUE_FULL);
    apr_table_t *headers = apr_table_make(pool, 3);

    iu_problem_set_headers(problem, pool, headers);
    ok(apr_is_empty_table(headers), "headers: none");
    problem->retry_after = 7;
    problem->location = "https://h/p";
    problem->repeatability_result = "rejected";
    iu_problem_set_headers(problem, pool, headers);
    is_text(apr_table_get(headers, "Retry-After"), "7", "headers: Retry-After");
    is_text(apr_table_get(headers, "Location"), "https://h/p",
            "headers: Location");
    is_text(apr_table_get(headers, "Repeatability-Result"), "rejected",
            "headers: Repeatability-Result");
}

static void test_statuses(void)
{
    static const struct {
        int status;
        iu_problem_kind kind;
    } cases[] = {
        {400, IU_HTTP_BAD_REQUEST},      {401, IU_HTTP_UNAUTHORIZED},
        {403, IU_HTTP_FORBIDDEN},        {404, IU_HTTP_NOT_FOUND},
        {405, IU_HTTP_METHOD},           {406, IU_HTTP_NOT_ACCEPTABLE},
        {408, IU_HTTP_TIMEOUT},          {413, IU_HTTP_TOO_LARGE},
        {414, IU_HTTP_URI_TOO_LONG},     {415, IU_HTTP_MEDIA_TYPE},
        {417, IU_HTTP_EXPECTATION},      {429, IU_HTTP_TOO_MANY},
        {431, IU_HTTP_FIELDS_TOO_LARGE}, {500, IU_HTTP_INTERNAL},
        {501, IU_HTTP_NOT_IMPLEMENTED},  {503, IU_HTTP_UNAVAILABLE},
    };
    apr_size_t i;
    int status;

    for (status = 300; status < 700; status++) {
        iu_problem_kind expected =
            status >= 400 && status < 500 ? IU_HTTP_CLIENT : IU_HTTP_SERVER;

        for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            if (cases[i].status == status) {
                expected = cases[i].kind;
            }
        }
        is_number(iu_problem_kind_of_status(status), expected, "status %d",
                  status);
    }
    is_number(iu_problem_kind_of_status(0), IU_HTTP_SERVER, "status 0");
    is_number(iu_problem_kind_of_status(-1), IU_HTTP_SERVER, "status -1");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_make(pool);
    test_list(pool);
    test_log(pool);
    test_render(pool);
    test_render_escapes(pool);
    test_copy(pool);
    test_headers(pool);
    test_statuses();
    apr_terminate();
    return done();
}
