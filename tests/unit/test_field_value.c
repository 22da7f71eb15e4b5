/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/http/field_value.c. */
#include "support/tap.h"

#include "../../src/http/field_value.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void is_part(iu_span part, const char *expected, const char *name)
{
    ok(part.length == strlen(expected) &&
           !memcmp(part.text, expected, part.length),
       "%s: '%s'", name, expected);
}

static void test_read(void)
{
    static const struct {
        const char *value;
        const char *read;
        const char *rest;
    } values[] = {{"a/b ;c", "a/b", ";c"},
                  {"a,b", "a", ",b"},
                  {"  a\t", "a", ""},
                  {"\"a;,=b\" ,c", "a;,=b", ",c"},
                  {"\"a\\\"b\"", "a\\\"b", ""},
                  {"\"\"", "", ""},
                  {"\"a", "a", ""},
                  {"\"a\\", "a\\", ""},
                  {";a", "", ";a"},
                  {"", "", ""}};
    size_t i;

    for (i = 0; i < COUNT(values); i++) {
        const char *at = values[i].value;

        is_part(iu_field_read_value(&at), values[i].read, "value");
        is_text(at, values[i].rest, "and moves past it");
    }
}

static void test_parameters(void)
{
    const char *at = ";a=1; ;B = \"x;y\" ;c,d=2";
    iu_span name;
    iu_span value;

    ok(iu_field_read_parameter(&at, &name, &value), "a parameter");
    is_part(name, "a", "name");
    is_part(value, "1", "value");
    ok(iu_field_read_parameter(&at, &name, &value), "skips an empty one");
    ok(iu_field_is(name, "b"), "compares names in any case");
    ok(!iu_field_is(name, "bc"), "and the whole name");
    is_part(value, "x;y", "quoted value");
    ok(iu_field_read_parameter(&at, &name, &value), "one without a value");
    is_part(name, "c", "name");
    is_part(value, "", "value");
    ok(!iu_field_read_parameter(&at, &name, &value), "no more parameters");
    is_text(at, ",d=2", "stops at the comma");
}

static void test_members(void)
{
    const char *at = "a junk;x=\",b\" , ,c,";

    ok(iu_field_next_member(&at), "next member");
    is_text(at, "c,", "past a quoted comma and an empty member");
    ok(!iu_field_next_member(&at), "the end of the list");
}

int main(void)
{
    test_read();
    test_parameters();
    test_members();
    return done();
}
