/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/text/percent.c. */
#include "support/tap.h"

#include <apr_general.h>

#include "../../src/text/percent.h"

static const struct {
    const char *encoded;
    const char *decoded; /* NULL: not valid */
} examples[] = {{"", ""},
                {"a+b", "a+b"},
                {"%41%4a%4A", "AJJ"},
                {"%25%32%35", "%25"},
                {"%c3%A9", "\xC3\xA9"},
                {"\xFF", "\xFF"},
                {"%", NULL},
                {"%4", NULL},
                {"%%41", NULL},
                {"%4g", NULL},
                {"%g4", NULL},
                {"a%-1", NULL},
                {"a%2Fb%2fc/d", "a/b/c/d"}};

int main(void)
{
    apr_pool_t *pool;
    apr_size_t length;
    const char *decoded;
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const char *encoded = examples[i].encoded;

        decoded = iu_percent_decode(pool, encoded, strlen(encoded), 0, &length);
        if (is_text(decoded, examples[i].decoded, "'%s'", encoded) && decoded) {
            is_number(length, strlen(decoded), "its length");
        }
    }
    decoded = iu_percent_decode(pool, "a%00b", 5, 0, &length);
    is_number(length, 3, "a NUL is decoded like any byte");
    ok(!memcmp(decoded, "a\0b", 4), "and another one ends the text");
    is_text(iu_percent_decode(pool, "a+b%2B+", 7, 1, &length), "a b+ ",
            "a plus can be a space");
    is_number(length, 5, "its length");
    ok(!iu_percent_decode(pool, "%41", 2, 0, &length),
       "bytes after the end are not read");
    apr_terminate();
    return done();
}
