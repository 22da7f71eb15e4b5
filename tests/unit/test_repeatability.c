/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/http/repeatability.c. */
#include "support/tap.h"

#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/http/repeatability.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static apr_pool_t *test_pool;

/* Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110. */
#define SENT_SECONDS 784111777
static const apr_time_t sent = APR_TIME_C(SENT_SECONDS) * APR_USEC_PER_SEC;
static const char sent_date[] = "Sun, 06 Nov 1994 08:49:37 GMT";

#define WINDOW apr_time_from_sec(100)

static iu_problem *read_fields(const char *id, const char *date,
                               const char *key, apr_time_t now,
                               iu_repeatability *keys)
{
    apr_table_t *headers = apr_table_make(test_pool, 3);

    if (id) {
        apr_table_setn(headers, "Repeatability-Request-ID", id);
    }
    if (date) {
        apr_table_setn(headers, "Repeatability-First-Sent", date);
    }
    if (key) {
        apr_table_setn(headers, "Idempotency-Key", key);
    }
    return iu_repeatability_read(test_pool, headers, now, WINDOW, keys);
}

/* The number of the problem; NULL: none. */
static const char *number_of(const char *id, const char *date, const char *key)
{
    iu_repeatability keys;
    const iu_problem *problem = read_fields(id, date, key, sent, &keys);

    return problem ? problem->number : NULL;
}

static const char *repeated(char c, int times)
{
    char *text = apr_palloc(test_pool, times + 1);

    memset(text, c, times);
    text[times] = '\0';
    return text;
}

static void test_pair(void)
{
    const char *const invalid[] = {"",      "a b",      "a\tb",
                                   "a\x7f", "\xC3\xA4", repeated('x', 256)};
    const char *const valid[] = {"0", "!~", "a,b;c=\"d\"", repeated('x', 255)};
    iu_repeatability keys;
    size_t i;

    is_text(number_of(NULL, NULL, NULL), NULL, "no keys");
    is_text(number_of("a", NULL, NULL), "IU0027", "no First-Sent");
    is_text(number_of(NULL, sent_date, NULL), "IU0027", "no Request-ID");
    is_text(read_fields("a", NULL, NULL, sent, &keys)->message,
            "The Repeatability-Request-ID header must be sent together with "
            "Repeatability-First-Sent.",
            "what is missing");
    for (i = 0; i < COUNT(invalid); i++) {
        is_text(number_of(invalid[i], sent_date, NULL), "IU0027",
                "Request-ID: no %.10s", invalid[i]);
    }
    for (i = 0; i < COUNT(valid); i++) {
        ok(!read_fields(valid[i], sent_date, NULL, sent, &keys) &&
               strcmp(keys.request_id, valid[i]) == 0,
           "Request-ID: %.10s", valid[i]);
    }
    is_text(number_of("a", sent_date, ""), "IU0027",
            "a wrong Idempotency-Key beside it");
    ok(!read_fields("a", sent_date, "b", sent, &keys), "a right one");
    is_text(iu_repeatability_field(&keys), "Repeatability-Request-ID",
            "the pair counts");
}

