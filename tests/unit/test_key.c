/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/graph/key.c. */
#include <apr_general.h>

#include "../../src/graph/key.h"
#include "support/tap.h"

static void test_keys(void)
{
    static const struct {
        const char *text;
        int is_key;
    } cases[] = {
        {"a", 1},
        {" ", 1},
        {"36d8ba1b-ba1b-36d8-1bba-d8361bbad836", 1},
        {"a/b'c%2F\"\\", 1},
        {"Grüße 世界 😀", 1},
        {"\xC2\xA0", 1},         /* U+00A0, the first behind C1 */
        {"\xE2\x80\xA8", 1},     /* U+2028 is Zl, not Cc */
        {"\xF4\x8F\xBF\xBF", 1}, /* U+10FFFF */
        {"", 0},
        {"a\nb", 0},
        {"a\tb", 0},
        {"\x01", 0},
        {"a\x1F", 0},
        {"\x7F", 0},
        {"\xC2\x80", 0},
        {"\xC2\x9F", 0},
        {"a\xC2\x85z", 0}, /* U+0085, next line */
        {"\xC0\xAF", 0},
        {"a\xED\xA0\x80", 0},
        {"\xF4\x90\x80\x80", 0},
        {"\xFF", 0},
        {"a\xC3", 0},
    };
    char long_text[300];
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_number(iu_key_is_valid(cases[i].text, strlen(cases[i].text)),
                  cases[i].is_key, "key %d: '%s'", (int)i, cases[i].text);
    }
    ok(!iu_key_is_valid("a\0b", 3), "a key has no NUL");
    memset(long_text, 'k', sizeof long_text);
    ok(iu_key_is_valid(long_text, IU_KEY_MAX - 1), "254 bytes are a key");
    ok(iu_key_is_valid(long_text, IU_KEY_MAX), "255 bytes are a key");
    ok(!iu_key_is_valid(long_text, IU_KEY_MAX + 1), "256 bytes are not a key");
    memcpy(long_text + 253, "\xC3\xBC", 2);
    ok(iu_key_is_valid(long_text, 255),
       "the limit counts bytes, not characters");
    ok(!iu_key_is_valid(long_text, 254),
       "a key does not end in half a character");
}

static void test_user_sets(void)
{
    apr_pool_t *pool;
    const char *set;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    set = iu_key_of_user_set(pool, "it's/1");
    is_text(set, "\tit's/1", "the set of a user");
    ok(!iu_key_is_valid(set, strlen(set)), "no invitation has that key");
    apr_terminate();
}

int main(void)
{
    test_keys();
    test_user_sets();
    return done();
}
