/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test results in TAP, the Test Anything Protocol, as prove(1) reads it.
 * The name of a test is a printf format with its arguments; what differs is
 * told in "#" lines after it.
 */
#ifndef IU_TESTS_UNIT_TAP_H
#define IU_TESTS_UNIT_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_planned; /* 0: the number of tests is told at the end */
static int tap_run;
static int tap_failed;

/* Says how many tests there will be; without it done() counts. */
static inline void plan(int tests)
{
    tap_planned = tests;
    printf("1..%d\n", tests);
}

/* In a name '#' begins a directive and a line end would end the line. */
static inline void tap_result(int passed, const char *format, va_list arguments)
{
    char name[1000];
    char *c;

    vsnprintf(name, sizeof name, format, arguments);
    for (c = name; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == '#') {
            *c = '.';
        }
    }
    tap_run++;
    tap_failed += !passed;
    printf("%sok %d - %s\n", passed ? "" : "not ", tap_run, name);
}

/* A test that passes where condition is not 0. Returns condition. */
__attribute__((format(printf, 2, 3))) static inline int
ok(int condition, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tap_result(condition != 0, format, arguments);
    va_end(arguments);
    return condition;
}

/* A test that passes where both texts are the same, or both NULL. */
__attribute__((format(printf, 3, 4))) static inline int
is_text(const char *got, const char *expected, const char *format, ...)
{
    int same = got && expected ? strcmp(got, expected) == 0 : got == expected;
    va_list arguments;

    va_start(arguments, format);
    tap_result(same, format, arguments);
    va_end(arguments);
    if (!same) {
        printf("#      got: %s\n# expected: %s\n", got ? got : "NULL",
               expected ? expected : "NULL");
    }
    return same;
}

/* A test that passes where both numbers are the same. */
__attribute__((format(printf, 3, 4))) static inline int
is_number(long long got, long long expected, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tap_result(got == expected, format, arguments);
    va_end(arguments);
    if (got != expected) {
        printf("#      got: %lld\n# expected: %lld\n", got, expected);
    }
    return got == expected;
}

/* Ends the program's tests: what main returns. A program that ran no test, or
 * not as many as planned, has failed. */
static inline int done(void)
{
    if (!tap_planned) {
        plan(tap_run);
    }
    return tap_failed || !tap_run || tap_run != tap_planned ? EXIT_FAILURE
                                                            : EXIT_SUCCESS;
}

#endif