static void test_dates(void)
{
    static const char *const same[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov  6 08:49:37 1994"};
    static const char *const days[] = {
        "Mon, 07 Nov 1994 08:49:37 GMT",     "Tuesday, 08-Nov-94 08:49:37 GMT",
        "Wednesday, 09-Nov-94 08:49:37 GMT", "Thursday, 10-Nov-94 08:49:37 GMT",
        "Friday, 11-Nov-94 08:49:37 GMT",    "Saturday, 12-Nov-94 08:49:37 GMT",
        "Mon Nov 14 08:49:37 1994",          "Monday, 29-Feb-16 08:49:37 GMT"};
    static const char *const invalid[] = {"",
                                          "yesterday",
                                          "784111777",
                                          "1994-11-06T08:49:37Z",
                                          "Mon, 06 Nov 1994 08:49:37 GMT",
                                          "Sun, 6 Nov 1994 08:49:37 GMT",
                                          "Sun, 06 nov 1994 08:49:37 GMT",
                                          "Sun, 06 Nov 1994 08:49:37",
                                          "Sun, 06 Nov 1994 08:49:37 UTC",
                                          "Sun, 06 Nov 1994 08:49:37 +0000",
                                          "Sun, 06 Nov 1994 08:49:37 GMT ",
                                          "Sun, 06 Nov 1994 24:49:37 GMT",
                                          "Sun, 06 Nov 1994 08:60:37 GMT",
                                          "Sun, 31 Nov 1994 08:49:37 GMT",
                                          "Sunday, 06-Nov-1994 08:49:37 GMT",
                                          "Monday, 06-Nov-94 08:49:37 GMT",
                                          "Sun Nov 06 08:49:37 1994",
                                          "Sun Nov 6 08:49:37 1994"};
    iu_repeatability keys;
    size_t i;

    for (i = 0; i < COUNT(same); i++) {
        ok(!read_fields("a", same[i], NULL, sent, &keys) &&
               keys.first_sent == sent,
           "First-Sent: %s", same[i]);
    }
    for (i = 0; i < COUNT(days); i++) {
        is_text(number_of("a", days[i], NULL), "IU0028",
                "First-Sent: %s, a date", days[i]);
    }
    for (i = 0; i < COUNT(invalid); i++) {
        is_text(number_of("a", invalid[i], NULL), "IU0027", "First-Sent: no %s",
                invalid[i]);
    }
}

static void test_window(void)
{
    static const struct {
        int seconds; /* from First-Sent to now */
        const char *number;
    } ages[] = {{0, NULL},   {100, NULL},     {101, "IU0028"},
                {-60, NULL}, {-61, "IU0028"}, {100000, "IU0028"}};
    iu_repeatability keys;
    size_t i;

    for (i = 0; i < COUNT(ages); i++) {
        const iu_problem *problem =
            read_fields("a", sent_date, NULL,
                        sent + apr_time_from_sec(ages[i].seconds), &keys);

        is_text(problem ? problem->number : NULL, ages[i].number,
                "%d seconds old", ages[i].seconds);
        is_text(problem ? problem->repeatability_result : NULL,
                ages[i].number ? "rejected" : NULL, "the result");
    }
    is_text(read_fields("a", sent_date, NULL, 0, &keys)->message,
            "The Repeatability-First-Sent header must be a time within the "
            "last 100 seconds.",
            "the window");
}

static void test_idempotency_key(void)
{
    static const struct {
        const char *sent;
        const char *key; /* NULL: not valid */
    } cases[] = {
        {"8e03978e-40d5-43dd-bc93-6894a57f9324",
         "8e03978e-40d5-43dd-bc93-6894a57f9324"},
        {"\"8e03978e-40d5-43dd-bc93-6894a57f9324\"",
         "8e03978e-40d5-43dd-bc93-6894a57f9324"},
        {"a\"b\\c", "a\"b\\c"},
        {"\"a\\\"b\\\\c\"", "a\"b\\c"},
        {"", NULL},
        {"\"", NULL},
        {"\"\"", NULL},
        {"\"a", NULL},
        {"\"a\\", NULL},
        {"\"a\\\"", NULL},
        {"\"a\\b\"", NULL},
        {"\"a\" ", NULL},
        {"\"a\"b", NULL},
        {"\"a\", \"b\"", NULL},
        {"\"a b\"", NULL},
        {"a, b", NULL},
        {"\xC3\xA4", NULL},
        {"\"\xC3\xA4\"", NULL},
    };
    iu_repeatability keys;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const iu_problem *problem =
            read_fields(NULL, NULL, cases[i].sent, sent, &keys);

        is_text(problem ? problem->number : keys.idempotency_key,
                cases[i].key ? cases[i].key : "IU0027", "Idempotency-Key: %s",
                cases[i].sent);
    }
    is_text(
        number_of(NULL, NULL,
                  apr_pstrcat(test_pool, "\"", repeated('x', 255), "\"", NULL)),
        NULL, "255 characters in quotes");
    is_text(
        number_of(NULL, NULL,
                  apr_pstrcat(test_pool, "\"", repeated('x', 256), "\"", NULL)),
        "IU0027", "256 are too many");
    read_fields(NULL, NULL, "a", sent, &keys);
    is_text(iu_repeatability_field(&keys), "Idempotency-Key", "it counts");
    read_fields(NULL, NULL, NULL, sent, &keys);
    is_text(iu_repeatability_field(&keys), NULL, "nothing counts");
}

static void test_ids(void)
{
    const iu_repeatability pair = {"key", sent, NULL};
    const iu_repeatability later = {"key", sent + APR_USEC_PER_SEC, NULL};
    const iu_repeatability key = {NULL, 0, "key"};
    const iu_repeatability both = {"key", sent, "key"};
    const iu_repeatability longer = {NULL, 0, "1key"};

    /* They must never change: a repeat may come after an update. */
    is_text(iu_repeatability_id(test_pool, &pair, "set"),
            "00b690b4-34e8-7c0b-9855-c5b8930d4804", "the id of a pair");
    is_text(iu_repeatability_id(test_pool, &key, "set"),
            "1f1d896f-1b9f-5b20-8732-56ab04c198e2", "the id of a key");
    is_text(iu_repeatability_id(test_pool, &both, "set"),
            iu_repeatability_id(test_pool, &pair, "set"), "the pair counts");
    ok(strcmp(iu_repeatability_id(test_pool, &pair, "set"),
              iu_repeatability_id(test_pool, &later, "set")) < 0,
       "a later one sorts behind");
    ok(strcmp(iu_repeatability_id(test_pool, &key, "set"),
              iu_repeatability_id(test_pool, &key, "set2")) != 0,
       "another set");
    ok(strcmp(iu_repeatability_id(test_pool, &key, "set1"),
              iu_repeatability_id(test_pool, &longer, "set")) != 0,
       "the border between set and key");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_pair();
    test_dates();
    test_window();
    test_idempotency_key();
    test_ids();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
