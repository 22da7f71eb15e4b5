/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/json/json_reader.c. */
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/json/json_reader.h"
#include "support/tap.h"

static iu_problem *read_text(apr_pool_t *pool, const char *text,
                             const iu_json **root)
{
    return iu_json_read(pool, apr_pstrdup(pool, text), strlen(text), root);
}

/* The type and the literal of a value. */
static void test_values(apr_pool_t *pool)
{
    static const struct {
        const char *text;
        iu_json_type type;
        const char *literal;
    } cases[] = {
        {"null", IU_JSON_NULL, "null"},
        {"true", IU_JSON_BOOLEAN, "true"},
        {"false", IU_JSON_BOOLEAN, "false"},
        {"0", IU_JSON_NUMBER, "0"},
        {"-1", IU_JSON_NUMBER, "-1"},
        {"12", IU_JSON_NUMBER, "12"},
        {" 12 ", IU_JSON_NUMBER, "12"},
        {"\t\"a\" ", IU_JSON_STRING, "\"a\""},
        {"1.50", IU_JSON_NUMBER, "1.50"},
        {"-0.0", IU_JSON_NUMBER, "-0.0"},
        {"1e5", IU_JSON_NUMBER, "1e5"},
        {"1E-2", IU_JSON_NUMBER, "1E-2"},
        {"1e+400", IU_JSON_NUMBER, "1e+400"},
        {"9223372036854775807", IU_JSON_NUMBER, "9223372036854775807"},
        {"-9223372036854775809", IU_JSON_NUMBER, "-9223372036854775809"},
        {"99999999999999999999", IU_JSON_NUMBER, "99999999999999999999"},
        {"\"\"", IU_JSON_STRING, "\"\""},
        {"\"a\\u0062\"", IU_JSON_STRING, "\"ab\""},
        {"[]", IU_JSON_ARRAY, "[]"},
        {"[ 1, null ]", IU_JSON_ARRAY, "[1,null]"},
        {"[\"/\", 1.0, 99999999999999999999, -0]", IU_JSON_ARRAY,
         "[\"/\",1.0,99999999999999999999,-0]"},
        {"{}", IU_JSON_OBJECT, "{}"},
        {"\t{ \"a\" : [ { } ] }\r\n", IU_JSON_OBJECT, "{\"a\":[{}]}"},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const iu_json *root = NULL;
        iu_problem *problem = read_text(pool, cases[i].text, &root);

        ok(!problem, "read: %s", cases[i].text);
        is_number(iu_json_type_of(root), cases[i].type, "type: %s",
                  cases[i].text);
        is_text(iu_json_literal(root), cases[i].literal, "literal: %s",
                cases[i].text);
    }
}

static void test_strings(apr_pool_t *pool)
{
    static const struct {
        const char *text;
        const char *string;
    } cases[] = {
        {"\"\"", ""},
        {"\"plain\"", "plain"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0001\\u001F\\u007f\"", "\x01\x1F\x7F"},
        {"\"\\u00fc\\u4E16\"", "ü世"},
        {"\"\\ud83d\\ude00\"", "😀"},
        /* its low 16 bits look like a surrogate */
        {"\"\\ud837\\udedd\"", "\xF0\x9D\xBB\x9D"},
        {"\"\\ud876\\udc00\"", "\xF0\xAD\xA0\x80"},
        {"\"\\uD800\\uDC00\\uDBFF\\uDFFF\"",
         "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
        {"\"\\uFEFF\\uFFFF\"", "\xEF\xBB\xBF\xEF\xBF\xBF"},
        {"\"Grüße, 世界 😀\"", "Grüße, 世界 😀"},
        {"\"u\xCC\x88\"", "u\xCC\x88"},
    };
    char text[4003];
    apr_size_t i, length;
    const iu_json *root;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        root = NULL;
        ok(!read_text(pool, cases[i].text, &root), "read: %s", cases[i].text);
        is_text(iu_json_string(root, &length), cases[i].string, "string: %s",
                cases[i].text);
        is_number(length, strlen(cases[i].string), "length: %s", cases[i].text);
    }
    memset(text, 'x', sizeof text);
    text[0] = text[4001] = '"';
    text[4002] = '\0';
    ok(!read_text(pool, text, &root), "a long string is read");
    ok(strlen(iu_json_string(root, &length)) == 4000 && length == 4000,
       "none of it is lost");
}

