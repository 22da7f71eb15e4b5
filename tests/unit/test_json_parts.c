/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/json/json_parts.c. */
#include <apr_general.h>
#include <apr_pools.h>

#include "../../src/json/json_parts.h"
#include "../../src/text/buffer.h"
#include "support/tap.h"

/* Appends a part, '|' between parts. */
static void append_part(iu_buffer *out, iu_span part, const char *mark)
{
    if (out->length > 0) {
        iu_buffer_puts(out, mark);
    }
    iu_buffer_append(out, part.text, part.length);
}

/* Reads the next part, and a member's name. */
static int next(iu_json_parts *parts, char open, iu_span *name, iu_span *value)
{
    return (open == '{' ? iu_json_next_member(parts, name)
                        : iu_json_next_element(parts)) &&
           iu_json_read_part(parts, value);
}

/* Cuts a copy of a text that is not followed by a NUL, so that a sanitizer
 * detects a read past the end. */
static void cut(iu_buffer *out, const char *text, char open, long *offset,
                const char **reason)
{
    apr_size_t length = strlen(text);
    char *copy = malloc(length ? length : 1);
    iu_json_parts parts;
    iu_span value;
    iu_span name;

    memcpy(copy, text, length);
    iu_json_parts_begin(&parts, (iu_span){copy, length}, open);
    while (next(&parts, open, &name, &value)) {
        append_part(out, open == '{' ? name : value, "|");
        if (open == '{') {
            append_part(out, value, "=");
        }
    }
    ok(!iu_json_next_element(&parts), "nothing after it: %s", text);
    *offset = parts.at - copy;
    *reason = parts.reason;
    free(copy);
}

static const struct {
    char open;
    const char *text;
    const char *parts;
} texts[] = {
    {'{', "{}", ""},
    {'[', "[]", ""},
    {'{', " \t\r\n{ \t\r\n} \t\r\n", ""},
    {'[', " \t\r\n[ \t\r\n] \t\r\n", ""},
    {'{', "{\"a\":1}", "\"a\"=1"},
    {'{', "{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }", "\"a\"=1|\"b\"=[ 1 , 2 ]"},
    {'{', "{\"a\":1,\"a\":2}", "\"a\"=1|\"a\"=2"},
    {'{', "{\"\":\"\"}", "\"\"=\"\""},
    {'{', "{\"a\\\"b\":\"c\\\\\"}", "\"a\\\"b\"=\"c\\\\\""},
    {'{', "{\"a\":{\"b\":\"}\"},\"c\":[\"]\",[]]}",
     "\"a\"={\"b\":\"}\"}|\"c\"=[\"]\",[]]"},
    {'[', "[1]", "1"},
    {'[', "[null,true,false,-0.5e+7,\"\",[],{}]",
     "null|true|false|-0.5e+7|\"\"|[]|{}"},
    {'[', "[ [ [ ] ] , { \"a\" : { } } ]", "[ [ ] ]|{ \"a\" : { } }"},
    {'[', "[\"\xC3\xBC\",\"\\u00fc\"]", "\"\xC3\xBC\"|\"\\u00fc\""},
    /* parts that are refused when they are read */
    {'[', "[nul,1.2.3,\"\t\",\f]", "nul|1.2.3|\"\t\"|\f"},
    {'[', "[[}]", "[}"},
    {'{', "{\"\\x\":'}", "\"\\x\"='"},
};

static void test_parts(apr_pool_t *pool)
{
    size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *reason;
        iu_buffer out;
        long offset;

        iu_buffer_init(&out, pool, 100);
        cut(&out, texts[i].text, texts[i].open, &offset, &reason);
        is_text(out.data, texts[i].parts, "parts: %s", texts[i].text);
        is_text(reason, NULL, "no fault: %s", texts[i].text);
    }
}

