/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/json/json_guard.c: the text that it passes on to json-c. */
#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>

#include "../../src/json/json_guard.h"
#include "support/tap.h"

static void test_rewritten(apr_pool_t *pool)
{
    static const struct {
        const char *text;
        const char *rewritten;
    } cases[] = {
        {"{\"a\": [1, true]}", "{\"a\": [1, true]}"},
        {" \t{} \n", "{}"},
        {"\"Gr\xC3\xBC\xC3\x9F"
         "e\"",
         "\"Gr\xC3\xBC\xC3\x9F"
         "e\""},
        {"\"\\u0061b\"", "\"ab\"     "},
        {"{\"\\u0061\":\"\\u00fc\"}", "{\"a\"     :\"\xC3\xBC\"    }"},
        {"[\"a\\u4E16b\\u4e16c\",2]", "[\"a\xE4\xB8\x96"
                                      "b\xE4\xB8\x96"
                                      "c\"      ,2]"},
        {"\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\"        "},
        {"\"\\ud86d\\ude00\"", "\"\xF0\xAB\x98\x80\"        "},
        {"\"\\u007f\\u0080\"", "\"\x7F\xC2\x80\"         "},
        {"\"\\u07ff\\u0800\\uffff\"",
         "\"\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\"          "},
        {"\"\\/\"", "\"/\" "},
        {"\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\\"\\\\\\b\\f\\n\\r\\t\""},
        {"\"\\u0022\\u005c\\u005C\"", "\"\\\"\\\\\\\\\"            "},
        {"\"\\u0008\\u000c\\u000A\\u000d\\u0009\"",
         "\"\\b\\f\\n\\r\\t\"                    "},
        {"\"\\u0001\\u001f\"", "\"\\u0001\\u001F\""},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *copy = apr_pstrdup(pool, cases[i].text);
        iu_json_passed passed;
        iu_json_fault fault;

        ok(iu_json_guard(pool, copy, strlen(copy), &passed, &fault),
           "passes: %s", cases[i].text);
        is_text(apr_pstrmemdup(pool, passed.value, passed.length),
                cases[i].rewritten, "rewritten: %s", cases[i].text);
    }
}

static void test_sizes(apr_pool_t *pool)
{
    static const struct {
        const char *text;
        apr_size_t bytes;
        apr_size_t values;
        const char *numbers;
    } cases[] = {
        {"null", 0, 1, ""},
        {"\"abc\"", 3, 1, ""},
        {"\"\\u0001\\n\\\"\\u0022\\ud83d\\ude00\"", 8, 1, ""},
        {"{\"a\":1,\"bc\":[true,-0.50e1,{}]}", 3, 6, "1 -0.50e1 "},
        {"[99999999999999999999,\"1\"]", 1, 3, "99999999999999999999 "},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *copy = apr_pstrdup(pool, cases[i].text);
        const char *numbers = "";
        iu_json_passed passed;
        iu_json_fault fault;
        int k;

        ok(iu_json_guard(pool, copy, strlen(copy), &passed, &fault),
           "passes: %s", cases[i].text);
        is_number(passed.size, cases[i].bytes + IU_JSON_MARKS * cases[i].values,
                  "size: %s", cases[i].text);
        for (k = 0; passed.numbers && k < passed.numbers->nelts; k++) {
            numbers = apr_pstrcat(
                pool, numbers, APR_ARRAY_IDX(passed.numbers, k, const char *),
                " ", NULL);
        }
        is_text(numbers, cases[i].numbers, "numbers: %s", cases[i].text);
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_rewritten(pool);
    test_sizes(pool);
    apr_terminate();
    return done();
}
