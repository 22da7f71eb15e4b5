/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/batch/batch_body.c. */
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/batch/batch_body.h"
#include "support/tap.h"

static const struct {
    const char *body;
    const char *content; /* NULL: it is no base64 */
} cases[] = {
    {"\"eyJhIjoxfQ==\"", "{\"a\":1}"},
    {"\"W10\"", "[]"},
    {"\"W10=\"", "[]"},
    /* both alphabets, escapes */
    {"\"IsK_w78i\"", "\"\xC2\xBF\xC3\xBF\""},
    {"\"IsK/w78i\"", "\"\xC2\xBF\xC3\xBF\""},
    {"\"IsK\\/w78\\u0069\"", "\"\xC2\xBF\xC3\xBF\""},
    {"\"fn4-\"", "~~>"},
    /* other texts and values */
    {"\"\"", NULL},
    {"\"a b\"", NULL},
    {"\"YQ=a\"", NULL},
    {"\"YQ===\"", NULL},
    {"\"=\"", NULL},
    {"\"\xC3\xBC\"", NULL},
    {"\"YQ", NULL},
    {"\"YQ\" ", "a"},
    {"{}", NULL},
    {"17", NULL},
    {"null", NULL},
};

int main(void)
{
    apr_pool_t *pool;
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *body = apr_pstrdup(pool, cases[i].body);
        apr_size_t length = 0;
        const char *content =
            iu_batch_body_decode(pool, (iu_span){body, strlen(body)}, &length);

        is_text(content, cases[i].content, "%s", cases[i].body);
        is_number(length, cases[i].content ? strlen(cases[i].content) : 0,
                  "its length");
        is_text(body, cases[i].body, "unchanged");
    }
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
