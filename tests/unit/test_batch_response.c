/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/batch/batch_response.c. */
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/batch/batch_response.h"
#include "support/tap.h"

#define LARGE 1000000

/* The parts of an answer that are still to come. */
typedef struct source {
    const char *const *parts; /* NULL ends */
    iu_problem *problem;      /* instead of the end; or NULL */
} source;

static iu_problem *next_part(iu_answer *answer)
{
    source *from = answer->source;

    if (!*from->parts) {
        return from->problem;
    }
    APR_ARRAY_PUSH(answer->parts, iu_span) =
        (iu_span){*from->parts, strlen(*from->parts)};
    from->parts++;
    if (!*from->parts && !from->problem) {
        answer->next = NULL;
    }
    return NULL;
}

static iu_answer make_answer(apr_pool_t *pool, int status,
                             const char *content_type, const char *content)
{
    iu_answer answer = {.status = status, .content_type = content_type};

    answer.headers = apr_table_make(pool, 4);
    answer.parts = apr_array_make(pool, 4, sizeof(iu_span));
    answer.parts_pool = pool;
    if (content) {
        iu_answer_append(&answer, content, strlen(content));
    }
    return answer;
}

static iu_batch_entry make_entry(apr_pool_t *pool, const char *id)
{
    iu_batch_entry entry = {.id = id,
                            .date = apr_time_from_sec(1767323045),
                            .request_id = "r",
                            .client_request_id = "c"};

    entry.headers = apr_table_make(pool, 4);
    apr_table_setn(entry.headers, "request-id", "r");
    return entry;
}

static int next_index(const iu_batch_response *response)
{
    return response->count - response->items_left;
}

/* The whole text. */
static const char *text_of(const iu_batch_response *response)
{
    apr_array_header_t *parts =
        apr_array_make(response->pool, 1, sizeof(iu_span));
    iu_buffer text;
    int i;

    iu_buffer_init(&text, response->pool, LARGE);
    iu_batch_response_end(response, parts);
    for (i = 0; i < parts->nelts; i++) {
        const iu_span *part = &APR_ARRAY_IDX(parts, i, iu_span);

        if (part->text) { /* an item has been added */
            iu_buffer_append(&text, part->text, part->length);
        }
    }
    return text.data;
}

static void is_response(const iu_batch_response *response, const char *items,
                        const char *name)
{
    is_text(text_of(response),
            apr_pstrcat(response->pool, "{\"responses\":[", items, "]}", NULL),
            "%s", name);
}

static void test_answers(apr_pool_t *pool)
{
    static const struct {
        const char *id;
        int status;
        const char *content_type;
        const char *content;
        const char *text;
    } cases[] = {
        {"1", 200, "application/json", "{\"a\":1}",
         "{\"id\":\"1\",\"status\":200,\"headers\":{\"Content-Type\":"
         "\"application/json\"},\"body\":{\"a\":1}}"},
        {"1", 201, "application/json;odata.metadata=minimal", "{}",
         "{\"id\":\"1\",\"status\":201,\"headers\":{\"Content-Type\":"
         "\"application/json;odata.metadata=minimal\"},\"body\":{}}"},
        {"1", 200, "text/plain;charset=utf-8", "17",
         "{\"id\":\"1\",\"status\":200,\"headers\":{\"Content-Type\":"
         "\"text/plain;charset=utf-8\"},\"body\":\"17\"}"},
        {"1", 200, "application/xml", "<a b=\"\xC3\xBC\">\n\\</a>",
         "{\"id\":\"1\",\"status\":200,\"headers\":{\"Content-Type\":"
         "\"application/xml\"},\"body\":\"<a "
         "b=\\\"\xC3\xBC\\\">\\n\\\\</a>\"}"},
        {"1", 200, "text/plain", NULL,
         "{\"id\":\"1\",\"status\":200,\"headers\":{\"Content-Type\":"
         "\"text/plain\"},\"body\":\"\"}"},
        {"1", 204, NULL, NULL, "{\"id\":\"1\",\"status\":204,\"headers\":{}}"},
        {"\"\\\xC3\xBC", 304, NULL, NULL,
         "{\"id\":\"\\\"\\\\\xC3\xBC\",\"status\":304,\"headers\":{}}"},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        iu_batch_entry entry = make_entry(pool, cases[i].id);
        iu_answer answer = make_answer(pool, cases[i].status,
                                       cases[i].content_type, cases[i].content);
        iu_batch_response response;

        iu_batch_response_begin(&response, pool, 1, LARGE);
        ok(!iu_batch_response_add(&response, next_index(&response), &entry,
                                  &answer),
           "added");
        is_response(&response, cases[i].text, cases[i].text);
    }
}

