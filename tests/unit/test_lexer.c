/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/query/lexer.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/query/lexer.h"

static apr_pool_t *pool;

/* All tokens of a text, each as the letter of its kind, its position and its
 * text. */
static const char *tokens_of(const char *text)
{
    static const char letters[] = {
        [IU_TOKEN_END] = 'e',    [IU_TOKEN_NAME] = 'n',
        [IU_TOKEN_STRING] = 's', [IU_TOKEN_UNCLOSED] = 'u',
        [IU_TOKEN_NUMBER] = '#', [IU_TOKEN_CHARACTER] = 'c'};
    iu_token token = iu_token_first(text);
    const char *out = "";

    for (; token.kind != IU_TOKEN_END; token = iu_token_next(token)) {
        out = apr_psprintf(pool, "%s%c%d[%.*s] ", out, letters[token.kind],
                           iu_token_position(text, token), (int)token.length,
                           token.text);
    }
    return apr_psprintf(pool, "%se%d", out, iu_token_position(text, token));
}

static const char *const examples[][2] = {
    {"", "e1"},
    {" \t ", "e4"},
    {"id eq 'a'", "n1[id] n4[eq] s7['a'] e10"},
    {"a/b,c", "n1[a/b] c4[,] n5[c] e6"},
    {"f(a)", "n1[f] c2[(] n3[a] c4[)] e5"},
    {"$it/x @p x.y a_1", "n1[$it/x] n7[@p] n10[x.y] n14[a_1] e17"},
    {"1a 2026-01-02T03:04:05.6+07:00 -1 - 1 --1",
     "#1[1a] #4[2026-01-02T03:04:05.6+07:00] #32[-1] c35[-] #37[1] c39[-] "
     "#40[-1] e42"},
    {"''", "s1[''] e3"},
    {"''''", "s1[''''] e5"},
    {"'a''b'c", "s1['a''b'] n7[c] e8"},
    {"'a' 'b'", "s1['a'] s5['b'] e8"},
    {"'", "u1['] e2"},
    {"x'''", "n1[x] u2['''] e5"},
    {"'a", "u1['a] e3"},
    {"\xC3\xA9\xC3\xA9 '\xF0\x9F\x98\x80' x",
     "n1[\xC3\xA9\xC3\xA9] s4['\xF0\x9F\x98\x80'] n8[x] e9"},
    {"*,*", "c1[*] c2[,] c3[*] e4"},
    {"a\nb\x7F", "n1[a] c2[\n] n3[b] c4[\x7F] e5"}};

int main(void)
{
    iu_token token;
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        is_text(tokens_of(examples[i][0]), examples[i][1], "%s",
                examples[i][0]);
    }
    token = iu_token_first("Desc,(");
    ok(iu_token_is_name(token, "desc"), "a name matches in any case");
    ok(!iu_token_is_name(token, "des"), "a longer name does not match");
    ok(!iu_token_is_name(token, "descx"), "a shorter name does not match");
    ok(!iu_token_is(token, 'D'), "a name is not a character");
    token = iu_token_next(token);
    ok(iu_token_is(token, ','), "a character matches");
    ok(!iu_token_is(token, '('), "another character");
    ok(!iu_token_is_name(token, ","), "a character is not a name");
    token = iu_token_next(iu_token_next(token));
    ok(iu_token_next(token).kind == IU_TOKEN_END,
       "after the end there is only the end");
    ok(!iu_token_is(token, '\0'), "which is no character");
    apr_terminate();
    return done();
}
