/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/text/quote.c. */
#include "support/tap.h"

#include "../../src/text/quote.h"

static const struct {
    const char *quoted;
    const char *text; /* NULL: not a literal */
} literals[] = {
    {"''", ""},       {"'a'", "a"},    {"'it''s'", "it's"},    {"''''", "'"},
    {"''''''", "''"}, {"'a'''", "a'"}, {"'a b/\\'", "a b/\\"}, {"", NULL},
    {"'", NULL},      {"a", NULL},     {"'a", NULL},           {"a'", NULL},
    {"'''", NULL},    {"'a'b'", NULL}, {"'a''", NULL}};

int main(void)
{
    char text[] = "'a\0''b' and more";
    apr_size_t length;
    size_t i;

    for (i = 0; i < sizeof(literals) / sizeof(literals[0]); i++) {
        const char *quoted = literals[i].quoted;
        char out[16];

        if (iu_unquote(quoted, strlen(quoted), out, &length)) {
            is_text(out, literals[i].text, "%s", quoted);
            is_number(length, strlen(out), "its length");
        }
        else {
            ok(!literals[i].text, "not a literal: %s", quoted);
        }
    }
    ok(iu_unquote(text, 7, text, &length), "in place, with a NUL inside");
    is_number(length, 4, "its length");
    ok(!memcmp(text, "a\0'b", 5), "its bytes");
    return done();
}