static void test_headers(apr_pool_t *pool)
{
    iu_batch_entry entry = make_entry(pool, "1");
    iu_answer answer = make_answer(pool, 200, NULL, NULL);
    iu_batch_response response;

    apr_table_setn(answer.headers, "ETag", "W/\"1\"");
    apr_table_setn(answer.headers, "Vary", "Accept, Prefer");
    apr_table_setn(answer.headers, "Latin", "\xFC\t");
    iu_batch_response_begin(&response, pool, 1, LARGE);
    iu_batch_response_add(&response, next_index(&response), &entry, &answer);
    is_response(&response,
                "{\"id\":\"1\",\"status\":200,\"headers\":{"
                "\"ETag\":\"W/\\\"1\\\"\",\"Vary\":\"Accept, Prefer\","
                "\"Latin\":\"?\\t\"}}",
                "header fields");
}

static void test_several(apr_pool_t *pool)
{
    iu_batch_response response;
    int i;

    iu_batch_response_begin(&response, pool, 3, LARGE);
    for (i = 0; i < 3; i++) {
        iu_batch_entry entry = make_entry(pool, apr_itoa(pool, i));
        iu_answer answer = make_answer(pool, 204, NULL, NULL);

        iu_batch_response_add(&response, next_index(&response), &entry,
                              &answer);
    }
    is_response(&response,
                "{\"id\":\"0\",\"status\":204,\"headers\":{}},"
                "{\"id\":\"1\",\"status\":204,\"headers\":{}},"
                "{\"id\":\"2\",\"status\":204,\"headers\":{}}",
                "three items");
}

/* Items that are added in another order, and take more memory than is
 * allocated for several. */
static void test_pieces(apr_pool_t *pool)
{
    static const int order[] = {3, 0, 1, 2};
    char *content = apr_palloc(pool, 100001);
    apr_array_header_t *parts = apr_array_make(pool, 1, sizeof(iu_span));
    iu_batch_response response;
    int lengths[] = {40000, 10, 30000, 100000};
    iu_buffer expected;
    int i;

    memset(content, '1', 100000);
    iu_buffer_init(&expected, pool, LARGE);
    iu_batch_response_begin(&response, pool, 4, LARGE);
    for (i = 0; i < 4; i++) {
        iu_batch_entry entry = make_entry(pool, apr_itoa(pool, order[i]));
        iu_answer answer =
            make_answer(pool, 200, "application/json",
                        apr_pstrmemdup(pool, content, lengths[order[i]]));

        iu_batch_response_add(&response, order[i], &entry, &answer);
        iu_buffer_puts(
            &expected,
            apr_psprintf(pool,
                         "%s{\"id\":\"%d\",\"status\":200,\"headers\":"
                         "{\"Content-Type\":\"application/json\"},\"body\":",
                         i ? "," : "", i));
        iu_buffer_append(&expected, content, lengths[i]);
        iu_buffer_puts(&expected, "}");
    }
    is_response(&response, expected.data, "the order of the indices");
    iu_batch_response_end(&response, parts);
    is_number(parts->nelts, 5, "items 0 and 1 are one part");
}

#define ERROR_HEAD(status)                                                     \
    "{\"id\":\"1\",\"status\":" status ",\"headers\":{\"request-id\":\"r\","   \
    "\"Content-Type\":\"application/json\""
#define ERROR_TAIL(number)                                                     \
    "\"innerError\":{\"code\":\"" number "\",\"date\":"                        \
    "\"2026-01-02T03:04:05Z\",\"request-id\":\"r\","                           \
    "\"client-request-id\":\"c\"}}}}"

