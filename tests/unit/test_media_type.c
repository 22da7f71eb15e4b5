/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/http/media_type.c. */
#include "support/tap.h"

#include "../../src/http/media_type.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *value;
    int is_json;
} content_types[] = {
    {"application/json", 1},
    {"Application/JSON", 1},
    {" application/json ; charset=utf-8", 1},
    {"application/json;charset=UTF-8", 1},
    {"application/json;charset=UTF8", 1},
    {"application/json; charset=\"utf-8\"", 1},
    {"application/json;odata.metadata=minimal;charset=utf-8", 1},
    {"application/json;IEEE754Compatible=true;odata.streaming=true", 1},
    {"application/json;", 1},
    {"application/json; ;charset=utf-8", 1},
    {"application/json;x=\"a;charset=latin1\"", 1},
    {"application/json;charset=iso-8859-1", 0},
    {"application/json;charset=\"iso-8859-1\"", 0},
    {"application/json;charset=utf-16", 0},
    {"application/json;charset=", 0},
    {"application/json;x=1;charset=latin1", 0},
    {"application/json garbage", 0},
    {"application/json, text/plain", 0},
    {"application/jsonp", 0},
    {"application/json+x", 0},
    {"application", 0},
    {"text/json", 0},
    {"text/plain", 0},
    {"application/x-www-form-urlencoded", 0},
    {"", 0},
    {NULL, 0}};

#define MINIMAL IU_METADATA_MINIMAL
#define NONE IU_METADATA_NONE
#define FULL IU_METADATA_FULL
#define REFUSED (-1)
/* Added to the metadata: integers of 64 bits are strings. */
#define IEEE754 10

