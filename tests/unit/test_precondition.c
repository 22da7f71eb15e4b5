/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/http/precondition.c. */
#include "support/tap.h"

#include <apr_general.h>

#include "../../src/http/precondition.h"

#define VERSION "0123456789abcdef"
#define TAG "W/\"" VERSION "\""

static apr_pool_t *pool;

static void test_grammar(void)
{
    static const char *const valid[] = {
        "*",
        " *\t",
        "\"a\"",
        "W/\"a\"",
        "\"\"",
        "\"a\",\"b\"",
        "W/\"a\" , \"b\" ,W/\"\"",
        " , ,\"a\",, ",
        "\"!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\"",
        "\"\xC3\xA9\"",
        "\"*\"",
    };
    static const char *const invalid[] = {
        "",          " ",         ",",       "a",          "W/a",
        "\"a",       "a\"",       "w/\"a\"", "W \"a\"",    "\"a\" \"b\"",
        "\"a\"b",    "\"a b\"",   "*,\"a\"", "\"a\",*",    "**",
        "\"a\x7f\"", "\"a\",W/b", "W/",      "\"a\"\"b\"",
    };
    apr_size_t i;

    for (i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        const iu_preconditions match = {valid[i], NULL};
        const iu_preconditions none_match = {NULL, valid[i]};

        ok(!iu_preconditions_check(pool, &match) &&
               !iu_preconditions_check(pool, &none_match),
           "valid: '%s'", valid[i]);
    }
    for (i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        const iu_preconditions match = {invalid[i], "*"};
        const iu_preconditions none_match = {"*", invalid[i]};
        iu_problem *problem = iu_preconditions_check(pool, &match);

        is_text(problem ? problem->message : NULL,
                "The If-Match header must be '*' or a list of entity tags.",
                "invalid: '%s'", invalid[i]);
        problem = iu_preconditions_check(pool, &none_match);
        is_text(problem ? problem->message : NULL,
                "The If-None-Match header must be '*' or a list of entity "
                "tags.",
                "also as If-None-Match");
    }
}

/* Checks whether a field value matches the version, in both fields. */
static void is_named(const char *value, const char *version, int expected)
{
    const iu_preconditions match = {value, NULL};
    const iu_preconditions none_match = {NULL, value};
    iu_problem *failed;

    ok((iu_if_match_check(pool, &match, version) == NULL) == expected,
       "If-Match: %s %s for %s", value, expected ? "holds" : "fails",
       version ? version : "no record");
    failed = iu_if_none_match_check(pool, &none_match, version);
    ok((failed != NULL) == expected, "If-None-Match: the opposite");
    if (failed) {
        is_text(failed->number, iu_problem_number(IU_PRECONDITION_FAILED),
                "the problem of a precondition that failed");
    }
    ok(!iu_if_match_check(pool, &none_match, version) &&
           !iu_if_none_match_check(pool, &match, version),
       "neither field is taken for the other");
}

static void test_comparison(void)
{
    is_named(TAG, VERSION, 1);
    is_named("\"" VERSION "\"", VERSION, 1);
    is_named("*", VERSION, 1);
    is_named("\"x\", " TAG, VERSION, 1);
    is_named(TAG ",\"x\"", VERSION, 1);
    is_named("\"x\"", VERSION, 0);
    is_named("\"*\"", VERSION, 0);
    is_named("\"\"", VERSION, 0);
    is_named("\"" VERSION "0\"", VERSION, 0);
    is_named("\"0123456789abcde\"", VERSION, 0);
    is_named("\"0123456789ABCDEF\"", VERSION, 0);
    is_named("W/\"" VERSION "-gzip\"", VERSION, 1);
    is_named("\"" VERSION "-br\"", VERSION, 1);
    is_named("\"" VERSION "-gunzip\"", VERSION, 1);
    is_named("\"" VERSION "-zip\"", VERSION, 0);
    is_named("\"" VERSION "-gzip-br\"", VERSION, 0);
    is_named("\"-gzip\"", VERSION, 0);
    is_named("*", NULL, 0);
    is_named(TAG, NULL, 0);
}

static void test_absent(void)
{
    const iu_preconditions none = {NULL, NULL};
    const iu_preconditions any = {NULL, " *"};
    const iu_preconditions tag = {"*", "\"*\""};

    ok(!iu_preconditions_check(pool, &none),
       "a request without conditions passes");
    ok(!iu_if_match_check(pool, &none, NULL) &&
           !iu_if_none_match_check(pool, &none, VERSION),
       "also in each check of its own");
    ok(!iu_if_none_match_any(&none), "and does not ask for an absent record");
    ok(iu_if_none_match_any(&any), "If-None-Match: * does");
    ok(!iu_if_none_match_any(&tag), "a tag \"*\" does not");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_grammar();
    test_comparison();
    test_absent();
    apr_terminate();
    return done();
}