static void test_problems(apr_pool_t *pool)
{
    iu_batch_entry entry = make_entry(pool, "1");
    iu_problem *problem = iu_problem_make(pool, IU_METHOD_NOT_ALLOWED);
    iu_batch_response response;

    iu_batch_response_begin(&response, pool, 1, LARGE);
    ok(!iu_batch_response_add_problem(&response, next_index(&response), &entry,
                                      problem),
       "added");
    is_response(
        &response,
        ERROR_HEAD("405") "},\"body\":{\"error\":{\"code\":"
                          "\"Request_BadRequest\",\"message\":\"Specified HTTP "
                          "method is "
                          "not allowed for the request target.\"," ERROR_TAIL(
                              "IU0002"),
        "a problem");
    problem->retry_after = 7;
    problem->location = "https://h/x";
    apr_table_setn(entry.headers, "content-type", "text/html");
    iu_batch_response_begin(&response, pool, 1, LARGE);
    iu_batch_response_add_problem(&response, next_index(&response), &entry,
                                  problem);
    ok(strstr(text_of(&response),
              "\"headers\":{\"request-id\":\"r\",\"Content-Type\":"
              "\"application/json\",\"Retry-After\":\"7\","
              "\"Location\":\"https://h/x\"},") != NULL,
       "fields of a problem");
}

static void test_streams(apr_pool_t *pool)
{
    static const char *const json[] = {"1,", "2", ",3]", NULL};
    static const char *const plain[] = {"\"\xC3", "\xBC", "", "\n", NULL};
    iu_batch_entry entry = make_entry(pool, "1");
    iu_answer answer = make_answer(pool, 200, "application/json", "[");
    source from = {json, NULL};
    iu_batch_response response;
    iu_problem *problem;

    answer.next = next_part;
    answer.source = &from;
    iu_batch_response_begin(&response, pool, 1, LARGE);
    ok(!iu_batch_response_add(&response, next_index(&response), &entry,
                              &answer),
       "added");
    is_response(&response,
                "{\"id\":\"1\",\"status\":200,\"headers\":{\"Content-Type\":"
                "\"application/json\"},\"body\":[1,2,3]}",
                "JSON in parts");

    answer = make_answer(pool, 200, "text/plain", "\\");
    from = (source){plain, NULL};
    answer.next = next_part;
    answer.source = &from;
    iu_batch_response_begin(&response, pool, 1, LARGE);
    ok(!iu_batch_response_add(&response, next_index(&response), &entry,
                              &answer),
       "added");
    is_response(&response,
                "{\"id\":\"1\",\"status\":200,\"headers\":{\"Content-Type\":"
                "\"text/plain\"},\"body\":\"\\\\\\\"\xC3\xBC\\n\"}",
                "text in parts");

    answer = make_answer(pool, 200, "application/json", "[");
    from = (source){json, iu_problem_make(pool, IU_READ_FAILED)};
    answer.next = next_part;
    answer.source = &from;
    iu_batch_response_begin(&response, pool, 1, LARGE);
    problem = iu_batch_response_add(&response, next_index(&response), &entry,
                                    &answer);
    ok(problem && problem->kind == IU_READ_FAILED, "a problem between parts");
    is_response(&response,
                ERROR_HEAD("500") "},\"body\":{\"error\":{\"code\":"
                                  "\"InternalServerError\",\"message\":\"The "
                                  "database could not "
                                  "answer the query.\"," ERROR_TAIL("IU0070"),
                "it takes the place of the answer");
}

/* Adds an answer with a string of so many bytes. */
static iu_problem *add_string(iu_batch_response *response, const char *id,
                              apr_size_t length, int parts)
{
    apr_pool_t *pool = response->text.pool;
    iu_batch_entry entry = make_entry(pool, id);
    iu_answer answer = make_answer(pool, 200, "text/plain", NULL);
    char *text = apr_palloc(pool, length + 1);

    memset(text, 'a', length);
    text[length] = '\0';
    while (parts-- > 0) {
        iu_answer_append(&answer, text, length);
    }
    return iu_batch_response_add(response, next_index(response), &entry,
                                 &answer);
}

static const char *text_of_member(apr_pool_t *pool, const char *text,
                                  const char *id, const char *member)
{
    const char *at = strstr(text, apr_psprintf(pool, "\"id\":\"%s\"", id));

    at = at ? strstr(at, member) : NULL;
    return at ? apr_pstrmemdup(pool, at + strlen(member), 3) : NULL;
}

