/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/graph/date_time_offset.c. */
#include <time.h>

#include <apr_general.h>

#include "../../src/graph/date_time_offset.h"
#include "support/tap.h"

#define UNTOUCHED "untouched"

/* The instant of a text, or UNTOUCHED if it is not one. */
static const char *instant_of(const char *text, apr_size_t length)
{
    static char instant[IU_INSTANT_SIZE];

    strcpy(instant, UNTOUCHED);
    if (!iu_date_time_offset_read(text, length, instant) &&
        strcmp(instant, UNTOUCHED) != 0) {
        return "refused, but written to";
    }
    return instant;
}

static const struct {
    const char *text;
    const char *instant;
} accepted[] = {
    /* forms */
    {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000000000"},
    {"2026-01-02T03:04Z", "2026-01-02T03:04:00.000000000000"},
    {"2026-01-02t03:04:05z", "2026-01-02T03:04:05.000000000000"},
    {"2026-01-02T03:04+00:00", "2026-01-02T03:04:00.000000000000"},
    {"2026-01-02T03:04-00:00", "2026-01-02T03:04:00.000000000000"},
    /* fraction */
    {"2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.100000000000"},
    {"2026-01-02T03:04:05.0Z", "2026-01-02T03:04:05.000000000000"},
    {"2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.123456700000"},
    {"2026-01-02T03:04:05.000000000001Z", "2026-01-02T03:04:05.000000000001"},
    {"2026-01-02T03:04:05.999999999999+01:00",
     "2026-01-02T02:04:05.999999999999"},
    /* offset, within the day and into the next or previous one */
    {"2026-01-02T03:04:05+02:30", "2026-01-02T00:34:05.000000000000"},
    {"2026-01-02T03:04:05-02:30", "2026-01-02T05:34:05.000000000000"},
    {"2026-01-02T03:04:05+03:04", "2026-01-02T00:00:05.000000000000"},
    {"2026-01-02T03:04:05+03:05", "2026-01-01T23:59:05.000000000000"},
    {"2026-01-02T20:00:00-03:59", "2026-01-02T23:59:00.000000000000"},
    {"2026-01-02T20:00:00-04:00", "2026-01-03T00:00:00.000000000000"},
    {"2026-01-02T00:00+23:59", "2026-01-01T00:01:00.000000000000"},
    {"2026-01-02T23:59-23:59", "2026-01-03T23:58:00.000000000000"},
    /* into another month and year */
    {"2026-04-30T23:00-02:00", "2026-05-01T01:00:00.000000000000"},
    {"2026-05-01T01:00+02:00", "2026-04-30T23:00:00.000000000000"},
    {"2025-12-31T23:30-01:00", "2026-01-01T00:30:00.000000000000"},
    {"2026-01-01T00:30+01:00", "2025-12-31T23:30:00.000000000000"},
    {"2024-02-28T23:30-01:00", "2024-02-29T00:30:00.000000000000"},
    {"2024-03-01T00:30+01:00", "2024-02-29T23:30:00.000000000000"},
    {"2023-03-01T00:30+01:00", "2023-02-28T23:30:00.000000000000"},
    /* leap years */
    {"2024-02-29T00:00Z", "2024-02-29T00:00:00.000000000000"},
    {"2000-02-29T00:00Z", "2000-02-29T00:00:00.000000000000"},
    {"2000-03-01T00:00+00:01", "2000-02-29T23:59:00.000000000000"},
    {"1900-03-01T00:00+00:01", "1900-02-28T23:59:00.000000000000"},
    /* leap seconds */
    {"2016-12-31T23:59:60Z", "2016-12-31T23:59:60.000000000000"},
    {"2016-12-31T23:59:60.5Z", "2016-12-31T23:59:60.500000000000"},
    {"2017-01-01T00:59:60+01:00", "2016-12-31T23:59:60.000000000000"},
    /* the first and the last instants */
    {"0001-01-01T00:00Z", "0001-01-01T00:00:00.000000000000"},
    {"0001-01-01T00:00+14:00", "0000-12-31T10:00:00.000000000000"},
    {"9999-12-31T23:59:59.999999999999Z", "9999-12-31T23:59:59.999999999999"},
    {"9999-12-31T23:59-00:01", "9999-12-31T24:00:00.000000000000"},
    {"9999-12-31T23:59-14:00", "9999-12-31T37:59:00.000000000000"},
    {"9999-12-31T23:59:60-23:59", "9999-12-31T47:58:60.000000000000"},
    {"9999-12-30T23:59-00:01", "9999-12-31T00:00:00.000000000000"},
};

static void test_accepted(void)
{
    apr_size_t i;

    for (i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        is_text(instant_of(accepted[i].text, strlen(accepted[i].text)),
                accepted[i].instant, "%s", accepted[i].text);
    }
}

static const char *const refused_texts[] = {
    "",
    "Z",
    "2026",
    "2026-01-02",
    "03:04:05Z",
    /* no offset, or an incomplete one */
    "2026-01-02T03:04:05",
    "2026-01-02T03:04",
    "2024-01-19T13:38:22.169688",
    "2026-01-02T03:04:05+",
    "2026-01-02T03:04:05+1",
    "2026-01-02T03:04:05+01",
    "2026-01-02T03:04:05+0100",
    "2026-01-02T03:04:05+01:",
    "2026-01-02T03:04:05+01:0",
    "2026-01-02T03:04:05+1:00",
    "2026-01-02T03:04:05+24:00",
    "2026-01-02T03:04:05+01:60",
    "2026-01-02T03:04:05+01:00:00",
    "2026-01-02T03:04:05−01:00", /* U+2212 */
    "2026-01-02T03:04:05 +01:00",
    "2026-01-02T03:04:05Z+01:00",
    "2026-01-02T03:04:05UTC",
    /* surrounding text */
    " 2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05Z ",
    "2026-01-02T03:04:05ZZ",
    "2026-01-02T03:04:05Z\n",
    "datetimeoffset'2026-01-02T03:04:05Z'",
    "INF",
    "-INF",
    "null",
    /* separators */
    "2026-01-02 03:04:05Z",
    "2026/01/02T03:04:05Z",
    "20260102T030405Z",
    "2026-01-02T03.04.05Z",
    "2026-01-02T03:04:05,5Z",
    /* fraction */
    "2026-01-02T03:04:05.Z",
    "2026-01-02T03:04:05.",
    "2026-01-02T03:04:05.1",
    "2026-01-02T03:04:05.1234567890123Z",
    "2026-01-02T03:04:05.0000000000000Z",
    "2026-01-02T03:04:05.1 Z",
    "2026-01-02T03:04:05.-1Z",
    "2026-01-02T03:04.5Z",
    /* clock */
    "2026-01-02T24:00:00Z",
    "2026-01-02T24:00Z",
    "2026-01-02T03:60:00Z",
    "2026-01-02T03:04:61Z",
    "2026-01-02T3:04:05Z",
    "2026-01-02T03:4:05Z",
    "2026-01-02T03:04:5Z",
    "2026-01-02T03Z",
    "2026-01-02TZ",
    "2026-01-02T-1:00Z",
    "2026-01-02T+1:00Z",
    "2026-01-02T03: 4Z",
    "2026-01-02T03:04:Z",
    /* calendar */
    "2026-00-01T00:00Z",
    "2026-13-01T00:00Z",
    "2026-01-00T00:00Z",
    "2026-01-32T00:00Z",
    "2026-02-29T00:00Z",
    "2026-02-30T00:00Z",
    "2024-02-30T00:00Z",
    "1900-02-29T00:00Z",
    "2100-02-29T00:00Z",
    "2026-04-31T00:00Z",
    "2026-06-31T00:00Z",
    "2026-09-31T00:00Z",
    "2026-11-31T00:00Z",
    "2026-1-02T00:00Z",
    "2026-01-2T00:00Z",
    /* years outside of 0001 to 9999, which OData allows */
    "0000-01-01T00:00Z",
    "-0001-01-01T00:00Z",
    "-2026-01-01T00:00Z",
    "+2026-01-01T00:00Z",
    "10000-01-01T00:00Z",
    "02026-01-01T00:00Z",
    "226-01-01T00:00Z",
    /* digits of other scripts */
    "\xD9\xA2\xD9\xA0\xD9\xA2\xD9\xA6-01-01T00:00Z",
    "2O26-01-01T00:00Z",
};

static void test_refused(void)
{
    apr_size_t i;

    for (i = 0; i < sizeof refused_texts / sizeof refused_texts[0]; i++) {
        is_text(instant_of(refused_texts[i], strlen(refused_texts[i])),
                UNTOUCHED, "not '%s'", refused_texts[i]);
    }
    is_text(instant_of("2026-01-02T03:04:05Z\0", 21), UNTOUCHED,
            "not with a NUL after the text");
    is_text(instant_of("2026-01-02T03:04\0Z", 18), UNTOUCHED,
            "not with a NUL inside");
    is_text(instant_of("2026-01-02\00003:04Z", 17), UNTOUCHED,
            "not with a NUL in place of the T");
}

/* A text ends at its length, not at a NUL. Each prefix has its own memory, so
 * that a sanitizer detects a read past the end. */
static void test_every_cut(void)
{
    static const char text[] = "2026-01-02T03:04:05.123456789012+01:00";
    int accepted = 0;
    apr_size_t length;

    for (length = 0; length < sizeof text - 1; length++) {
        char *copy = malloc(length + !length);

        memcpy(copy, text, length);
        accepted += strcmp(instant_of(copy, length), UNTOUCHED) != 0;
        free(copy);
    }
    is_number(accepted, 0, "no prefix of an instant is an instant");
    is_text(instant_of("2026-01-02T03:04Zxyz", 17),
            "2026-01-02T03:04:00.000000000000",
            "bytes after the length are not read");
}

static void test_order(void)
{
    /* in ascending order */
    static const char *const texts[] = {
        "0001-01-01T00:00+14:00",
        "0001-01-01T00:00+00:01",
        "0001-01-01T00:00Z",
        "1969-12-31T23:59:59Z",
        "2016-12-31T23:59:59.999999999999Z",
        "2017-01-01T00:59:60+01:00",
        "2016-12-31T23:59:60.1Z",
        "2016-12-31T20:00-04:00",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:00.000000000001Z",
        "2026-01-02T03:04:00.09Z",
        "2026-01-02T04:04:00.1+01:00",
        "2026-01-01T23:04:00.11-04:00",
        "2026-01-02T17:04:01+14:00",
        "9999-12-31T23:59:59.999999999999Z",
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:59-00:01",
        "9999-12-31T23:59-14:00",
        "9999-12-31T23:59:59-23:59",
    };
    char before[IU_INSTANT_SIZE];
    apr_size_t i;

    strcpy(before, "");
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *instant = instant_of(texts[i], strlen(texts[i]));

        ok(strcmp(before, instant) < 0, "order: %s", texts[i]);
        is_number(strlen(instant), IU_INSTANT_SIZE - 1, "width: %s", texts[i]);
        strcpy(before, instant);
    }
}