static const struct {
    char open;
    const char *text;
    long offset;
    const char *reason;
} faults[] = {
    {'{', "", 0, "the text ends too early"},
    {'{', "  ", 2, "the text ends too early"},
    {'{', "[]", 0, "an object is expected"},
    {'{', "\xEF\xBB\xBF{}", 0, "an object is expected"},
    {'[', " {}", 1, "an array is expected"},
    {'{', "{", 1, "the text ends too early"},
    {'{', "{]", 1, "a name in double quotes is expected"},
    {'{', "{,}", 1, "a name in double quotes is expected"},
    {'{', "{a:1}", 1, "a name in double quotes is expected"},
    {'{', "{'a':1}", 1, "a name in double quotes is expected"},
    {'{', "{1:1}", 1, "a name in double quotes is expected"},
    {'{', "{\"a", 3, "the text ends too early"},
    {'{', "{\"a\\", 4, "the text ends too early"},
    {'{', "{\"a\\\"", 5, "the text ends too early"},
    {'{', "{\"a\"", 4, "the text ends too early"},
    {'{', "{\"a\"}", 4, "a colon is expected"},
    {'{', "{\"a\" 1}", 5, "a colon is expected"},
    {'{', "{\"a\":", 5, "the text ends too early"},
    {'{', "{\"a\":}", 5, "a value is expected"},
    {'{', "{\"a\"::1}", 5, "a value is expected"},
    {'{', "{\"a\":,}", 5, "a value is expected"},
    {'{', "{\"a\":1", 6, "the text ends too early"},
    {'{', "{\"a\":1,", 7, "the text ends too early"},
    {'{', "{\"a\":1,}", 7, "a name in double quotes is expected"},
    {'{', "{\"a\":1 \"b\":2}", 7, "a comma or a closing brace is expected"},
    {'{', "{\"a\":1]", 6, "a comma or a closing brace is expected"},
    {'{', "{\"a\":1:2}", 6, "a comma or a closing brace is expected"},
    {'{', "{\"a\":\"b\"c}", 8, "a comma or a closing brace is expected"},
    {'{', "{\"a\":{}", 7, "the text ends too early"},
    {'{', "{\"a\":[{\"", 8, "the text ends too early"},
    {'{', "{\"a\":[[[", 8, "the text ends too early"},
    {'{', "{} {}", 3, "the text goes on after its end"},
    {'{', "{}}", 2, "the text goes on after its end"},
    {'{', "{},", 2, "the text goes on after its end"},
    {'[', "[", 1, "the text ends too early"},
    {'[', "[}", 1, "a value is expected"},
    {'[', "[,]", 1, "a value is expected"},
    {'[', "[1", 2, "the text ends too early"},
    {'[', "[1,", 3, "the text ends too early"},
    {'[', "[1,]", 3, "a value is expected"},
    {'[', "[1,,2]", 3, "a value is expected"},
    {'[', "[1 2]", 3, "a comma or a closing bracket is expected"},
    {'[', "[{}{}]", 3, "a comma or a closing bracket is expected"},
    {'[', "[\"a\"\"b\"]", 4, "a comma or a closing bracket is expected"},
    {'[', "[1}", 2, "a comma or a closing bracket is expected"},
    {'[', "[]]", 2, "the text goes on after its end"},
};

static void test_faults(apr_pool_t *pool)
{
    size_t i;

    for (i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const char *reason;
        iu_buffer out;
        long offset;

        iu_buffer_init(&out, pool, 100);
        cut(&out, faults[i].text, faults[i].open, &offset, &reason);
        is_text(reason, faults[i].reason, "reason: %s", faults[i].text);
        is_number(offset, faults[i].offset, "offset: %s", faults[i].text);
    }
}

