/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/http/claim_list.c. */
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/http/claim_list.h"
#include "support/tap.h"

/* The names in a claim, each followed by a bar. */
static const char *names_of(apr_pool_t *pool, const char *claim)
{
    apr_array_header_t *names = iu_claim_names(pool, claim);
    const char *text = "";
    int i;

    for (i = 0; i < names->nelts; i++) {
        text = apr_pstrcat(pool, text, APR_ARRAY_IDX(names, i, const char *),
                           "|", NULL);
    }
    return text;
}

static void test_names(apr_pool_t *pool)
{
    static const struct {
        const char *claim;
        const char *names;
    } cases[] = {
        {NULL, ""},
        {"", ""},
        {" ", ""},
        {" , ,", ""},
        {"Insights.ReadWrite", "Insights.ReadWrite|"},
        {"User.Read Insights.ReadWrite", "User.Read|Insights.ReadWrite|"},
        {"User.Read,Insights.ReadWrite", "User.Read|Insights.ReadWrite|"},
        {" a\tb\r\nc, d,,e ", "a|b|c|d|e|"},
        {"[\"X\", \"Y\"]", "X|Y|"},
        {"[\"X\"]", "X|"},
        {" [ \"X\" ] ", "X|"},
        {"[]", ""},
        {"[\"a\\u0062\",\"\\u00fc\"]", "ab|ü|"},
        {"[\"a b\",\"c,d\"]", "a b|c,d|"},
        {"[\"\",\"a\"]", "a|"},
        {"[1,\"a\",null,true,[\"b\"],{\"c\":\"d\"}]", "a|"},
        /* begins like an array but is not one */
        {"[", ""},
        {"[\"X\"", ""},
        {"[\"X\",]", ""},
        {"[\"X\"] Y", ""},
        {"[\"X\"][\"Y\"]", ""},
        {"['X']", ""},
        {"[X]", ""},
        {"[X Y", ""},
        {"\n[X Y", ""},
        {"[\"X\\u0000\"]", ""},
        {"[\"\xFF\"]", ""},
        /* other JSON is an ordinary text */
        {"\"X\"", "\"X\"|"},
        {"{}", "{}|"},
        {"a [\"X\"]", "a|[\"X\"]|"},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_text(names_of(pool, cases[i].claim), cases[i].names, "names of %s",
                cases[i].claim ? cases[i].claim : "no claim");
    }
}

static void test_limits(apr_pool_t *pool)
{
    const char *array = "[\"0\"";
    int i;

    for (i = 1; i < 255; i++) {
        array = apr_psprintf(pool, "%s,\"%d\"", array, i);
    }
    is_number(iu_claim_names(pool, apr_pstrcat(pool, array, "]", NULL))->nelts,
              255, "an array of 255 names is read");
    array = apr_pstrcat(pool, array, ",\"more\"]", NULL);
    is_number(iu_claim_names(pool, array)->nelts, 0,
              "an array beyond the JSON limit has no names");
    ok(!iu_claim_has(pool, array, "0"), "and no value");
}

static void test_has(apr_pool_t *pool)
{
    static const struct {
        const char *claim;
        const char *value;
        int has;
    } cases[] = {
        {"https://graph.example", "https://graph.example", 1},
        {"a,b,c", "a", 1},
        {"a,b,c", "b", 1},
        {"a,b,c", "c", 1},
        {"an audience,another one", "another one", 1},
        {"an audience", "an audience", 1},
        {"[\"a\", \"b c\"]", "a", 1},
        {"[\"a\", \"b c\"]", "b c", 1},
        {" [\"a\"]", "a", 1},
        {"[1,\"a\"]", "a", 1},
        {"[\"\\u0061\"]", "a", 1},

        {NULL, "a", 0},
        {"", "a", 0},
        {"", "", 0},
        {",", "", 0},
        {"[\"\"]", "", 0},
        {"a", "", 0},
        {"a", "A", 0},
        {"a", "ab", 0},
        {"ab", "a", 0},
        {"ab,cd", "b,c", 0},
        {"ab,cd", "b", 0},
        {"an audience", "audience", 0},
        {"https://graph.example/", "https://graph.example", 0},
        {"https://graph.example.evil", "https://graph.example", 0},
        {"[\"ab\"]", "a", 0},
        {"[\"a,b\"]", "a", 0},
        {"[[\"a\"]]", "a", 0},
        {"[{\"a\":\"a\"}]", "a", 0},
        {"[1]", "1", 0},
        {"[null]", "null", 0},
        /* begins like an array but is not one */
        {"[a", "a", 0},
        {"[a]", "[a]", 0},
        {"[a,b]", "a", 0},
        {"[,a", "a", 0},
        {"[\"a\",b,a", "b", 0},
        {"[\"a\"],a", "a", 0},
        {"\n[,a", "a", 0},
    };
    apr_size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_number(iu_claim_has(pool, cases[i].claim, cases[i].value),
                  cases[i].has, "%s %s %s",
                  cases[i].claim ? cases[i].claim : "no claim",
                  cases[i].has ? "has" : "does not have", cases[i].value);
    }
}

static void test_text(void)
{
    is_text(iu_claim_text(NULL), NULL, "no claim is no text");
    is_text(iu_claim_text("a b,c"), "a b,c", "a text is not split");
    is_text(iu_claim_text("\"X\""), "\"X\"", "nor decoded");
    is_text(iu_claim_text(""), "", "an empty text");
    is_text(iu_claim_text("[\"X\"]"), NULL, "an array is no text");
    is_text(iu_claim_text(" [\"X\"]"), NULL, "also after a space");
    is_text(iu_claim_text("[X"), NULL, "nor is what begins like one");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_names(pool);
    test_limits(pool);
    test_has(pool);
    test_text();
    apr_terminate();
    return done();
}
