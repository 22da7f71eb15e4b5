/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/text/buffer.c. */
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/text/buffer.h"
#include "support/tap.h"

typedef void appender(iu_buffer *, const char *, apr_size_t);

/* The buffer after an appender has appended a text to "<". */
static const char *made_by(appender *append, apr_pool_t *pool, const char *text,
                           apr_size_t length)
{
    iu_buffer buffer;

    iu_buffer_init(&buffer, pool, 0);
    iu_buffer_puts(&buffer, "<");
    append(&buffer, text, length);
    return buffer.data;
}

static void test_growth(apr_pool_t *pool)
{
    iu_buffer buffer;
    char expected[2000];
    int terminated = 1;
    int within = 1;
    int moves = 0;
    const char *data;
    int i;

    iu_buffer_init(&buffer, pool, 10);
    data = buffer.data;
    is_text(buffer.data, "", "a new buffer is an empty text");
    is_number(buffer.length, 0, "its length is 0");
    ok(buffer.capacity >= 11, "it has room for the expected bytes and a NUL");

    for (i = 0; i < (int)sizeof expected - 1; i++) {
        expected[i] = 'a' + i % 26;
        iu_buffer_append(&buffer, &expected[i], 1);
        terminated &= buffer.data[buffer.length] == '\0';
        within &= buffer.length < buffer.capacity;
        moves += data != buffer.data;
        data = buffer.data;
    }
    expected[i] = '\0';
    is_text(buffer.data, expected, "many single bytes are appended in order");
    ok(terminated, "each time a NUL ended the text");
    ok(within, "the length was always below the capacity");
    ok(buffer.capacity <= 2 * sizeof expected,
       "the capacity is less than twice the length");
    ok(moves <= 8, "the capacity was doubled, %d times", moves);
}

static void test_capacity(apr_pool_t *pool)
{
    iu_buffer buffer;
    const char *data;

    iu_buffer_init(&buffer, pool, 5);
    data = buffer.data;
    iu_buffer_append(&buffer, "12345", 5);
    ok(buffer.data == data, "the expected bytes need no reallocation");
    iu_buffer_append(&buffer, "6", 1);
    is_text(buffer.data, "123456", "one byte more makes it grow");
    iu_buffer_append(&buffer, "7890123456789012345678901234567890", 34);
    is_text(buffer.data, "1234567890123456789012345678901234567890",
            "one append can more than double the capacity");
    iu_buffer_append(&buffer, "", 0);
    is_number(buffer.length, 40, "appending nothing changes nothing");
}

static void test_reserve(apr_pool_t *pool)
{
    iu_buffer buffer;
    char *room;

    iu_buffer_init(&buffer, pool, 2);
    iu_buffer_puts(&buffer, "ab");
    room = iu_buffer_reserve(&buffer, 3);
    is_text(buffer.data, "ab", "reserving does not change the text");
    is_number(buffer.length, 2, "nor the length");
    memcpy(room, "cde", 3);
    buffer.length += 3;
    is_text(buffer.data, "abcde",
            "bytes written to the reserved room are part of the text");
    iu_buffer_init(&buffer, pool, 10);
    memcpy(iu_buffer_reserve(&buffer, 9), "fghijklmn", 9);
    iu_buffer_puts(&buffer, "abcde");
    is_text(buffer.data, "abcde",
            "a NUL ends the text even if the room had other bytes");
    iu_buffer_append(&buffer, "\0z", 2);
    is_number(buffer.length, 7, "a NUL inside the text counts");
    ok(memcmp(buffer.data, "abcde\0z", 8) == 0, "and is copied");
}