static void test_equal(void)
{
    static const char *const texts[] = {
        "2026-01-02T03:04:00Z",
        "2026-01-02T03:04Z",
        "2026-01-02t03:04z",
        "2026-01-02T03:04:00.000Z",
        "2026-01-02T05:04:00.0+02:00",
        "2026-01-01T22:34-04:30",
        "2026-01-02T17:04:00.00+14:00",
        "2026-01-01T13:04:00-14:00",
    };
    char first[IU_INSTANT_SIZE];
    apr_size_t i;

    strcpy(first, instant_of(texts[0], strlen(texts[0])));
    for (i = 1; i < sizeof texts / sizeof texts[0]; i++) {
        is_text(instant_of(texts[i], strlen(texts[i])), first,
                "the same instant: %s", texts[i]);
    }
}

/* Compares every eleventh day of all years with the C library's calendar. */
static void test_calendar(void)
{
    const time_t first = -62135596800; /* 0001-01-01 */
    const time_t last = 253402214400;  /* 9999-12-31, so that it is the same day
                                        * in UTC */
    int wrong = 0;
    int days = 0;
    time_t t;

    for (t = first; t < last; t += 11 * 86400 + 7919) {
        int ahead = days++ * 37 % (2 * 1440 - 1) - 1439;
        time_t instant = t - ahead * 60;
        char text[80], expected[80];
        struct tm local, utc;
        int length;

        gmtime_r(&t, &local);
        gmtime_r(&instant, &utc);
        length = snprintf(
            text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
            local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
            local.tm_hour, local.tm_min, local.tm_sec, ahead < 0 ? '-' : '+',
            abs(ahead) / 60, abs(ahead) % 60);
        snprintf(expected, sizeof expected,
                 "%04d-%02d-%02dT%02d:%02d:%02d.000000000000",
                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                 utc.tm_min, utc.tm_sec);
        if (strcmp(instant_of(text, length), expected) != 0) {
            wrong++;
            printf("# %s: %s\n", text, expected);
        }
    }
    ok(days > 300000, "%d days were looked at", days);
    is_number(wrong, 0, "each agrees with the C library");
}

int main(void)
{
    apr_initialize();
    test_accepted();
    test_refused();
    test_every_cut();
    test_order();
    test_equal();
    test_calendar();
    apr_terminate();
    return done();
}
