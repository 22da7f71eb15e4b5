/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/json/json_guard.c. */
#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>

#include "../../src/json/json_guard.h"
#include "../../src/text/buffer.h"
#include "support/tap.h"

/* Scans a copy of a text in a block one byte larger, so that a sanitizer
 * detects a read past the end. */
static int scan(const char *text, apr_size_t length, iu_json_fault *fault)
{
    char *copy = malloc(length + 1);
    iu_json_passed unused;
    apr_pool_t *pool;
    int passed;

    apr_pool_create(&pool, NULL);
    memcpy(copy, text, length);
    memset(fault, 0, sizeof *fault);
    passed = iu_json_guard(pool, copy, length, &unused, fault);
    free(copy);
    apr_pool_destroy(pool);
    return passed;
}

static void passes(const char *text, const char *name)
{
    iu_json_fault fault;

    if (!ok(scan(text, strlen(text), &fault), "passes: %s", name)) {
        printf("# at %d: %s\n", (int)fault.offset, fault.reason);
    }
}

static void fails(const char *text, apr_size_t length, apr_size_t offset,
                  const char *reason)
{
    iu_json_fault fault;

    if (ok(!scan(text, length, &fault), "fails: %.60s", text)) {
        is_text(fault.reason, reason, "reason: %.60s", text);
        is_number(fault.offset, offset, "offset: %.60s", text);
    }
}

static const char *const valid_texts[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-12",
    "1234567890",
    "0.0",
    "-0.5",
    "1e5",
    "1E5",
    "1e+5",
    "1e-5",
    "0e0",
    "-0.0E-0",
    "1.25e10",
    "1e400",
    "-1e400",
    "123456789012345678901234567890",
    "\"\"",
    "\"a\"",
    "{}",
    "[]",
    " {} ",
    "\t\r\n[ \t\r\n ] \t\r\n",
    "{\"a\":1}",
    "{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }",
    "[null,true,false,0,\"\",[],{}]",
    "{\"\":0}",
    "[[],[[]],{}]",
    "{\"a\":{\"a\":{\"a\":1}}}",
    "[{\"a\":1},{\"a\":1}]",
    "{\"a\":{\"b\":1},\"b\":1}",
    "{\"a\":1,\"A\":1}",
    "{\"a\":1,\"aa\":1,\"\":1}",
    "{\"a\":1,\"\\u0061\\u0061\":1}",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0001\\u001f\\u0020\"",
    "\"\\uABCD\\uabcd\\uFfFf\"",
    "\"\\ud83d\\ude00\"",
    "\"\\uD800\\uDC00\\uDBFF\\uDFFF\"",
    "\"\\uD7FF\\uE000\"",
    "\"\x7F\"",
    "\"Grüße, 世界 😀\"",
    "\"\xC2\x80\"",
    "\"\xEF\xBB\xBF\"",
    "\"\xED\x9F\xBF\xEE\x80\x80\"",
    "\"\xF4\x8F\xBF\xBF\"",
    "\"'\"",
    "\"//\"",
    "{\"@odata.type\":\"#microsoft.graph.usedInsight\"}",
};

static void test_passes(void)
{
    apr_size_t i;

    for (i = 0; i < sizeof valid_texts / sizeof valid_texts[0]; i++) {
        passes(valid_texts[i], valid_texts[i]);
    }
}

