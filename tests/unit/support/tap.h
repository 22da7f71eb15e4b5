/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints test results in TAP, the Test Anything Protocol, which prove(1) reads.
 * A name is a printf format with arguments; "#" lines after it show the
 * difference.
 */
#ifndef IU_TESTS_UNIT_TAP_H
#define IU_TESTS_UNIT_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_planned; /* 0: printed at the end */
static int tap_run;
static int tap_failed;

/* Prints the number of tests; without this done() does. */
static inline void plan(int tests)
{
    tap_planned = tests;
    printf("1..%d\n", tests);
}

/* A '#' in a name begins a directive, and a line break ends the name. */
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

/* Passes if condition is not 0. Returns condition. */
__attribute__((format(printf, 2, 3))) static inline int
ok(int condition, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tap_result(condition != 0, format, arguments);
    va_end(arguments);
    return condition;
}

/* Passes if both texts are equal, or both NULL. */
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

/* Passes if both numbers are equal. */
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

/* Ends the tests; returns what main must return. A program fails if it ran no
 * test, or not as many as planned. */
static inline int done(void)
{
    if (!tap_planned) {
        plan(tap_run);
    }
    return tap_failed || !tap_run || tap_run != tap_planned ? EXIT_FAILURE
                                                            : EXIT_SUCCESS;
}

#endif
