/* SPDX-License-Identifier: Apache-2.0 */
#include "filter_name.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define TEXT IU_VALUE_TEXT
#define INTEGER IU_VALUE_INTEGER
#define INSTANT IU_VALUE_INSTANT

static const iu_function functions[] = {
    {"contains", IU_CONTAINS, IU_VALUE_BOOLEAN, 2, 2, {TEXT, TEXT}},
    {"startswith", IU_STARTSWITH, IU_VALUE_BOOLEAN, 2, 2, {TEXT, TEXT}},
    {"endswith", IU_ENDSWITH, IU_VALUE_BOOLEAN, 2, 2, {TEXT, TEXT}},
    {"tolower", IU_TOLOWER, TEXT, 1, 1, {TEXT}},
    {"toupper", IU_TOUPPER, TEXT, 1, 1, {TEXT}},
    {"trim", IU_TRIM, TEXT, 1, 1, {TEXT}},
    {"concat", IU_CONCAT, TEXT, 2, 2, {TEXT, TEXT}},
    {"length", IU_LENGTH, INTEGER, 1, 1, {TEXT}},
    {"indexof", IU_INDEXOF, INTEGER, 2, 2, {TEXT, TEXT}},
    {"substring", IU_SUBSTRING, TEXT, 2, 3, {TEXT, INTEGER, INTEGER}},
    {"year", IU_YEAR, INTEGER, 1, 1, {INSTANT}},
    {"month", IU_MONTH, INTEGER, 1, 1, {INSTANT}},
    {"day", IU_DAY, INTEGER, 1, 1, {INSTANT}},
    {"hour", IU_HOUR, INTEGER, 1, 1, {INSTANT}},
    {"minute", IU_MINUTE, INTEGER, 1, 1, {INSTANT}},
    {"second", IU_SECOND, INTEGER, 1, 1, {INSTANT}},
    {"date", IU_DATE, IU_VALUE_DATE, 1, 1, {INSTANT}}};

static const char *const operators[] = {"and", "eq", "ge", "gt", "in",
                                        "le",  "lt", "ne", "or"};

static const char *const unsupported_operators[] = {
    "add", "div", "divby", "has", "mod", "mul", "sub"};

static const char *const unsupported_functions[] = {
    "all",          "any",
    "case",         "cast",
    "ceiling",      "floor",
    "now",          "fractionalseconds",
    "hassubset",    "isof",
    "maxdatetime",  "hassubsequence",
    "mindatetime",  "round",
    "time",         "matchespattern",
    "totalseconds", "totaloffsetminutes"};

static const char *const unsupported_segments[] = {"$count", "$it",   "$ref",
                                                   "$root",  "$this", "$value"};

const iu_function *iu_filter_function(iu_token token)
{
    size_t i;

    for (i = 0; i < COUNT(functions); i++) {
        if (iu_token_is_name(token, functions[i].name)) {
            return &functions[i];
        }
    }
    return NULL;
}

static int is_one_of(iu_token token, const char *const *names, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (iu_token_is_name(token, names[i])) {
            return 1;
        }
    }
    return 0;
}

int iu_filter_is_operator(iu_token token)
{
    return is_one_of(token, operators, COUNT(operators)) ||
           iu_filter_is_unsupported_operator(token);
}

int iu_filter_is_unsupported_operator(iu_token token)
{
    return is_one_of(token, unsupported_operators,
                     COUNT(unsupported_operators));
}

int iu_filter_is_unsupported_function(iu_token token)
{
    iu_token last = {IU_TOKEN_NAME, token.text + token.length, 0};

    while (last.text > token.text && last.text[-1] != '/') {
        last.text--;
        last.length++;
    }
    return is_one_of(last, unsupported_functions,
                     COUNT(unsupported_functions)) ||
           iu_filter_is_unsupported_path(token);
}

int iu_filter_is_unsupported_path(iu_token token)
{
    const char *end = token.text + token.length;
    iu_token segment = {IU_TOKEN_NAME, token.text, 0};
    const char *slash;

    do {
        slash = memchr(segment.text, '/', end - segment.text);
        segment.length = (slash ? slash : end) - segment.text;
        if (is_one_of(segment, unsupported_segments,
                      COUNT(unsupported_segments)) ||
            memchr(segment.text, '.', segment.length) ||
            memchr(segment.text, '@', segment.length)) {
            return 1;
        }
        segment.text += segment.length + 1;
    } while (slash);
    return 0;
}

int iu_filter_is_navigation(iu_token token)
{
    const char *slash = memchr(token.text, '/', token.length);

    if (slash) {
        token.length = slash - token.text;
    }
    return iu_token_is_name(token, IU_NAVIGATION);
}
