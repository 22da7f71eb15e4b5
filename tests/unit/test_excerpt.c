/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/text/excerpt.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/text/excerpt.h"

#define DOTS "\xE2\x80\xA6"
#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static apr_pool_t *pool;

static void is_excerpt(const char *text, const char *expected, const char *name)
{
    is_text(iu_excerpt(pool, text, strlen(text)), expected, "%s", name);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    is_excerpt("", "", "nothing");
    is_excerpt("short", "short", "a short text is quoted whole");
    is_excerpt(SIXTY "0123", SIXTY "0123", "64 bytes are quoted whole");
    is_excerpt(SIXTY "01234", SIXTY "0123" DOTS, "65 bytes are cut");
    is_excerpt(SIXTY "012\xC3\xA9", SIXTY "012" DOTS,
               "no character is cut in two");
    is_excerpt(SIXTY "01\xC3\xA9", SIXTY "01\xC3\xA9",
               "a character that ends at the limit is kept");
    is_excerpt("a\xFF"
               "b\xC3",
               "a?b?", "what is not UTF-8 is not quoted");
    is_text(iu_excerpt(pool, "a\0b", 3), "a", "a NUL ends the C string");
    apr_terminate();
    return done();
}