static const struct {
    const char *value;
    int format;
} accepts[] = {
    {NULL, MINIMAL},
    {"", MINIMAL},
    {"*/*", MINIMAL},
    {"application/*", MINIMAL},
    {"application/json", MINIMAL},
    {"APPLICATION/JSON", MINIMAL},
    {"application/json;odata.metadata=minimal", MINIMAL},
    {"application/json;odata.metadata=none", NONE},
    {"application/json;odata.metadata=full", FULL},
    {"application/json;ODATA.Metadata=\"None\"", NONE},
    {"application/json;metadata=full", FULL},
    {"application/json; odata.streaming=true; metadata=none", NONE},
    {"application/json;odata.metadata=none, */*;q=0.1", NONE},
    {"application/json;odata.metadata=none;q=0.2, application/json", MINIMAL},
    {"application/json;odata.metadata=full;q=0.9,"
     "application/json;odata.metadata=none;q=0.8",
     FULL},
    {"text/html, application/xhtml+xml, */*;q=0.8", MINIMAL},
    {"application/json;charset=utf-8", MINIMAL},
    {"application/json;charset=utf8", MINIMAL},
    {"application/json;charset=iso-8859-1, */*", MINIMAL},
    {"*", MINIMAL},
    {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", MINIMAL},
    {"*;q=0", REFUSED},
    {"text/plain, application/json;q=0.001", MINIMAL},
    {"application/json;q=junk", MINIMAL},
    {"application/json;q=", MINIMAL},
    {"application/json;q=.", MINIMAL},
    {"application/json;q=0.", REFUSED},
    {"application/json;q=0.0001", MINIMAL},
    {"application/json;q=1.1", MINIMAL},
    {"application/json;odata.metadata=none;q=1.000, */*;q=0.999", NONE},
    {"application/json;odata.metadata=some, application/json", MINIMAL},
    {", ,application/json", MINIMAL},
    {"application/json;IEEE754Compatible=false;ExponentialDecimals=true",
     MINIMAL},
    {"application/json;IEEE754Compatible=true", MINIMAL + IEEE754},
    {"application/json;ieee754compatible=TRUE", MINIMAL + IEEE754},
    {"application/json;odata.metadata=full;IEEE754Compatible=\"true\"",
     FULL + IEEE754},
    {"application/json;IEEE754Compatible=true;metadata=none;charset=utf-8",
     NONE + IEEE754},
    {"application/json;IEEE754Compatible=true, */*;q=0.1", MINIMAL + IEEE754},
    {"application/json;IEEE754Compatible=true, */*", MINIMAL},
    {"application/json;IEEE754Compatible=true;q=0.5, application/json",
     MINIMAL},
    {"application/json;IEEE754Compatible=true,"
     "application/json;IEEE754Compatible=false;q=0.9",
     MINIMAL + IEEE754},
    {"application/json;IEEE754Compatible=true;q=0, */*", MINIMAL},
    {"application/json;q=0.1, application/json;IEEE754Compatible=false",
     MINIMAL},
    {"application/json;q=0.5;IEEE754Compatible=true", MINIMAL},
    {"application/json;IEEE754Compatible=yes, application/json;metadata=none",
     NONE},
    {"application/json;IEEE754Compatible=yes", REFUSED},
    {"application/json;IEEE754Compatible", REFUSED},
    {"text/html;IEEE754Compatible=true", REFUSED},
    {"application/json;odata.streaming=false;metadata=full", FULL},
    {"application/json;q=0.5;odata=verbose", MINIMAL},
    {"application/json;odata=verbose, */*;q=0.1", MINIMAL},
    {"application/json;odata=verbose", REFUSED},
    {"application/json;version=1", REFUSED},
    {"*/*;level=1", REFUSED},
    {"text/html", REFUSED},
    {"text/html;x=\"application/json\"", REFUSED},
    {"text/html;x=\", application/json\"", REFUSED},
    {"application/xml, text/*", REFUSED},
    {"application/json;q=0", REFUSED},
    {"application/json;q=0.000, */*", REFUSED},
    {"*/*;q=0", REFUSED},
    {"application/json;charset=iso-8859-1", REFUSED},
    {"application/json;odata.metadata=some", REFUSED}};

static void test_accept(void)
{
    size_t i;

    for (i = 0; i < COUNT(accepts); i++) {
        const char *value = accepts[i].value;
        iu_json_format format;
        int accepted = iu_accept_allows_json(value, &format);
        int number = (int)format.metadata + IEEE754 * format.ieee754_compatible;

        is_number(accepted ? number : REFUSED, accepts[i].format, "Accept: %s",
                  value ? value : "not sent");
    }
}

static void test_format(void)
{
    static const char *const formats[][2] = {
        {"json", "application/json"},
        {"JSON", "application/json"},
        {"xml", "application/xml"},
        {"application/json;metadata=full", "application/json;metadata=full"},
        {"json;metadata=full", "none"},
        {"atom", "none"},
        {"*", "none"},
        {" ", "none"},
        {"", "none"}};
    size_t i;

    for (i = 0; i < COUNT(formats); i++) {
        is_text(iu_accept_of_format(formats[i][0]), formats[i][1], "$format=%s",
                formats[i][0]);
    }
}

/* The Content-Type states the format. */
static void test_content_types(void)
{
    static const char *const metadata[] = {"minimal", "none", "full"};
    int i;

    for (i = 0; i < 6; i++) {
        iu_json_format format = {i / 2, i % 2};
        char expected[120];

        snprintf(expected, sizeof expected,
                 "application/json;odata.metadata=%s;odata.streaming=true;"
                 "IEEE754Compatible=%s;charset=utf-8",
                 metadata[i / 2], i % 2 ? "true" : "false");
        is_text(iu_json_content_type(format), expected, "the Content-Type");
    }
}

static void test_choose(void)
{
    static const char *const types[] = {"application/xml", "application/json"};
    static const struct {
        const char *accept;
        int chosen;
    } choices[] = {{NULL, 0},
                   {"", 0},
                   {" ", 0},
                   {"*/*", 0},
                   {"application/*", 0},
                   {"application/xml", 0},
                   {"application/json", 1},
                   {"Application/JSON;odata.metadata=minimal", 1},
                   {"application/json, application/xml", 0},
                   {"application/json, application/xml;q=0.9", 1},
                   {"application/json, */*;q=0.1", 1},
                   {"application/*;q=0.2, application/json;q=0.1", 0},
                   {"text/html, application/xhtml+xml, */*;q=0.8", 0},
                   {"application/xml;q=0, */*", 1},
                   {"application/xml;charset=utf-16, */*;q=0.1", 0},
                   {"application/xml;charset=utf-16", -1},
                   {"application/xml;charset=UTF-8", 0},
                   {"*", 0},
                   {"text/*", -1},
                   {"application", -1},
                   {"application/", -1},
                   {"application/xm", -1},
                   {"*/*;q=0", -1},
                   {"text/html;x=\"application/json\"", -1}};
    size_t i;

    for (i = 0; i < COUNT(choices); i++) {
        is_number(iu_accept_choose(choices[i].accept, types, 2),
                  choices[i].chosen, "of two types: %s",
                  choices[i].accept ? choices[i].accept : "no Accept");
    }
}

int main(void)
{
    size_t i;

    for (i = 0; i < COUNT(content_types); i++) {
        const char *value = content_types[i].value;

        is_number(iu_content_type_is_json(value), content_types[i].is_json,
                  "Content-Type: %s", value ? value : "not sent");
    }
    test_accept();
    test_choose();
    test_format();
    test_content_types();
    return done();
}