static const struct {
    const char *text;
    int offset;
    const char *reason;
} invalid_texts[] = {
    /* empty or incomplete texts */
    {"", 0, "the text ends too early"},
    {" \t\r\n", 4, "the text ends too early"},
    {"{", 1, "the text ends too early"},
    {"{\"a\"", 4, "the text ends too early"},
    {"{\"a\":", 5, "the text ends too early"},
    {"{\"a\":1", 6, "the text ends too early"},
    {"{\"a\":1,", 7, "the text ends too early"},
    {"[", 1, "the text ends too early"},
    {"[1", 2, "the text ends too early"},
    {"[1,", 3, "the text ends too early"},
    {"[1, ", 4, "the text ends too early"},
    {"\"", 1, "the text ends too early"},
    {"\"ab", 3, "the text ends too early"},
    {"\"\\", 2, "the text ends too early"},
    {"-", 1, "the text ends too early"},
    {"1.", 2, "the text ends too early"},
    {"1e", 2, "the text ends too early"},
    {"1e+", 3, "the text ends too early"},
    /* text after the end */
    {"{}{}", 2, "the text goes on after its end"},
    {"{} x", 3, "the text goes on after its end"},
    {"1 2", 2, "the text goes on after its end"},
    {"nullx", 4, "the text goes on after its end"},
    {"truefalse", 4, "the text goes on after its end"},
    {"[]]", 2, "the text goes on after its end"},
    {"{},", 2, "the text goes on after its end"},
    {"1a", 1, "the text goes on after its end"},
    {"0x10", 1, "the text goes on after its end"},
    {"1.5.5", 3, "the text goes on after its end"},
    {"{}//", 2, "the text goes on after its end"},
    {"\"a\"\"b\"", 3, "the text goes on after its end"},
    /* values */
    {"x", 0, "a value is expected"},
    {"nul", 0, "a value is expected"},
    {"NULL", 0, "a value is expected"},
    {"True", 0, "a value is expected"},
    {"tru e", 0, "a value is expected"},
    {"NaN", 0, "a value is expected"},
    {"Infinity", 0, "a value is expected"},
    {"nan", 0, "a value is expected"},
    {"-Infinity", 1, "a digit is expected"},
    {"'a'", 0, "a value is expected"},
    {"/**/1", 0, "a value is expected"},
    {"# 1", 0, "a value is expected"},
    {",", 0, "a value is expected"},
    {"]", 0, "a value is expected"},
    {"[,1]", 1, "a value is expected"},
    {"[1,]", 3, "a value is expected"},
    {"[1,,2]", 3, "a value is expected"},
    {"{\"a\":}", 5, "a value is expected"},
    {"{\"a\"::1}", 5, "a value is expected"},
    {"[a]", 1, "a value is expected"},
    {"\v1", 0, "a value is expected"},
    {"\f1", 0, "a value is expected"},
    {"\xC2\xA0"
     "1",
     0, "a value is expected"},
    {"\xFF", 0, "a value is expected"},
    {"\xEF\xBB\xBF{}", 0, "a byte order mark is not allowed"},
    {"\xEF\xBB", 0, "a value is expected"},
    {"{\"a\":\xEF\xBB\xBF"
     "1}",
     5, "a value is expected"},
    /* numbers */
    {"+1", 0, "a value is expected"},
    {".5", 0, "a value is expected"},
    {"--1", 1, "a digit is expected"},
    {"-a", 1, "a digit is expected"},
    {"-.5", 1, "a digit is expected"},
    {"[1.]", 3, "a digit is expected"},
    {"[1.e5]", 3, "a digit is expected"},
    {"[1e]", 3, "a digit is expected"},
    {"[1e+]", 4, "a digit is expected"},
    {"1e+-5", 3, "a digit is expected"},
    {"01", 0, "a number must not begin with a zero"},
    {"-01", 1, "a number must not begin with a zero"},
    {"00", 0, "a number must not begin with a zero"},
    {"00.5", 0, "a number must not begin with a zero"},
    /* objects and arrays */
    {"{,}", 1, "a name in double quotes is expected"},
    {"{a:1}", 1, "a name in double quotes is expected"},
    {"{'a':1}", 1, "a name in double quotes is expected"},
    {"{1:1}", 1, "a name in double quotes is expected"},
    {"{null:1}", 1, "a name in double quotes is expected"},
    {"{\"a\":1,}", 7, "a name in double quotes is expected"},
    {"{\"a\":1,,\"b\":1}", 7, "a name in double quotes is expected"},
    {"{]", 1, "a name in double quotes is expected"},
    {"{\"a\" 1}", 5, "a colon is expected"},
    {"{\"a\"}", 4, "a colon is expected"},
    {"{\"a\",1}", 4, "a colon is expected"},
    {"{\"a\"=1}", 4, "a colon is expected"},
    {"{\"a\":1 \"b\":2}", 7, "a comma or a closing brace is expected"},
    {"{\"a\":1]", 6, "a comma or a closing brace is expected"},
    {"{\"a\":1;}", 6, "a comma or a closing brace is expected"},
    {"{\"a\":1/**/}", 6, "a comma or a closing brace is expected"},
    {"[1 2]", 3, "a comma or a closing bracket is expected"},
    {"[1}", 2, "a comma or a closing bracket is expected"},
    {"[1:2]", 2, "a comma or a closing bracket is expected"},
    {"[1.0f]", 4, "a comma or a closing bracket is expected"},
    {"[0777]", 1, "a number must not begin with a zero"},
    /* strings */
    {"\"a\nb\"", 2, "a control character must be escaped"},
    {"\"a\tb\"", 2, "a control character must be escaped"},
    {"\"\x01\"", 1, "a control character must be escaped"},
    {"\"\x1F\"", 1, "a control character must be escaped"},
    {"{\"a\nb\":1}", 3, "a control character must be escaped"},
    {"\"\\x41\"", 1, "there is no such escape in JSON"},
    {"\"\\'\"", 1, "there is no such escape in JSON"},
    {"\"\\0\"", 1, "there is no such escape in JSON"},
    {"\"\\a\"", 1, "there is no such escape in JSON"},
    {"\"\\U0041\"", 1, "there is no such escape in JSON"},
    {"\"\\\n\"", 1, "there is no such escape in JSON"},
    {"\"\\u\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u12\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u123", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u123g\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u12/3\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u12:3\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u12@3\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u12G3\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u12`3\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u12g3\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u 123\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"\\u+123\"", 1, "four hexadecimal digits must follow \\u"},
    {"\"a\\u0000b\"", 2, "U+0000 is not supported in strings"},
    {"{\"a\\u0000b\":1}", 3, "U+0000 is not supported in strings"},
    {"\"\\ud800\"", 1, "half of a surrogate pair"},
    {"\"\\udc00\"", 1, "half of a surrogate pair"},
    {"\"a\\udfff\"", 2, "half of a surrogate pair"},
    {"\"\\ud83dx\"", 1, "half of a surrogate pair"},
    {"\"\\ud83d\\n\"", 1, "half of a surrogate pair"},
    {"\"\\ud83d\\u0041\"", 1, "half of a surrogate pair"},
    {"\"\\ud83d\\ud83d\"", 1, "half of a surrogate pair"},
    {"\"\\ude00\\ud83d\"", 1, "half of a surrogate pair"},
    {"\"\\ud83d\\ude0\"", 1, "half of a surrogate pair"},
    {"\"\\ud83d\\ue000\"", 1, "half of a surrogate pair"},
    {"{\"\\ud800\":1}", 2, "half of a surrogate pair"},
    /* UTF-8 */
    {"\"a\xFF\"", 2, "the text is not UTF-8"},
    {"\"\x80\"", 1, "the text is not UTF-8"},
    {"\"\xC3\"", 1, "the text is not UTF-8"},
    {"\"\xC3", 1, "the text is not UTF-8"},
    {"\"\xC0\xAF\"", 1, "the text is not UTF-8"},
    {"\"\xC1\xBF\"", 1, "the text is not UTF-8"},
    {"\"\xE0\x80\xAF\"", 1, "the text is not UTF-8"},
    {"\"\xED\xA0\x80\"", 1, "the text is not UTF-8"},
    {"\"\xED\xBF\xBF\"", 1, "the text is not UTF-8"},
    {"\"\xF0\x80\x80\xAF\"", 1, "the text is not UTF-8"},
    {"\"\xF4\x90\x80\x80\"", 1, "the text is not UTF-8"},
    {"\"\xF5\x80\x80\x80\"", 1, "the text is not UTF-8"},
    {"\"\xE2\x82\"", 1, "the text is not UTF-8"},
    {"{\"\xC0\x80\":1}", 2, "the text is not UTF-8"},
};

static void test_fails(void)
{
    apr_size_t i;

    for (i = 0; i < sizeof invalid_texts / sizeof invalid_texts[0]; i++) {
        fails(invalid_texts[i].text, strlen(invalid_texts[i].text),
              invalid_texts[i].offset, invalid_texts[i].reason);
    }
    fails("{}\0zz", 5, 2, "the text goes on after its end");
    fails("{}\0", 3, 2, "the text goes on after its end");
    fails("\0", 1, 0, "a value is expected");
    fails("\"a\0b\"", 5, 2, "a control character must be escaped");
    fails("\"\\\0\"", 4, 1, "there is no such escape in JSON");
    fails("[1\0]", 4, 2, "a comma or a closing bracket is expected");
}

static void test_duplicates(void)
{
    static const struct {
        const char *text;
        int offset;
    } cases[] = {
        {"{\"a\":1,\"a\":2}", 7},
        {"{\"a\":1,\"b\":2,\"a\":3}", 13},
        {"{\"\":1,\"\":2}", 6},
        {"{\"a\":1,\"\\u0061\":2}", 7},
        {"{\"\\u0061\":1,\"a\":2}", 12},
        {"{\"\\u0061b\":1,\"a\\u0062\":2}", 13},
        {"{\"\\uABCD\":1,\"\\uabcd\":2}", 12},
        {"{\"\xC3\xBC\":1,\"\\u00fc\":2}", 8},
        {"{\"\xE4\xB8\x96\":1,\"\\u4e16\":2}", 9},
        {"{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}", 18},
        {"{\"\xF0\x9F\x98\x80\":1,\"\\uD83D\\uDE00\":2}", 10},
        {"{\"\\uD800\\uDC00\":1,\"\xF0\x90\x80\x80\":2}", 18},
        {"{\"\\uDBFF\\uDFFF\":1,\"\xF4\x8F\xBF\xBF\":2}", 18},
        {"{\"/\":1,\"\\/\":2}", 7},
        {"{\"\\\"\":1,\"\\u0022\":2}", 8},
        {"{\"\\\\\":1,\"\\u005C\":2}", 8},
        {"{\"\\b\":1,\"\\u0008\":2}", 8},
        {"{\"\\f\":1,\"\\u000c\":2}", 8},
        {"{\"\\n\":1,\"\\u000a\":2}", 8},
        {"{\"\\r\":1,\"\\u000d\":2}", 8},
        {"{\"\\t\":1,\"\\u0009\":2}", 8},
        {"{\"a\":{\"b\":1},\"a\":2}", 13},
        {"{\"a\":{\"b\":1,\"b\":2}}", 12},
        {"{\"a\":[{\"b\":1},{\"c\":1}],\"a\":2}", 23},
        {"[{\"a\":1},{\"a\":1,\"a\":2}]", 16},
        {"{\"x\":{\"a\":1},\"y\":{\"a\":1},\"a\":1,\"x\":1}", 31},
    };
    static const char *const distinct[] = {
        "{\"a\":1,\"b\":{\"a\":1,\"b\":{\"a\":1,\"b\":1}}}",
        "{\"b\":1,\"B\":1,\"\\u03b2\":1,\"\xC3\x9F\":1}",
        "{\"n\":1,\"\\n\":1}",
        "{\"u0061\":1,\"a\":1}",
        "{\"\\\\u0061\":1,\"a\":1}",
        "{\"ab\":1,\"a\":1,\"b\":1,\"\":1,\"abc\":1}",
        "{\"\xC3\xBC\":1,\"u\xCC\x88\":1}", /* not normalised */
        "{\"\\ud83d\\ude00\":1,\"\\ud83d\\ude01\":1}",
        "{\"yacxa\":1,\"glbvs\":1}",
        "{\"a\":1,\"a\U00022253\u8549\":1}",
        "{\"a\U00022253\u8549\":1,\"a\":1}",
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fails(cases[i].text, strlen(cases[i].text), cases[i].offset,
              "a name is given twice in one object");
    }
    for (i = 0; i < sizeof distinct / sizeof distinct[0]; i++) {
        passes(distinct[i], distinct[i]);
    }
}

static const char *repeat(apr_pool_t *pool, const char *before,
                          const char *each, int times, const char *after)
{
    iu_buffer buffer;

    iu_buffer_init(&buffer, pool, 1000);
    iu_buffer_puts(&buffer, before);
    while (times-- > 0) {
        iu_buffer_puts(&buffer, each);
    }
    iu_buffer_puts(&buffer, after);
    return buffer.data;
}

static void test_depth(apr_pool_t *pool)
{
    const char *deep = repeat(pool, "", "[", 8, "");
    const char *text;

    passes(repeat(pool, repeat(pool, "", "[", 7, ""), "]", 7, ""), "depth 7");
    passes(repeat(pool, deep, "]", 8, ""), "depth 8");
    passes(repeat(pool, apr_pstrcat(pool, deep, "1", NULL), "]", 8, ""),
           "depth 8 with a scalar inside");
    text = repeat(pool, apr_pstrcat(pool, deep, "[]", NULL), "]", 8, "");
    fails(text, strlen(text), 8, "nested deeper than 8");
    text = repeat(pool, "", "[", 100000, "");
    fails(text, strlen(text), 8, "nested deeper than 8");
    text = repeat(pool, "", "{\"a\":", 8, "1}}}}}}}}");
    passes(text, "depth 8 of objects");
    text = repeat(pool, "", "{\"a\":", 8, "{}}}}}}}}}");
    fails(text, strlen(text), 40, "nested deeper than 8");
    passes("[[[[[[[[]]]]]]],[[[[[[[]]]]]]],{\"a\":[[[[[[]]]]]]}]",
           "depth is not counted side by side");
}

static const char *numbered_members(apr_pool_t *pool, int count)
{
    iu_buffer buffer;
    int i;

    iu_buffer_init(&buffer, pool, 10000);
    for (i = 0; i < count; i++) {
        iu_buffer_puts(&buffer,
                       apr_psprintf(pool, "%s\"%d\":0", i ? "," : "{", i));
    }
    iu_buffer_puts(&buffer, "}");
    return buffer.data;
}

static void test_values(apr_pool_t *pool)
{
    const char *text;

    passes(repeat(pool, "[0", ",0", 253, "]"), "255 values");
    passes(repeat(pool, "[0", ",0", 254, "]"), "256 values");
    text = repeat(pool, "[0", ",0", 255, "]");
    fails(text, strlen(text), 1 + 255 * 2, "more than 256 values");
    text = repeat(pool, "[{}", ",{}", 255, "]");
    fails(text, strlen(text), 1 + 255 * 3, "more than 256 values");
    passes(repeat(pool, "[[0]", ",[0]", 126, "]"), "values of all depths, 255");
    text = repeat(pool, "[[0]", ",[0]", 127, "]");
    fails(text, strlen(text), 1 + 127 * 4 + 1, "more than 256 values");

    passes(numbered_members(pool, 255), "an object of 255 members");
    text = numbered_members(pool, 256);
    fails(text, strlen(text), strlen(text) - 2, "more than 256 values");
    text = numbered_members(pool, 100000);
    fails(text, strlen(text), strlen(numbered_members(pool, 256)) - 2,
          "more than 256 values");
    passes("[{\"a\":1,\"b\":2},{\"a\":1,\"b\":2}]", "names of closed objects");
    text = apr_pstrcat(pool, numbered_members(pool, 254), NULL);
    text = apr_psprintf(pool, "%.*s,\"7\":0}", (int)strlen(text) - 1, text);
    fails(text, strlen(text), strlen(text) - 6,
          "a name is given twice in one object");
}

static void test_places(void)
{
    static const struct {
        const char *text;
        unsigned line;
        unsigned column;
    } cases[] = {
        {"x", 1, 1},
        {"  x", 1, 3},
        {"{}x", 1, 3},
        {"\nx", 2, 1},
        {"{\n  \"a\": 1,\n  \"a\": 2\n}", 3, 3},
        {"{\r\n  \"a\": x\r\n}", 2, 8},
        {"[\"Grüße\", x]", 1, 11},
        {"[\"世界\", x]", 1, 8},
        {"[\"😀\",\n\"😀\" x]", 2, 5},
        {"[\n\n\n", 4, 1},
        {"[1,", 1, 4},
        {"", 1, 1},
        {"\"\xC3\xBC\xFF\"", 1, 3},
        /* after escapes, which became shorter */
        {"[\"\\u0061\", x]", 1, 12},
        {"[\"\\u00fc\", x]", 1, 12},
        {"[\"\\u4e16\xE4\xB8\x96\", x]", 1, 13},
        {"[\"\\ud83d\\ude00\", x]", 1, 18},
        {"[\"\\u000a\\u0001\\u0022\\/\", x]", 1, 26},
        {"[\"\\u4e16\",\n \"\\u4e16\" x]", 2, 11},
        {"[\"\\u4e16\xC3\xBC\\u4e16\xFF\"]", 1, 16},
        {"[\"\\u4e16\xC3\xBC\\u4e16\n\"]", 1, 16},
        {"[\"\xC3\xBC\\u4e16\xC3\xBC\\x\"]", 1, 11},
        {"[\"\\u4e16\\ud800\"]", 1, 9},
        {"[\"\\u4e16", 1, 9},
        {"[\"\\u4e16\\", 1, 10},
        {"{\"\\u4e16\":1,\n\"b\":\"\\u4e16\", \"\xE4\xB8\x96\":2}", 2, 15},
        {"{\"\\u4e16\":1, \"\\u4e16\":2}", 1, 14},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        iu_json_fault fault;

        ok(!scan(cases[i].text, strlen(cases[i].text), &fault), "place: %s",
           cases[i].text);
        is_number(fault.line, cases[i].line, "line: %s", cases[i].text);
        is_number(fault.column, cases[i].column, "column: %s", cases[i].text);
    }
}

/* No prefix of an object is JSON. */
static void test_every_cut(void)
{
    static const char text[] =
        "{\"lastUsed\":{\"lastAccessedDateTime\":null},\"n\":[-1.5e+3,true,"
        "\"\\ud83d\\ude00 \\u00fc \xC3\xBC \\n\"],\"@odata.type\":\"#x\"}";
    iu_json_fault fault;
    apr_size_t length;
    int passed = 0;

    ok(scan(text, sizeof text - 1, &fault), "the whole text passes");
    for (length = 0; length < sizeof text - 1; length++) {
        passed += scan(text, length, &fault);
        passed += fault.offset > length;
    }
    is_number(passed, 0, "no beginning of it does");
}

/* A byte of a string that is not plain is found at each offset. */
static void test_every_place(void)
{
    static const char *const reasons[] = {
        "a control character must be escaped", "the text is not UTF-8",
        "there is no such escape in JSON", "the text goes on after its end"};
    static const char bytes[] = {'\x01', '\x1F', '\0', '\x80',
                                 '\xFF', '\\',   '"'};
    char text[25];
    apr_size_t at, i;

    for (i = 0; i < sizeof bytes; i++) {
        const char *reason = reasons[i < 3 ? 0 : i < 5 ? 1 : i - 3];
        int found = 0;

        for (at = 1; at < 21; at++) {
            iu_json_fault fault;

            memset(text, 'x', sizeof text);
            text[0] = text[24] = '"';
            text[at] = bytes[i];
            found += !scan(text, sizeof text, &fault) &&
                     !strcmp(fault.reason, reason) &&
                     fault.offset == at + (bytes[i] == '"');
        }
        is_number(found, 20, "byte %d", (unsigned char)bytes[i]);
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_passes();
    test_fails();
    test_duplicates();
    test_depth(pool);
    test_values(pool);
    test_places();
    test_every_cut();
    test_every_place();
    apr_terminate();
    return done();
}