/* Texts that json-c 0.16 accepts even in its strict mode. */
static void test_json_c_traps(apr_pool_t *pool)
{
    static const char *const cases[] = {
        "{'a':1}",
        "{\"a\":'b'}",
        "[NaN]",
        "[Infinity]",
        "[-Infinity]",
        "NaN",
        "[1.]",
        "[-]",
        "[\"a\nb\"]",
        "[\"a\tb\"]",
        "{\"a\nb\":1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\\u0000b\":1}",
        "[\"\\u0000\"]",
        "[\"\\ud800\"]",
        "[\"\\udc00\"]",
        "[\"\xC0\xAF\"]",
        "[\"\xED\xA0\x80\"]",
        "[\"\xF4\x90\x80\x80\"]",
        "[\"\xFF\"]",
        "[\"\xE2\x82\"]",
        "{}x",
        "{} {}",
        "{}//",
        "/**/{}",
        "[1,]",
        "[01]",
        "TRUE",
        "Null",
        "[[[[[[[[[1]]]]]]]]]",
        "\xEF\xBB\xBF{}",
    };
    const iu_json *root = NULL;
    iu_problem *problem;
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        problem = read_text(pool, cases[i], &root);
        ok(problem && problem->kind == IU_BODY_NOT_JSON, "refused: %s",
           cases[i]);
    }
    problem = iu_json_read(pool, apr_pstrmemdup(pool, "{}\0zz", 5), 5, &root);
    ok(problem && problem->kind == IU_BODY_NOT_JSON, "refused: {} NUL zz");
    problem = iu_json_read(pool, apr_pstrmemdup(pool, "{}\0", 3), 3, &root);
    ok(problem && problem->kind == IU_BODY_NOT_JSON, "refused: {} NUL");
    ok(root == NULL, "a problem leaves the root alone");
}

static void test_problems(apr_pool_t *pool)
{
    static const char *const empty[] = {"", " ", "\n", " \t\r\n "};
    const iu_json *root = NULL;
    iu_problem *problem;
    apr_size_t i;

    for (i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        problem = read_text(pool, empty[i], &root);
        ok(problem && problem->kind == IU_BODY_EMPTY, "empty %d", (int)i);
        is_text(problem->message, "Empty Payload. JSON content expected.",
                "its message");
    }
    problem = read_text(pool, "{\n  \"a\": 1,\n  \"a\": 2\n}", &root);
    is_text(problem->message,
            "Unable to read JSON request payload. Please ensure Content-Type "
            "header is set and payload is of valid JSON format. "
            "Line 3, column 3: a name is given twice in one object.",
            "the message says where and why");
    is_number(problem->status, 400, "its status");
    problem = iu_json_read(pool, apr_pstrmemdup(pool, "\0", 1), 1, &root);
    ok(problem && problem->kind == IU_BODY_NOT_JSON, "a NUL is no white space");
}

/* The tree may be as deep and as large as the guard permits. */
static void test_limits(apr_pool_t *pool)
{
    static const char *const deep[] = {
        "[[[[[[[[]]]]]]]]",
        "[[[[[[[[1]]]]]]]]",
        "[[[[[[[[\"a\",null]]]]]]]]",
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}",
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}",
    };
    char text[2 * IU_JSON_VALUES + 2];
    const iu_json *root;
    apr_size_t i;

    for (i = 0; i < sizeof deep / sizeof deep[0]; i++) {
        root = NULL;
        ok(!read_text(pool, deep[i], &root), "depth 8: %s", deep[i]);
        is_text(iu_json_literal(root), deep[i], "and all of it is there");
    }
    memset(text, ',', sizeof text);
    text[0] = '[';
    for (i = 1; i < IU_JSON_VALUES; i++) {
        text[2 * i - 1] = '7';
    }
    text[2 * (IU_JSON_VALUES - 1)] = ']';
    text[2 * (IU_JSON_VALUES - 1) + 1] = '\0';
    ok(!read_text(pool, text, &root), "256 values are read");
    is_number(iu_json_count(root), 255, "255 of them in the array");
}