static void test_json(apr_pool_t *pool)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"", "<"},
        {"plain", "<plain"},
        {"\"", "<\\\""},
        {"\\", "<\\\\"},
        {"/", "</"},
        {"\b\f\n\r\t", "<\\b\\f\\n\\r\\t"},
        {"\x01\x0b\x1a\x1f", "<\\u0001\\u000B\\u001A\\u001F"},
        {"\x20\x7f", "<\x20\x7f"},
        {"a\"b\\c\nd", "<a\\\"b\\\\c\\nd"},
        {"\"\"", "<\\\"\\\""},
        {"Grüße, 世界 😀", "<Grüße, 世界 😀"},
        {"</script>", "<</script>"},
    };
    apr_size_t i;
    int others = 1;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_text(made_by(iu_buffer_json_escaped, pool, cases[i].text,
                        strlen(cases[i].text)),
                cases[i].expected, "JSON: %s", cases[i].expected);
    }
    is_text(made_by(iu_buffer_json_escaped, pool, "a\0b", 3), "<a\\u0000b",
            "JSON: a NUL is escaped as well");
    for (i = 0x20; i < 256; i++) {
        char one = i;
        const char *made = made_by(iu_buffer_json_escaped, pool, &one, 1);

        if (i != '"' && i != '\\') {
            others &= strlen(made) == 2 && made[1] == one;
        }
    }
    ok(others, "JSON: every other byte is copied");
    is_text(made_by(iu_buffer_json_string, pool, "a\"b", 3), "<\"a\\\"b\"",
            "JSON: a string has its quotes");
    is_text(made_by(iu_buffer_json_string, pool, "", 0), "<\"\"",
            "JSON: so has an empty string");
}

/* Each byte at each offset, since eight bytes are examined at a time. */
static void test_json_places(apr_pool_t *pool)
{
    char text[20];
    int wrong = 0;
    int byte;
    size_t at;

    for (byte = 0; byte < 256; byte++) {
        char one = (char)byte;
        const char *made = made_by(iu_buffer_json_escaped, pool, &one, 1) + 1;

        for (at = 0; at < sizeof text; at++) {
            memset(text, 'x', sizeof text);
            text[at] = one;
            wrong +=
                strcmp(made_by(iu_buffer_json_escaped, pool, text, sizeof text),
                       apr_psprintf(pool, "<%.*s%s%.*s", (int)at,
                                    "xxxxxxxxxxxxxxxxxxxx", made,
                                    (int)(sizeof text - at - 1),
                                    "xxxxxxxxxxxxxxxxxxxx")) != 0;
        }
    }
    is_number(wrong, 0, "JSON: each byte is escaped alike at each offset");
}

static void test_percent(apr_pool_t *pool)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "abcdefghijklmnopqrstuvwxyz0123456789-._~";
    int wrong = 0;
    int i;

    is_text(made_by(iu_buffer_percent_encoded, pool, unreserved,
                    strlen(unreserved)),
            apr_pstrcat(pool, "<", unreserved, NULL),
            "URL: unreserved characters are copied");
    is_text(made_by(iu_buffer_percent_encoded, pool, "a/b c'%\xC3\xBC", 9),
            "<a%2Fb%20c%27%25%C3%BC",
            "URL: other characters are encoded, with capital digits");
    is_text(made_by(iu_buffer_percent_encoded, pool, "", 0), "<",
            "URL: an empty text remains empty");
    for (i = 0; i < 256; i++) {
        char one = i;
        char expected[8];

        snprintf(expected, sizeof expected,
                 i && strchr(unreserved, i) ? "<%c" : "<%%%02X", i);
        wrong += strcmp(made_by(iu_buffer_percent_encoded, pool, &one, 1),
                        expected) != 0;
    }
    is_number(wrong, 0, "URL: each of the 256 bytes is encoded correctly");
}

static void test_json_name(apr_pool_t *pool)
{
    iu_buffer buffer;

    iu_buffer_init(&buffer, pool, 0);
    iu_buffer_puts(&buffer, "{");
    iu_buffer_json_name(&buffer, "a");
    iu_buffer_puts(&buffer, "{");
    iu_buffer_json_name(&buffer, "b");
    iu_buffer_puts(&buffer, "null}");
    iu_buffer_json_name(&buffer, "");
    is_text(buffer.data, "{\"a\":{\"b\":null},\"\":",
            "a comma in front of each name that is not the first");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_growth(pool);
    test_capacity(pool);
    test_reserve(pool);
    test_json_name(pool);
    test_json(pool);
    test_json_places(pool);
    test_percent(pool);
    apr_terminate();
    return done();
}