/* The largest body that fits, one byte more, and small items after it. */
static void test_room(apr_pool_t *pool)
{
    static const char frame[] =
        "{\"responses\":[{\"id\":\"1\",\"status\":200,\"headers\":"
        "{\"Content-Type\":\"text/plain\"},\"body\":\"\"}]}";
    const apr_size_t size = 100000;
    const apr_size_t fits = size - strlen(frame) - 2 * IU_BATCH_ITEM_ROOM;
    apr_size_t more;

    for (more = 0; more <= 1; more++) {
        iu_batch_response response;
        iu_problem *problem;

        iu_batch_response_begin(&response, pool, 3, size);
        problem = add_string(&response, "1", fits + more, 1);
        ok(!problem == !more, "%d bytes too much", (int)more);
        if (problem) {
            is_text(problem->number, "IU0181", "number");
            is_number(problem->status, 413, "status");
            ok(strstr(problem->message, "limited to 100000 bytes") != NULL,
               "message");
        }
        is_text(text_of_member(pool, text_of(&response), "1", "\"status\":"),
                more ? "413" : "200", "status");
        ok(!add_string(&response, "2", 1000, 1), "a small item fits");
        ok(!add_string(&response, "3", 1000, 1), "the last, too");
        ok(strlen(text_of(&response)) <= size, "the limit is kept");
    }
}

/* Each item is as large as can be; all errors fit. */
static void test_all_cut(apr_pool_t *pool)
{
    iu_batch_response response;
    int cut = 0;
    int i;

    iu_batch_response_begin(&response, pool, 100, 300000);
    for (i = 0; i < 100; i++) {
        char *id = apr_palloc(pool, 256);

        memset(id, '"', 255);
        id[255] = '\0';
        cut += add_string(&response, id, 30000, 1) != NULL;
    }
    ok(cut >= 90 && cut < 100, "%d were cut", cut);
    ok(strlen(text_of(&response)) <= 300000, "the limit is kept");
}

/* An answer is cut when it becomes too large, not when all was appended. */
static void test_cut_early(apr_pool_t *pool)
{
    static const char *const endless[] = {"a", "b", "c", "d", "e", "f", NULL};
    iu_batch_entry entry = make_entry(pool, "1");
    iu_answer answer = make_answer(pool, 200, "text/plain", "");
    char *quotes = apr_palloc(pool, 60001);
    source from = {endless, NULL};
    iu_batch_response response;
    iu_problem *problem;

    memset(quotes, '"', 60000);
    quotes[60000] = '\0';
    iu_answer_append(&answer, quotes, 60000);
    answer.next = next_part;
    answer.source = &from;
    iu_batch_response_begin(&response, pool, 1, 100000);
    problem = iu_batch_response_add(&response, next_index(&response), &entry,
                                    &answer);
    ok(problem && problem->kind == IU_BATCH_ANSWER_TOO_LARGE,
       "too large because of its escapes");
    ok(*from.parts && !strcmp(*from.parts, "b"), "the rest was not fetched");
}

/* Items may be added in any order. */
static void test_order(apr_pool_t *pool)
{
    iu_batch_response response;
    int i;

    iu_batch_response_begin(&response, pool, 3, LARGE);
    for (i = 2; i >= 0; i--) {
        iu_batch_entry entry = make_entry(pool, apr_itoa(pool, i));
        iu_answer answer = make_answer(pool, 204, NULL, NULL);

        iu_batch_response_add(&response, i, &entry, &answer);
    }
    is_response(&response,
                "{\"id\":\"0\",\"status\":204,\"headers\":{}},"
                "{\"id\":\"1\",\"status\":204,\"headers\":{}},"
                "{\"id\":\"2\",\"status\":204,\"headers\":{}}",
                "added from the last to the first");
}

static void test_large_problem(apr_pool_t *pool)
{
    iu_batch_entry entry = make_entry(pool, "1");
    iu_problem *problem = iu_problem_make(pool, IU_METHOD_NOT_ALLOWED);
    char *target = apr_palloc(pool, 5001);
    iu_batch_response response;

    memset(target, 'a', 5000);
    target[5000] = '\0';
    problem->target = target;
    iu_batch_response_begin(&response, pool, 1, 4000);
    problem = iu_batch_response_add_problem(&response, next_index(&response),
                                            &entry, problem);
    ok(problem && problem->kind == IU_BATCH_ANSWER_TOO_LARGE,
       "a large problem is cut");
    ok(!strstr(text_of(&response), "aaa"), "and taken out");
    is_text(text_of_member(pool, text_of(&response), "1", "\"status\":"), "413",
            "status");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_answers(pool);
    test_headers(pool);
    test_order(pool);
    test_several(pool);
    test_pieces(pool);
    test_problems(pool);
    test_streams(pool);
    test_room(pool);
    test_all_cut(pool);
    test_cut_early(pool);
    test_large_problem(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