static void test_nul(void)
{
    static const char text[] = "[1,\0,2]\0";
    iu_json_parts parts;
    iu_span value;

    iu_json_parts_begin(&parts, (iu_span){text, 7}, '[');
    ok(next(&parts, '[', NULL, &value), "before a NUL");
    ok(next(&parts, '[', NULL, &value) && value.length == 1 &&
           *value.text == '\0',
       "a NUL is a part, which is refused when it is read");
    ok(next(&parts, '[', NULL, &value), "after a NUL");
    iu_json_parts_begin(&parts, (iu_span){text, 8}, '[');
    while (next(&parts, '[', NULL, &value)) {
    }
    is_text(parts.reason, "the text goes on after its end", "NUL at the end");
}

/* Brackets are counted, not nested in calls. */
static void test_depth(void)
{
    apr_size_t length = 10000000;
    char *text = malloc(length);
    iu_json_parts parts;
    iu_span value;

    memset(text, '[', length / 2);
    memset(text + length / 2, ']', length / 2);
    iu_json_parts_begin(&parts, (iu_span){text, length}, '[');
    ok(next(&parts, '[', NULL, &value) && value.length == length - 2,
       "five million levels");
    ok(!next(&parts, '[', NULL, &value) && !parts.reason, "and no more");
    free(text);
}

static void test_inner(void)
{
    static const char text[] = "{ \"a\" : [ 1 , [ 2 ] ] , \"b\" : 3 }";
    iu_json_parts outer;
    iu_json_parts inner;
    iu_span value;
    iu_span name;

    iu_json_parts_begin(&outer, (iu_span){text, strlen(text)}, '{');
    ok(iu_json_next_member(&outer, &name) && *outer.at == '[', "a value");
    iu_json_parts_enter(&inner, &outer, '[');
    ok(next(&inner, '[', NULL, &value) && value.length == 1, "in the value");
    ok(next(&inner, '[', NULL, &value) && value.length == 5, "without spaces");
    ok(!iu_json_next_element(&inner) && !inner.reason,
       "another text may follow the value");
    iu_json_parts_leave(&inner, &outer);
    ok(next(&outer, '{', &name, &value) && name.text[1] == 'b' &&
           *value.text == '3',
       "after the value");
    ok(!iu_json_next_member(&outer, &name) && !outer.reason, "to the end");
}

static void test_inner_fault(void)
{
    static const char text[] = "[[1 2],3]";
    iu_json_parts outer;
    iu_json_parts inner;
    iu_span value;

    iu_json_parts_begin(&outer, (iu_span){text, strlen(text)}, '[');
    iu_json_next_element(&outer);
    iu_json_parts_enter(&inner, &outer, '{');
    is_text(inner.reason, "an object is expected", "another kind of value");
    iu_json_parts_enter(&inner, &outer, '[');
    ok(next(&inner, '[', NULL, &value), "a part before the fault");
    ok(!iu_json_next_element(&inner), "a fault");
    iu_json_parts_leave(&inner, &outer);
    ok(!iu_json_next_element(&outer), "which ends the outer text, too");
    is_text(outer.reason, "a comma or a closing bracket is expected",
            "with its reason");
    is_number(outer.at - text, 4, "and its place");
}

static void test_locate(void)
{
    static const struct {
        const char *text;
        int offset;
        unsigned line;
        unsigned column;
    } places[] = {
        {"", 0, 1, 1},           {"abc", 2, 1, 3},
        {"a\nb", 1, 1, 2},       {"a\nb", 2, 2, 1},
        {"a\r\n\n  b", 6, 3, 3}, {"\xC3\xBC\xF0\x9F\x98\x80x", 6, 1, 3},
    };
    size_t i;

    for (i = 0; i < sizeof places / sizeof places[0]; i++) {
        unsigned line;
        unsigned column;

        iu_json_locate(places[i].text, places[i].text + places[i].offset, &line,
                       &column);
        is_number(line, places[i].line, "line: %s", places[i].text);
        is_number(column, places[i].column, "column: %s", places[i].text);
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_parts(pool);
    test_faults(pool);
    test_nul();
    test_depth();
    test_inner();
    test_inner_fault();
    test_locate();
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
