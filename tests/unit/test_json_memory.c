/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/json/json_reader.c when json-c cannot enlarge a block of memory:
 * a text is read completely or not at all. json-c 0.16 continues with a
 * truncated string. (Without memory for a new block it crashes, as httpd
 * aborts.)
 */
#include <errno.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/json/json_reader.h"
#include "support/tap.h"

#ifdef __SANITIZE_ADDRESS__

int main(void)
{
    printf("1..0 # SKIP a sanitizer's realloc is in the place of this one\n");
    return 0;
}

#else

void *__libc_realloc(void *old, size_t size);

static int countdown = -1; /* calls until one fails; -1: none fails */
static int failed;         /* number of failed calls */
static int fails_on;       /* whether later calls fail, too */

/* Replaces the C library's function, which APR does not use. */
void *realloc(void *old, size_t size)
{
    if (countdown == 0 && (!failed || fails_on)) {
        failed++;
        errno = ENOMEM;
        return NULL;
    }
    if (countdown > 0) {
        countdown--;
    }
    return __libc_realloc(old, size);
}

/* Reads a text while the nth call fails; returns whether one failed. *wrong
 * counts texts that are read incorrectly. */
static int read_with(const char *text, int nth, int *wrong)
{
    const iu_json *root = NULL;
    iu_problem *problem;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    failed = 0;
    countdown = nth;
    problem = iu_json_read(pool, apr_pstrdup(pool, text), strlen(text), &root);
    countdown = -1;
    if (problem ? problem->kind != IU_JSON_FAILED || !failed
                : strcmp(iu_json_literal(root), text) != 0) {
        (*wrong)++;
    }
    apr_pool_destroy(pool);
    return failed;
}

static void test_text(const char *text)
{
    int wrong = 0;
    int nth = 0;

    while (read_with(text, nth, &wrong)) {
        nth++;
    }
    ok(nth > 0, "%d calls: %s", nth, text);
    is_number(wrong, 0, "%s", fails_on ? "those from one fail" : "one fails");
}

int main(void)
{
    static const char *const texts[] = {
        "\"a string of more than thirty-two characters\"",
        "{\"a name of more than thirty-two characters\":1}",
        "[\"thirty-two characters, then an \\\"escape\"]",
        "[\"thirty-one characters or so, \\\"\\\\\\n\\u0001\",\"short\"]",
        "[0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3]",
    };
    apr_size_t i;

    apr_initialize();
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fails_on = 0;
        test_text(texts[i]);
        fails_on = 1;
        test_text(texts[i]);
    }
    apr_terminate();
    return done();
}

#endif