typedef struct visits {
    int left; /* members to visit before it stops */
    char text[200];
} visits;

static int note_member(void *baton, const char *name, const iu_json *value)
{
    visits *seen = baton;

    snprintf(seen->text + strlen(seen->text),
             sizeof seen->text - strlen(seen->text), "%s=%s;", name,
             iu_json_literal(value));
    return --seen->left > 0;
}

static void test_members(apr_pool_t *pool)
{
    const iu_json *root;
    visits all = {100, ""};
    visits two = {2, ""};
    visits none = {100, ""};

    read_text(pool,
              "{\"z\":1,\"a\":null,\"\":[true],\"\\u00fc\":{},\"b\":\"x\"}",
              &root);
    iu_json_each_member(root, note_member, &all);
    is_text(all.text, "z=1;a=null;=[true];ü={};b=\"x\";",
            "all members, in the order of the text");
    iu_json_each_member(root, note_member, &two);
    is_text(two.text, "z=1;a=null;", "no more than visit asks for");
    read_text(pool, "{}", &root);
    iu_json_each_member(root, note_member, &none);
    is_text(none.text, "", "none of an empty object");
}

static void test_elements(apr_pool_t *pool)
{
    const iu_json *root;
    apr_size_t length;

    read_text(pool, "[\"a\",null,[3]]", &root);
    is_number(iu_json_count(root), 3, "three elements");
    is_text(iu_json_string(iu_json_element(root, 0), &length), "a",
            "the first");
    is_number(iu_json_type_of(iu_json_element(root, 1)), IU_JSON_NULL,
              "the second");
    is_text(iu_json_literal(iu_json_element(root, 2)), "[3]", "the third");
    read_text(pool, "[]", &root);
    is_number(iu_json_count(root), 0, "no elements");
    is_number(iu_json_type_of(NULL), IU_JSON_NULL, "what is not there is null");
}

/* Each number has its own text, with any bytes between them. */
static void test_numbers(apr_pool_t *pool)
{
    const iu_json *root;
    visits all = {100, ""};

    read_text(pool,
              "{\"a\":1.0,\"b\":[2e0,{\"c\":3,\"d\":\"9\"},[]],\"e\":null,"
              "\"f\":{\"g\":-0},\"h\":18446744073709551616,\"i\":5}",
              &root);
    iu_json_each_member(root, note_member, &all);
    is_text(all.text,
            "a=1.0;b=[2e0,{\"c\":3,\"d\":\"9\"},[]];e=null;f={\"g\":-0};"
            "h=18446744073709551616;i=5;",
            "numbers are as they were sent");
}

static void test_sizes(apr_pool_t *pool)
{
    static const char *const texts[] = {
        "{}", "{\"a\":[1,2]}", "{\"a\":\"bcd\",\"e\":{\"f\":[null,\"g\"]}}"};
    apr_size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const iu_json *root = NULL;

        ok(!read_text(pool, texts[i], &root), "read: %s", texts[i]);
        ok(iu_json_size(root) >= strlen(texts[i]) &&
               iu_json_size(root) <= strlen(texts[i]) * (IU_JSON_MARKS + 1),
           "size: %s", texts[i]);
    }
}

/* Each text ends one byte before its block: a sanitizer detects a read past it,
 * and a use after it was read. */
static void test_memory(apr_pool_t *pool)
{
    static const char *const texts[] = {
        "12", "-1.5e3", "true", "null", "\"a\\n\"", "[1,{\"a\":[null]}]", "[1",
    };
    apr_size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        apr_size_t length = strlen(texts[i]);
        char *copy = malloc(length + 1);
        const iu_json *root;
        iu_problem *problem;

        memcpy(copy, texts[i], length);
        problem = iu_json_read(pool, copy, length, &root);
        free(copy);
        is_text(problem ? "[1" : iu_json_literal(root), texts[i],
                "read from its own memory: %s", texts[i]);
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_values(pool);
    test_strings(pool);
    test_json_c_traps(pool);
    test_problems(pool);
    test_limits(pool);
    test_members(pool);
    test_elements(pool);
    test_numbers(pool);
    test_sizes(pool);
    test_memory(pool);
    apr_pool_destroy(pool); /* also frees json-c's memory, for a sanitizer */
    apr_terminate();
    return done();
}
